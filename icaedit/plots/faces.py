"""A photo with its faces marked and numbered."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from icaedit.faces import PreparedFace
from icaedit.images import check_image

__all__ = ["numbered_faces"]

_SURE, _DOUBTFUL, _POINT = (64, 220, 96), (255, 176, 0), (255, 255, 255)


def numbered_faces(photo: np.ndarray, faces: Sequence[PreparedFace]) -> np.ndarray:
    """Draw on a photo which face has which number, and what alignment would cut out.

    Each face has its square, the landmarks it was aligned by, and its number at the square's
    top left corner; what the detector is not sure of is orange and has a question mark.

    Parameters
    ----------
    photo : ndarray of shape (H, W, 3), uint8 RGB
    faces : sequence of PreparedFace

    Returns
    -------
    ndarray of shape (H, W, 3), uint8 RGB
        A new picture.

    Raises
    ------
    InputError
        If the photo is not uint8 RGB.

    Examples
    --------
    >>> photo = np.zeros((80, 90, 3), np.uint8)
    >>> quad = np.array([(20, 20), (20, 60), (60, 60), (60, 20)])
    >>> shown = numbered_faces(photo, [PreparedFace(photo, quad)])
    >>> bool(shown[40, 20].any()), bool(shown[75, 85].any())
    (True, False)
    """
    picture = Image.fromarray(check_image(photo).copy())
    draw = ImageDraw.Draw(picture)
    stroke = max(round(min(picture.size) / 300), 1)
    radius = max(0.6 * stroke, 1.0)
    for face in reversed(faces):  # the first is drawn last, and lies on top
        if face.quad is None:
            continue
        doubtful = face.box is not None and not face.box.is_sure
        colour = _DOUBTFUL if doubtful else _SURE
        corners = [tuple(corner) for corner in face.quad]
        draw.line([*corners, corners[0], corners[1]], fill=colour, width=2 * stroke, joint="curve")
        for x, y in () if face.landmarks is None else face.landmarks:
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_POINT)
        _label(draw, face, colour, doubtful, stroke)
    return np.asarray(picture).copy()


def _label(
    draw: ImageDraw.ImageDraw,
    face: PreparedFace,
    colour: tuple[int, int, int],
    doubtful: bool,
    stroke: int,
) -> None:
    """Write the number into the square's top left corner, or where the photo still is."""
    side = float(np.hypot(*(face.quad[3] - face.quad[0])))
    size = float(np.clip(side / 6, 12, 120))
    font = ImageFont.load_default(size)
    text = f"{face.number}?" if doubtful else str(face.number)
    width, height = draw.im.size
    x = float(np.clip(face.quad[0, 0], 0, max(width - size, 0)))
    y = float(np.clip(face.quad[0, 1], 0, max(height - size, 0)))
    margin = 2 * stroke
    left, top, right, bottom = draw.textbbox((x + 2 * margin, y + margin), text, font=font)
    draw.rectangle((left - margin, top - margin, right + margin, bottom + margin), fill=colour)
    draw.text((x + 2 * margin, y + margin), text, font=font, fill=(0, 0, 0))
