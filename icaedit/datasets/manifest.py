"""The table layout: a CSV file with one row for each picture."""

import csv
import io
import os
from collections.abc import Sequence
from pathlib import Path

from icaedit.datasets.records import SPLIT_OF_NAME, Problem, Record
from icaedit.errors import DatasetError, InputError
from icaedit.files import read_bytes
from icaedit.schema import parse_emotion

__all__ = ["REQUIRED_COLUMNS", "is_manifest", "read_manifest"]

REQUIRED_COLUMNS = ("path", "identity", "emotion")
_DELIMITERS = (",", ";", "\t")
_NOT_EXCLUDED = frozenset({"", "0", "false", "no"})


def is_manifest(path: Path) -> bool:
    """Tell whether a CSV file has the columns path, identity and emotion."""
    try:
        _rows(path, REQUIRED_COLUMNS)
    except DatasetError:
        return False
    return True


def read_manifest(
    path: Path, root: Path, *, required: Sequence[str] = REQUIRED_COLUMNS
) -> tuple[list[Record], list[Problem]]:
    """Read a table of pictures.

    Columns, in any order and case, by commas, semicolons or tabs, in UTF-8: ``path`` (relative
    to `root`, or absolute), ``identity``, ``emotion``; and where there are any ``view``,
    ``take``, ``split`` (train, validation or test) and ``exclude`` (a reason not to use the
    picture). Others are passed over.

    Parameters
    ----------
    path : Path
        The table.
    root : Path
        The dataset's folder.
    required : sequence of str
        The columns that it must have and every row must fill, ``path`` and ``emotion`` among
        them.

    Returns
    -------
    records : list of Record
        In the order of the rows.
    problems : list of Problem
        Rows that lack a person or name no emotion.

    Raises
    ------
    DatasetError
        If it is no such table.
    FileAccessError
        If it cannot be read.
    """
    records, problems = [], []
    for number, row in _rows(path, required):
        name = _name(row["path"], root)
        try:
            emotion = parse_emotion(row["emotion"])
            lacking = next((key for key in required if not row[key]), None)
            if lacking:
                raise InputError(f"got no {lacking}, expected one; fill it in")
            split = row.get("split", "").lower()
            if split and split not in SPLIT_OF_NAME:
                raise InputError(
                    f"got split {split!r}, expected train, validation or test; correct it"
                )
        except InputError as err:
            detail = f"row {number} of {path.name}: {err}; not used"
            problems.append(Problem("unparsed", name, detail))
            continue
        exclude = row.get("exclude", "")
        records.append(
            Record(
                path=Path(os.path.abspath(root / row["path"])),
                name=name,
                identity=row.get("identity", ""),
                emotion=emotion,
                view=row.get("view", "").upper(),
                take=row.get("take", ""),
                excluded="" if exclude.lower() in _NOT_EXCLUDED else f"excluded: {exclude}",
                split=SPLIT_OF_NAME.get(split, ""),
            )
        )
    return records, problems


def _name(text: str, root: Path) -> str:
    full = Path(os.path.abspath(root / text))
    return full.relative_to(root).as_posix() if full.is_relative_to(root) else full.as_posix()


def _rows(path: Path, required: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    try:
        text = read_bytes(path).decode("utf-8-sig")
        table = _table(text)
    except (UnicodeDecodeError, csv.Error) as err:
        raise DatasetError(
            f"got {path}, which cannot be read as a table ({err}), expected CSV in UTF-8; save "
            "it so"
        ) from err
    columns = [column.strip().lower() for column in table[0]] if table else []
    missing = [column for column in required if column not in columns]
    if missing:
        raise DatasetError(
            f"got {path} with columns {', '.join(columns[:12]) or 'none'}, expected "
            f"{', '.join(required)}; add {', '.join(missing)}"
        )
    return [
        (number, dict(zip(columns, _filled(cells, len(columns)), strict=True)))
        for number, cells in enumerate(table[1:], start=2)
        if any(cell.strip() for cell in cells)
    ]


def _table(text: str) -> list[list[str]]:
    tables = [
        list(csv.reader(io.StringIO(text, newline=""), delimiter=mark)) for mark in _DELIMITERS
    ]
    return max(tables, key=lambda table: len(table[0]) if table else 0)


def _filled(cells: list[str], n_columns: int) -> list[str]:
    return [cell.strip() for cell in (cells + [""] * n_columns)[:n_columns]]
