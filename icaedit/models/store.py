"""Models on disk: one safetensors file with the weights, both configurations and a card."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open

from icaedit.artifacts import peek_header, save_tensors
from icaedit.errors import FormatError, InputError
from icaedit.models.checkpoints import is_safetensors, read_checkpoint
from icaedit.models.config import (
    EncoderConfig,
    GeneratorConfig,
    config_from_dict,
    config_to_dict,
)
from icaedit.models.devices import resolve_device
from icaedit.models.encoder import WPlusEncoder
from icaedit.models.generator import StyleGAN2Generator
from icaedit.models.latent_model import LatentModel, model_fingerprint, model_state
from icaedit.models.library import EMBEDDED_FOLDER, find_model

__all__ = ["EMBEDDED_FOLDER", "FORMAT", "VERSION", "load_model", "model_header", "save_model"]

FORMAT = "icaedit.model"
VERSION = 1


def save_model(
    path: str | os.PathLike,
    generator: StyleGAN2Generator,
    *,
    encoder: WPlusEncoder | None,
    card: Mapping[str, Any],
    dtype: str = "float16",
) -> str:
    """Write a generator and its encoder to one file; the same weights give the same bytes.

    The fingerprint of the model as it will be read is written too, and compared on loading.

    Parameters
    ----------
    path : path
        The file to write.
    generator : StyleGAN2Generator
    encoder : WPlusEncoder or None
    card : mapping
        What is known about the model, as plain JSON values.
    dtype : {"float16", "float32"}
        How the weights are stored. Rounding to float16 changes the fingerprint, once.

    Returns
    -------
    str
        The fingerprint.

    Raises
    ------
    InputError
        If the dtype is another, or a weight is not finite in it.
    FileAccessError
        If the file cannot be written.
    """
    if dtype not in ("float16", "float32"):
        raise InputError(f"got dtype {dtype!r}, expected float16 or float32; use float16")
    tensors, rounded = {}, {}
    for name, tensor in model_state(generator, encoder).items():
        array = tensor.numpy()
        # astype warns of overflow; save_tensors then refuses it by name
        with np.errstate(over="ignore"):
            tensors[name] = array.astype(dtype, copy=False) if array.dtype.kind == "f" else array
        rounded[name] = torch.from_numpy(tensors[name]).to(tensor.dtype)
    configs = generator.config, None if encoder is None else encoder.config
    fingerprint = model_fingerprint(configs, rounded)
    header = {
        "format": FORMAT,
        "version": VERSION,
        "generator": config_to_dict(generator.config),
        "encoder": None if encoder is None else config_to_dict(encoder.config),
        "fingerprint": fingerprint,
        "card": dict(card),
    }
    save_tensors(path, tensors, header=header)
    return fingerprint


def load_model(
    name_or_path: str | os.PathLike = "portraits", *, device: str = "auto"
) -> LatentModel:
    """Return a model by its name, or from a file.

    A file of this package is mapped into memory; weights are copied only where they were rounded
    or where the networks want another layout. Every other file is a foreign checkpoint: what it
    is follows from its content, and nothing in it is executed.

    Parameters
    ----------
    name_or_path : str or path
        ``"portraits"``, the name of an added model, or the path of a file: one that `save_model`
        wrote, or a checkpoint of e4e, pSp, or StyleGAN2 (docs/checkpoints.md).
    device : {"auto", "cpu", "cuda"}
        Where the networks run.

    Raises
    ------
    InputError
        If a bare name is that of no model, or the device is not to be had.
    FileAccessError
        If the file is missing or unreadable.
    FormatError
        If the file holds no supported model, is damaged or hostile, or of a newer version.
    """
    place = resolve_device(device)
    path, name = find_model(name_or_path)
    if not is_safetensors(path):
        read = read_checkpoint(path)
        card = {"layout": read.layout, **read.facts}
        return LatentModel(read.generator, read.encoder, name=name, card=card, device=place)
    header = model_header(path)
    generator, encoder = _on_meta(path, header)
    tensors = _mapped(path)
    for part, module in (("generator", generator), ("encoder", encoder)):
        if module is not None:
            module.load_state_dict(_fitted(path, part, module, tensors), assign=True)
    if tensors:
        raise FormatError(
            f"got {path} with {min(tensors)!r}, expected no tensor of that name in a model of its "
            "configuration; make or copy the file again"
        )
    card = header.get("card")
    try:
        model = LatentModel(
            generator, encoder, name=name, card=card if isinstance(card, dict) else {}, device=place
        )
    except InputError as err:
        raise FormatError(f"{err} (in {path})") from err
    if header.get("fingerprint") not in (None, model.fingerprint):
        raise FormatError(
            f"got {path} whose weights have the fingerprint {model.fingerprint[:12]}, expected "
            "the one it was written with; copy or add the model again"
        )
    return model


def model_header(path: str | os.PathLike) -> dict[str, Any]:
    """Return the header of a file that `save_model` wrote, without its weights.

    Raises
    ------
    FileAccessError
        If the file is missing or unreadable.
    FormatError
        If it holds no model, or one of a newer version.
    """
    header = peek_header(path)
    if header["format"] != FORMAT:
        raise FormatError(f"got {path} holding {header['format']}, expected {FORMAT}; name a model")
    if header["version"] > VERSION:
        raise FormatError(
            f"got {path} of version {header['version']}, expected at most {VERSION} of {FORMAT}; "
            "update icaedit"
        )
    return header


def _on_meta(
    path: Path, header: Mapping[str, Any]
) -> tuple[StyleGAN2Generator, WPlusEncoder | None]:
    """Return both networks without weights: loading leaves torch's random state alone."""
    try:
        generator_config = config_from_dict(GeneratorConfig, header["generator"])
        encoder_config = None
        if header["encoder"] is not None:
            encoder_config = config_from_dict(EncoderConfig, header["encoder"])
        with torch.device("meta"):
            generator = StyleGAN2Generator(generator_config)
            encoder = None if encoder_config is None else WPlusEncoder(encoder_config)
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as err:
        raise FormatError(
            f"got {path} with a model configuration that cannot be used ({err}), expected the "
            "numbers of a generator and an encoder; make or copy the file again"
        ) from err
    return generator, encoder


