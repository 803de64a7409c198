"""The Thresholded ReLU: which coordinates of a direction are kept."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.errors import InputError
from icaedit.schema import parse_threshold

__all__ = ["default_sided", "threshold_level", "threshold_mask"]

_ONE_SIDED_METHODS = ("paper",)


def default_sided(method: str) -> str:
    """Return the side of a method's threshold where none is asked for, ``"one"`` or ``"two"``.

    Examples
    --------
    >>> default_sided("paper"), default_sided("group-ica")
    ('one', 'two')
    """
    return "one" if method in _ONE_SIDED_METHODS else "two"


def threshold_mask(
    values: ArrayLike, threshold: str | float, *, two_sided: bool = True
) -> NDArray[np.bool_]:
    """Return which entries a threshold keeps.

    Equation 11 of the paper keeps x if x >= h. Read one-sided, h is the mean or the median of
    the entries above zero; read two-sided, the same rule is applied to the absolute values, so
    that the sign of a direction does not matter. An entry of exactly 0 carries nothing and is
    kept by ``"none"`` only.

    Parameters
    ----------
    values : array_like of float, any shape
        One direction, in latent units.
    threshold : str or float
        ``"mean"``, ``"median"``, ``"none"`` (keep everything) or the number h itself, in the
        unit of `values`.
    two_sided : bool
        Whether |x| is compared with h; otherwise the signed x.

    Returns
    -------
    ndarray of bool, the shape of `values`

    Raises
    ------
    InputError
        If a value is NaN or infinite, or the threshold is unknown or ``"fdr"``.

    Examples
    --------
    >>> threshold_mask([-4.0, 1.0, 3.0], "mean").tolist()
    [True, False, True]
    >>> threshold_mask([-4.0, 1.0, 3.0], "mean", two_sided=False).tolist()
    [False, False, True]
    """
    sizes = _sizes(values, two_sided)
    level = threshold_level(values, threshold, two_sided=two_sided)
    if level is None:
        return np.ones(sizes.shape, dtype=bool)
    return (sizes >= level) & (sizes > 0)


def threshold_level(
    values: ArrayLike, threshold: str | float, *, two_sided: bool = True
) -> float | None:
    """Return the number h that a threshold stands for, or None for ``"none"``.

    Parameters, errors and the two readings are those of `threshold_mask`.

    Examples
    --------
    >>> threshold_level([-4.0, 1.0, 3.0], "median")
    3.0
    >>> threshold_level([-4.0, 1.0, 3.0], "median", two_sided=False)
    2.0
    """
    rule = parse_threshold(threshold)
    if rule == "fdr":
        raise InputError(
            "got threshold 'fdr', expected mean, median, none or a number; false discoveries can "
            "only be counted over the fitted people, so fit with threshold fdr instead"
        )
    sizes = _sizes(values, two_sided)
    if rule == "none":
        return None
    if not isinstance(rule, str):
        return rule
    entries = sizes if two_sided else sizes[sizes > 0]
    if entries.size == 0:
        return 0.0
    level = entries.mean() if rule == "mean" else np.median(entries)
    # rounding can put the mean of equal entries just above all of them
    return float(min(level, entries.max()))


def _sizes(values: ArrayLike, two_sided: bool) -> NDArray[np.float64]:
    sizes = np.asarray(values, dtype=np.float64)
    if not np.isfinite(sizes).all():
        raise InputError(
            "got NaN or infinite values, expected finite ones; check the latents they come from"
        )
    return np.abs(sizes) if two_sided else sizes
