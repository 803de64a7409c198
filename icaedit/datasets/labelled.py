"""Data sets to recognise emotions in: folders by class, and what all readers of them share."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from icaedit.datasets.contents import check_contents
from icaedit.datasets.labels import parse_label_order
from icaedit.datasets.manifest import read_manifest
from icaedit.datasets.records import SPLIT_OF_NAME, SPLITS, Dataset, Problem, Record
from icaedit.datasets.searching import search_folder
from icaedit.errors import DatasetError, InputError
from icaedit.schema import EMOTIONS, parse_emotion

__all__ = [
    "Progress",
    "assembled",
    "by_class",
    "compared_counts",
    "read_class_folders",
    "read_table",
]

Progress = Callable[[int, int], None]


def read_class_folders(
    root: str | os.PathLike,
    *,
    labels: str | Sequence[str] | None = None,
    first_label: int = 0,
    check: bool = True,
    progress: Progress | None = None,
) -> Dataset:
    """Read pictures that lie in one folder for each emotion; who they show is not known.

    Folders are named by emotions, or by numbers if `labels` says what these stand for. Folders
    named train, val or test above them are the parts of the data set.

    Parameters
    ----------
    root : path
        The data set's folder.
    labels : str or sequence of str, optional
        A name in `LABEL_ORDERS`, or the emotions by number.
    first_label : int
        The number of the first of `labels`.
    check : bool
        Whether to open every picture, to find unreadable, near-black and duplicate ones.
    progress : callable, optional
        Called with (done, total) while the pictures are opened.

    Raises
    ------
    FileAccessError
        If the folder is missing or unreadable.
    DatasetError
        If it holds no picture that can be used, or folders that are numbers without `labels`.
    InputError
        If the label order is unknown.

    Examples
    --------
    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp())
    >>> for name in ("train/joy/a.png", "test/sad/b.png"):
    ...     (root / name).parent.mkdir(parents=True)
    ...     (root / name).touch()
    >>> [(r.split, r.emotion) for r in read_class_folders(root, check=False)]
    [('test', 'sad'), ('train', 'happy')]
    """
    numbered: dict[str, str] = {}
    if labels is not None:
        order = parse_label_order(labels)
        numbered = {str(number): name for number, name in enumerate(order, start=first_label)}
    files, _, problems = search_folder(Path(os.path.abspath(root)))
    records, found = by_class(files, numbered)
    return assembled(root, "class-folders", records, [*problems, *found], check=check,
                     progress=progress)  # fmt: skip


def read_table(
    table: str | os.PathLike, *, check: bool = True, progress: Progress | None = None
) -> Dataset:
    """Read the pictures of a CSV table, whether or not it says who they show.

    Parameters
    ----------
    table : path
        With the columns path (relative to the table's folder) and emotion, and where there are
        any identity, view, take, split and exclude.
    check : bool
        Whether to open every picture, to find unreadable, near-black and duplicate ones.
    progress : callable, optional
        Called with (done, total) while the pictures are opened.

    Raises
    ------
    FileAccessError
        If the table is missing or unreadable.
    DatasetError
        If it is no such table, or names no picture that can be used.

    Examples
    --------
    >>> import tempfile
    >>> table = Path(tempfile.mkdtemp()) / "faces.csv"
    >>> _ = table.write_text("path,emotion,split\\na.png,joy,test\\n")
    >>> [(r.emotion, r.split, r.identity) for r in read_table(table, check=False)]
    [('happy', 'test', '')]
    """
    path = Path(os.path.abspath(table))
    records, problems = read_manifest(path, path.parent, required=("path", "emotion"))
    return assembled(path.parent, "manifest", records, problems, check=check, progress=progress)


def by_class(
    files: Iterable[Record], numbered: Mapping[str, str]
) -> tuple[list[Record], list[Problem]]:
    """Tell emotions and parts of files from the folder each lies in and those above.

    Raises
    ------
    DatasetError
        If a folder is a number that `numbered` does not know.
    """
    records, problems = [], []
    for file in files:
        *above, folder = PurePosixPath(file.name).parts[:-1] or ("",)
        if folder.isdecimal() and folder not in numbered:
            known = f"from {min(numbered)} to {max(numbered)}" if numbered else "by emotions"
            raise DatasetError(
                f"got {file.path} in a folder named {folder}, expected folders named {known}; "
                "give the labels that its numbers stand for"
            )
        try:
            emotion = numbered.get(folder) or parse_emotion(folder)
        except InputError:
            detail = f"its folder {folder!r} names no emotion; not used"
            problems.append(Problem("unparsed", file.name, detail))
            continue
        splits = [SPLIT_OF_NAME[part.lower()] for part in above
                  if part.lower() in SPLIT_OF_NAME]  # fmt: skip
        records.append(replace(file, emotion=emotion, split=splits[-1] if splits else ""))
    return records, problems


def assembled(
    root: str | os.PathLike,
    layout: str,
    records: list[Record],
    problems: list[Problem],
    *,
    check: bool,
    progress: Progress | None,
) -> Dataset:
    """Return a data set of records, after a look into every picture if that is asked for.

    Raises
    ------
    DatasetError
        If no picture can be used.
    """
    if check:
        records, found = check_contents(records, progress=progress)
        problems = [*problems, *found]
    used = tuple(record for record in records if not record.excluded)
    if not used:
        first = f", such as {problems[0].path}: {problems[0].detail}" if problems else ""
        raise DatasetError(
            f"got {root} without a picture that can be used ({len(records)} found, "
            f"{len(problems)} problems{first}), expected the data set {layout}; check the folder"
        )
    excluded = tuple(record for record in records if record.excluded)
    return Dataset(Path(os.path.abspath(root)), layout, used, excluded, tuple(problems))


def compared_counts(
    records: Iterable[Record], official: Mapping[str, int], of: Callable[[Record], str]
) -> list[Problem]:
    """Return a problem for each part of a data set that is not of its official size.

    Parameters
    ----------
    records : iterable of Record
    official : mapping of str to int
        How many pictures, or other things, a part has.
    of : callable
        The part that a record counts for; "" for none.
    """
    found = Counter(of(record) for record in records)
    order = [name for name in (*SPLITS, *EMOTIONS, "contempt") if name in official]
    order += [name for name in official if name not in order]
    return [
        Problem("count", name, f"{found[name]} found, the data set has {official[name]}")
        for name in order
        if found[name] != official[name]
    ]
