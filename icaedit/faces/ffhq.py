"""FFHQ face alignment: from landmarks to an upright square crop.

The geometry is that of the FFHQ dataset (Karras, Laine, Aila: A Style-Based Generator
Architecture for Generative Adversarial Networks, 2019, appendix A), written from its formulas.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from icaedit.errors import InputError
from icaedit.images import check_image

__all__ = ["Aligned", "align"]

_LEFT_EYE, _RIGHT_EYE = slice(36, 42), slice(42, 48)
_MOUTH_LEFT, _MOUTH_RIGHT = 48, 54
_LARGEST_SIDE = 8192  # pixels of the intermediate square: 8192 x 8192 x 3 bytes are 200 MB


@dataclass(frozen=True, eq=False)
class Aligned:
    """A face cut out of a photo.

    Attributes
    ----------
    image : ndarray of shape (size, size, 3), uint8 RGB
    quad : ndarray of shape (4, 2), float64
        The square that was cut out: x, y of its top left, bottom left, bottom right and top
        right corner in pixels of the photo, where 0, 0 is the centre of the top left pixel.
        It may lie partly outside the photo.
    """

    image: np.ndarray
    quad: np.ndarray


def align(
    image: np.ndarray,
    landmarks: np.ndarray,
    *,
    size: int = 256,
    transform_size: int = 256,
) -> Aligned:
    """Cut a face out of a photo the way the FFHQ dataset was made.

    The FFHQ pictures themselves used ``size=1024, transform_size=4096``; encoders of the e4e
    family were given ``size=256, transform_size=256``, the default here.

    Parameters
    ----------
    image : ndarray of shape (H, W, 3), uint8 RGB
    landmarks : ndarray of shape (68, 2) or (5, 2)
        x, y in pixels, either the 68 points of the iBUG 300-W scheme or the five points left
        eye, right eye, nose, left and right corner of the mouth; left is left in the picture.
    size : int
        Side of the result in pixels, 8 to 8192.
    transform_size : int
        Side in pixels at which the photo is sampled before it is reduced to `size`.

    Returns
    -------
    Aligned

    Raises
    ------
    InputError
        If the picture, the landmarks or the sizes cannot be used.

    Examples
    --------
    >>> photo = np.full((200, 180, 3), 90, np.uint8)
    >>> points = [(70, 80), (110, 80), (90, 100), (75, 120), (105, 120)]
    >>> face = align(photo, np.array(points), size=64, transform_size=64)
    >>> face.image.shape, face.quad[0].tolist(), face.quad[2].tolist()
    ((64, 64, 3), [10.0, 4.0], [170.0, 164.0])
    """
    image = check_image(image)
    if not 8 <= size <= transform_size <= _LARGEST_SIDE:
        raise InputError(
            f"got size {size} and transform_size {transform_size}, expected "
            f"8 <= size <= transform_size <= {_LARGEST_SIDE}; use 256 and 256"
        )
    quad = _square_of(landmarks, image.shape[1], image.shape[0])
    side = float(np.hypot(*(quad[3] - quad[0])))

    picture, local = Image.fromarray(image), quad
    picture, local, effective, shrink = _shrink(picture, local, side, size)
    side = side / shrink
    border = max(int(np.rint(side * 0.1)), 3)
    picture, local = _crop(picture, local, border)
    picture, local = _pad(picture, local, border, side)
    result = picture.transform(
        (transform_size, transform_size),
        Image.Transform.QUAD,
        tuple((local + 0.5).ravel()),
        Image.Resampling.BILINEAR,
    )
    if size < transform_size:
        result = result.resize((size, size), Image.Resampling.LANCZOS)
    return Aligned(np.asarray(result, dtype=np.uint8).copy(), effective)


def _square_of(landmarks: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return the corners (4, 2) of the square around a face, from its eyes and mouth."""
    try:
        points = np.asarray(landmarks, dtype=np.float64)
    except (TypeError, ValueError):
        points = np.empty(0)
    if points.shape not in ((68, 2), (5, 2)) or not np.isfinite(points).all():
        raise InputError(
            f"got landmarks of shape {points.shape}, expected (68, 2) or (5, 2) finite pixel "
            "positions; give the 68 points of faces.landmarks, or eyes, nose and mouth corners"
        )
    if len(points) == 68:
        left, right = points[_LEFT_EYE].mean(axis=0), points[_RIGHT_EYE].mean(axis=0)
        mouth = (points[_MOUTH_LEFT] + points[_MOUTH_RIGHT]) / 2
    else:
        left, right, mouth = points[0], points[1], (points[3] + points[4]) / 2
    eyes = (left + right) / 2
    eye_to_eye, eye_to_mouth = right - left, mouth - eyes
    # Half of the top edge: across the eyes, steadied by the perpendicular of eyes to mouth.
    x = eye_to_eye - eye_to_mouth[::-1] * (-1, 1)
    length = np.hypot(*x)
    if np.hypot(*eye_to_eye) < 1 or length < 1e-3:
        raise InputError(
            f"got landmarks whose eyes lie {np.hypot(*eye_to_eye):.2g} px apart, expected the "
            "left eye first and at least 1 px between them; check the order of the points"
        )
    x = x / length * max(2.0 * np.hypot(*eye_to_eye), 1.8 * np.hypot(*eye_to_mouth))
    y = x[::-1] * (-1, 1)
    centre = eyes + 0.1 * eye_to_mouth
    quad = np.stack([centre - x - y, centre - x + y, centre + x + y, centre + x - y])
    if (quad.max(axis=0) < 0).any() or (quad.min(axis=0) > (width - 1, height - 1)).any():
        raise InputError(
            f"got landmarks around ({centre[0]:.0f}, {centre[1]:.0f}), expected a face in the "
            f"{width} x {height} picture; give pixel positions, x before y"
        )
    return quad


