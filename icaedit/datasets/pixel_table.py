"""Tables of pictures: FER2013 (Goodfellow et al. 2013) and others in its form."""

import csv
import io
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from icaedit.datasets.labels import parse_label_order
from icaedit.errors import DatasetError
from icaedit.files import atomic_write, read_bytes

__all__ = ["unpack_pixel_table"]

_COLUMNS = ("emotion", "pixels", "usage")
_SPLITS = {"training": "train", "publictest": "validation", "privatetest": "test"}


def unpack_pixel_table(
    table: str | os.PathLike,
    folder: str | os.PathLike,
    *,
    labels: str | Sequence[str],
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Write the pictures of a table as files that `read_class_folders` reads.

    Row 12 becomes ``train/happy/00012.png``, counted from 0; ``Training`` becomes train,
    ``PublicTest`` validation and ``PrivateTest`` test.

    Parameters
    ----------
    table : path
        CSV with the columns emotion (a label), pixels (grey levels of a square picture, row by
        row, with spaces between) and Usage.
    folder : path
        Where to write; made where needed.
    labels : str or sequence of str
        What the labels stand for: ``"fer2013"``, ``"ckextended"``, or the emotions from 0 on.
        Both data sets have this form and number emotions in another way, so it must be said.
    progress : callable, optional
        Called with (done, total) after each row.

    Returns
    -------
    int
        The number of pictures.

    Raises
    ------
    FileAccessError
        If the table cannot be read or a picture not be written.
    DatasetError
        If it is no such table; nothing is written then.
    InputError
        If the label order is unknown.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "fer2013.csv").write_text("emotion,pixels,Usage\\n3,0 9 99 255,Training\\n")
    >>> unpack_pixel_table(folder / "fer2013.csv", folder / "out", labels="fer2013")
    1
    >>> [path.relative_to(folder).as_posix() for path in folder.rglob("*.png")]
    ['out/train/happy/00000.png']
    """
    from PIL import Image

    order = parse_label_order(labels)
    rows = _rows(table)
    pictures = [_picture(row, order, f"row {n} of {table}") for n, row in enumerate(rows, start=2)]
    for number, (emotion, split, pixels) in enumerate(pictures):
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, format="PNG")
        path = Path(folder) / split / emotion / f"{number:05d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, buffer.getvalue())
        if progress is not None:
            progress(number + 1, len(pictures))
    return len(pictures)


def _rows(table: str | os.PathLike) -> list[dict[str, str]]:
    try:
        text = read_bytes(table).decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text, newline="")))
    except (UnicodeDecodeError, csv.Error) as err:
        raise DatasetError(
            f"got {table}, which cannot be read as a table ({err}), expected CSV in UTF-8; copy "
            "it again"
        ) from err
    columns = [column.strip().lower() for column in lines[0]] if lines else []
    missing = [column for column in _COLUMNS if column not in columns]
    if missing or len(lines) < 2:
        raise DatasetError(
            f"got {table} with columns {', '.join(columns[:8]) or 'none'} and "
            f"{max(len(lines) - 1, 0)} rows, expected {', '.join(_COLUMNS)} and one or more; "
            "give a table in the form of fer2013.csv"
        )
    return [dict(zip(columns, line, strict=False)) for line in lines[1:] if line]


def _picture(
    row: dict[str, str], order: tuple[str, ...], where: str
) -> tuple[str, str, np.ndarray]:
    """Return emotion, split and grey levels (side, side) of a row."""
    label, usage = row.get("emotion", "").strip(), row.get("usage", "").strip().lower()
    if not label.isdecimal() or int(label) >= len(order) or usage not in _SPLITS:
        raise DatasetError(
            f"got label {label!r} and usage {usage!r} in {where}, expected 0 to {len(order) - 1} "
            f"and one of {', '.join(_SPLITS)}; check the label order"
        )
    try:
        levels = np.array([int(level) for level in row.get("pixels", "").split()])
        side = round(len(levels) ** 0.5)
        if not side or side * side != len(levels) or levels.min() < 0 or levels.max() > 255:
            raise ValueError(f"{len(levels)} levels")
    except ValueError as err:
        raise DatasetError(
            f"got pixels that are no square picture in {where} ({err}), expected levels from 0 to "
            "255; copy the table again"
        ) from err
    return order[int(label)], _SPLITS[usage], levels.astype(np.uint8).reshape(side, side)
