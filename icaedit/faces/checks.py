"""What every door of this room asks of a picture."""

import numpy as np

from icaedit.errors import InputError

__all__ = ["require_picture"]


def require_picture(image: np.ndarray, name: str = "image") -> np.ndarray:
    """Return the picture if it is uint8 RGB.

    Parameters
    ----------
    image : ndarray of shape (H, W, 3), uint8 RGB
    name : str
        What to call it in the message.

    Raises
    ------
    InputError
        If it is anything else.

    Examples
    --------
    >>> require_picture(np.zeros((4, 5, 3), np.uint8)).shape
    (4, 5, 3)
    """
    shape, dtype = getattr(image, "shape", None), getattr(image, "dtype", type(image).__name__)
    usable = isinstance(image, np.ndarray) and image.ndim == 3 and image.dtype == np.uint8
    if not usable or shape[2] != 3 or 0 in shape:
        raise InputError(
            f"got {name} of shape {shape} and type {dtype}, expected uint8 RGB of shape "
            "(H, W, 3); read the picture with icaedit.images.read_image"
        )
    return np.ascontiguousarray(image)
