"""Spatial FastICA with several starts, on scikit-learn's solver.

Rows are mixtures, columns are the samples over which sources are independent (here the
coordinates of a latent): ``x = mixing @ sources``. Whitening is done here from the Gram matrix of
the rows, with a relative rank cut: scikit-learn's own whitening multiplies by ``sign(u[0])``,
which zeroes rows when the input is already orthonormal, and divides by rounding noise when it is
rank deficient.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import ArrayLike, NDArray

from icaedit.errors import DatasetError, InputError

__all__ = [
    "IcaFit",
    "Rotation",
    "fit_ica",
    "orient_rows",
    "principal_rows",
    "rotate_white",
    "weighted_principal_rows",
]

RANK_CUT = 1e-10
"""Eigenvalues of a Gram matrix below this share of the largest count as zero."""

SETTLED = 1e-3
"""Largest change ``1 - |w' w_old|`` in one iteration of a source that counts as settled."""

GAUSSIAN_LOGCOSH = 0.3745672075
"""E[log cosh v] of a standard normal v."""


@dataclass(frozen=True, eq=False)
class Rotation:
    """The orthogonal matrix FastICA found on white data.

    Attributes
    ----------
    matrix : ndarray of float64, (K, K)
        ``sources = matrix @ white``.
    settled : ndarray of bool, (K,)
        Whether each source stopped moving. Gaussian sources need not: any rotation of two of them
        is as good as another.
    n_iter : int
        Iterations of the start that was kept.
    contrast : float
        Negentropy approximation summed over sources (Hyvarinen 1999, log cosh).
    """

    matrix: NDArray[np.float64]
    settled: NDArray[np.bool_]
    n_iter: int
    contrast: float


@dataclass(frozen=True, eq=False)
class IcaFit:
    """A linear mixture model ``x = mixing @ sources`` (up to the rank that was kept).

    Attributes
    ----------
    mixing : ndarray of float64, (R, K)
        What each source contributes to each row; directions are built from its columns.
    unmixing : ndarray of float64, (K, R)
    sources : ndarray of float64, (K, D)
        Unit variance over the D coordinates; their mean is kept.
    converged : bool
        Whether every source of the kept start stopped moving.
    n_iter : int
    contrast : float
    """

    mixing: NDArray[np.float64]
    unmixing: NDArray[np.float64]
    sources: NDArray[np.float64]
    converged: bool
    n_iter: int
    contrast: float


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
    wanted = (max(size - n_components, 0), size - 1)
    values, vectors = scipy.linalg.eigh(gram, subset_by_index=wanted)
    values, vectors = values[::-1], vectors[:, ::-1]
    kept = values > RANK_CUT * max(values[0], 0.0)
    if not kept.any():
        raise DatasetError(
            "got latents that do not change with the emotion, expected some change; check the "
            "labels and the encoder"
        )
    singular = np.sqrt(values[kept])
    return (vectors[:, kept] / singular).T, singular


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
    largest = rows[np.arange(len(rows)), np.abs(rows).argmax(axis=1)]
    return np.where(largest < 0, -1.0, 1.0)


def rotate_white(
    white: NDArray,
    rng: np.random.Generator,
    *,
    n_starts: int = 5,
    max_iter: int = 200,
    tol: float = 1e-6,
) -> Rotation:
    """Rotate white rows to independence; keep the start of best contrast.

    Parameters
    ----------
    white : ndarray of float, (K, D)
        Rows of zero mean and unit variance, uncorrelated. The iteration runs in this dtype.
    rng : numpy.random.Generator
        Draws the starting rotations.
    n_starts, max_iter, tol
        Starts; iterations of each; a start ends early once no source changes by more than tol.

    Returns
    -------
    Rotation

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> white = np.sign(rng.standard_normal((2, 400)))
    >>> rotate_white(white, rng, n_starts=2).matrix.shape
    (2, 2)
    """
    size = len(white)
    best = None
    for _ in range(n_starts):
        start, _ = np.linalg.qr(rng.standard_normal((size, size)))
        matrix, n_iter = _iterate(white, start, max_iter, tol)
        if not np.isfinite(matrix).all():  # float32 met a vanishing update
            white = white.astype(np.float64)
            matrix, n_iter = _iterate(white, start, max_iter, tol)
        contrast = negentropy(matrix @ white)
        if best is None or contrast > best[1]:
            best = (matrix, contrast, n_iter)
    matrix, contrast, n_iter = best
    settled = np.ones(size, dtype=bool)
    if n_iter >= max_iter:
        again, _ = _iterate(white, matrix, 1, tol)
        settled = np.abs(np.abs(np.einsum("kj,kj->k", again, matrix)) - 1) < SETTLED
    return Rotation(matrix.astype(np.float64), settled, n_iter, float(contrast))


