"""The KDEF layout: everything about a picture is in its file name.

``AF01HAS.JPG`` is session A, woman 01, happy, seen straight on (Lundqvist, Flykt & Ohman 1998).
Sessions A and B show the same people, so both are takes of the person ``F01``.
"""

import re
from collections import defaultdict
from dataclasses import replace
from pathlib import PurePosixPath

from icaedit.datasets.records import Problem, Record
from icaedit.schema import EMOTION_OF_KDEF_CODE, EMOTIONS, KDEF_CODES, VIEWS

__all__ = ["AVERAGE", "is_kdef_name", "read_kdef"]

AVERAGE = "average face of AKDEF"

_SESSION = r"(?P<take>[AB])(?P<identity>[FM][0-9]{2})"
_CELL = rf"(?P<code>{'|'.join(EMOTION_OF_KDEF_CODE)})(?P<view>{'|'.join(VIEWS)})"
_NAME = re.compile(_SESSION + _CELL, re.IGNORECASE)
_AVERAGE_NAME = re.compile(rf"[FM]{_CELL}", re.IGNORECASE)
_SESSION_START = re.compile(_SESSION, re.IGNORECASE)

Cell = tuple[str, str]  # emotion, view


def is_kdef_name(name: str) -> bool:
    """Tell whether a file is named as KDEF names a person's or an average picture.

    Examples
    --------
    >>> is_kdef_name("AF01/AF01HAS.JPG"), is_kdef_name("AF31/AF31V.JPG"), is_kdef_name("FHAS.JPG")
    (True, False, True)
    """
    stem = PurePosixPath(name).stem
    return bool(_NAME.fullmatch(stem) or _AVERAGE_NAME.fullmatch(stem))


def read_kdef(files: list[Record]) -> tuple[list[Record], list[Problem]]:
    """Tell from the names of pictures whom and what they show.

    Averages (AKDEF) are excluded. A picture whose name does not follow the grammar is taken for
    the one cell that its session lacks, if exactly one is lacking and nothing in its name speaks
    against it; its problem says so. Of two pictures with the same name the first is used.

    Parameters
    ----------
    files : list of Record
        Of which only path and name are read.

    Returns
    -------
    records : list of Record
        In the order of `files`.
    problems : list of Problem
    """
    records: dict[str, Record] = {}
    problems: list[Problem] = []
    unnamed: dict[str, list[Record]] = defaultdict(list)
    first: dict[tuple[str, str, str, str], str] = {}
    for file in files:
        stem, folders = PurePosixPath(file.name).stem, PurePosixPath(file.name).parts[:-1]
        match = _NAME.fullmatch(stem)
        if match:
            record = _labelled(file, match.group("take", "identity", "code", "view"))
            cell = (record.take, record.identity, record.emotion, record.view)
            earlier = first.setdefault(cell, file.name)
            if earlier != file.name:
                detail = f"has the same KDEF name as {earlier}; not used"
                problems.append(Problem("duplicate", file.name, detail))
                record = replace(record, excluded="duplicate")
            records[file.name] = record
        elif _AVERAGE_NAME.fullmatch(stem) or "AKDEF" in (part.upper() for part in folders):
            records[file.name] = replace(file, excluded=AVERAGE)
        else:
            unnamed[_session(stem, folders)].append(file)
    deduced, more = _deduce(unnamed, list(records.values()))
    records.update({record.name: record for record in deduced})
    return [records[file.name] for file in files if file.name in records], problems + more


def _deduce(
    unnamed: dict[str, list[Record]], known: list[Record]
) -> tuple[list[Record], list[Problem]]:
    people = [record for record in known if record.identity]
    emotions = [name for name in EMOTIONS if any(r.emotion == name for r in people)]
    views = [view for view in VIEWS if any(r.view == view for r in people)]
    grid = {(emotion, view) for emotion in emotions for view in views}
    present: dict[str, set[Cell]] = defaultdict(set)
    for record in people:
        present[record.take + record.identity].add((record.emotion, record.view))
    deduced, problems = [], []
    for session, files in sorted(unnamed.items()):
        lacking = grid - present[session] if session in present else set()
        if len(files) == len(lacking) == 1 and _agrees(files[0], session, *lacking):
            emotion, view = lacking.pop()
            code = KDEF_CODES[emotion]
            record = _labelled(files[0], (session[0], session[1:], code, view))
            detail = f"taken for {session}{code}{view}, the only picture that {session} lacks"
            deduced.append(record)
            problems.append(Problem("misnamed", record.name, detail))
            continue
        for file in files:
            detail = (
                f"is no KDEF name, and {session or 'no session'} lacks "
                f"{len(lacking)} pictures, so it cannot be told what it shows; not used"
            )
            problems.append(Problem("unparsed", file.name, detail))
    return deduced, problems


def _session(stem: str, folders: tuple[str, ...]) -> str:
    match = _SESSION_START.match(stem) or _SESSION_START.fullmatch(folders[-1] if folders else "")
    return match.group().upper() if match else ""


def _agrees(file: Record, session: str, cell: Cell) -> bool:
    # a name that states another emotion is not that of the lacking cell
    rest = PurePosixPath(file.name).stem.upper().removeprefix(session)
    stated = EMOTION_OF_KDEF_CODE.get(rest[:2])
    return stated is None or stated == cell[0]


def _labelled(file: Record, groups: tuple[str, ...]) -> Record:
    take, identity, code, view = (group.upper() for group in groups)
    emotion = EMOTION_OF_KDEF_CODE[code]
    return replace(file, identity=identity, emotion=emotion, view=view, take=take)
