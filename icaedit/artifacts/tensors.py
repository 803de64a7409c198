"""One safetensors file: named arrays and a JSON header, written byte for byte the same."""

import json
import math
import os
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from icaedit.errors import FormatError, InputError
from icaedit.files import atomic_write, read_bytes

__all__ = ["json_text", "load_tensors", "peek_header", "save_tensors"]

_KEY = "icaedit"
_FAMILY = "icaedit."


def save_tensors(
    path: str | os.PathLike, tensors: Mapping[str, np.ndarray], *, header: Mapping[str, Any]
) -> None:
    """Write arrays and a header as safetensors, whole or not at all.

    The same arrays and header give the same bytes: the header is one metadata key, ``icaedit``,
    holding JSON with sorted keys.

    Parameters
    ----------
    path : path
        The file to write.
    tensors : mapping of str to ndarray
        Arrays of any shape; numeric or bool, and finite.
    header : mapping
        Holds ``"format"`` (such as ``"icaedit.latents"``) and ``"version"`` (an integer from 1).
        Numpy scalars and arrays become plain numbers and lists, non-finite numbers null.

    Raises
    ------
    InputError
        If an array is not finite, or the header lacks its two keys or cannot be JSON.
    FileAccessError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.safetensors"
    >>> save_tensors(path, {"x": np.ones(3)}, header={"format": "icaedit.latents", "version": 1})
    >>> load_tensors(path, expect="icaedit.latents", version=1)[0]["x"].tolist()
    [1.0, 1.0, 1.0]
    """
    if not {"format", "version"} <= set(header):
        raise InputError(
            f"got a header with {sorted(header)}, expected format and version among its keys; "
            "add them"
        )
    arrays = {name: np.ascontiguousarray(tensors[name]) for name in sorted(tensors)}
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise InputError(
                f"got NaN or infinite values in {name!r}, expected finite ones to write to "
                f"{path}; check what they were computed from"
            )
    atomic_write(path, save(arrays, metadata={_KEY: json_text(header)}))


def load_tensors(
    path: str | os.PathLike,
    *,
    expect: str,
    version: int,
    finite: bool = True,
    mapped: bool = False,
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Read a file that `save_tensors` wrote.

    Parameters
    ----------
    path : path
        The file to read.
    expect : str
        The format its header must name.
    version : int
        The newest version of that format that the caller understands.
    finite : bool
        Whether NaN and infinite values are refused.
    mapped : bool
        Whether arrays stay in the file, as read-only `numpy.memmap`.

    Returns
    -------
    tensors : dict of str to ndarray
    header : dict

    Raises
    ------
    FileAccessError
        If the file is missing or unreadable.
    FormatError
        If it is not safetensors, is cut short, was not written by icaedit, holds another format
        or a newer version, or, unless allowed, holds NaN or infinite values.
    """
    with _opened(path) as stored:
        header = _header(path, stored)
        if header["format"] != expect:
            raise FormatError(
                f"got {path} holding {header['format']}, expected {expect}; name a file of "
                "that kind"
            )
        if header["version"] > version:
            raise FormatError(
                f"got {path} of version {header['version']}, expected at most {version} of "
                f"{expect}; update icaedit"
            )
        names = sorted(stored.keys())
        tensors = {} if mapped else {name: _tensor(path, stored, name) for name in names}
    if mapped:
        tensors = {name: _mapped(path, name) for name in names}
    for name, array in tensors.items():
        if finite and not np.isfinite(array).all():
            raise FormatError(
                f"got NaN or infinite values in {name!r} of {path}, expected finite ones; make "
                "the file again"
            )
    return tensors, header


def peek_header(path: str | os.PathLike) -> dict[str, Any]:
    """Return the header of a file that `save_tensors` wrote, without reading its arrays.

    Raises
    ------
    FileAccessError
        If the file is missing or unreadable.
    FormatError
        If it is not safetensors, is cut short, or names no format known to icaedit.
    """
    with _opened(path) as stored:
        return _header(path, stored)


def json_text(value: Any) -> str:
    """Return JSON on one line with sorted keys, plain numbers and null for what is not finite.

    Raises
    ------
    InputError
        If the value holds something that JSON has no word for.

    Examples
    --------
    >>> json_text({"b": np.float32(0.5), "a": (1, float("nan"))})
    '{"a": [1, null], "b": 0.5}'
    """
    return json.dumps(_plain(value), sort_keys=True, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise InputError(
        f"got a {type(value).__name__} in a header, expected text, numbers, lists and mappings; "
        "convert it first"
    )


@contextmanager
def _opened(path: str | os.PathLike):
    if not Path(path).is_file():
        read_bytes(path)  # raises with the reason: missing, a folder, not permitted
    try:
        with safe_open(path, framework="numpy") as stored:
            yield stored
    except SafetensorError as err:
        raise FormatError(
            f"got {path}, which is no whole safetensors file ({err}), expected one written by "
            "icaedit; make or copy it again"
        ) from err


def _mapped(path: str | os.PathLike, name: str) -> np.memmap:
    """Map one array of a file that safetensors has found whole.

    The file begins with the length of its JSON header, in 8 bytes; offsets count from its end.
    """
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        entry = json.loads(file.read(length))[name]
    if entry["dtype"] != "F32":
        raise FormatError(
            f"got {name!r} of {path} as {entry['dtype']}, expected F32 to read it from the file as "
            "needed; load it whole"
        )
    offset = 8 + length + entry["data_offsets"][0]
    return np.memmap(path, np.dtype("<f4"), "r", offset, tuple(entry["shape"]))


def _tensor(path: str | os.PathLike, stored: Any, name: str) -> np.ndarray:
    try:
        return stored.get_tensor(name)
    except TypeError as err:
        raise FormatError(
            f"got {name!r} of {path} in a number format without numpy counterpart ({err}), "
            "expected one of numpy's; convert it"
        ) from err


def _header(path: str | os.PathLike, stored: Any) -> dict[str, Any]:
    text = (stored.metadata() or {}).get(_KEY)
    try:
        header = json.loads(text) if text is not None else None
    except json.JSONDecodeError:
        header = None
    if not isinstance(header, dict) or type(header.get("version")) is not int:
        raise FormatError(
            f"got {path} without the header of icaedit, expected a file written by icaedit; "
            "name one"
        )
    if not str(header.get("format")).startswith(_FAMILY):
        raise FormatError(
            f"got {path} of unknown format {header.get('format')!r}, expected one that starts "
            f"with {_FAMILY!r}; name a file written by icaedit"
        )
    return header