def _shrink(
    picture: Image.Image, quad: np.ndarray, side: float, size: int
) -> tuple[Image.Image, np.ndarray, np.ndarray, int]:
    """Reduce a picture whose square holds far more pixels than are wanted.

    Returns the picture, its square, the same square in the photo as it is really sampled (the
    reduction moves pixel centres by half of what it saves), and the factor.
    """
    shrink = int(np.floor(side / size * 0.5))
    if shrink <= 1:
        return picture, quad, quad, 1
    before = np.array(picture.size, dtype=np.float64)
    after = np.maximum(np.rint(before / shrink), 1).astype(int)
    picture = picture.resize(tuple(int(n) for n in after), Image.Resampling.LANCZOS)
    local = quad / shrink
    return picture, local, (local + 0.5) * (before / after) - 0.5, shrink


def _crop(picture: Image.Image, quad: np.ndarray, border: int) -> tuple[Image.Image, np.ndarray]:
    """Cut the picture down to the square's bounding box plus a border."""
    low = np.maximum(np.floor(quad.min(axis=0)).astype(int) - border, 0)
    high = np.minimum(np.ceil(quad.max(axis=0)).astype(int) + border, picture.size)
    if low.any() or (high < picture.size).any():
        picture = picture.crop((*low.tolist(), *high.tolist()))
        quad = quad - low
    return picture, quad


def _pad(
    picture: Image.Image, quad: np.ndarray, border: int, side: float
) -> tuple[Image.Image, np.ndarray]:
    """Continue the picture where the square reaches beyond it: mirrored, blurred, fading."""
    low = np.maximum(border - np.floor(quad.min(axis=0)).astype(int), 0)
    high = np.maximum(np.ceil(quad.max(axis=0)).astype(int) - picture.size + border, 0)
    if max(*low, *high) <= border - 4:
        return picture, quad
    from scipy.ndimage import gaussian_filter

    least = int(np.rint(side * 0.3))
    low, high = np.maximum(low, least), np.maximum(high, least)
    pixels = np.pad(
        np.asarray(picture, dtype=np.float32),
        ((low[1], high[1]), (low[0], high[0]), (0, 0)),
        mode="reflect",
    )
    h, w = pixels.shape[:2]
    y, x = np.arange(h)[:, None, None], np.arange(w)[None, :, None]
    outside = np.maximum(
        1.0 - np.minimum(x / np.float32(low[0]), (w - 1 - x) / np.float32(high[0])),
        1.0 - np.minimum(y / np.float32(low[1]), (h - 1 - y) / np.float32(high[1])),
    )
    blurred = gaussian_filter(pixels, (side * 0.02, side * 0.02, 0))
    pixels += (blurred - pixels) * np.clip(outside * 3.0 + 1.0, 0.0, 1.0)
    pixels += (np.median(pixels, axis=(0, 1)) - pixels) * np.clip(outside, 0.0, 1.0)
    picture = Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))
    return picture, quad + low
