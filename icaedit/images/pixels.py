"""Pixels as arrays: the check at the doors, the float form, and resizing."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from icaedit.errors import InputError

__all__ = ["check_image", "resize", "to_float", "to_uint8"]

_HALF_RANGE = 127.5


def check_image(image: Any) -> NDArray[np.uint8]:
    """Return an image unchanged if it is uint8 (H, W, 3), and refuse it otherwise.

    Raises
    ------
    InputError
        If the dtype or the shape is another, or a side is 0.

    Examples
    --------
    >>> check_image(np.zeros((4, 5, 3), np.uint8)).shape
    (4, 5, 3)
    """
    array = np.asarray(image)
    if array.dtype != np.uint8 or array.ndim != 3 or array.shape[2] != 3 or 0 in array.shape:
        raise InputError(
            f"got an image of {array.dtype} {array.shape}, expected uint8 (H, W, 3) RGB; convert "
            "it, or read it with icaedit.images.read_image"
        )
    return array


def to_float(images: ArrayLike) -> NDArray[np.float32]:
    """Return uint8 pixels as float32 in [-1, 1]: 0 becomes -1 and 255 becomes 1.

    Parameters
    ----------
    images : ndarray of uint8, any shape

    Raises
    ------
    InputError
        If the pixels are not uint8.

    Examples
    --------
    >>> to_float(np.array([0, 255], np.uint8)).tolist()
    [-1.0, 1.0]
    """
    pixels = np.asarray(images)
    if pixels.dtype != np.uint8:
        raise InputError(
            f"got pixels of {pixels.dtype}, expected uint8 from 0 to 255; convert them first"
        )
    return pixels.astype(np.float32) / np.float32(_HALF_RANGE) - np.float32(1)


def to_uint8(images: ArrayLike) -> NDArray[np.uint8]:
    """Return float pixels in [-1, 1] as uint8, rounded to the nearest; values outside are clipped.

    Parameters
    ----------
    images : ndarray of float, any shape

    Raises
    ------
    InputError
        If a value is NaN, or the pixels are not floating point.

    Examples
    --------
    >>> to_uint8(np.array([-1.0, 0.0, 1.0, 7.0])).tolist()
    [0, 128, 255, 255]
    """
    pixels = np.asarray(images)
    if pixels.dtype.kind != "f":
        raise InputError(
            f"got pixels of {pixels.dtype}, expected floating point from -1 to 1; convert them "
            "first"
        )
    if np.isnan(pixels).any():
        raise InputError("got NaN pixels, expected values from -1 to 1; check the model's output")
    levels = np.rint((pixels.astype(np.float32) + 1) * np.float32(_HALF_RANGE))
    return np.clip(levels, 0, 255).astype(np.uint8)


def resize(image: ArrayLike, size: int | tuple[int, int]) -> NDArray[np.uint8]:
    """Return an image at another size, antialiased.

    A reduction by whole factors averages areas; every other change is Lanczos.

    Parameters
    ----------
    image : ndarray of uint8, shape (H, W, 3)
    size : int or (int, int)
        Side of a square, or (height, width), in pixels.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)

    Raises
    ------
    InputError
        If the image is not uint8 (H, W, 3), or a side is below 1.

    Examples
    --------
    >>> stripes = np.tile(np.array([0, 200], np.uint8)[:, None, None], (2, 4, 3))
    >>> resize(stripes, 2)[..., 0].tolist()
    [[100, 100], [100, 100]]
    """
    pixels = check_image(image)
    height, width = (size, size) if isinstance(size, int | np.integer) else size
    if height < 1 or width < 1:
        raise InputError(f"got size {size}, expected at least 1 pixel a side; use a larger one")
    old_height, old_width = pixels.shape[:2]
    if (old_height, old_width) == (height, width):
        return pixels.copy()
    picture = Image.fromarray(pixels)
    if old_height % height == 0 and old_width % width == 0:
        return np.array(picture.reduce((old_width // width, old_height // height)))
    return np.array(picture.resize((int(width), int(height)), Image.Resampling.LANCZOS))
