"""Models on disk: one safetensors file with the weights, both configurations and a card."""

import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from icaedit.artifacts import load_tensors, save_tensors
from icaedit.errors import FileAccessError, FormatError, InputError
from icaedit.models.config import EncoderConfig, GeneratorConfig, config_from_dict
from icaedit.models.devices import resolve_device
from icaedit.models.encoder import WPlusEncoder
from icaedit.models.generator import StyleGAN2Generator
from icaedit.models.latent_model import LatentModel, model_state

__all__ = ["EMBEDDED_FOLDER", "FORMAT", "VERSION", "load_model", "save_model"]

FORMAT = "icaedit.model"
VERSION = 1
EMBEDDED_FOLDER = Path(__file__).parent / "weights"
"""Where the models that come with the package lie, as NAME.safetensors."""


def save_model(
    path: str | os.PathLike,
    generator: StyleGAN2Generator,
    *,
    encoder: WPlusEncoder,
    card: Mapping[str, Any],
    dtype: str = "float16",
) -> None:
    """Write a generator and its encoder to one file; the same weights give the same bytes.

    Parameters
    ----------
    path : path
        The file to write.
    generator : StyleGAN2Generator
    encoder : WPlusEncoder
    card : mapping
        What is known about the model, as plain JSON values.
    dtype : {"float16", "float32"}
        How the weights are stored. Rounding to float16 changes the fingerprint, once.

    Raises
    ------
    InputError
        If the dtype is another, or a weight is not finite in it.
    FileAccessError
        If the file cannot be written.
    """
    if dtype not in ("float16", "float32"):
        raise InputError(f"got dtype {dtype!r}, expected float16 or float32; use float16")
    tensors = {}
    for name, tensor in model_state(generator, encoder).items():
        array = tensor.numpy()
        # astype warns of overflow; save_tensors then refuses it by name
        with np.errstate(over="ignore"):
            tensors[name] = array.astype(dtype) if array.dtype.kind == "f" else array
    header = {
        "format": FORMAT,
        "version": VERSION,
        "generator": dataclasses.asdict(generator.config),
        "encoder": dataclasses.asdict(encoder.config),
        "card": dict(card),
    }
    save_tensors(path, tensors, header=header)


def load_model(
    name_or_path: str | os.PathLike = "portraits", *, device: str = "auto"
) -> LatentModel:
    """Return a model by the name of an embedded one, or from a file.

    Parameters
    ----------
    name_or_path : str or path
        ``"portraits"``, or the path of a file that `save_model` wrote.
    device : {"auto", "cpu", "cuda"}
        Where the networks run.

    Raises
    ------
    InputError
        If a bare name is not that of an embedded model, or the device is not to be had.
    FileAccessError
        If the file is missing or unreadable.
    FormatError
        If the file holds no model, a newer version, or weights that do not fit its numbers.
    """
    place = resolve_device(device)
    path, name = _find(name_or_path)
    tensors, header = load_tensors(path, expect=FORMAT, version=VERSION)
    try:
        numbers = header["generator"], header["encoder"]
        configs = (
            config_from_dict(GeneratorConfig, numbers[0]),
            config_from_dict(EncoderConfig, numbers[1]),
        )
        # on meta no weight is drawn: loading leaves torch's random state alone
        with torch.device("meta"):
            generator, encoder = StyleGAN2Generator(configs[0]), WPlusEncoder(configs[1])
    except (KeyError, TypeError, ValueError) as err:
        raise FormatError(
            f"got {path} with a model configuration that cannot be used ({err}), expected the "
            "numbers of a generator and an encoder; make or copy the file again"
        ) from err
    for part, module in (("generator", generator), ("encoder", encoder)):
        module.load_state_dict(_fitted(path, part, module, tensors), assign=True)
    if tensors:
        raise FormatError(
            f"got {path} with {min(tensors)!r}, expected no tensor of that name in a model of its "
            "configuration; make or copy the file again"
        )
    try:
        return LatentModel(generator, encoder, name=name, card=header.get("card"), device=place)
    except InputError as err:
        raise FormatError(f"{err} (in {path})") from err


def _find(name_or_path: str | os.PathLike) -> tuple[Path, str]:
    """Return the file of a model and the model's name."""
    path = Path(name_or_path)
    bare = isinstance(name_or_path, str) and path.name == name_or_path and not path.suffix
    if bare and not path.exists():
        embedded = EMBEDDED_FOLDER / f"{name_or_path}.safetensors"
        if embedded.is_file():
            return embedded, name_or_path
        stems = (file.stem for file in EMBEDDED_FOLDER.glob("*.safetensors"))
        names = sorted(stem for stem in stems if "." not in stem)  # others are directions
        raise InputError(
            f"got model {name_or_path!r}, expected {', '.join(names) or 'the path of a model'} "
            "or the path of a model file; check the name"
        )
    if not path.exists():
        raise FileAccessError(f"got model {path}, expected an existing file; check the path")
    return path, path.stem


def _fitted(
    path: Path, part: str, module: torch.nn.Module, tensors: dict[str, np.ndarray]
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
        array = tensors.pop(key)
        shape = tuple(expected.shape)
        # safetensors of a scalar: one value, as numpy's contiguous form has no 0 dimensions
        if array.shape != shape and not (shape == () and array.shape == (1,)):
            raise FormatError(
                f"got {key!r} of shape {array.shape} in {path}, expected {shape}; make or copy "
                "the file again"
            )
        if (array.dtype.kind == "f") != expected.dtype.is_floating_point:
            raise FormatError(
                f"got {key!r} of {array.dtype} in {path}, expected {expected.dtype}; make or "
                "copy the file again"
            )
        state[name] = torch.tensor(array).to(expected.dtype).reshape(shape)
    return state
