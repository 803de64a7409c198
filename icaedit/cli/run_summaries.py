"""Records of runs in plain words, and whether the files of a run are still what they were."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from icaedit.errors import IcaeditError
from icaedit.files import sha256_file

__all__ = ["is_run_record", "outputs_of", "run_summary"]

_PARTS = ("command", "arguments", "inputs", "outputs", "versions")


def is_run_record(content: Any) -> bool:
    """Say whether the content of a JSON file is that of a run record.

    Examples
    --------
    >>> is_run_record({"format": "icaedit.index_mask"})
    False
    """
    if not isinstance(content, Mapping) or any(part not in content for part in _PARTS):
        return False
    parts = (content[part] for part in _PARTS[1:])
    return all(isinstance(part, Mapping) for part in parts)


def outputs_of(record: Path, content: Mapping[str, Any]) -> dict[str, Path | None]:
    """Return the files that a run has left, by the names in its record; None for one not found.

    A name is looked for where the command is run now, and then beside the record, so a folder
    of results can be moved with its records.
    """
    return {str(name): _found(record, str(name)) for name in content["outputs"]}


def run_summary(record: Path, content: Mapping[str, Any]) -> str:
    """Return what a run was asked, with which versions, and the state of its files.

    Parameters
    ----------
    record : Path
        Where it lies.
    content : mapping
        As `is_run_record` accepts it.
    """
    given = {k: v for k, v in content["arguments"].items() if v not in (None, False, [], "")}
    versions = ", ".join(f"{name} {found}" for name, found in content["versions"].items())
    lines = [
        f"run of icaedit {_shown(content['command'])}, seed {_shown(content.get('seed'))}",
        f"with {versions}",
        *(f"  {_shown(name)}: {_shown(value)}" for name, value in sorted(given.items())),
    ]
    for part in ("inputs", "outputs"):
        for name, digest in content[part].items():
            path = _found(record, str(name))
            lines.append(f"{part[:-1]} {_shown(name)}: {_state(path, digest)}")
    return "\n".join(lines)


def _found(record: Path, name: str) -> Path | None:
    for path in (Path(name), record.parent / name, record.parent / Path(name).name):
        if path.is_file():
            return path
    return None


def _state(path: Path | None, digest: Any) -> str:
    short = f"SHA-256 {str(digest)[:12]}"
    if path is None:
        return f"{short}, not found here"
    try:
        same = sha256_file(path) == digest
    except IcaeditError as err:
        return f"{short}, cannot be read ({err})"
    return f"{short}, unchanged" if same else f"{short}, CHANGED since"


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
