"""A photo as a pencil drawing, by equations 3 to 7 of Latent-PER (Lee et al. 2022)."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.errors import InputError

__all__ = ["ARITHMETICS", "SKETCH_STEPS", "pencil_sketch", "sketch_kernel_size", "sketch_steps"]

ARITHMETICS = ("integer", "float")
"""Whether every step of the drawing is rounded to 8 bits, as its bitwise inversions suppose."""

SKETCH_STEPS = ("grey", "inverted", "blurred", "inverted again", "divided")
"""What equations 3 to 7 make, one after the other; the last is the drawing."""

_GREY = np.array([2989, 5870, 1140])
"""Ten thousandths of red, green and blue in the grey of equation 3."""

_WHITE, _SCALE, _SHARE = 255, 256.0, 0.045


def sketch_kernel_size(side: int) -> int:
    """Return the side of the Gaussian kernel that `pencil_sketch` uses by default.

    The paper finds 3x3 or 5x5 right for small pictures and leaves the rest open. Here it is the
    odd number nearest to 4.5 % of the picture's shorter side, at least 3.

    Parameters
    ----------
    side : int
        Shorter side of the picture in pixels, at least 1.

    Raises
    ------
    InputError
        If the side is below 1.

    Examples
    --------
    >>> [sketch_kernel_size(side) for side in (48, 100, 128, 256, 562)]
    [3, 5, 5, 11, 25]
    """
    if side < 1:
        raise InputError(f"got a side of {side} px, expected at least 1; give the picture's side")
    return max(3, 2 * int(_SHARE * side / 2) + 1)


def pencil_sketch(
    image: ArrayLike, kernel_size: int | None = None, *, arithmetic: str = "integer"
) -> NDArray[np.uint8]:
    """Return a picture as a pencil drawing.

    After equations 3 to 7 of Lee et al. (2022): grey = 0.2989 R + 0.5870 G + 0.1140 B, inverted,
    blurred by a Gaussian and inverted again to b; the drawing is ``min(255, 256 grey / b)``.

    What the paper leaves open: sigma follows from the kernel size K as
    ``0.3 ((K - 1) / 2 - 1) + 0.8``; the kernel is equation 5 sampled and made to sum to 1; beyond
    the border the picture is mirrored about its outermost pixels. The factor 256 is that of the
    common 8-bit form of this division: without any, every pixel would be 0 or 1. Where b is 0 the
    drawing is 0, so that black areas stay black; an even area of any other level becomes white.

    Parameters
    ----------
    image : ndarray of uint8, shape (H, W, 3) or (N, H, W, 3)
        RGB.
    kernel_size : int, optional
        K, odd, at least 3; `sketch_kernel_size` of the shorter side where absent.
    arithmetic : {"integer", "float"}
        Whether grey and blur are rounded to 8 bits, as bitwise inversions suppose, or stay
        fractions up to the last rounding. They differ most in dark areas.

    Returns
    -------
    ndarray of uint8, the shape of `image`
        Grey, in three equal channels.

    Raises
    ------
    InputError
        If the picture is of another type or shape, the kernel size even or below 3, or the
        arithmetic unknown.

    Examples
    --------
    >>> step = np.repeat(np.array([200, 200, 100, 100], np.uint8), 3).reshape(1, 4, 3)
    >>> pencil_sketch(step, 3)[0, :, 0].tolist()
    [255, 255, 206, 255]
    """
    return _as_picture(_steps(image, kernel_size, arithmetic)[-1])


def sketch_steps(
    image: ArrayLike, kernel_size: int | None = None, *, arithmetic: str = "integer"
) -> dict[str, NDArray[np.uint8]]:
    """Return a picture after each of the five steps to its pencil drawing (Figure 4).

    Parameters
    ----------
    image, kernel_size, arithmetic
        As in `pencil_sketch`.

    Returns
    -------
    dict of str to ndarray of uint8, the shape of `image`
        By the names of `SKETCH_STEPS`, each rounded to whole grey levels; the last is what
        `pencil_sketch` returns.

    Raises
    ------
    InputError
        As `pencil_sketch`.

    Examples
    --------
    >>> step = np.repeat(np.array([200, 200, 100, 100], np.uint8), 3).reshape(1, 4, 3)
    >>> {name: picture[0, :, 0].tolist() for name, picture in sketch_steps(step, 3).items()}
    {'grey': [200, 200, 100, 100], 'inverted': [55, 55, 155, 155], 'blurred': [55, 79, 131, 155],
    'inverted again': [200, 176, 124, 100], 'divided': [255, 255, 206, 255]}
    """
    steps = map(_as_picture, _steps(image, kernel_size, arithmetic))
    return dict(zip(SKETCH_STEPS, steps, strict=True))


def _steps(
    image: ArrayLike, kernel_size: int | None, arithmetic: str
) -> tuple[NDArray, NDArray, NDArray, NDArray, NDArray]:
    """Return what equations 3 to 7 give, each (..., H, W)."""
    pixels = np.asarray(image)
    if pixels.dtype != np.uint8 or pixels.ndim not in (3, 4) or pixels.shape[-1] != 3:
        raise InputError(
            f"got a picture of {pixels.dtype} {pixels.shape}, expected uint8 (H, W, 3) or "
            "(N, H, W, 3) RGB; convert it first"
        )
    if 0 in pixels.shape[-3:]:
        raise InputError(f"got a picture of {pixels.shape}, expected sides of at least 1 px")
    if kernel_size is None:
        kernel_size = sketch_kernel_size(min(pixels.shape[-3:-1]))
    if kernel_size < 3 or kernel_size % 2 == 0:
        raise InputError(
            f"got kernel size {kernel_size}, expected an odd number of at least 3; use "
            f"{max(3, int(kernel_size) + 1)}"
        )
    if arithmetic not in ARITHMETICS:
        raise InputError(
            f"got arithmetic {arithmetic!r}, expected one of {', '.join(ARITHMETICS)}; use integer"
        )
    grey = pixels.astype(np.int32) @ _GREY.astype(np.int32)  # (..., H, W), ten thousandths
    grey = (grey + 5000) // 10000 if arithmetic == "integer" else grey / 10000
    inverted = _WHITE - grey
    blurred = _blur(inverted, kernel_size)
    if arithmetic == "integer":
        blurred = np.rint(blurred)
    divisor = _WHITE - blurred
    ratio = np.divide(_SCALE * grey, divisor, out=np.zeros_like(divisor), where=divisor > 0)
    return grey, inverted, blurred, divisor, ratio


def _as_picture(grey: NDArray) -> NDArray[np.uint8]:
    whole = np.rint(grey).clip(0, _WHITE).astype(np.uint8)
    return np.repeat(whole[..., None], 3, axis=-1)


def _blur(grey: NDArray, kernel_size: int) -> NDArray[np.float64]:
    """Return (..., H, W) convolved with the Gaussian of equation 5."""
    from scipy.ndimage import correlate1d

    half = kernel_size // 2
    sigma = 0.3 * (half - 1) + 0.8
    weights = np.exp(-0.5 * (np.arange(-half, half + 1) / sigma) ** 2)
    weights /= weights.sum()
    down = correlate1d(grey.astype(np.float64), weights, axis=-2, mode="mirror")
    return correlate1d(down, weights, axis=-1, mode="mirror")
