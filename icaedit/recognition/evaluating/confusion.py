"""Scores against labels: which emotion was read in which face, and the rates that follow."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.errors import InputError
from icaedit.schema import EMOTIONS

__all__ = [
    "checked_scores",
    "class_rates",
    "confusion_counts",
    "confusions_of_faces",
    "known_mean",
    "overall_rates",
    "percentage_points",
]


def confusion_counts(
    scores: ArrayLike, labels: ArrayLike, emotions: Sequence[str] = EMOTIONS
) -> NDArray[np.int64]:
    """Count which emotion was read in faces of each.

    Parameters
    ----------
    scores : array_like of float, (n, E) or (S, n, E)
        The largest is what is read; the first of equal ones. A row of NaN is a picture in which
        no face was found.
    labels : array_like of int, (n,)
        Places in `emotions`.
    emotions : sequence of str, length E

    Returns
    -------
    ndarray of int64, (E, E + 1)
        Rows are the truth, columns what was read, the last one pictures without a face; several
        seeds are added up.

    Raises
    ------
    InputError
        If the shapes do not fit, a label is out of range, or a row is NaN only in part.

    Examples
    --------
    >>> rows = [[2, 1], [0, 3], [np.nan, np.nan]]
    >>> confusion_counts(rows, [0, 0, 1], ["happy", "sad"]).tolist()
    [[1, 1, 0], [0, 0, 1]]
    """
    seeds, truth = checked_scores(scores, labels, emotions)
    n = len(emotions)
    cells = confusions_of_faces(seeds, truth)
    return np.bincount(cells.ravel(), minlength=n * (n + 1)).reshape(n, n + 1)


def percentage_points(final: ArrayLike, original: ArrayLike) -> NDArray[np.float64]:
    """Return the paper's equation 12, ``F - O``, in percentage points.

    Parameters
    ----------
    final, original : array_like of float
        Shares, 0 to 1.

    Examples
    --------
    >>> round(float(percentage_points(0.843, 0.740)), 1)
    10.3
    """
    return 100 * (np.asarray(final, np.float64) - np.asarray(original, np.float64))


def checked_scores(
    scores: ArrayLike, labels: ArrayLike, emotions: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return scores (S, n, E) and labels (n,) after checking that they fit together.

    Raises
    ------
    InputError
        If they do not.
    """
    seeds, truth = np.asarray(scores, dtype=np.float64), np.asarray(labels)
    shape = seeds.shape
    seeds = seeds[None] if seeds.ndim == 2 else seeds
    if seeds.ndim != 3 or 0 in seeds.shape or seeds.shape[2] != len(emotions):
        raise InputError(
            f"got scores of shape {shape}, expected (faces, {len(emotions)}) or (seeds, faces, "
            f"{len(emotions)}) with one face or more; give one score for each emotion"
        )
    if truth.shape != seeds.shape[1:2] or truth.dtype.kind not in "iu":
        raise InputError(
            f"got labels {truth.dtype} {truth.shape} for {seeds.shape[1]} faces, expected whole "
            "numbers, one a face; convert them"
        )
    if truth.min() < 0 or truth.max() >= len(emotions):
        raise InputError(
            f"got labels {truth.min()} to {truth.max()}, expected 0 to {len(emotions) - 1}; check "
            "the label order"
        )
    missed = np.isnan(seeds)
    torn = missed.any(axis=2) != missed.all(axis=2)
    if torn.any() or np.isinf(seeds).any():
        row = int(np.argwhere(torn | np.isinf(seeds).any(axis=2))[0, 1])
        raise InputError(
            f"got scores of face {row} that are not finite, expected finite ones, or NaN alone "
            "where no face was found; check the network"
        )
    return seeds, truth.astype(np.int64)


def confusions_of_faces(seeds: NDArray[np.float64], truth: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return each face's cell of the confusion matrix, counted row by row, (S, n)."""
    n = seeds.shape[2]
    missed = np.isnan(seeds[..., 0])
    read = np.where(missed, n, np.where(missed[..., None], 0, seeds).argmax(axis=2))
    return truth * (n + 1) + read


def class_rates(
    counts: NDArray,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return precision, recall and F1 of each class.

    Parameters
    ----------
    counts : ndarray of (..., E, E + 1)
        As from `confusion_counts`.

    Returns
    -------
    precision, recall, f1 : ndarray of float64, (..., E)
        Recall is the share of the faces of a class that were read as it (the diagonal of the
        matrix normalised by rows), precision the share of the faces read as it that were of it.
        Recall and F1 are NaN for a class without faces, precision for one that was never read.
    """
    n = counts.shape[-2]
    right = np.diagonal(counts, axis1=-2, axis2=-1).astype(np.float64)
    faces, read = counts.sum(axis=-1), counts[..., :n].sum(axis=-2)
    precision, recall = _share(right, read), _share(right, faces)
    f1 = np.where(faces > 0, _share(2 * right, faces + read), np.nan)
    return precision, recall, f1


def overall_rates(counts: NDArray) -> NDArray[np.float64]:
    """Return accuracy, mean class accuracy and macro-F1, (..., 3), of counts (..., E, E + 1).

    The last two are means over the classes that have faces.
    """
    _, recall, f1 = class_rates(counts)
    right = np.diagonal(counts, axis1=-2, axis2=-1).sum(axis=-1)
    accuracy = _share(right, counts.sum(axis=(-2, -1)))
    return np.stack([accuracy, known_mean(recall), known_mean(f1)], axis=-1)


def known_mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over the last axis, NaN left out; NaN where nothing else is."""
    known = ~np.isnan(values)
    return _share(np.where(known, values, 0.0).sum(axis=-1), known.sum(axis=-1))


def _share(part: NDArray, whole: NDArray) -> NDArray[np.float64]:
    unknown = np.full(np.shape(whole), np.nan)
    return np.divide(part, whole, out=unknown, where=np.asarray(whole) > 0)
