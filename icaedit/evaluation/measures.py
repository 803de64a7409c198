"""The measures of an edit, each one number for a picture or a person."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

__all__ = [
    "additivity",
    "attribute_dependency",
    "face_ellipse",
    "monotonicity",
    "outside_change",
]


def attribute_dependency(
    change: ArrayLike, deviation: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return StyleSpace's attribute dependency of each picture: (mean-AD, max-AD), shape (N,).

    Wu et al. 2021 (arXiv 2011.12799, section 4.3): with the target moved by a given amount, the
    mean and the largest of ``|change of attribute i| / its deviation`` over the other attributes.

    Parameters
    ----------
    change : array_like of float, (N, A)
        By how much the edit moved each other attribute.
    deviation : array_like of float, (A,)
        Standard deviation of each over the generated population. Attributes that do not vary
        there are left out.

    Returns
    -------
    mean, most : ndarray of float64, (N,)
        NaN where no attribute is left.

    Examples
    --------
    >>> mean, most = attribute_dependency([[1.0, -3.0]], [1.0, 2.0])
    >>> mean.tolist(), most.tolist()
    ([1.25], [1.5])
    """
    change = np.asarray(change, dtype=np.float64)
    deviation = np.asarray(deviation, dtype=np.float64)
    varies = deviation > 1e-12
    if not varies.any():
        nothing = np.full(len(change), np.nan)
        return nothing, nothing.copy()
    moved = np.abs(change[:, varies]) / deviation[varies]
    return moved.mean(axis=1), moved.max(axis=1)


def monotonicity(scores: ArrayLike) -> NDArray[np.float64]:
    """Return, for each person, Spearman's correlation of strength and target score, -1 to 1.

    Parameters
    ----------
    scores : array_like of float, (S, P)
        Target scores at S increasing strengths, at least 2.

    Returns
    -------
    ndarray of float64, (P,)
        0 where a person's score never changes.

    Examples
    --------
    >>> monotonicity([[0.0, 0.0], [1.0, 2.0], [2.0, 1.0]]).round(12).tolist()
    [1.0, 0.5]
    """
    ranks = stats.rankdata(np.asarray(scores, dtype=np.float64), axis=0)
    ranks -= ranks.mean(axis=0)
    steps = np.arange(len(ranks), dtype=np.float64)
    steps -= steps.mean()
    spread = np.sqrt((ranks**2).sum(axis=0) * (steps**2).sum())
    return steps @ ranks / np.where(spread > 0, spread, np.inf)


def additivity(
    first: ArrayLike, second: ArrayLike, both: ArrayLike
) -> NDArray[np.float64]:
    """Return how far two edits made together do what they do apart, 1 for exactly, (P,).

    ``1 - |both - (first + second)| / (|first| + |second|)`` with Euclidean lengths over the
    measured scores. 0 is what an edit would get that undid the sum wholly.

    Parameters
    ----------
    first, second, both : array_like of float, (P, A)
        Changes of the scores, in standard deviations of the generated population.

    Examples
    --------
    >>> additivity([[1.0, 0.0]], [[0.0, 1.0]], [[1.0, 0.0]]).tolist()
    [0.5]
    """
    first, second, both = (np.asarray(x, dtype=np.float64) for x in (first, second, both))
    gap = np.linalg.norm(both - first - second, axis=1)
    size = np.linalg.norm(first, axis=1) + np.linalg.norm(second, axis=1)
    return 1 - gap / np.where(size > 0, size, np.inf)


def outside_change(
    before: NDArray[np.uint8], after: NDArray[np.uint8], windows: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the mean absolute change of the pixels outside the face, in grey levels, (N,).

    Parameters
    ----------
    before, after : ndarray of uint8, (N, H, W, 3)
    windows : ndarray of bool, (N, H, W)
        True on the face.

    Returns
    -------
    ndarray of float64, (N,)
        0 to 255; NaN where the face fills the picture.

    Examples
    --------
    >>> before, face = np.zeros((1, 2, 2, 3), np.uint8), np.array([[[True, False], [False, False]]])
    >>> after = before.copy()
    >>> after[0, 0] = 90
    >>> outside_change(before, after, face).tolist()
    [30.0]
    """
    gap = np.abs(after.astype(np.int16) - before).mean(axis=3)  # (N, H, W)
    outside = ~windows
    count = outside.sum(axis=(1, 2))
    total = np.where(outside, gap, 0.0).sum(axis=(1, 2))
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def face_ellipse(size: int) -> NDArray[np.bool_]:
    """Return an ellipse over the face of an aligned picture, bool (size, size).

    For pictures whose true face is not known. FFHQ's alignment (Karras et al. 2019) puts the eyes
    and the mouth at much the same place in every picture; the ellipse reaches from the hairline
    to below the chin.

    Examples
    --------
    >>> round(float(face_ellipse(64).mean()), 2)
    0.4
    """
    centre = (np.arange(size) + 0.5) / size
    y, x = (centre - 0.53)[:, None] / 0.42, (centre - 0.5)[None] / 0.30
    return x**2 + y**2 <= 1
