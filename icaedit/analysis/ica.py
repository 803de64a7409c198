"""Spatial FastICA of one problem, from several starts.

Rows are mixtures, columns are the samples over which sources are independent (here the
coordinates of a latent): ``x = mixing @ sources``. The work is done in `icaedit.analysis.fastica`.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.analysis.fastica.batched import batched_fastica
from icaedit.analysis.fastica.contrasts import negentropy
from icaedit.analysis.fastica.decorrelation import random_rotations
from icaedit.analysis.fastica.rotation import SETTLED, rotate_many
from icaedit.analysis.fastica.whitening import (
    orient_rows,
    principal_rows,
    weighted_principal_rows,
)
from icaedit.errors import ConvergenceWarning, InputError

__all__ = [
    "IcaFit",
    "Rotation",
    "fit_ica",
    "negentropy",
    "orient_rows",
    "principal_rows",
    "rotate_white",
    "weighted_principal_rows",
]


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
    starts = random_rotations(rng, n_starts, len(white))
    found = rotate_many([(white, starts)], max_iter=max_iter, tol=tol)
    return Rotation(
        found.matrix[0], found.settled(0), int(found.n_iter[0]), float(found.contrast[0])
    )


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
    with warnings.catch_warnings():
        # told by `converged`, and reported once by the caller
        warnings.simplefilter("ignore", ConvergenceWarning)
        fit = batched_fastica(
            x[None],
            n_components,
            n_starts=n_starts,
            random_state=random_state,
            max_iter=max_iter,
            tol=tol,
        )
    if not fit.n_components_[0]:
        raise InputError(
            "got mixtures that are constant, expected rows that vary; check the latents"
        )
    return IcaFit(
        mixing=fit.mixing[0],
        unmixing=fit.unmixing[0],
        sources=fit.sources[0],
        converged=bool(fit.change[0] < max(tol, SETTLED)),
        n_iter=int(fit.n_iter[0]),
        contrast=float(fit.contrast[0]),
    )
