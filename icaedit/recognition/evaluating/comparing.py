"""Two recognisers on the same faces: percentage points, their interval, and paired tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.errors import InputError
from icaedit.recognition.evaluating.confusion import (
    checked_scores,
    confusions_of_faces,
    known_mean,
    percentage_points,
)
from icaedit.schema import EMOTIONS
from icaedit.statistics import (
    Interval,
    cluster_interval,
    cluster_sums,
    mcnemar_p,
    sign_flip_p,
)

__all__ = ["Difference", "compare_scores"]


@dataclass(frozen=True, eq=False)
class Difference:
    """How much better one recogniser did than another on the same pictures.

    Attributes
    ----------
    points : Interval
        Accuracy less that of the other, in percentage points (the paper's equation 12), the mean
        over seeds; the interval is over people, or over faces where people are not known.
    mean_class_points : Interval
        The same of the mean class accuracy.
    recall_points : tuple of Interval, length E
        The same of each emotion's recall; NaN for one without faces.
    by_seed : ndarray of float64, (S,)
        Percentage points of accuracy.
    gained, lost : ndarray of int64, (S,)
        Pictures that only this one, and that only the other, got right.
    mcnemar : ndarray of float64, (S,)
        Exact p of McNemar's test for each seed, which supposes that faces are independent.
    p : float
        Exact p of the sign-flip test on the differences by person, all seeds added up; it
        supposes independent people, and nothing about a person's faces or the seeds. Without
        people, by face.
    n : int
        Pictures.
    n_people : int or None
    level : float
        Of the intervals.
    """

    points: Interval
    mean_class_points: Interval
    recall_points: tuple[Interval, ...]
    by_seed: NDArray[np.float64]
    gained: NDArray[np.int64]
    lost: NDArray[np.int64]
    mcnemar: NDArray[np.float64]
    p: float
    n: int
    n_people: int | None
    level: float

    @property
    def deviation(self) -> float:
        """Standard deviation of the points over seeds (n - 1); NaN for one."""
        return float(self.by_seed.std(ddof=1)) if len(self.by_seed) > 1 else np.nan

    def as_json(self) -> dict[str, Any]:
        """Return all numbers as JSON can hold them."""
        return {
            "percentage_points": list(self.points),
            "percentage_points_by_seed": self.by_seed.tolist(),
            "mean_class_percentage_points": list(self.mean_class_points),
            "recall_percentage_points": [list(ends) for ends in self.recall_points],
            "only_this_right": self.gained.tolist(),
            "only_the_other_right": self.lost.tolist(),
            "mcnemar_p": self.mcnemar.tolist(),
            "sign_flip_p": self.p,
            "intervals_and_flips_over": "faces" if self.n_people is None else "people",
            "level": self.level,
        }


def compare_scores(
    scores: ArrayLike,
    others: ArrayLike,
    labels: ArrayLike,
    *,
    identities: Sequence[str] | None = None,
    emotions: Sequence[str] = EMOTIONS,
    level: float = 0.95,
    n_bootstrap: int = 2000,
    random_state: int = 0,
) -> Difference:
    """Compare two recognisers on the same pictures.

    Parameters
    ----------
    scores, others : array_like of float, (n, E) or (S, n, E)
        As in `measure_scores`; the same pictures in the same order, and seed by seed.
    labels : array_like of int, (n,)
        Places in `emotions`.
    identities : sequence of str, length n, optional
        Who is shown.
    emotions : sequence of str, length E
    level : float in (0, 1)
    n_bootstrap : int
        Resamplings of the people.
    random_state : int

    Raises
    ------
    InputError
        If the arrays do not fit together.

    Examples
    --------
    >>> truth = [0, 1, 2, 3, 4, 5]
    >>> right, one = np.eye(7)[truth], np.eye(7)[[0] * 6]
    >>> difference = compare_scores(right, one, truth, identities=list("aabbcc"))
    >>> round(difference.points.value, 1), difference.gained.tolist(), difference.lost.tolist()
    (83.3, [5], [0])
    >>> difference.mcnemar.tolist(), difference.p
    ([0.0625], 0.25)
    """
    first, truth = checked_scores(scores, labels, emotions)
    second, _ = checked_scores(others, labels, emotions)
    if first.shape != second.shape:
        raise InputError(
            f"got scores of shapes {first.shape} and {second.shape}, expected the same seeds, "
            "faces and emotions; score the same pictures with both"
        )
    n_seeds, n, n_classes = first.shape
    own_cell = truth * (n_classes + 2)  # the diagonal of (E, E + 1), counted row by row
    right, other_right = (
        confusions_of_faces(seeds, truth) == own_cell for seeds in (first, second)
    )
    change = right.astype(np.int64) - other_right  # (S, n)
    shown = np.eye(n_classes)[truth]  # (n, E)
    per_face = np.concatenate([shown * change.sum(axis=0)[:, None], shown], axis=1)
    sums = cluster_sums(per_face, identities)

    def points(totals: NDArray[np.float64]) -> NDArray[np.float64]:
        changes, faces = totals[:, :n_classes], n_seeds * totals[:, n_classes:]
        recall = np.divide(changes, faces, out=np.full_like(changes, np.nan), where=faces > 0)
        accuracy = changes.sum(axis=1) / faces.sum(axis=1)
        return percentage_points(np.column_stack([accuracy, known_mean(recall), recall]), 0)

    ends = cluster_interval(
        sums, points, level=level, n_bootstrap=n_bootstrap, random_state=random_state
    )
    intervals = [Interval(*map(float, row)) for row in zip(*ends, strict=True)]
    gained, lost = (change > 0).sum(axis=1), (change < 0).sum(axis=1)
    return Difference(
        points=intervals[0],
        mean_class_points=intervals[1],
        recall_points=tuple(intervals[2:]),
        by_seed=percentage_points(right.mean(axis=1), other_right.mean(axis=1)),
        gained=gained,
        lost=lost,
        mcnemar=np.array([mcnemar_p(*pair) for pair in zip(gained, lost, strict=True)]),
        p=sign_flip_p(sums[:, :n_classes].sum(axis=1)),
        n=n,
        n_people=None if identities is None else len(sums),
        level=level,
    )
