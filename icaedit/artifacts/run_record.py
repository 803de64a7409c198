"""The record of a run: what was asked, with which versions, from and to which files."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from icaedit.artifacts.tensors import json_text
from icaedit.files import atomic_write, sha256_file

__all__ = ["package_versions", "write_run_record"]

_PACKAGES = ("icaedit", "numpy", "torch")


def package_versions() -> dict[str, str | None]:
    """Return the versions of Python, icaedit, numpy and torch, without importing them.

    A package that is not installed has the version None.

    Examples
    --------
    >>> sorted(package_versions())
    ['icaedit', 'numpy', 'python', 'torch']
    """
    versions: dict[str, str | None] = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = None
    return versions


def write_run_record(
    path: str | os.PathLike,
    *,
    command: str,
    arguments: Mapping[str, Any],
    seed: int | None,
    inputs: Mapping[str, str],
    outputs: Sequence[str | os.PathLike],
) -> None:
    """Write ``run.json`` beside the result of a command.

    It names no time and no machine, so the same run leaves the same bytes.

    Parameters
    ----------
    path : path
        The file to write.
    command : str
        The command's name.
    arguments : mapping
        Its arguments, as JSON can hold them.
    seed : int or None
        The seed in use.
    inputs : mapping of str to str
        For each file read, its SHA-256.
    outputs : sequence of path
        The files written; each is recorded with its SHA-256.

    Raises
    ------
    InputError
        If an argument has no form in JSON.
    FileAccessError
        If an output is missing or the record cannot be written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> write_run_record(folder / "run.json", command="edit", arguments={"strength": [3.0]},
    ...                  seed=0, inputs={}, outputs=[])
    >>> json.loads((folder / "run.json").read_text())["command"]
    'edit'
    """
    record = {
        "command": command,
        "arguments": arguments,
        "seed": seed,
        "inputs": inputs,
        "outputs": {str(output): sha256_file(output) for output in outputs},
        "versions": package_versions(),
    }
    text = json.dumps(json.loads(json_text(record)), indent=2, sort_keys=True)
    atomic_write(path, (text + "\n").encode("utf-8"))
