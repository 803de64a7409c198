"""Whitening from inner products in float64, with a relative rank cut.

The rows of x (K, D) are mixtures. Their principal rows come from the Gram matrix ``x x'``
(Hyvarinen & Oja 2000, section 5.2), which is formed in float64 whatever the dtype of x: a float32
one is wrong by more than the small eigenvalues of an ill-conditioned mixture. Directions with
next to no variance are left out, not divided by, and signs are never taken from an entry that may
be zero.
"""

from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from icaedit.errors import DatasetError

__all__ = [
    "RANK_CUT",
    "Whitening",
    "orient_rows",
    "principal_rows",
    "weighted_principal_rows",
    "whiten",
]

RANK_CUT = 1e-10
"""Eigenvalues of a Gram matrix below this share of the largest count as zero."""

CONSTANT = 1e-14
"""A row whose deviation from its mean is below this share of its largest entry is constant."""

SMALLEST = -960
"""Numbers below 2 to this power are zero: what unmixes them would be out of range."""

MODERATE = 32
"""Data whose largest entry is within 2 to plus or minus this power need not be scaled."""

SMALL = 32
"""Size up to which doing everything costs less than leaving out what is not asked for."""


@dataclass(frozen=True, eq=False)
class Whitening:
    """How to whiten one problem.

    Attributes
    ----------
    matrix : ndarray of float64, (n, K)
        ``white = matrix @ (x - mean)``; n is the rank that was kept and may be 0.
    inverse : ndarray of float64, (K, n)
        ``x - mean = inverse @ white``, up to what was left out.
    mean : ndarray of float64, (K,)
    """

    matrix: NDArray[np.float64]
    inverse: NDArray[np.float64]
    mean: NDArray[np.float64]


def whiten(
    x: NDArray, n_components: int | None = None
) -> tuple[NDArray, Whitening]:
    """Return white rows of x, (n, D), and how they were made.

    Parameters
    ----------
    x : ndarray of float32 or float64, (K, D), finite
    n_components : int, optional
        Principal rows to keep at most.

    Returns
    -------
    white : ndarray of the dtype of x, (n, D)
        Zero mean, unit variance, uncorrelated; by decreasing variance in x. The entry of largest
        size of each row is positive, whatever the order of the rows of x.
    whitening : Whitening

    Examples
    --------
    >>> x = np.array([[3.0, -3.0, 0.0, 0.0], [0.0, 0.0, 1.0, -1.0], [1.0, 1.0, 1.0, 1.0]])
    >>> whiten(x)[0].round(3).tolist()
    [[1.414, -1.414, 0.0, 0.0], [0.0, 0.0, 1.414, -1.414]]
    """
    n_samples = x.shape[1]
    # a power of two, which loses nothing: squares of huge or tiny numbers are out of range
    exponent = int(np.frexp(max(x.max(), -x.min()))[1])
    unit = 2.0 ** min(exponent, 1023) if abs(exponent) > MODERATE else 1.0
    padded = np.zeros((len(x) + 4 - len(x) % 4, n_samples))
    zero_mean = padded[: len(x)]
    if exponent > SMALLEST:
        zero_mean[:] = x
        if unit != 1:
            zero_mean *= 1 / unit
    mean = zero_mean.mean(axis=1, keepdims=True)
    zero_mean -= mean
    # an array by its own transpose takes half the operations, but three times as long if it has
    # few rows; by one more row it is another product, fastest where their number is four's
    left = zero_mean if len(x) <= SMALL else padded
    gram = (left @ padded.T)[: len(x), : len(x)]
    constant = np.sqrt(np.diagonal(gram) / n_samples) <= CONSTANT * np.abs(mean[:, 0])
    gram[constant] = gram[:, constant] = 0.0
    rows = np.zeros((0, len(x)))
    if gram.trace() > 0:
        rows, _ = principal_rows(gram, len(x) if n_components is None else n_components)
    rows *= np.sqrt(n_samples)
    white = rows.astype(x.dtype) @ zero_mean.astype(x.dtype, copy=False)
    signs = orient_rows(white)[:, None]
    white *= signs.astype(x.dtype)
    rows *= signs
    inverse = gram @ rows.T / n_samples
    return white, Whitening(rows / unit, inverse * unit, mean[:, 0] * unit)


def principal_rows(
    gram: NDArray[np.float64], n_components: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (rows, singular values) with ``rows @ x`` the leading orthonormal principal rows.

    Parameters
    ----------
    gram : ndarray of float64, (R, R)
        ``x @ x.T``.
    n_components : int
        How many to return at most; fewer where the rank is lower.

    Returns
    -------
    rows : ndarray of float64, (K, R)
    singular : ndarray of float64, (K,), decreasing

    Raises
    ------
    DatasetError
        If the rows are all zero.

    Examples
    --------
    >>> x = np.array([[3.0, 0.0], [0.0, 4.0], [0.0, 0.0]])
    >>> rows, singular = principal_rows(x @ x.T, 3)
    >>> singular.tolist(), (abs(rows) @ x).tolist()
    ([4.0, 3.0], [[0.0, 1.0], [1.0, 0.0]])
    """
    size = len(gram)
    first = max(size - n_components, 0)
    if size > SMALL:
        values, vectors = scipy.linalg.eigh(gram, subset_by_index=(first, size - 1))
    else:
        values, vectors = (part[..., first:] for part in np.linalg.eigh(gram))
    values, vectors = values[::-1], vectors[:, ::-1]
    rank = np.count_nonzero(values > RANK_CUT * max(values[0], 0.0))
    if not rank:
        raise DatasetError(
            "got latents that do not change with the emotion, expected some change; check the "
            "labels and the encoder"
        )
    singular = np.sqrt(values[:rank])
    return (vectors[:, :rank] / singular).T, singular


def weighted_principal_rows(
    gram: NDArray[np.float64], weights: NDArray[np.float64], n_components: int
) -> NDArray[np.float64]:
    """Return `principal_rows` of x with row r counted ``weights[r]`` times, (K, R).

    The result applies to x as it is; rows of weight 0 have no part in it.

    Examples
    --------
    >>> x = np.array([[3.0, 0.0], [0.0, 4.0]])
    >>> (weighted_principal_rows(x @ x.T, np.array([0.0, 1.0]), 2) @ x).tolist()
    [[0.0, 1.0]]
    """
    used = np.flatnonzero(weights > 0)
    root = np.sqrt(weights[used])
    principal, _ = principal_rows(gram[np.ix_(used, used)] * np.outer(root, root), n_components)
    rows = np.zeros((len(principal), len(weights)))
    rows[:, used] = principal * root
    return rows


def orient_rows(rows: NDArray) -> NDArray[np.float64]:
    """Return a sign, +1 or -1, per row that makes its entry of largest size positive."""
    return np.where(-rows.min(axis=1) > rows.max(axis=1), -1.0, 1.0)
