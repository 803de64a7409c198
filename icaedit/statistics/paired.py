"""Tests of two results on the same faces, and of several such tests together."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.errors import InputError

__all__ = ["holm_adjusted", "mcnemar_p", "sign_flip_p"]


def mcnemar_p(gained: int, lost: int) -> float:
    """Return the exact two-sided p of McNemar's test (McNemar 1947).

    Of the faces on which two models differ, each is right on half by chance, if the faces are
    independent of each other.

    Parameters
    ----------
    gained, lost : int
        Faces that only the first, and that only the second, gets right.

    Raises
    ------
    InputError
        If a number is negative.

    Examples
    --------
    >>> mcnemar_p(5, 0), mcnemar_p(0, 0)
    (0.0625, 1.0)
    """
    if min(gained, lost) < 0:
        raise InputError(f"got {gained} gained and {lost} lost, expected 0 or more; count again")
    if not gained + lost:
        return 1.0
    from scipy.stats import binomtest

    return float(binomtest(int(gained), int(gained + lost)).pvalue)


def sign_flip_p(differences: ArrayLike) -> float:
    """Return the exact two-sided p of the permutation test on the sum of paired differences.

    If two models are exchangeable, each person's difference is as likely to have the other sign,
    whatever holds within the person. The p is the share of all sign patterns whose sum is at
    least as far from 0 as the one seen. It is counted exactly, by adding one person at a time,
    which whole numbers allow. With one face a person this is the exact test of McNemar.

    Parameters
    ----------
    differences : array_like of int, (P,)
        For each person, such as the faces gained less those lost.

    Raises
    ------
    InputError
        If these are not whole numbers along one axis.

    Examples
    --------
    >>> sign_flip_p([1, 1, 1, 1, 1]), sign_flip_p([3, -1]), sign_flip_p([0, 0])
    (0.0625, 1.0, 1.0)
    """
    given = np.asarray(differences, dtype=np.float64)
    if given.ndim != 1 or not np.isfinite(given).all() or (given != np.rint(given)).any():
        raise InputError(
            f"got differences of shape {given.shape}, expected whole numbers, one a person; give "
            "counts of faces"
        )
    sizes = np.abs(given[given != 0]).astype(np.intp)
    shares = np.ones(1)  # of the sign patterns, by their sum from -total to total
    for size in sizes:
        longer = np.zeros(len(shares) + 2 * size)
        longer[: len(shares)] = shares / 2
        longer[2 * size :] += shares / 2
        shares = longer
    total = int(sizes.sum())
    sums = np.arange(-total, total + 1)
    return float(min(shares[np.abs(sums) >= abs(given.sum())].sum(), 1.0))


def holm_adjusted(p_values: ArrayLike) -> NDArray[np.float64]:
    """Return p values adjusted for their number by Holm's method (Holm 1979).

    Rejecting those below a level keeps the chance of any false rejection below that level.

    Parameters
    ----------
    p_values : array_like of float, (K,)
        NaN are no tests, and stay.

    Returns
    -------
    ndarray of float64, (K,)

    Raises
    ------
    InputError
        If a value is out of range.

    Examples
    --------
    >>> holm_adjusted([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1 or (p < 0).any() or (p > 1).any():
        raise InputError(f"got p values {p.tolist()}, expected numbers from 0 to 1; check them")
    adjusted = np.full(len(p), np.nan)
    order = np.argsort(p, kind="stable")[: int((~np.isnan(p)).sum())]  # NaN are sorted last
    stepped = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1.0)
    return adjusted
