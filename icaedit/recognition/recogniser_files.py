"""Recognisers on disk: safetensors, and JSON that says how the network is put together."""

import copy
import os
from typing import Any

import numpy as np
import torch
from torch import nn

from icaedit.artifacts import load_tensors, save_tensors
from icaedit.errors import FormatError, InputError
from icaedit.recognition.backbones import Backbone, Normalisation, load_backbone
from icaedit.recognition.encoders import CollaborativeEncoder
from icaedit.recognition.fusion import FusionClassifier
from icaedit.recognition.recogniser import Recogniser

__all__ = [
    "FORMAT",
    "describe_recogniser",
    "load_recogniser",
    "save_recogniser",
    "summary_of",
]

FORMAT, VERSION = "icaedit.recogniser", 1
_TRAINING_ONLY = ("network.attention", "network.log_var.")
_ENCODER = "encoder."
_HEADS = ("own", "fusion")


def save_recogniser(recogniser: Recogniser, path: str | os.PathLike) -> None:
    """Write a recogniser as safetensors, as `Recogniser.save` does."""
    tensors = {name: entry.detach().cpu().numpy() for name, entry in
               _state(recogniser.network).items()}  # fmt: skip
    if recogniser.encoder is not None:
        for name, entry in recogniser.encoder.network.state_dict().items():
            tensors[_ENCODER + name] = entry.detach().cpu().numpy()
    save_tensors(path, tensors, header=_header(recogniser))


def _header(recogniser: Recogniser) -> dict[str, Any]:
    network, backbone, encoder = recogniser.network, recogniser.backbone, recogniser.encoder
    weights = {name for name, _ in network.named_parameters()} & set(_state(network))
    header: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "backbone": {
            "kind": backbone.kind,
            "name": backbone.kind or backbone.name,
            "feature_layer": getattr(backbone.network, "feature_layer", None),
            "n_classes": backbone.n_classes,
            "labels": backbone.emotions,
            "normalisation": {
                "mean": backbone.normalisation.mean,
                "std": backbone.normalisation.std,
                "size": backbone.normalisation.size,
                "shorter_side": backbone.normalisation.shorter_side,
            },
        },
        "head": "own",
        "emotions": recogniser.emotions,
        "temperature": recogniser.temperature,
        "provenance": recogniser.provenance,
        "n_weights": sum(network.get_parameter(name).numel() for name in weights),
    }
    if isinstance(network, FusionClassifier):
        header |= {
            "head": "fusion",
            "reading": network.reading,
            "hidden": network.hidden,
            "activation": network.activation,
            "latent_shape": network.shape,
            "n_kept": len(network.kept),
            "model_fingerprint": network.model_fingerprint,
        }
    if encoder is not None:
        header["encoder"] = {"size": encoder.size, "model_fingerprint": encoder.model_fingerprint}
    return header


def load_recogniser(
    path: str | os.PathLike,
    *,
    network: nn.Module | None = None,
    encoder: nn.Module | None = None,
) -> Recogniser:
    """Read a recogniser.

    Parameters
    ----------
    path : path
        A file that `Recogniser.save` wrote.
    network : nn.Module, optional
        For a recogniser on a network of your own: one built as that was; a copy of it gets the
        weights.
    encoder : nn.Module, optional
        For a recogniser that was trained together with its encoder: one built as that was, such
        as the ``encoder`` of the model; a copy of it gets the weights.

    Returns
    -------
    Recogniser
        On the processor and in evaluation mode.

    Raises
    ------
    FileAccessError
        If the file is missing or unreadable.
    FormatError
        If it is no whole recogniser, of a newer version, or contradicts itself.
    InputError
        If a network or an encoder is needed and not given, or given and not needed.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "recogniser.safetensors"
    >>> Recogniser(load_backbone("dacl", size=32)).save(path)
    >>> load_recogniser(path).backbone.kind
    'dacl'
    """
    tensors, header = load_tensors(path, expect=FORMAT, version=VERSION)
    try:
        described = header["backbone"]
        if bool(described["kind"]) == (network is not None):
            raise InputError(_unwanted(path, "network", described["kind"] or described["name"]))
        if ("encoder" in header) != (encoder is not None):
            raise InputError(_unwanted(path, "encoder", "the encoder of its model"))
        backbone = _backbone(described, network)
        made: FusionClassifier | Backbone = backbone
        if header["head"] not in _HEADS:
            raise ValueError(f"head {header['head']!r}")
        if header["head"] == "fusion":
            made = _classifier(header, backbone, tensors)
        state = {name: array for name, array in tensors.items() if not name.startswith(_ENCODER)}
        _fill(made, state)
        copied = None
        if encoder is not None:
            own = {name.removeprefix(_ENCODER): array for name, array in tensors.items()
                   if name.startswith(_ENCODER)}  # fmt: skip
            copied = CollaborativeEncoder(copy.deepcopy(encoder), **header["encoder"]).eval()
            _fill(copied.network, own)
        return Recogniser(
            made.eval(),
            temperature=header["temperature"],
            encoder=copied,
            provenance=header["provenance"],
        )
    except InputError as err:
        if "to load_recogniser" in str(err):
            raise
        raise _contradiction(path, err) from err
    except (LookupError, TypeError, ValueError, AttributeError, RuntimeError) as err:
        raise _contradiction(path, err) from err


