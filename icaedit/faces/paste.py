"""Putting an edited face back into the photo it was cut out of."""

import numpy as np
from PIL import Image

from icaedit.errors import InputError
from icaedit.images import check_image

__all__ = ["BLENDS", "paste_back"]

BLENDS = ("residual", "replace")


def paste_back(
    photo: np.ndarray,
    edited: np.ndarray,
    reconstruction: np.ndarray,
    quad: np.ndarray,
    *,
    blend: str = "residual",
    feather: float = 0.1,
) -> np.ndarray:
    """Put an edited face back where it came from.

    The square is mapped on to the photo by the similarity that inverts `align`. By default only
    what the edit changed is added, ``photo + mask * (edited - reconstruction)``, so whatever the
    model cannot reproduce (an earring, the background) stays the photo's own, and no change
    means no change to a single byte.

    Parameters
    ----------
    photo : ndarray of shape (H, W, 3), uint8 RGB
    edited, reconstruction : ndarray of shape (S, S, 3), uint8 RGB
        The model's pictures of the face after the edit and before it, of one size.
    quad : ndarray of shape (4, 2)
        The square of `Aligned`, in pixels of the photo.
    blend : {"residual", "replace"}
        Add the change, or put the edited picture itself in place.
    feather : float
        Width of the soft edge inside the square, as a share of its side, 0 to 0.5.

    Returns
    -------
    ndarray of shape (H, W, 3), uint8 RGB
        A new picture, the same as the photo outside the square.

    Raises
    ------
    InputError
        If a picture, the square or an option cannot be used.

    Examples
    --------
    >>> photo = np.full((40, 40, 3), 100, np.uint8)
    >>> before, after = np.full((2, 8, 8, 3), 50, np.uint8)
    >>> after[...] = 70
    >>> quad = np.array([(9.5, 9.5), (9.5, 29.5), (29.5, 29.5), (29.5, 9.5)])
    >>> pasted = paste_back(photo, after, before, quad)
    >>> int(pasted[20, 20, 0]), int(pasted[5, 5, 0])
    (120, 100)
    """
    photo = check_image(photo)
    edited = check_image(edited)
    reconstruction = check_image(reconstruction)
    if edited.shape != reconstruction.shape or edited.shape[0] != edited.shape[1]:
        raise InputError(
            f"got an edited picture of shape {edited.shape} and a reconstruction of shape "
            f"{reconstruction.shape}, expected two squares of one size; take both from one model"
        )
    if blend not in BLENDS:
        raise InputError(f"got blend {blend!r}, expected {' or '.join(BLENDS)}; use residual")
    if not 0 <= feather <= 0.5:
        raise InputError(f"got feather {feather}, expected a share of 0 to 0.5; use 0.1")
    quad = _require_square(quad)

    result = photo.copy()
    window = _window(quad, photo.shape[1], photo.shape[0])
    if window is None:
        return result
    across, down = _position_in_square(quad, window)  # (h, w) each, 0 to 1 inside
    mask = _mask(across, down, feather)[..., None]  # (h, w, 1)
    side = float(np.hypot(*(quad[3] - quad[0])))
    new = edited.astype(np.float32)
    if blend == "residual":
        new -= reconstruction
    new = _sample(_reduce(new, side), across, down)
    below = photo[window].astype(np.float32)
    mixed = below + mask * (new if blend == "residual" else new - below)
    result[window] = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
    return result


def _require_square(quad: np.ndarray) -> np.ndarray:
    """Return the corners as float64 (4, 2) if they are top left, bottom left, ... of a square."""
    try:
        corners = np.asarray(quad, dtype=np.float64)
    except (TypeError, ValueError):
        corners = np.empty(0)
    square = corners.shape == (4, 2) and bool(np.isfinite(corners).all())
    if square:
        top, left = corners[3] - corners[0], corners[1] - corners[0]
        side = np.hypot(*top)
        turned = np.array([-top[1], top[0]])  # the top edge turned to point down
        gaps = np.concatenate([left - turned, corners[2] - corners[0] - top - left])
        square = side > 0 and bool(np.abs(gaps).max() <= 0.02 * side + 1)
    if not square:
        raise InputError(
            f"got a quad of shape {corners.shape} that is no square, expected the corners top "
            "left, bottom left, bottom right, top right as (4, 2); take it from faces.align"
        )
    return corners


def _window(quad: np.ndarray, width: int, height: int) -> tuple[slice, slice] | None:
    """Return the rows and columns of the photo that the square touches, if any."""
    left, top = np.maximum(np.floor(quad.min(axis=0)).astype(int), 0)
    right, bottom = np.minimum(np.ceil(quad.max(axis=0)).astype(int) + 1, (width, height))
    if left >= right or top >= bottom:
        return None
    return slice(top, bottom), slice(left, right)


def _position_in_square(
    quad: np.ndarray, window: tuple[slice, slice]
) -> tuple[np.ndarray, np.ndarray]:
    """Return where the window's pixel centres lie in the square, 0 to 1 across and down."""
    origin, across, down = quad[0], quad[3] - quad[0], quad[1] - quad[0]
    inverse = np.linalg.inv(np.stack([across, down], axis=1))
    y = np.arange(window[0].start, window[0].stop, dtype=np.float64)[:, None] - origin[1]
    x = np.arange(window[1].start, window[1].stop, dtype=np.float64)[None, :] - origin[0]
    u = inverse[0, 0] * x + inverse[0, 1] * y
    v = inverse[1, 0] * x + inverse[1, 1] * y
    return u, v


def _mask(across: np.ndarray, down: np.ndarray, feather: float) -> np.ndarray:
    """Return 1 well inside the square, 0 outside, and a smooth step within the feather."""
    depth = np.minimum(np.minimum(across, 1 - across), np.minimum(down, 1 - down))
    if feather == 0:
        return (depth >= 0).astype(np.float32)
    step = np.clip(depth / feather, 0, 1)
    return (step * step * (3 - 2 * step)).astype(np.float32)


def _reduce(picture: np.ndarray, side: float) -> np.ndarray:
    """Reduce a float32 picture (S, S, 3) that is larger than the square it goes into."""
    target = max(round(side), 1)
    if target >= picture.shape[0]:
        return picture
    channels = [
        Image.fromarray(channel).resize((target, target), Image.Resampling.BICUBIC)
        for channel in np.moveaxis(picture, 2, 0)
    ]
    return np.stack([np.asarray(channel) for channel in channels], axis=2)


def _sample(picture: np.ndarray, across: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Return a float32 picture (S, S, 3) at positions 0 to 1 of its square, bilinear."""
    from scipy.ndimage import map_coordinates

    size = picture.shape[0]
    where = np.stack([down * size - 0.5, across * size - 0.5])
    sampled = [
        map_coordinates(channel, where, order=1, mode="nearest", output=np.float32)
        for channel in np.moveaxis(picture, 2, 0)
    ]
    return np.stack(sampled, axis=2)
