"""Other people's checkpoints: what a file is follows from its content, never from its name."""

import os
from pathlib import Path

from icaedit.errors import FileAccessError, FormatError
from icaedit.foreign_files.torch_files import LEGACY_START, ZIP_START, read_torch
from icaedit.models.layouts import Checkpoint, from_network_pickle, from_torch
from icaedit.models.nvidia_files import read_network_pickle

__all__ = ["is_safetensors", "read_checkpoint"]

_KNOWN_STARTS = {  # of files that are often found where a checkpoint was meant
    b"<": "a web page, as drives send when a download needs confirming; open the link in a browser",
    b"version https://git-lfs": "a pointer of git-lfs; fetch the file itself with `git lfs pull`",
    b"\x1f\x8b": "a gzip archive; unpack it first",
    b"Rar!": "a RAR archive; unpack it first",
    b"7z\xbc\xaf": "a 7z archive; unpack it first",
    b"\x89HDF": "an HDF5 file; give a checkpoint of PyTorch",
    b"\x89PNG": "a picture; give a model",
    b"\xff\xd8": "a picture; give a model",
}


def is_safetensors(path: str | os.PathLike) -> bool:
    """Return whether a file starts as safetensors do.

    Raises
    ------
    FileAccessError
        If it is missing or unreadable.
    """
    start = _start(path)
    length = int.from_bytes(start[:8], "little")
    return len(start) > 8 and start[8:9] == b"{" and length < Path(path).stat().st_size


def read_checkpoint(path: str | os.PathLike) -> Checkpoint:
    """Return the model of a foreign checkpoint, with weights on the CPU in float32.

    Nothing in the file is executed: torch files go through ``weights_only=True`` after a check,
    and NVIDIA's pickles are read by a machine that calls nothing.

    Parameters
    ----------
    path : path
        A checkpoint of e4e or pSp, rosinality's stylegan2-pytorch, or NVIDIA's StyleGAN2 in
        PyTorch.

    Raises
    ------
    FileAccessError
        If the file is missing or unreadable.
    FormatError
        If it is damaged, hostile, or of a kind that is not supported.
    """
    where, start = str(path), _start(path)
    try:
        if start.startswith((ZIP_START, LEGACY_START)):
            size = Path(path).stat().st_size
            return from_torch(read_torch(path), n_bytes=size, where=where)
        if start[:1] == b"\x80" and start[1:2] in (b"\2", b"\3", b"\4", b"\5"):
            return from_network_pickle(read_network_pickle(path), where=where)
    except OSError as err:
        if isinstance(err, FileAccessError):
            raise
        raise _unreadable(path, err) from err
    trimmed = start.lstrip()
    kinds = (said for known, said in _KNOWN_STARTS.items() if trimmed.startswith(known))
    kind, _, advice = next(kinds, "").partition("; ")
    if not start:
        kind, advice = "an empty file", "download or copy it again"
    raise FormatError(
        f"got {where}, {kind or 'which is no checkpoint of a known kind'}, expected one of e4e, "
        f"pSp, StyleGAN2 or icaedit; {advice or 'docs/checkpoints.md lists them'}"
    )


def _start(path: str | os.PathLike) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read(64)
    except OSError as err:
        raise _unreadable(path, err) from err


def _unreadable(path: str | os.PathLike, err: OSError) -> FileAccessError:
    return FileAccessError(
        f"got {err.strerror or err} when reading {path}, expected a readable file; check the path"
    )
