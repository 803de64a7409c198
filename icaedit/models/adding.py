"""Adding a model: a checkpoint is converted once, and kept with the record of where it is from."""

import json
import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from icaedit.artifacts.tensors import json_text
from icaedit.errors import FileAccessError, FormatError, InputError
from icaedit.files import atomic_write, ensure_writable_folder, sha256_file
from icaedit.models.checkpoints import is_safetensors, read_checkpoint
from icaedit.models.config import config_to_dict
from icaedit.models.encoder import WPlusEncoder
from icaedit.models.generator import StyleGAN2Generator
from icaedit.models.library import WEIGHTS_NAME, check_name, models_folder
from icaedit.models.store import load_model, save_model

__all__ = ["PROVENANCE_NAME", "VERIFIED_AGAINST", "add_model"]

PROVENANCE_NAME = "provenance.json"
_GENERATOR_CASES = ("stylegan2_rosinality_64", "stylegan2_rosinality_1024")
VERIFIED_AGAINST = {
    "e4e": (*_GENERATOR_CASES, "e4e_encoder_1024"),
    "psp": (*_GENERATOR_CASES, "e4e_encoder_1024 (the same tensors; the codes not added up)"),
    "rosinality": _GENERATOR_CASES,
    "nvidia": ("stylegan2_nvidia_64",),
    "icaedit": (),
}
"""Golden cases, numbers of the public implementations, that prove a layout's reading."""

_PUBLISHED = (
    " The published FFHQ weights hold NVIDIA's StyleGAN2 generator (Nvidia Source Code License: "
    "non-commercial) and were trained on FFHQ (CC BY-NC-SA 4.0: non-commercial, and not for "
    "facial recognition). A file does not state its own terms: see docs/checkpoints.md."
)
_TERMS = {
    "e4e": "The code of encoder4editing is under the MIT licence." + _PUBLISHED,
    "psp": "The code of pixel2style2pixel is under the MIT licence." + _PUBLISHED,
    "rosinality": "Weights converted to stylegan2-pytorch keep their terms." + _PUBLISHED,
    "nvidia": "Weights of NVIDIA's come under NVIDIA's terms." + _PUBLISHED,
    "icaedit": "Those that the maker of the file gives.",
}


def add_model(source: str | os.PathLike, name: str, *, replace: bool = False) -> Path:
    """Convert a model's file once, and keep it under a name in the user's folder.

    The folder of the model holds ``model.safetensors`` and ``provenance.json``: digest and size
    of the source, its layout, its options as far as they describe the model, `conv_clamp`, the
    fingerprint, the terms, and what its layout was verified against. It appears whole or not at
    all, after the written file was loaded again, compared, and made to draw a picture.

    Parameters
    ----------
    source : path
        Any file that `load_model` reads.
    name : str
        Letters, digits, - and _.
    replace : bool
        Whether a model of that name may be replaced.

    Returns
    -------
    Path
        The folder of the model.

    Raises
    ------
    InputError
        If the name cannot be used, or is taken.
    FileAccessError
        If the file cannot be read, or the folder not be written.
    FormatError
        If the file holds no supported model.
    """
    folder = models_folder()
    target = folder / check_name(name)
    if target.exists() and not replace:
        raise InputError(
            f"got the name {name!r}, under which {target} lies already, expected a new one; choose "
            "another or say --replace"
        )
    generator, encoder, facts = _read(source)
    ensure_writable_folder(folder)
    made = folder / f".{name}-{secrets.token_hex(6)}.tmp"
    try:
        made.mkdir()
        card = facts | {"name": name, "terms": _TERMS[facts["layout"]]}
        weights = made / WEIGHTS_NAME
        fingerprint = save_model(weights, generator, encoder=encoder, card=card, dtype="float32")
        numbers = {
            "fingerprint": fingerprint,
            "generator": config_to_dict(generator.config),
            "encoder": None if encoder is None else config_to_dict(encoder.config),
        }
        del generator, encoder  # a gigabyte that need not be there twice
        _try(weights, fingerprint)
        atomic_write(made / PROVENANCE_NAME, _readable(card | numbers).encode())
        _put(made, target)
    except OSError as err:
        if isinstance(err, FileAccessError):
            raise
        raise FileAccessError(
            f"got {err.strerror or err} when writing {target}, expected a folder with room for "
            "the model; free some space or set ICAEDIT_MODELS to another"
        ) from err
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return target


def _read(
    source: str | os.PathLike,
) -> tuple[StyleGAN2Generator, WPlusEncoder | None, dict[str, Any]]:
    path = Path(source)
    if not path.is_file():
        raise FileAccessError(f"got {path}, expected the file of a model; check the path")
    if is_safetensors(path):
        model = load_model(path, device="cpu")
        generator, encoder = model.generator, model.encoder if model.has_encoder else None
        facts = {**model.card, "layout": "icaedit"}
    else:
        read = read_checkpoint(path)
        generator, encoder = read.generator, read.encoder
        facts = {"layout": read.layout, **read.facts}
    facts.setdefault("conv_clamp", generator.config.conv_clamp)
    facts["source"] = {
        "file": path.name,
        "sha256": sha256_file(path),
        "bytes": path.stat().st_size,
    }
    facts["verified_against"] = list(VERIFIED_AGAINST[facts["layout"]])
    return generator, encoder, facts


def _try(weights: Path, fingerprint: str) -> None:
    """Load what was written and draw its average face."""
    model = load_model(weights, device="cpu")
    with torch.inference_mode():
        picture = model.generator(torch.from_numpy(model.latent_avg)[None])
    if model.fingerprint != fingerprint or not torch.isfinite(picture).all():
        raise FormatError(
            f"got a model whose average face is not finite from {weights}, expected a picture; "
            "give the original file"
        )


def _put(made: Path, target: Path) -> None:
    """Move a finished folder to its place, and what stood there away."""
    old = made.with_name(f"{made.name}.old")
    if target.exists():
        os.rename(target, old)
    try:
        os.rename(made, target)
    except OSError:
        if old.exists():
            os.rename(old, target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _readable(facts: Mapping[str, Any]) -> str:
    """Return JSON over several lines with sorted keys."""
    return json.dumps(json.loads(json_text(facts)), sort_keys=True, indent=1) + "\n"
