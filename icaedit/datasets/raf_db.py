"""RAF-DB (Li, Deng & Du 2017): faces from the web in an official split, by nobody's name."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from icaedit.datasets.labelled import Progress, assembled, by_class, compared_counts
from icaedit.datasets.labels import LABEL_ORDERS
from icaedit.datasets.records import Dataset, Problem, Record
from icaedit.datasets.searching import search_folder
from icaedit.errors import DatasetError, InputError
from icaedit.files import read_bytes

__all__ = ["RAF_DB_COUNTS", "read_raf_db"]

RAF_DB_COUNTS: Mapping[str, int] = MappingProxyType({"train": 12_271, "test": 3_068})
"""Pictures of the official split, with one of seven emotions each."""

_LIST = "EmoLabel/list_patition_label.txt"  # spelt so by its authors
_NUMBERED = {str(number): name for number, name in enumerate(LABEL_ORDERS["raf-db"], start=1)}
_PICTURES = ("aligned", "original")


def read_raf_db(
    root: str | os.PathLike,
    *,
    pictures: str = "aligned",
    check: bool = True,
    progress: Progress | None = None,
) -> Dataset:
    """Read RAF-DB's basic emotions in the split of its authors.

    Two layouts are known: the authors', with ``EmoLabel`` and ``Image`` in the folder or in
    ``basic`` below it; and folders ``train/1`` to ``test/7``, as it is passed on.

    Parameters
    ----------
    root : path
        The data set's folder.
    pictures : {"aligned", "original"}
        Which pictures of the authors' layout to use.
    check : bool
        Whether to open every picture, to find unreadable, near-black and duplicate ones.
    progress : callable, optional
        Called with (done, total) while the pictures are opened.

    Returns
    -------
    Dataset
        Without identities, which RAF-DB does not have. Problems say where a part is not of its
        official size.

    Raises
    ------
    FileAccessError
        If the folder is missing or unreadable.
    DatasetError
        If it is not RAF-DB, or its list is that of the compound emotions.
    InputError
        If `pictures` is something else.
    """
    if pictures not in _PICTURES:
        raise InputError(
            f"got pictures {pictures!r}, expected {' or '.join(_PICTURES)}; use aligned"
        )
    folder = Path(os.path.abspath(root))
    lists = [base for base in (folder, folder / "basic") if (base / _LIST).is_file()]
    if lists:
        folder = lists[0]
        records, problems = _by_list(folder, pictures)
    else:
        files, _, problems = search_folder(folder)
        records, found = by_class(files, _NUMBERED)
        problems += found
        if not any(record.split for record in records):
            raise DatasetError(
                f"got {root} with neither {_LIST} nor folders train/1 to test/7, expected RAF-DB; "
                "name the folder that holds them"
            )
    problems += compared_counts(records, RAF_DB_COUNTS, lambda record: record.split)
    return assembled(folder, "raf-db", records, problems, check=check, progress=progress)


def _by_list(folder: Path, pictures: str) -> tuple[list[Record], list[Problem]]:
    path = folder / _LIST
    records, problems = [], []
    for number, line in enumerate(read_bytes(path).decode("utf-8-sig", "replace").splitlines(), 1):
        name, _, label = line.strip().partition(" ")
        split = name.partition("_")[0]
        if not line.strip():
            continue
        if label.isdecimal() and 7 < int(label) < 12:
            raise DatasetError(
                f"got label {label} in row {number} of {path}, expected 1 to 7; this is the list "
                "of the compound emotions, use that of the basic ones"
            )
        if label not in _NUMBERED or split not in RAF_DB_COUNTS:
            detail = f"row {number} of {path.name}: {line.strip()[:60]!r}; not used"
            problems.append(Problem("unparsed", name[:60], detail))
            continue
        stem, dot, suffix = name.rpartition(".")
        file = f"{stem}_aligned{dot}{suffix}" if pictures == "aligned" else name
        place = f"Image/{pictures}/{file}"
        record = Record(folder / place, place, "", _NUMBERED[label], split=split)
        records.append(record)
    return records, problems