def _mapped(path: Path) -> dict[str, torch.Tensor]:
    """Return all tensors of a file, mapped into memory."""
    try:
        with safe_open(path, framework="pt") as stored:
            return {name: stored.get_tensor(name) for name in stored.keys()}
    except (SafetensorError, RuntimeError, TypeError, ValueError) as err:
        raise FormatError(
            f"got {path}, which is no whole safetensors file ({err}), expected one written by "
            "icaedit; make or copy it again"
        ) from err


def _fitted(
    path: Path, part: str, module: torch.nn.Module, tensors: dict[str, torch.Tensor]
) -> dict[str, torch.Tensor]:
    """Take the tensors of one part out of `tensors`, checked against its module."""
    state = {}
    for name, expected in module.state_dict().items():
        key = f"{part}.{name}"
        if key not in tensors:
            raise FormatError(
                f"got {path} without {key!r}, expected every tensor of its configuration; make "
                "or copy the file again"
            )
        tensor = tensors.pop(key)
        shape = tuple(expected.shape)
        # safetensors of a scalar: one value, as numpy's contiguous form has no 0 dimensions
        if tuple(tensor.shape) != shape and not (shape == () and tuple(tensor.shape) == (1,)):
            raise FormatError(
                f"got {key!r} of shape {tuple(tensor.shape)} in {path}, expected {shape}; make or "
                "copy the file again"
            )
        if tensor.is_floating_point() != expected.dtype.is_floating_point or tensor.is_complex():
            raise FormatError(
                f"got {key!r} of {str(tensor.dtype).removeprefix('torch.')} in {path}, expected "
                f"{expected.dtype}; make or copy the file again"
            )
        state[name] = tensor.to(expected.dtype).reshape(shape)
        if not torch.isfinite(state[name]).all():
            raise FormatError(
                f"got NaN or infinite values in {key!r} of {path}, expected finite ones; make the "
                "file again"
            )
    return state