def fit_ica(
    x: ArrayLike,
    n_components: int | None = None,
    *,
    n_starts: int = 3,
    random_state: int = 0,
    max_iter: int = 200,
    tol: float = 1e-4,
) -> IcaFit:
    """Fit FastICA to mixtures in rows.

    Parameters
    ----------
    x : array_like of float, (R, D)
        Mixtures; the D columns are the samples.
    n_components : int, optional
        K, at most the rank of x, which is the default.
    n_starts, max_iter, tol
        See `rotate_white`.
    random_state : int
        Seed of the starts; the same seed gives the same result.

    Raises
    ------
    InputError
        If x is not a finite (R, D) array, or every row is constant.

    Examples
    --------
    >>> sources = np.random.default_rng(0).laplace(size=(2, 2000))
    >>> fit = fit_ica(np.array([[1.0, 0.5], [0.2, 1.0]]) @ sources)
    >>> fit.converged, bool(np.allclose(fit.mixing @ fit.sources, [[1, 0.5], [0.2, 1]] @ sources))
    (True, True)
    """
    x = np.asarray(x, dtype=np.float64)
    if x.ndim != 2 or not np.isfinite(x).all():
        raise InputError(
            f"got mixtures of shape {x.shape}, expected a finite (R, D) array; give one row per "
            "mixture"
        )
    n_samples = x.shape[1]
    zero_mean = x - x.mean(axis=1, keepdims=True)
    gram = zero_mean @ zero_mean.T
    if not gram.trace() > 0:
        raise InputError(
            "got mixtures that are constant, expected rows that vary; check the latents"
        )
    rows, _ = principal_rows(gram, len(x) if n_components is None else n_components)
    whitening = np.sqrt(n_samples) * rows
    white = whitening @ zero_mean
    signs = orient_rows(white)[:, None]
    rotation = rotate_white(
        signs * white,
        np.random.default_rng(random_state),
        n_starts=n_starts,
        max_iter=max_iter,
        tol=tol,
    )
    unmixing = rotation.matrix @ (signs * whitening)
    return IcaFit(
        mixing=gram @ unmixing.T / n_samples,
        unmixing=unmixing,
        sources=unmixing @ x,
        converged=bool(rotation.settled.all()),
        n_iter=rotation.n_iter,
        contrast=rotation.contrast,
    )


def negentropy(sources: NDArray) -> float:
    """Return the sum over unit-variance rows of ``(E log cosh s - E log cosh v)^2``."""
    size = np.abs(sources)
    log_cosh = (size + np.log1p(np.exp(-2 * size))).mean(axis=1, dtype=np.float64) - np.log(2)
    return float(((log_cosh - GAUSSIAN_LOGCOSH) ** 2).sum())


def _iterate(
    white: NDArray, start: NDArray, max_iter: int, tol: float
) -> tuple[NDArray, int]:
    from sklearn.decomposition import FastICA

    solver = FastICA(
        whiten=False, fun=_log_cosh, w_init=start.astype(white.dtype), max_iter=max_iter, tol=tol
    )
    with warnings.catch_warnings():
        # non-convergence is read from n_iter_ and reported once, by the caller
        warnings.simplefilter("ignore")
        solver.fit(white.T)
    return solver.components_, int(solver.n_iter_)


def _log_cosh(projected: NDArray) -> tuple[NDArray, NDArray]:
    curve = np.tanh(projected)
    return curve, 1 - np.vecdot(curve, curve) / curve.shape[-1]
