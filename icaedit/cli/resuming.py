"""What an earlier run of the same command left in a folder of results."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from icaedit.cli.folders import named
from icaedit.errors import InputError
from icaedit.files import atomic_write, sha256_file

__all__ = ["Journal", "open_journal"]

JOURNAL = "run.json.part"
"""Name of the file that a run keeps while it works, one line of JSON for each picture."""


@dataclass(frozen=True)
class Journal:
    """Which pictures are done, so that the same command goes on where it was stopped.

    The first line says what was asked; each further one what became of a picture: that its result
    was begun, or the SHA-256 of both files, or that it shows no face. A line that was not written
    whole counts as not written.

    Attributes
    ----------
    path : Path
    kept : mapping of str to str
        Finished results of an earlier run that are as they were left, by picture: the result's
        path, or an empty text for a picture without a face.
    """

    path: Path
    kept: Mapping[str, str]

    def begin(self, result: Path) -> None:
        """Note that a result is being made."""
        self._add({"begun": result.as_posix()})

    def finish(self, picture: Path, result: Path | None) -> None:
        """Note that a result is made, or, without one, that the picture shows no face."""
        entry = {"picture": picture.as_posix(), "sha256": sha256_file(picture)}
        if result is not None:
            entry |= {"result": result.as_posix(), "result_sha256": sha256_file(result)}
        self._add(entry)

    def close(self) -> None:
        """Remove the file: the record of the run tells the same."""
        self.path.unlink(missing_ok=True)

    def _add(self, entry: Mapping[str, Any]) -> None:
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(entry, sort_keys=True) + "\n")


def open_journal(
    folder: Path,
    pictures: Mapping[Path, Path],
    *,
    request: Mapping[str, Any],
    overwrite: bool,
) -> Journal:
    """Return the journal of a run, with what an earlier one has done of the same.

    Parameters
    ----------
    folder : Path
        Of the results; exists.
    pictures : mapping of Path to Path
        The result of each picture.
    request : mapping
        All that results depend on but for the pictures, as plain JSON values.
    overwrite : bool
        Make every result anew, whatever is there.

    Raises
    ------
    InputError
        If a result is there already that is not of such a run, or was changed since.
    """
    path = folder / JOURNAL
    asked = json.loads(json.dumps({"request": request}))
    entries = (
        [] if overwrite else [*_of_record(folder, pictures, request), *_of_journal(path, asked)]
    )
    done = {entry["picture"]: entry for entry in entries if "picture" in entry}
    ours = {entry["begun"] for entry in entries if "begun" in entry}
    kept, in_the_way = {}, []
    for picture, result in pictures.items():
        entry = done.get(picture.as_posix(), {})
        theirs = result.is_file() and sha256_file(result)
        made = entry.get("result") == result.as_posix() and entry.get("result_sha256") == theirs
        same = entry.get("sha256") == sha256_file(picture) if entry and picture.is_file() else False
        if same and (made or "result" not in entry):
            kept[picture.as_posix()] = entry.get("result", "")
        elif theirs and not (made or result.as_posix() in ours and not entry):
            in_the_way.append(str(result))
    if in_the_way and not overwrite:
        raise InputError(
            f"got {len(in_the_way)} results that are there already and not of this command "
            f"({named(in_the_way, most=3)}), expected none; give another folder by "
            "-o, or add --overwrite"
        )
    lines = [asked, *({"begun": result} for result in sorted(ours))]
    lines += [done[picture] for picture in kept]
    text = "".join(json.dumps(line, sort_keys=True) + "\n" for line in lines)
    atomic_write(path, text.encode("utf-8"))
    return Journal(path, kept)


def _of_journal(path: Path, asked: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Return what a run that was stopped has noted, if it was asked for the same."""
    entries = []
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    for line in lines:
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # the run was ended while it wrote
        if isinstance(entry, dict):
            entries.append(entry)
    return entries[1:] if entries and entries[0] == asked else []


def _of_record(
    folder: Path, pictures: Mapping[Path, Path], request: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return what a finished run has done by its record, if it was asked for the same."""
    try:
        record = json.loads((folder / "run.json").read_text("utf-8"))
        inputs, outputs = dict(record["inputs"]), dict(record["outputs"])
        same = all(record[key] == request[key] for key in ("command", "seed", "versions"))
        same &= all(record["arguments"].get(k) == v for k, v in request["arguments"].items())
        same &= all(inputs.get(key) == digest for key, digest in request["inputs"].items())
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return []
    if not same:
        return []
    return [
        {
            "picture": picture.as_posix(),
            "sha256": inputs[picture.as_posix()],
            "result": str(result),
            "result_sha256": outputs[str(result)],
        }
        for picture, result in pictures.items()
        if picture.as_posix() in inputs and str(result) in outputs
    ]
