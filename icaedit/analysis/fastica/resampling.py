"""Principal rows of many resamplings of the same rows, as a bootstrap needs them.

Resampling counts row i of x ``w_i`` times, so the principal rows come from ``R G R`` with
``R = diag(w)^(1/2)`` and G the Gram matrix, the same one for all resamplings. A full
eigendecomposition of each takes milliseconds for some hundred rows; here all of them go together
through subspace iteration with Chebyshev filters (Zhou, Saad, Tiago & Chelikowsky, Journal of
Computational Physics 219, 2006), whose cost are products of G with one wide matrix.
"""

import numpy as np
from numpy.typing import NDArray

from icaedit.analysis.fastica.whitening import RANK_CUT, principal_rows
from icaedit.errors import DatasetError

__all__ = ["resampled_principal_rows"]

SPARE = 8
"""Vectors iterated beyond those wanted; the last ones converge slowly."""

ROUNDS, DEGREE = 2, 5
"""Filters, and the degree of each."""


def resampled_principal_rows(
    gram: NDArray[np.float64],
    weights: NDArray[np.float64],
    n_components: int,
    *,
    shift: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None,
) -> NDArray[np.float64]:
    """Return orthonormal leading principal rows of each resampling, (R, K, n).

    Parameters
    ----------
    gram : ndarray of float64, (n, n)
        ``x @ x.T``.
    weights : ndarray of float64, (R, n)
        How often each row counts in each resampling.
    n_components : int
        K. Rows beyond the rank of a resampling are 0.
    shift : (left, right), optional
        With left (n, q) and right (R, q, n), resampling r is one of the rows
        ``(I + left @ right[r]) @ x``, to which its result applies.

    Returns
    -------
    ndarray of float64, (R, K, n)
        ``rows[r] @ x`` is orthonormal to about 1e-6 and spans what the leading principal rows
        span, but for directions of nearly equal variance, where others of nearly the same may
        stand.

    Raises
    ------
    DatasetError
        If a resampling is all zero.

    Examples
    --------
    >>> x = np.array([[3.0, 0.0], [0.0, 4.0]])
    >>> rows = resampled_principal_rows(x @ x.T, np.array([[1.0, 0.0], [0.0, 2.0]]), 2)
    >>> (rows @ x).tolist()
    [[[1.0, 0.0], [0.0, 0.0]], [[0.0, 1.0], [0.0, 0.0]]]
    """
    root = np.sqrt(weights)
    width = n_components + SPARE
    if gram.shape[0] <= 4 * width:
        return _by_eigenvectors(gram, root, n_components, shift)
    scale = np.trace(gram)
    if not scale > 0:
        raise _no_change()
    operator = _Operator((gram / scale).astype(np.float32), root, shift)
    # the leading rows of all of x are a good guess for the leading rows of a part of it
    guess = principal_rows(gram, width)[0].T
    guess = guess / np.linalg.norm(guess, axis=0)
    if guess.shape[1] < width:
        return _by_eigenvectors(gram, root, n_components, shift)
    values, vectors = _rayleigh_ritz(operator, root[:, :, None] * guess)
    for _ in range(ROUNDS):
        vectors = _filtered(operator, vectors, values)
        values, vectors = _rayleigh_ritz(operator, vectors)
    values, vectors = values[:, ::-1][:, :n_components], vectors[..., ::-1][..., :n_components]
    if not (values[:, 0] > 0).all():
        raise _no_change()
    kept = values > RANK_CUT * values[:, :1]
    inverse = np.where(kept, 1 / np.sqrt(np.where(kept, values, 1.0) * scale), 0.0)
    return (vectors * inverse[:, None]).mT * root[:, None]


def _no_change() -> DatasetError:
    return DatasetError(
        "got resampled latents that do not change with the emotion, expected some change; check "
        "the labels and the encoder"
    )


class _Operator:
    """``R (I + S) G (I + S)' R`` of every resampling, on stacks of vectors (R, n, b)."""

    def __init__(self, gram: NDArray[np.float32], root: NDArray, shift: tuple | None) -> None:
        self.gram = gram
        self.root = root.astype(np.float32)[:, :, None]
        self.shift = None if shift is None else tuple(part.astype(np.float32) for part in shift)

    def __call__(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        count, n, width = vectors.shape
        product = self.root * vectors
        if self.shift is not None:
            left, right = self.shift
            product += right.mT @ (left.T @ product)
        # one product of the shared Gram matrix with all vectors side by side
        wide = np.ascontiguousarray(product.transpose(1, 0, 2)).reshape(n, count * width)
        product = (self.gram @ wide).reshape(n, count, width).transpose(1, 0, 2)
        if self.shift is not None:
            product = product + left @ (right @ product)
        return self.root * product


def _rayleigh_ritz(
    operator: _Operator, vectors: NDArray
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Orthonormalise, and return Ritz values (R, b), increasing, with their vectors."""
    basis = np.linalg.qr(vectors.astype(np.float64))[0]
    products = operator(basis.astype(np.float32))
    values, turn = np.linalg.eigh(basis.mT @ products)
    return values, basis @ turn


def _filtered(
    operator: _Operator, vectors: NDArray[np.float64], values: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Damp what lies below the smallest Ritz value, by a Chebyshev polynomial of the operator."""
    half = np.maximum(values[:, :1, None], np.finfo(np.float32).eps).astype(np.float32) / 2
    top = values[:, -1:, None].astype(np.float32)
    sigma = half / (top - half)
    first = sigma.copy()
    before = vectors.astype(np.float32)
    now = (operator(before) / half - before) * sigma
    for _ in range(DEGREE - 1):
        following = 1 / (2 / first - sigma)
        before, now = (
            now,
            (operator(now) / half - now) * (2 * following) - before * (sigma * following),
        )
        sigma = following
    return now


def _by_eigenvectors(
    gram: NDArray[np.float64], root: NDArray, n_components: int, shift: tuple | None
) -> NDArray[np.float64]:
    rows = np.zeros((len(root), n_components, len(gram)))
    for number, one in enumerate(root):
        whole = gram
        if shift is not None:
            operator = np.eye(len(gram)) + shift[0] @ shift[1][number]
            whole = operator @ gram @ operator.T
        used = np.flatnonzero(one > 0)
        part = whole[np.ix_(used, used)] * np.outer(one[used], one[used])
        found, _ = principal_rows(part, n_components)
        rows[number, : len(found), used] = (found * one[used]).T
    return rows
