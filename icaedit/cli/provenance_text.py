"""The record of an edit in plain words."""

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["provenance_lines"]

_LONGEST = 400  # characters of what a file says of itself


def provenance_lines(record: Mapping[str, Any] | None) -> list[str]:
    """Return what a picture tells of the edit that made it, line by line.

    What stands in a file may have been written by anybody: control characters are shown as
    escapes, and whatever is no text or number of the expected place as JSON.

    Examples
    --------
    >>> record = {"icaedit": "0.1.0", "model": {"name": "portraits", "fingerprint": "8ccf72"},
    ...     "faces": [{"face": 1, "strengths": {"happy": 3.0}}]}
    >>> for line in provenance_lines(record):
    ...     print(line)
    edited by icaedit 0.1.0
    model: portraits, fingerprint 8ccf72
    face 1: happy 3
    """
    if record is None:
        return []
    lines = [f"edited by icaedit {_shown(record.get('icaedit', 'of unknown version'))}"]
    if "command" in record:
        lines.append(f"command: {_shown(record['command'])}")
    model = record.get("model")
    if isinstance(model, Mapping):
        short = _shown(str(model.get("fingerprint", "not recorded"))[:12])
        lines.append(f"model: {_shown(model.get('name', 'unnamed'))}, fingerprint {short}")
    if "directions" in record:
        lines.append(f"directions: digest {_shown(str(record['directions'])[:12])}")
    faces = record.get("faces")
    for face in faces if isinstance(faces, list) else []:
        if isinstance(face, Mapping):
            lines.append(f"face {_shown(face.get('face'))}: {_strengths(face.get('strengths'))}")
    if "refined" in record:
        lines.append(f"refined: {_shown(record['refined'])}")
    if "digital_source_type" in record:
        lines.append(f"marked as: {_shown(str(record['digital_source_type']).split('/')[-1])}")
    earlier = record.get("earlier")
    for before in earlier[::-1] if isinstance(earlier, list) else []:
        command = before.get("command") if isinstance(before, Mapping) else None
        lines.append(f"edited before: {_shown(command or before)}")
    return lines


def _strengths(strengths: Any) -> str:
    if not isinstance(strengths, Mapping):
        return _shown(strengths)
    return (
        ", ".join(f"{_shown(name)} {_shown(value)}" for name, value in strengths.items()) or "none"
    )


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    text = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
