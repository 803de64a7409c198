"""Face landmarks in files that people write by hand or take from other programs."""

import csv
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from icaedit.errors import FormatError, InputError
from icaedit.files import atomic_write, read_bytes

__all__ = ["check_landmarks", "read_landmarks", "save_landmarks"]

_FORMAT, _VERSION = "icaedit.landmarks", 1
_COUNTS = (5, 68)
_NAMES = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
_SCHEMES = "5 (eyes, nose, mouth corners) or 68 points of x, y in pixels for each face"


def check_landmarks(landmarks: Any) -> list[np.ndarray]:
    """Return landmarks of one face or several as a list, one float64 array a face.

    Parameters
    ----------
    landmarks : array_like of shape (5, 2), (68, 2), (F, 5, 2) or (F, 68, 2), or a list of such
        As in `icaedit.faces.align`.

    Raises
    ------
    InputError
        If the shape is another or a value is not finite.

    Examples
    --------
    >>> [points.shape for points in check_landmarks(np.zeros((3, 5, 2)))]
    [(5, 2), (5, 2), (5, 2)]
    """
    try:
        whole = np.asarray(landmarks, dtype=np.float64)
        faces = [whole] if whole.ndim == 2 else [np.asarray(f, np.float64) for f in landmarks]
    except (TypeError, ValueError):  # ragged: faces of 5 and of 68 points together
        try:
            faces = [np.asarray(face, dtype=np.float64) for face in landmarks]
        except (TypeError, ValueError):
            faces = []
    for face in faces or [np.empty(0)]:
        if face.shape not in [(count, 2) for count in _COUNTS] or not np.isfinite(face).all():
            raise InputError(
                f"got landmarks of shape {face.shape}, expected {_SCHEMES}, all finite; give "
                "left before right as seen in the picture"
            )
    return faces


def read_landmarks(path: str | os.PathLike) -> list[np.ndarray]:
    """Read the landmarks of one face or several.

    The positions are pixels of the upright picture (turned as its EXIF says), x before y, where
    0, 0 is the centre of the top left pixel. Accepted are

    - CSV: a line ``x,y`` for each point, or ``face,x,y`` for several faces; a heading may be there;
    - JSON: a list of [x, y], a list of such lists for several faces, ``{"left_eye": [x, y],
      "right_eye": ..., "nose": ..., "mouth_left": ..., "mouth_right": ...}``, or what
      `save_landmarks` writes.

    Parameters
    ----------
    path : path
        A .csv or .json file.

    Returns
    -------
    list of ndarray of shape (5, 2) or (68, 2), float64
        One for each face, in the order of the file.

    Raises
    ------
    FileAccessError
        If the file cannot be read.
    FormatError
        If its content is another.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "points.csv"
    >>> _ = path.write_text("x,y\\n30,40\\n60,40\\n45,55\\n35,70\\n55,70\\n")
    >>> read_landmarks(path)[0][1].tolist()
    [60.0, 40.0]
    """
    try:
        text = read_bytes(path).decode("utf-8-sig")
        if Path(path).suffix.lower() == ".csv":
            return check_landmarks(_from_csv(text))
        return check_landmarks(_from_json(json.loads(text)))
    except (ValueError, TypeError, KeyError, RecursionError, csv.Error) as err:
        raise FormatError(
            f"got {path}, which holds no landmarks ({' '.join(str(err).split())}), expected CSV "
            f"or JSON with {_SCHEMES}; see `icaedit align --help`"
        ) from err


def save_landmarks(path: str | os.PathLike, faces: Sequence[np.ndarray]) -> None:
    """Write the landmarks of faces as JSON that `read_landmarks` reads.

    Parameters
    ----------
    path : path
    faces : sequence of ndarray of shape (5, 2) or (68, 2)
        x, y in pixels.

    Raises
    ------
    InputError
        If a face has another shape.
    FileAccessError
        If the file cannot be written.
    """
    content = {
        "format": _FORMAT,
        "version": _VERSION,
        "faces": [face.tolist() for face in check_landmarks(list(faces))],
    }
    atomic_write(path, (json.dumps(content, sort_keys=True) + "\n").encode("utf-8"))


def _from_csv(text: str) -> list[list[list[float]]]:
    rows = [[cell.strip() for cell in row] for row in csv.reader(text.splitlines())]
    rows = [row for row in rows if any(row)]
    if rows and not _is_number(rows[0][-1]):
        rows = rows[1:]
    faces: dict[str, list[list[float]]] = {}
    for row in rows:
        if len(row) not in (2, 3):
            raise ValueError(f"a line of {len(row)} cells: {','.join(row)[:60]}")
        faces.setdefault(row[0] if len(row) == 3 else "", []).append(
            [float(row[-2]), float(row[-1])]
        )
    if not faces:
        raise ValueError("no points")
    return list(faces.values())


def _from_json(content: Any) -> Any:
    if isinstance(content, dict) and content.get("format") == _FORMAT:
        if content.get("version") != _VERSION:
            raise ValueError(f"version {content.get('version')!r}, and this reads {_VERSION}")
        return content["faces"]
    if isinstance(content, dict):
        for key in ("faces", "landmarks"):
            if key in content:
                return _from_json(content[key])
        return [content[name] for name in _NAMES]
    if isinstance(content, list) and content and all(isinstance(f, dict) for f in content):
        return [_from_json(face) for face in content]
    return content


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