def describe_recogniser(path: str | os.PathLike) -> str:
    """Return what a recogniser's file holds, in a few lines, without building its network.

    Raises
    ------
    FileAccessError
        If the file is missing or unreadable.
    FormatError
        If it is no whole recogniser, or of a newer version.
    """
    _, header = load_tensors(path, expect=FORMAT, version=VERSION)
    try:
        return _described(header)
    except (KeyError, TypeError, ValueError) as err:
        raise _contradiction(path, err) from err


def summary_of(recogniser: Recogniser) -> str:
    """Return a few lines in plain words about a recogniser, as `Recogniser.summary` does."""
    return _described(_header(recogniser))


def _described(header: dict[str, Any]) -> str:
    backbone = header["backbone"]
    lines = [
        f"recogniser of {', '.join(header['emotions'])}",
        f"network {backbone['name']} at {backbone['normalisation']['size']} px, "
        f"{header['n_weights'] / 1e6:.1f} million weights",
    ]
    if header["head"] == "own":
        lines.append("by itself, with its own last layer")
    elif header["latent_shape"] is None:
        lines.append(f"features alone, reading {header['reading']}")
    else:
        kept, total = header["n_kept"], header["latent_shape"][0] * header["latent_shape"][1]
        how = "made by its own encoder" if "encoder" in header else "given"
        lines.append(
            f"features and {kept} of {total} coordinates of latents ({kept / total:.1%}), {how}, "
            f"reading {header['reading']}; model {header['model_fingerprint'][:12] or 'unknown'}"
        )
    trained = header["provenance"].get("training")
    if trained:
        people = trained["n_train_people"]
        lines.append(
            f"trained on {trained['n_train']} pictures of {people or 'unknown'} people in "
            f"{trained['epochs']} epochs, of which {trained['best_epoch']} is kept"
        )
        lines.append(
            f"of {trained['n_validation']} pictures for validation {trained['accuracy']:.1%} are "
            f"right, on average over emotions {trained['mean_class_accuracy']:.1%}"
        )
    if header["temperature"] != 1:
        lines.append(f"temperature {header['temperature']:.3f}")
    return "\n".join(lines)


def _state(network: FusionClassifier | Backbone) -> dict[str, torch.Tensor]:
    """Return the state of a network without what only training uses."""
    inside = "" if isinstance(network, Backbone) else "backbone."
    left_out = tuple(inside + name for name in _TRAINING_ONLY)
    return {
        name: entry for name, entry in network.state_dict().items()
        if not name.startswith(left_out)
    }  # fmt: skip


def _backbone(described: dict[str, Any], network: nn.Module | None) -> Backbone:
    how = described["normalisation"]
    normalisation = Normalisation(
        how["mean"], how["std"], size=how["size"], shorter_side=how["shorter_side"]
    )
    labels = described["labels"]
    if not described["kind"]:
        return load_backbone(
            copy.deepcopy(network),
            labels=labels,
            feature_layer=described["feature_layer"],
            normalisation=normalisation,
        )
    known = load_backbone(described["kind"], labels=labels, size=normalisation.size)
    return Backbone(
        known.network,
        name=described["name"],
        kind=described["kind"],
        n_classes=described["n_classes"],
        normalisation=normalisation,
        emotions=None if labels is None else tuple(labels),  # not the order of new weights
    )


def _classifier(
    header: dict[str, Any], backbone: Backbone, tensors: dict[str, np.ndarray]
) -> FusionClassifier:
    mask = None
    if header["latent_shape"] is not None:
        layers, channels = header["latent_shape"]
        mask = np.zeros(layers * channels, dtype=bool)
        mask[tensors["kept"]] = True
        mask = mask.reshape(layers, channels)
    classifier = FusionClassifier(
        backbone,
        mask,
        emotions=header["emotions"],
        reading=header["reading"],
        hidden=header["hidden"],
        activation=header["activation"],
    )
    classifier.model_fingerprint = header["model_fingerprint"]
    return classifier


def _fill(network: nn.Module, arrays: dict[str, np.ndarray]) -> None:
    own = network.state_dict()
    for name, entry in own.items():
        found = arrays.get(name)
        if found is not None and entry.ndim == 0 and found.size == 1:
            found = arrays[name] = found.reshape(())  # files have one dimension at least
        if found is None or found.shape != tuple(entry.shape):
            shape = "none" if found is None else found.shape
            raise ValueError(f"{name!r} of shape {shape} instead of {tuple(entry.shape)}")
    if extra := sorted(set(arrays) - set(own)):
        raise ValueError(f"{extra[0]!r}, which its network does not have")
    network.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})


def _unwanted(path: str | os.PathLike, what: str, whose: str) -> str:
    return (
        f"got {path}, a recogniser on {whose}, expected {what} to be given to load_recogniser "
        f"where it was trained with one of your own and not else; give it or leave it out"
    )


def _contradiction(path: str | os.PathLike, err: Exception) -> FormatError:
    return FormatError(
        f"got {path} with incomplete or contradictory content ({err}), expected a recogniser as "
        "icaedit writes it; train it again"
    )
