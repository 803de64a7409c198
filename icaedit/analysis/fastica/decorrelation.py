"""Keeping the rows of unmixing matrices orthonormal."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["decorrelate", "random_rotations"]


def decorrelate(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the orthogonal matrix nearest to each, ``(W W')^(-1/2) W``.

    Symmetric decorrelation, Hyvarinen 1999, equation 24. A matrix of lower rank, for which the
    formula has no value, gets the polar factor of its singular value decomposition, so that the
    result always is orthogonal.

    Parameters
    ----------
    matrices : ndarray of float64, (..., K, K), finite

    Returns
    -------
    ndarray of float64, (..., K, K)

    Examples
    --------
    >>> decorrelate(np.array([[[2.0, 0.0], [0.0, -3.0]]])).tolist()
    [[[1.0, 0.0], [0.0, -1.0]]]
    """
    if matrices.shape[-1] == 0:
        return matrices
    values, vectors = np.linalg.eigh(matrices @ matrices.mT)
    # eigh is good to about 1e-16 of the largest
    regular = values[..., 0] > 1e-6 * values[..., -1]
    if regular.all():
        return (vectors / np.sqrt(values)[..., None, :]) @ (vectors.mT @ matrices)
    result = np.empty_like(matrices)
    result[regular] = decorrelate(matrices[regular])
    left, _, right = np.linalg.svd(matrices[~regular])
    result[~regular] = left @ right
    return result


def random_rotations(
    rng: np.random.Generator, n_starts: int, size: int
) -> NDArray[np.float64]:
    """Draw orthogonal matrices, (n_starts, size, size).

    Examples
    --------
    >>> q = random_rotations(np.random.default_rng(0), 2, 3)
    >>> bool(np.allclose(q @ q.mT, np.eye(3)))
    True
    """
    return np.linalg.qr(rng.standard_normal((n_starts, size, size)))[0]
