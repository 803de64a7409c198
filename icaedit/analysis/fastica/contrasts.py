"""The functions that tell an independent component from a Gaussian one.

FastICA looks for rows y = w'z of extreme E[G(y)] (Hyvarinen 1999, section III). The iteration
needs g = G' and the mean of g'; how far a row is from Gaussian is ``(E G(y) - E G(v))^2``, v
standard normal, the approximation of negentropy of Hyvarinen & Oja 2000, equation 25.

References
----------
A. Hyvarinen, Fast and robust fixed-point algorithms for independent component analysis, IEEE
Transactions on Neural Networks 10(3), 1999. A. Hyvarinen and E. Oja, Independent component
analysis: algorithms and applications, Neural Networks 13(4-5), 2000.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icaedit.errors import InputError

__all__ = ["CONTRASTS", "Contrast", "find_contrast", "from_callable", "log_cosh", "negentropy"]

GAUSSIAN_LOGCOSH = 0.37456720749143804
"""E[log cosh v] of a standard normal v."""

FACTORS = 16
"""Numbers from 1 to 2 multiplied before a logarithm is taken: their product is in range."""

Curve = Callable[[NDArray], tuple[NDArray, NDArray]]


@dataclass(frozen=True)
class Contrast:
    """One choice of G.

    Attributes
    ----------
    curve : callable
        ``curve(y)``, y (..., d), returns g(y) and the sum of g'(y) over the last axis, (...,). It
        may use y as room for g(y).
    distance : callable
        ``distance(y)`` returns the approximate negentropy of each row, (...,); may use y likewise.
    whole_rows : bool
        Whether the curve must see all samples of a row in one call.
    """

    curve: Curve
    distance: Callable[[NDArray], NDArray]
    whole_rows: bool = False


def log_cosh(alpha: float = 1.0) -> Contrast:
    """Return the contrast of ``G(y) = log(cosh(alpha y)) / alpha``, the general-purpose one.

    Parameters
    ----------
    alpha : float
        In [1, 2].

    Examples
    --------
    >>> g, slope = log_cosh().curve(np.zeros((1, 3)))
    >>> g.tolist(), slope.tolist()
    ([[0.0, 0.0, 0.0]], [3.0])
    """

    def curve(y: NDArray) -> tuple[NDArray, NDArray]:
        if alpha == 1:
            g = np.tanh(y, out=y)
            return g, y.shape[-1] - np.vecdot(g, g)
        y *= y.dtype.type(alpha)
        g = np.tanh(y, out=y)
        return g, alpha * (y.shape[-1] - np.vecdot(g, g))

    return Contrast(curve, _log_cosh_distance)


def _exponential_curve(y: NDArray) -> tuple[NDArray, NDArray]:
    square = y * y
    bell = np.exp(square * y.dtype.type(-0.5))
    slope = np.vecdot(1 - square, bell)
    return np.multiply(y, bell, out=y), slope


def _cubic_curve(y: NDArray) -> tuple[NDArray, NDArray]:
    square = y * y
    slope = 3 * square.sum(axis=-1)
    return np.multiply(y, square, out=y), slope


def _log_cosh_distance(y: NDArray) -> NDArray:
    # log cosh y = |y| - log(1 + tanh |y|); the logarithm of a product costs less than a sum of them
    size = np.abs(y, out=y)
    total = size.sum(axis=-1).astype(np.float64)
    bend = np.tanh(size, out=size)
    bend += 1
    n_samples = y.shape[-1]
    whole = n_samples - n_samples % FACTORS
    factors = bend[..., :whole].reshape(*y.shape[:-1], FACTORS, whole // FACTORS)
    total -= np.log(np.multiply.reduce(factors, axis=-2)).sum(axis=-1, dtype=np.float64)
    total -= np.log(bend[..., whole:]).sum(axis=-1, dtype=np.float64)
    return (total / n_samples - GAUSSIAN_LOGCOSH) ** 2


def _exponential_distance(y: NDArray) -> NDArray:
    bell = np.exp(np.multiply(y, y, out=y) * y.dtype.type(-0.5))
    return (bell.mean(axis=-1) - np.sqrt(0.5)) ** 2


def _cubic_distance(y: NDArray) -> NDArray:
    square = np.multiply(y, y, out=y)
    return (np.vecdot(square, square) / y.shape[-1] / 4 - 0.75) ** 2


CONTRASTS = {
    "logcosh": log_cosh(),
    "exp": Contrast(_exponential_curve, _exponential_distance),
    "cube": Contrast(_cubic_curve, _cubic_distance),
}
"""``G(y)`` = log cosh y; -exp(-y^2 / 2), robust to outliers; y^4 / 4, kurtosis."""


def from_callable(fun: Curve) -> Contrast:
    """Wrap a function that returns g(y) and the mean of g'(y) over the last axis.

    Rows are told from Gaussian ones by log cosh, since G is not known.

    Raises
    ------
    InputError
        If, when called, it returns anything else.

    Examples
    --------
    >>> contrast = from_callable(lambda y: (y**3, (3 * y**2).mean(axis=-1)))
    >>> contrast.curve(np.array([[1.0, 2.0]]))[1].tolist()
    [15.0]
    """

    def curve(y: NDArray) -> tuple[NDArray, NDArray]:
        result = fun(y)
        if not isinstance(result, tuple) or len(result) != 2:
            raise InputError(
                f"got {type(result).__name__} from the contrast function, expected a pair: g(y) "
                "and the mean of its derivative over the last axis; return both"
            )
        g, slope = (np.asarray(part) for part in result)
        if g.shape != y.shape or slope.shape != y.shape[:-1]:
            raise InputError(
                f"got arrays {g.shape} and {slope.shape} from the contrast function, expected "
                f"{y.shape} and {y.shape[:-1]}; average the derivative over the last axis"
            )
        return g, slope * y.shape[-1]

    return Contrast(curve, _log_cosh_distance, whole_rows=True)


def find_contrast(fun: str | Curve) -> Contrast:
    """Return the contrast of that name, or of a function.

    Raises
    ------
    InputError
        If it is neither.

    Examples
    --------
    >>> find_contrast("cube") is CONTRASTS["cube"]
    True
    """
    if callable(fun):
        return from_callable(fun)
    if fun not in CONTRASTS:
        raise InputError(
            f"got fun {fun!r}, expected one of {', '.join(CONTRASTS)} or a function; use logcosh "
            "if unsure"
        )
    return CONTRASTS[fun]


def negentropy(sources: NDArray) -> float:
    """Return the sum over unit-variance rows of ``(E log cosh s - E log cosh v)^2``.

    Parameters
    ----------
    sources : ndarray of float, (K, D)

    Examples
    --------
    >>> round(negentropy(np.array([[-1.0, 1.0]])), 4)
    0.0035
    """
    return float(_log_cosh_distance(np.array(sources, copy=True)).sum())
