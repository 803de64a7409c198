"""CK+ (Lucey et al. 2010): films of faces from neutral to the height of an emotion."""

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from icaedit.datasets.labelled import Progress, assembled, by_class, compared_counts
from icaedit.datasets.labels import LABEL_ORDERS
from icaedit.datasets.records import Dataset, Problem, Record
from icaedit.datasets.searching import search_folder
from icaedit.errors import DatasetError, InputError
from icaedit.files import read_bytes

__all__ = ["CK_PLUS_COUNTS", "read_ck48", "read_ck_plus"]

CK_PLUS_COUNTS: Mapping[str, int] = MappingProxyType(
    {
        "angry": 45, "contempt": 18, "disgusted": 59, "afraid": 25, "happy": 69, "sad": 28,
        "surprised": 83,
    }
)  # fmt: skip
"""Films with each label: 327 of the 593, of 118 people."""

_CK48_FRAMES = 3
_IMAGES, _LABELS = "cohn-kanade-images", "Emotion"
_FRAME = re.compile(r"(?P<identity>S\d{3})_(?P<take>\d{3})_(?P<frame>\d+)(?P<rest>.*)")


def read_ck_plus(
    root: str | os.PathLike,
    *,
    peak_frames: int = 3,
    neutral_frames: int = 1,
    contempt: bool = False,
    check: bool = True,
    progress: Progress | None = None,
) -> Dataset:
    """Read frames of the labelled films of CK+.

    The last frames of a film show its emotion, the first ones a neutral face. Films without a
    label are passed over. Of a film too short for both, the neutral frames are left out.

    Parameters
    ----------
    root : path
        The folder with ``cohn-kanade-images`` and ``Emotion`` in it.
    peak_frames, neutral_frames : int
        How many frames of a film to use, up to the one that its label names, and from its start.
    contempt : bool
        Whether to use the films that show contempt.
    check : bool
        Whether to open every picture, to find unreadable, near-black and duplicate ones.
    progress : callable, optional
        Called with (done, total) while the pictures are opened.

    Returns
    -------
    Dataset
        Identities are people, ``S005``, and takes are their films. Problems say where an emotion
        has not its official number of films.

    Raises
    ------
    FileAccessError
        If the folder is missing or unreadable.
    DatasetError
        If it is not CK+.
    InputError
        If the numbers of frames cannot be.
    """
    if peak_frames < 1 or neutral_frames < 0:
        raise InputError(
            f"got {peak_frames} peak and {neutral_frames} neutral frames, expected at least 1 and "
            "0; use 3 and 1"
        )
    folder = Path(os.path.abspath(root))
    for part in (_IMAGES, _LABELS):
        if not (folder / part).is_dir():
            raise DatasetError(
                f"got {root} without a folder {part}, expected CK+; name the folder that holds "
                f"{_IMAGES} and {_LABELS}"
            )
    films, problems = _films(folder)
    records: list[Record] = []
    peaks: list[Record] = []
    for path in sorted((folder / _LABELS).rglob("*_emotion.txt")):
        name = path.relative_to(folder).as_posix()
        emotion, film, last = _label(path, films)
        if not emotion or not last:
            detail = "holds no label from 1 to 7" if not emotion else "names no frame of a film"
            problems.append(Problem("unparsed", name, f"{detail}; film not used"))
            continue
        peaks.append(replace(film[0], emotion=emotion))
        if emotion == "contempt" and not contempt:
            continue
        used = film[:last]
        shown = used[-peak_frames:]
        before = used[: max(0, min(neutral_frames, len(used) - len(shown)))]
        if len(before) < neutral_frames or len(shown) < peak_frames:
            detail = f"a film of {len(used)} frames; {len(shown)} and {len(before)} neutral used"
            problems.append(Problem("missing-cell", name, detail))
        records += [replace(frame, emotion="neutral") for frame in before]
        records += [replace(frame, emotion=emotion) for frame in shown]
    problems += compared_counts(peaks, CK_PLUS_COUNTS, lambda record: record.emotion)
    return assembled(folder, "ck+", records, problems, check=check, progress=progress)


def read_ck48(
    root: str | os.PathLike,
    *,
    contempt: bool = False,
    check: bool = True,
    progress: Progress | None = None,
) -> Dataset:
    """Read CK+48: the last three frames of every labelled film, 48x48 px, in folders by emotion.

    Parameters
    ----------
    root : path
        The folder with ``anger`` to ``surprise`` in it, or one above.
    contempt, check, progress
        As in `read_ck_plus`.

    Returns
    -------
    Dataset
        Identities are people, and takes are their films, as the files' names tell. It has no
        neutral faces.

    Raises
    ------
    FileAccessError
        If the folder is missing or unreadable.
    DatasetError
        If it holds no such pictures.
    """
    files, _, problems = search_folder(Path(os.path.abspath(root)))
    labelled, found = by_class(files, {})
    problems += found
    records = []
    for record in labelled:
        match = _FRAME.fullmatch(PurePosixPath(record.name).stem)
        if match is None:
            detail = "its name tells no person and film; not used"
            problems.append(Problem("unparsed", record.name, detail))
            continue
        records.append(replace(record, identity=match["identity"], take=match["take"]))
    official = {name: _CK48_FRAMES * n for name, n in CK_PLUS_COUNTS.items()}
    problems += compared_counts(records, official, lambda record: record.emotion)
    used = [record for record in records if contempt or record.emotion != "contempt"]
    return assembled(root, "ck+48", used, problems, check=check, progress=progress)


def _films(folder: Path) -> tuple[dict[tuple[str, str], list[Record]], list[Problem]]:
    """Return the frames of each film in their order, by person and film."""
    files, _, problems = search_folder(folder / _IMAGES)
    numbered: dict[tuple[str, str], list[tuple[int, Record]]] = {}
    for file in files:
        name = f"{_IMAGES}/{file.name}"
        match = _FRAME.fullmatch(PurePosixPath(name).stem)
        if match is None or match["rest"]:
            problems.append(Problem("unparsed", name, "is named as no frame of CK+; not used"))
            continue
        record = replace(file, name=name, identity=match["identity"], take=match["take"])
        film = numbered.setdefault((record.identity, record.take), [])
        film.append((int(match["frame"]), record))
    films = {
        key: [record for _, record in sorted(film, key=lambda frame: frame[0])]
        for key, film in numbered.items()
    }
    return films, problems


def _label(
    path: Path, films: Mapping[tuple[str, str], list[Record]]
) -> tuple[str, list[Record], int]:
    """Return the emotion of a label's file, its film, and the number of frames up to its peak.

    The emotion is empty where it is none, and the number 0 where there is no such frame.
    """
    text = read_bytes(path).decode("ascii", "replace").split()
    try:
        number = float(text[0]) if len(text) == 1 else 0.0
    except ValueError:
        number = 0.0
    emotion = LABEL_ORDERS["ck+"][int(number)] if number in range(1, 8) else ""
    match = _FRAME.fullmatch(path.stem)
    film = films.get((match["identity"], match["take"]), []) if match else []
    stems = [record.path.stem for record in film]
    peak = path.stem.removesuffix("_emotion")
    return emotion, film, stems.index(peak) + 1 if peak in stems else 0
