"""The kernel distance between two sets of pictures, from features of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.errors import InputError

__all__ = ["KernelDistance", "kernel_distance", "squared_mmd"]


@dataclass(frozen=True)
class KernelDistance:
    """A kernel distance, estimated on random subsets.

    Attributes
    ----------
    mean, deviation : float
        Over the subsets; the mean of two sets of one kind lies about 0, on either side.
    subsets, subset_size : int
    """

    mean: float
    deviation: float
    subsets: int
    subset_size: int


def squared_mmd(x: ArrayLike, y: ArrayLike) -> float:
    """Return the unbiased squared maximum mean discrepancy under the cubic kernel.

    ``k(a, b) = (a.b / d + 1)^3`` and

        mean of k(x_i, x_j) over i != j + mean of k(y_i, y_j) over i != j - 2 mean of k(x_i, y_j),

    Gretton et al. (2012), equation 3, with the kernel of Binkowski et al. (2018), section 4.

    Parameters
    ----------
    x : ndarray of shape (m, d)
    y : ndarray of shape (n, d)
        Features, m and n at least 2.

    Raises
    ------
    InputError
        If the shapes do not fit.

    Examples
    --------
    >>> round(squared_mmd([[0.0], [2.0]], [[1.0], [1.0]]), 3)
    -19.0
    """
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1] or min(len(x), len(y)) < 2:
        raise InputError(
            f"got features of shape {x.shape} and {y.shape}, expected (m, d) and (n, d) of at "
            "least 2 pictures each; use the same features for both"
        )

    def kernel(a: NDArray, b: NDArray) -> NDArray:
        k = a @ b.T / a.shape[1] + 1
        return k * k * k

    def within(a: NDArray) -> float:
        k = kernel(a, a)
        return float((k.sum() - np.trace(k)) / (len(a) * (len(a) - 1)))

    return within(x) + within(y) - 2 * float(kernel(x, y).mean())


def kernel_distance(
    x: ArrayLike,
    y: ArrayLike,
    *,
    subsets: int = 100,
    subset_size: int = 200,
    random_state: int = 0,
) -> KernelDistance:
    """Return the kernel inception distance of Binkowski et al. (2018), for any features.

    The mean of `squared_mmd` over random subsets of equal size, drawn without replacement from
    either set. Comparable only between features of the same extractor.

    Parameters
    ----------
    x : ndarray of shape (m, d)
    y : ndarray of shape (n, d)
    subsets : int
        How many, at least 1.
    subset_size : int
        Pictures in each, at least 2; at most as many as the smaller set has.
    random_state : int
        The seed of the subsets.

    Returns
    -------
    KernelDistance

    Raises
    ------
    InputError
        If the shapes or the numbers do not fit.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> same, other = rng.normal(size=(2, 300, 4)), rng.normal(1.0, 1.0, size=(300, 4))
    >>> abs(kernel_distance(*same).mean) < 0.2, kernel_distance(same[0], other).mean > 1
    (True, True)
    """
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    size = min(subset_size, len(x), len(y))
    if subsets < 1 or size < 2:
        raise InputError(
            f"got {subsets} subsets of {size} pictures, expected at least 1 of at least 2; "
            "give more pictures"
        )
    rng = np.random.default_rng(random_state)
    values = [
        squared_mmd(
            x[rng.choice(len(x), size, replace=False)], y[rng.choice(len(y), size, replace=False)]
        )
        for _ in range(subsets)
    ]
    return KernelDistance(float(np.mean(values)), float(np.std(values)), subsets, size)
