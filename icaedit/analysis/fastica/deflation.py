"""FastICA one source after another (Hyvarinen & Oja 2000, section 6.2)."""

import numpy as np
from numpy.typing import NDArray

from icaedit.analysis.fastica.contrasts import Contrast

__all__ = ["deflate"]


def deflate(
    white: NDArray, start: NDArray, contrast: Contrast, *, max_iter: int, tol: float
) -> tuple[NDArray, NDArray[np.int64], NDArray[np.bool_]]:
    """Find sources one at a time, each orthogonal to those before it.

    Parameters
    ----------
    white : ndarray of float, (K, D)
    start : ndarray of float, (K, K)
        Row k is where the search for source k begins.
    contrast : Contrast
    max_iter : int
        Iterations per source.
    tol : float
        Change ``|1 - |w' w_old||`` at which a source is found.

    Returns
    -------
    matrix : ndarray of float, (K, K)
        ``sources = matrix @ white``, orthogonal rows.
    n_iter : ndarray of int64, (K,)
    converged : ndarray of bool, (K,)

    Examples
    --------
    >>> from icaedit.analysis.fastica.contrasts import find_contrast
    >>> white = np.sign(np.random.default_rng(0).standard_normal((2, 400)))
    >>> deflate(white, np.eye(2), find_contrast("cube"), max_iter=50, tol=1e-8)[2].tolist()
    [True, True]
    """
    size, n_samples = white.shape
    matrix = np.zeros((size, size), white.dtype)
    n_iter = np.zeros(size, dtype=np.int64)
    converged = np.zeros(size, dtype=bool)
    for k in range(size):
        found = matrix[:k]
        w = _unit(start[k].astype(white.dtype), found[:0])
        while n_iter[k] < max_iter and not converged[k]:
            curve, slope = contrast.curve((w @ white)[None])
            step = (white @ curve[0] - slope[0] * w) / n_samples
            previous, w = w, _unit(step, found)
            n_iter[k] += 1
            converged[k] = abs(abs(w @ previous) - 1) < tol
        matrix[k] = w
    return matrix, n_iter, converged


def _unit(w: NDArray, found: NDArray) -> NDArray:
    """Return w without its part along the rows found so far, at unit length."""
    for _ in range(2):  # once more for what rounding left
        w = w - (found @ w) @ found
    length = np.linalg.norm(w)
    if length > 0:
        return w / length
    # nothing is left of it: go on from any direction that is still free
    free = np.eye(len(w), dtype=w.dtype) - found.T @ found
    w = free[np.argmax(np.diagonal(free))]
    return w / np.linalg.norm(w)
