"""How much two sets of pictures differ, pixel by pixel and window by window."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.errors import InputError

__all__ = ["decibels", "psnr", "squared_error", "ssim"]

SIGMA, RADIUS = 1.5, 5
"""Of the Gaussian window in pixels: 11 x 11, as Wang et al. (2004) chose it."""

K1, K2, RANGE = 0.01, 0.03, 255.0


def squared_error(
    originals: ArrayLike, others: ArrayLike, *, window: ArrayLike | None = None
) -> tuple[float, float]:
    """Return the sum of squared differences and the number of values that it is over.

    Both add up over batches; `decibels` of the sums is the PSNR of all of them.

    Parameters
    ----------
    originals, others : ndarray of shape (N, H, W, 3), uint8
    window : ndarray of shape (N, H, W), uint8, optional
        What counts: 255 fully, 0 not at all.

    Returns
    -------
    (float, float)
        The sum in squared levels, and the weight of the values.

    Raises
    ------
    InputError
        If the shapes differ.

    Examples
    --------
    >>> black, grey = np.zeros((1, 2, 2, 3), np.uint8), np.full((1, 2, 2, 3), 2, np.uint8)
    >>> squared_error(black, grey)
    (48.0, 12.0)
    """
    a, b = _pair(originals, others)
    gap = (a.astype(np.float64) - b) ** 2
    if window is None:
        return float(gap.sum()), float(gap.size)
    share = np.asarray(window, np.float64) / RANGE
    if share.shape != a.shape[:3]:
        raise InputError(
            f"got a window of shape {share.shape} for pictures of {a.shape}, expected "
            f"{a.shape[:3]}; give one number a pixel"
        )
    return float((gap.sum(3) * share).sum()), float(3 * share.sum())


def decibels(error: float, weight: float) -> float:
    """Return ``10 log10(255^2 weight / error)``: infinity where nothing differs, NaN of nothing.

    Examples
    --------
    >>> round(decibels(48.0, 12.0), 2)
    42.11
    """
    if weight == 0:
        return math.nan
    return math.inf if error == 0 else 10 * math.log10(RANGE**2 * weight / error)


def psnr(originals: ArrayLike, others: ArrayLike, *, window: ArrayLike | None = None) -> float:
    """Return the peak signal-to-noise ratio over all pictures, in decibels.

    Of the mean squared error of all values together, which is never above the mean of the
    pictures' own ratios.

    Parameters
    ----------
    originals, others, window
        As in `squared_error`.

    Raises
    ------
    InputError
        If the shapes differ.

    Examples
    --------
    >>> black, grey = np.zeros((1, 2, 2, 3), np.uint8), np.full((1, 2, 2, 3), 2, np.uint8)
    >>> round(psnr(black, grey), 2)
    42.11
    """
    return decibels(*squared_error(originals, others, window=window))


def ssim(originals: ArrayLike, others: ArrayLike) -> NDArray[np.float64]:
    """Return the structural similarity of each picture with its other.

    Wang et al. (2004), equation 13 with the constants of its section III.C: means, variances and
    covariance under an 11 x 11 Gaussian window of sigma 1.5 that lies wholly inside the picture,
    K1 = 0.01, K2 = 0.03; averaged over positions and over the three colours.

    Parameters
    ----------
    originals, others : ndarray of shape (N, H, W, 3), uint8
        At least 11 px a side.

    Returns
    -------
    ndarray of shape (N,), float64
        1 where the two are equal.

    Raises
    ------
    InputError
        If the shapes differ or a side is below 11 px.

    Examples
    --------
    >>> noise = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), dtype=np.uint8)
    >>> ssim(noise, noise).round(6).tolist()
    [1.0, 1.0]
    """
    a, b = _pair(originals, others)
    if min(a.shape[1:3]) <= 2 * RADIUS:
        raise InputError(
            f"got pictures of {a.shape[1]} x {a.shape[2]} px, expected at least "
            f"{2 * RADIUS + 1} a side for the window; compare larger ones"
        )
    a, b = a.astype(np.float64), b.astype(np.float64)
    mean_a, mean_b = _windowed(a), _windowed(b)
    var_a, var_b = _windowed(a * a) - mean_a**2, _windowed(b * b) - mean_b**2
    covariance = _windowed(a * b) - mean_a * mean_b
    c1, c2 = (K1 * RANGE) ** 2, (K2 * RANGE) ** 2
    luminance = (2 * mean_a * mean_b + c1) / (mean_a**2 + mean_b**2 + c1)
    structure = (2 * covariance + c2) / (var_a + var_b + c2)
    return (luminance * structure).mean((1, 2, 3))


def _windowed(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the means of (N, H, W, 3) under the window, where it lies wholly inside."""
    from scipy.ndimage import correlate1d

    weights = np.exp(-0.5 * (np.arange(-RADIUS, RADIUS + 1) / SIGMA) ** 2)
    weights /= weights.sum()
    for axis in (1, 2):
        x = correlate1d(x, weights, axis=axis)
    return x[:, RADIUS:-RADIUS, RADIUS:-RADIUS]


def _pair(originals: ArrayLike, others: ArrayLike) -> tuple[NDArray, NDArray]:
    a, b = np.asarray(originals), np.asarray(others)
    if a.shape != b.shape or a.ndim != 4 or a.dtype != np.uint8 or b.dtype != np.uint8:
        raise InputError(
            f"got pictures of {a.dtype} {a.shape} and {b.dtype} {b.shape}, expected uint8 "
            "(N, H, W, 3) of the same shape; resize the originals"
        )
    return a, b
