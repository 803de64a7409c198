"""Pictures side by side on white, with labels."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from icaedit.errors import InputError
from icaedit.images import check_image

__all__ = ["picture_grid", "picture_strip"]

_LEAST, _MOST = 160, 512  # pixels: the longer side of a cell if none is asked for
_INK = (45, 45, 45)
_PAPER = (255, 255, 255)


def picture_grid(
    images: Sequence[np.ndarray],
    *,
    columns: int,
    row_labels: Sequence[str] | None = None,
    column_labels: Sequence[str] | None = None,
    cell: int | None = None,
) -> np.ndarray:
    """Lay pictures out in rows and columns, on white, with labels left and above.

    Each picture is scaled to fit its cell, its proportions kept; a row that is not full ends in
    white.

    Parameters
    ----------
    images : sequence of ndarray of shape (H, W, 3), uint8 RGB
        Row by row; the sizes may differ.
    columns : int
        Pictures in a row, 1 at least.
    row_labels, column_labels : sequence of str, optional
        One for each row or column; empty texts leave a gap. Labels too long for their column
        are shortened.
    cell : int, optional
        Longer side of a cell in pixels, 16 to 4096. If not given, that of the largest picture,
        but 160 at least and 512 at most.

    Returns
    -------
    ndarray of shape (H, W, 3), uint8 RGB

    Raises
    ------
    InputError
        If there are no pictures, one is not uint8 RGB, or the numbers do not fit together.

    Examples
    --------
    >>> faces = np.full((4, 64, 64, 3), 128, np.uint8)
    >>> picture_grid(faces, columns=2, cell=64).shape
    (140, 140, 3)
    """
    pictures = [check_image(image) for image in images]
    if not pictures or columns < 1:
        raise InputError(
            f"got {len(pictures)} pictures in {columns} columns, expected one at least of each; "
            "give some"
        )
    rows = -(-len(pictures) // columns)
    row_labels = _require_labels(row_labels, rows, "row")
    column_labels = _require_labels(column_labels, columns, "column")
    scaled = _to_cells(pictures, cell)
    width, height = (max(picture.size[axis] for picture in scaled) for axis in (0, 1))
    gap = max(width // 40, 4)
    font = ImageFont.load_default(size=min(max(min(width, height) // 9, 11), 36))

    above = _line_height(font) + gap if column_labels else 0
    widest = max((_text_width(font, label) for label in row_labels), default=0)
    left = min(widest, 3 * width) + 2 * gap if row_labels else 0
    columns_used = min(columns, len(pictures)) if not column_labels else columns
    page = Image.new(
        "RGB",
        (left + columns_used * (width + gap) + gap, above + rows * (height + gap) + gap),
        _PAPER,
    )
    for index, picture in enumerate(scaled):
        row, column = divmod(index, columns)
        x = left + gap + column * (width + gap) + (width - picture.width) // 2
        y = above + gap + row * (height + gap) + (height - picture.height) // 2
        page.paste(picture, (x, y))
    pen = ImageDraw.Draw(page)
    for column, label in enumerate(column_labels):
        x = left + gap + column * (width + gap) + width / 2
        pen.text((x, gap), _shortened(font, label, width), fill=_INK, font=font, anchor="ma")
    for row, label in enumerate(row_labels):
        y = above + gap + row * (height + gap) + height / 2
        text = _shortened(font, label, 3 * width)
        pen.text((left - gap / 2, y), text, fill=_INK, font=font, anchor="rm")
    return np.asarray(page).copy()


def picture_strip(
    images: Sequence[np.ndarray],
    *,
    labels: Sequence[str] | None = None,
    cell: int | None = None,
) -> np.ndarray:
    """Lay pictures out in one row, with labels above.

    Parameters
    ----------
    images : sequence of ndarray of shape (H, W, 3), uint8 RGB
    labels : sequence of str, optional
    cell : int, optional
        As in `picture_grid`.

    Returns
    -------
    ndarray of shape (H, W, 3), uint8 RGB

    Raises
    ------
    InputError
        As `picture_grid`.

    Examples
    --------
    >>> faces = np.full((3, 64, 64, 3), 128, np.uint8)
    >>> picture_strip(faces, cell=64).shape
    (72, 208, 3)
    """
    return picture_grid(images, columns=max(len(images), 1), column_labels=labels, cell=cell)


def _require_labels(labels: Sequence[str] | None, expected: int, what: str) -> list[str]:
    if labels is None:
        return []
    if len(labels) != expected:
        raise InputError(
            f"got {len(labels)} {what} labels, expected {expected}; give one for each {what}"
        )
    # one line each: a break would be drawn over the pictures
    return [" ".join(str(label).split()) for label in labels]


def _to_cells(pictures: list[np.ndarray], cell: int | None) -> list[Image.Image]:
    """Scale pictures so that the longer side of each is the cell's."""
    largest = max(max(picture.shape[:2]) for picture in pictures)
    side = min(max(largest, _LEAST), _MOST) if cell is None else cell
    if not 16 <= side <= 4096:
        raise InputError(f"got cells of {side} px, expected 16 to 4096; leave it out if unsure")
    scaled = []
    for picture in pictures:
        height, width = picture.shape[:2]
        scale = side / max(height, width)
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        resample = Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.BICUBIC
        scaled.append(Image.fromarray(picture).resize(size, resample))
    return scaled


def _line_height(font: ImageFont.FreeTypeFont) -> int:
    ascent, descent = font.getmetrics()
    return ascent + descent


def _text_width(font: ImageFont.FreeTypeFont, text: str) -> int:
    return int(np.ceil(font.getlength(text)))


def _shortened(font: ImageFont.FreeTypeFont, text: str, width: int) -> str:
    """Return a text that fits a width, its end replaced by dots where it must be."""
    if _text_width(font, text) <= width:
        return text
    while text and _text_width(font, text + "...") > width:
        text = text[:-1]
    return text.rstrip() + "..." if text else ""
