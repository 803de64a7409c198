"""Labelled grids of pictures, drawn with Pillow."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from icaedit.errors import InputError
from icaedit.images import resize

__all__ = ["picture_grid"]

_GAP, _MARGIN = 6, 10
_INK, _PAPER = (40, 40, 44), (255, 255, 255)


def picture_grid(
    images: Sequence[NDArray[np.uint8]],
    *,
    columns: int,
    row_labels: Sequence[str] | None = None,
    column_labels: Sequence[str] | None = None,
    title: str = "",
    cell: int | None = None,
) -> NDArray[np.uint8]:
    """Arrange square pictures in rows, with labels.

    Parameters
    ----------
    images : sequence of ndarray of shape (H, H, 3), uint8
        Row by row; sizes may differ.
    columns : int
        Pictures in a row; the last row may be shorter.
    row_labels, column_labels : sequence of str, optional
        Texts left of each row and above each column.
    title : str
        A line above everything.
    cell : int, optional
        Side of each picture in the grid, in pixels; 128, or the largest picture's if more.

    Returns
    -------
    ndarray of shape (H', W', 3), uint8

    Raises
    ------
    InputError
        If there are no pictures, or the labels do not fit their number.

    Examples
    --------
    >>> faces = [np.zeros((64, 64, 3), np.uint8)] * 3
    >>> picture_grid(faces, columns=3, cell=64).shape
    (84, 224, 3)
    """
    from PIL import Image, ImageDraw, ImageFont

    if not len(images) or columns < 1:
        raise InputError(
            f"got {len(images)} pictures in {columns} columns, expected at least one of each; "
            "give pictures"
        )
    rows = -(-len(images) // columns)
    for name, labels, count in (("row", row_labels, rows), ("column", column_labels, columns)):
        if labels is not None and len(labels) != count:
            raise InputError(
                f"got {len(labels)} {name} labels for {count} {name}s, expected one each; "
                "shorten or complete them"
            )
    side = cell or max(128, *(len(image) for image in images))
    size = max(12, side // 9)
    font, bold = ImageFont.load_default(size), ImageFont.load_default(round(size * 1.25))
    left = _MARGIN
    if row_labels is not None:
        left += _GAP + max(round(font.getlength(label)) for label in row_labels)
    top = _MARGIN
    heading = top
    if title:
        top += round(size * 1.25) + 2 * _GAP
    if column_labels is not None:
        top += size + _GAP
    width = left + columns * (side + _GAP) - _GAP + _MARGIN
    height = top + rows * (side + _GAP) - _GAP + _MARGIN
    page = Image.new("RGB", (width, height), _PAPER)
    draw = ImageDraw.Draw(page)
    if title:
        draw.text((left, heading), title, fill=_INK, font=bold)
    for column, label in enumerate(column_labels or ()):
        x = left + column * (side + _GAP) + side // 2
        draw.text((x, top - _GAP), label, fill=_INK, font=font, anchor="ms")
    for row, label in enumerate(row_labels or ()):
        y = top + row * (side + _GAP) + side // 2
        draw.text((left - _GAP, y), label, fill=_INK, font=font, anchor="rm")
    for i, image in enumerate(images):
        row, column = divmod(i, columns)
        place = (left + column * (side + _GAP), top + row * (side + _GAP))
        page.paste(Image.fromarray(resize(image, side)), place)
    return np.asarray(page)
