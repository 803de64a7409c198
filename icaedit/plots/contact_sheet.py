"""Pictures before and after an edit, pair by pair on one page."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from icaedit.errors import InputError
from icaedit.images import check_image

__all__ = ["PAIRS_ON_A_PAGE", "contact_sheet", "edited_part"]

PAIRS_ON_A_PAGE = 48

_INK, _PALE, _PAPER = (45, 45, 45), (130, 130, 130), (255, 255, 255)
_FONT = 15  # px
_SEEN = 8  # levels of 255: less is what compressing a picture again does to it
_MARGIN = 0.35  # of the part that changed, shown around it
_WHOLE = 0.6  # share of a side beyond which the whole picture is shown


def contact_sheet(
    pairs: Sequence[tuple[str, np.ndarray, np.ndarray]], *, cell: int = 224
) -> np.ndarray:
    """Lay out pictures before and after an edit, each pair with its name below.

    Parameters
    ----------
    pairs : sequence of (str, ndarray, ndarray)
        Name, picture before and picture after: uint8 RGB of shape (H, W, 3), of any sizes.
    cell : int
        Side of the square that a picture is fitted into, in pixels, 16 to 1024.

    Returns
    -------
    ndarray of shape (H, W, 3), uint8 RGB

    Raises
    ------
    InputError
        If there are no pairs, a picture is not uint8 RGB, or the cell has another size.

    Examples
    --------
    >>> face = np.full((64, 64, 3), 128, np.uint8)
    >>> contact_sheet([("a.png", face, face)] * 3, cell=64).shape
    (308, 142, 3)
    """
    if not pairs or not 16 <= cell <= 1024:
        raise InputError(
            f"got {len(pairs)} pairs in cells of {cell} px, expected one pair at least and cells "
            "of 16 to 1024 px; give some"
        )
    columns = 1 if len(pairs) <= 4 else 2 if len(pairs) <= 16 else 3
    rows = -(-len(pairs) // columns)
    gap, line = max(cell // 16, 6), _FONT + 8
    wide, high = 2 * cell + 2, cell + line
    page = Image.new("RGB", (columns * (wide + 2 * gap), line + gap + rows * (high + gap)), _PAPER)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(size=_FONT)
    for column in range(columns):
        left = gap + column * (wide + 2 * gap)
        for side, title in enumerate(("before", "after")):
            middle = left + side * (cell + 2) + cell / 2
            pen.text((middle, gap), title, fill=_PALE, font=font, anchor="ma")
    for index, (name, before, after) in enumerate(pairs):
        row, column = divmod(index, columns)
        left, top = gap + column * (wide + 2 * gap), line + gap + row * (high + gap)
        for side, picture in enumerate((before, after)):
            fitted = _fitted(check_image(picture), cell)
            x = left + side * (cell + 2) + (cell - fitted.width) // 2
            page.paste(fitted, (x, top + (cell - fitted.height) // 2))
        text = _cut(name, font, wide)
        pen.text((left + wide / 2, top + cell + 3), text, fill=_INK, font=font, anchor="ma")
    return np.asarray(page).copy()


def edited_part(before: np.ndarray, after: np.ndarray) -> tuple[slice, slice]:
    """Return where an edit changed a picture, with some room around it, as a square if it can be.

    Parameters
    ----------
    before, after : ndarray of shape (H, W, 3), uint8 RGB

    Returns
    -------
    (slice, slice)
        Rows and columns; the whole picture where the sizes differ, nothing can be seen to have
        changed, or most of it has.

    Examples
    --------
    >>> before = np.zeros((100, 200, 3), np.uint8)
    >>> after = before.copy()
    >>> after[40:50, 100:120] = 99
    >>> edited_part(before, after)
    (slice(28, 62, None), slice(93, 127, None))
    """
    height, width = before.shape[:2]
    whole = slice(0, height), slice(0, width)
    if before.shape != after.shape:
        return whole
    changed = np.abs(before.astype(np.int16) - after).max(axis=2) > _SEEN
    if not changed.any():
        return whole
    spans = [np.flatnonzero(changed.any(axis=axis))[[0, -1]] + (0, 1) for axis in (1, 0)]
    side = max(int(high - low) for low, high in spans)
    side += 2 * int(np.ceil(side * _MARGIN))
    if side > _WHOLE * min(height, width):
        return whole
    parts = []
    for (low, high), length in zip(spans, (height, width), strict=True):
        start = min(max((int(low) + int(high) - side) // 2, 0), length - side)
        parts.append(slice(start, start + side))
    return parts[0], parts[1]


def _fitted(picture: np.ndarray, cell: int) -> Image.Image:
    height, width = picture.shape[:2]
    scale = cell / max(height, width)
    size = max(round(width * scale), 1), max(round(height * scale), 1)
    resample = Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.BICUBIC
    return Image.fromarray(picture).resize(size, resample)


def _cut(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    """Return a text that fits, its beginning replaced by dots where it must be."""
    text = " ".join(text.split())
    if font.getlength(text) <= width:
        return text
    while text and font.getlength("..." + text) > width:
        text = text[1:]
    return "..." + text
