"""The folder layout: folders, or files, are named by emotions."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import PurePosixPath

from icaedit.datasets.records import Problem, Record
from icaedit.errors import InputError
from icaedit.schema import parse_emotion

__all__ = ["read_folders"]

_SPLITS = frozenset({"train", "training", "test", "val", "valid", "validation"})
_STEM = "stem"


def read_folders(files: list[Record]) -> tuple[list[Record], list[Problem]]:
    """Tell from the folders of pictures whom and what they show.

    Emotions stand at one depth of the tree, the depth at which most names are emotions:

    ======================================  ===========================================
    ``<emotion>/<identity>/any.png``        person by folder
    ``<identity>/<emotion>/any.png``        person by folder
    ``<emotion>/<identity>_any.png``        person by file name up to the first _ or -
    ``<identity>/<emotion>_any.png``        emotion by file name up to the first _ or -
    ======================================  ===========================================

    Folders above these, and folders named train, test or val, do not matter.

    Parameters
    ----------
    files : list of Record
        Of which only path and name are read.

    Returns
    -------
    records : list of Record
        In the order of `files`.
    problems : list of Problem

    Examples
    --------
    >>> from pathlib import Path
    >>> files = [Record(Path("/d/joy/F01_2.png"), "joy/F01_2.png", "", "")]
    >>> [(record.identity, record.emotion) for record in read_folders(files)[0]]
    [('F01', 'happy')]
    """
    depth = _emotion_depth(files)
    records, problems = [], []
    for file in files:
        folders = _folders(file)
        emotion = _emotion(_part(file, depth))
        if emotion is None or (depth == _STEM and not folders):
            detail = "neither its folders nor its name tell person and emotion; not used"
            problems.append(Problem("unparsed", file.name, detail))
            continue
        identity = _identity(file, depth)
        records.append(replace(file, identity=identity, emotion=emotion))
    return records, problems


def _emotion_depth(files: list[Record]) -> int | str:
    counts: Counter[int | str] = Counter()
    for file in files:
        places: list[int | str] = [*range(len(_folders(file))), _STEM]
        counts.update(place for place in places if _emotion(_part(file, place)))
    # the first of equals is the one nearest to the root, file names last
    order = sorted((place for place in counts if place != _STEM), key=int) + [_STEM]
    return max(order, key=lambda place: counts[place])


def _identity(file: Record, depth: int | str) -> str:
    folders = _folders(file)
    if depth == _STEM:
        return folders[-1]
    if len(folders) > depth + 1:
        return folders[depth + 1]
    if depth > 0:
        return folders[depth - 1]
    return _head(file)


def _folders(file: Record) -> list[str]:
    parts = PurePosixPath(file.name).parts[:-1]
    return [part for part in parts if part.lower() not in _SPLITS]


def _part(file: Record, place: int | str) -> str:
    folders = _folders(file)
    if place == _STEM:
        return _head(file)
    return folders[place] if place < len(folders) else ""


def _head(file: Record) -> str:
    return re.split(r"[_-]", PurePosixPath(file.name).stem, maxsplit=1)[0]


def _emotion(text: str) -> str | None:
    try:
        return parse_emotion(text)
    except InputError:
        return None
