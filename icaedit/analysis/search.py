"""Finding the rotation of best contrast so well that the seed does not show in it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icaedit.analysis.fastica.decorrelation import random_rotations
from icaedit.analysis.fastica.rotation import Rotations, rotate_many

__all__ = ["Search", "best_rotation"]

SEARCH_ITERATIONS, SEARCH_TOL = 200, 1e-5
COMPARE_ITERATIONS, COMPARE_TOL = 100, 1e-9
POLISH_ITERATIONS, POLISH_TOL = 1000, 1e-12
"""A change of 1e-12 in ``1 - |w' w_old|`` is an angle of about 1e-6."""

SEARCHED = (0.005, 8)
COMPARED = (0.002, 4)
"""How close to the best contrast optima must come to be kept after a stage, and how many are kept:
a stage that ends early cannot tell which of two is better."""

SAME_ROTATION = 0.999
"""Least cosine between the rows of two rotations that are the same."""
AGREEING = 1e-3
"""A start ended at the best optimum if its contrast comes this close to it."""


@dataclass(frozen=True, eq=False)
class Search:
    """The orthogonal matrix found on white data.

    Attributes
    ----------
    matrix : ndarray of float64, (K, K)
        ``sources = matrix @ white``.
    settled : ndarray of bool, (K,)
        Whether each source stopped moving. Gaussian sources need not: any rotation of two of them
        is as good as another.
    n_iter : int
        Iterations after the search, from the best start.
    contrast : float
        Negentropy approximation summed over sources (Hyvarinen 1999, log cosh).
    n_starts, n_agreeing : int
        Starts, and how many of them ended at an optimum as good as the best. Few mean that there
        may be a better one.
    """

    matrix: NDArray[np.float64]
    settled: NDArray[np.bool_]
    n_iter: int
    contrast: float
    n_starts: int
    n_agreeing: int


def best_rotation(
    white: NDArray[np.float64], rng: np.random.Generator, *, n_starts: int = 24
) -> Search:
    """Rotate white rows to independence; keep the best of several starts, and polish it.

    Parameters
    ----------
    white : ndarray of float64, (K, D)
        Rows of zero mean and unit variance, uncorrelated.
    rng : numpy.random.Generator
        Draws the starts but the first, which is the rows as they are.
    n_starts : int
        Searched in float32; every different optimum that may be the best is then iterated in
        float64 until it does not move.

    Examples
    --------
    >>> white = np.sign(np.random.default_rng(0).standard_normal((2, 400)))
    >>> search = best_rotation(white, np.random.default_rng(0), n_starts=3)
    >>> search.n_starts, search.settled.tolist()
    (3, [True, True])
    """
    size = len(white)
    starts = np.concatenate([np.eye(size)[None], random_rotations(rng, n_starts - 1, size)])
    single = white.astype(np.float32)
    found = rotate_many(
        ((single, start[None]) for start in starts), max_iter=SEARCH_ITERATIONS, tol=SEARCH_TOL
    )
    compared = rotate_many(
        ((white, matrix[None]) for matrix in _leading(found, *SEARCHED)),
        max_iter=COMPARE_ITERATIONS,
        tol=COMPARE_TOL,
    )
    polished = rotate_many(
        ((white, matrix[None]) for matrix in _leading(compared, *COMPARED)),
        max_iter=POLISH_ITERATIONS,
        tol=POLISH_TOL,
    )
    kept = int(polished.contrast.argmax())
    return Search(
        matrix=polished.matrix[kept],
        settled=polished.settled(kept),
        n_iter=int(polished.n_iter[kept]),
        contrast=float(polished.contrast[kept]),
        n_starts=n_starts,
        n_agreeing=int((found.contrast > found.contrast.max() * (1 - AGREEING)).sum()),
    )


def _leading(found: Rotations, near: float, most: int) -> list[NDArray[np.float64]]:
    """The different optima that come near the best contrast, best first."""
    leading: list[NDArray[np.float64]] = []
    for index in np.argsort(-found.contrast, kind="stable"):
        matrix = found.matrix[index]
        if found.contrast[index] < found.contrast.max() * (1 - near) or len(leading) == most:
            break
        if not any(_same(matrix, other) for other in leading):
            leading.append(matrix)
    return leading


def _same(a: NDArray[np.float64], b: NDArray[np.float64]) -> bool:
    return bool(np.abs(a @ b.T).max(axis=1).min() > SAME_ROTATION)
