"""What a recogniser got right: rates over all faces and by emotion, each with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.recognition.evaluating.confusion import (
    checked_scores,
    class_rates,
    confusions_of_faces,
    known_mean,
    overall_rates,
)
from icaedit.schema import EMOTIONS
from icaedit.statistics import Interval, cluster_interval, cluster_sums, wilson_interval

__all__ = ["Measures", "measure_scores"]


@dataclass(frozen=True, eq=False)
class Measures:
    """How well a recogniser, or several that differ by their seed, did on n pictures.

    Over several seeds every rate is the mean of the rates by seed. Pictures in which no face was
    found count as wrong. Intervals are bootstrap intervals over people, or over faces where
    people are not known; those called Wilson's suppose that faces are independent. Where all
    faces are right, or none, resampling tells nothing, and the interval is Wilson's with each
    person counted once.

    Attributes
    ----------
    emotions : tuple of str, length E
    counts : ndarray of int64, (E, E + 1)
        As from `confusion_counts`, over all seeds.
    n : int
        Pictures.
    n_seeds : int
    n_people : int or None
        None if people are not known.
    level : float
        Of the intervals.
    accuracy, mean_class_accuracy, macro_f1 : Interval
        Shares. The last two are means over the emotions that have faces.
    accuracy_wilson : Interval
        Over several seeds, of the number of faces that were right on average, rounded.
    accuracy_found : float
        Among the pictures in which a face was found.
    by_seed : ndarray of float64, (S, 3)
        Accuracy, mean class accuracy and macro-F1 of each.
    recall, precision : tuple of Interval, length E
        Recall is the share of an emotion's faces that were read as it, which the paper calls
        precision; precision the share of the faces read as it that showed it. NaN where there is
        no such face.
    recall_wilson : tuple of Interval, length E
    f1 : ndarray of float64, (E,)
    """

    emotions: tuple[str, ...]
    counts: NDArray[np.int64]
    n: int
    n_seeds: int
    n_people: int | None
    level: float
    accuracy: Interval
    mean_class_accuracy: Interval
    macro_f1: Interval
    accuracy_wilson: Interval
    accuracy_found: float
    by_seed: NDArray[np.float64]
    recall: tuple[Interval, ...]
    precision: tuple[Interval, ...]
    recall_wilson: tuple[Interval, ...]
    f1: NDArray[np.float64]

    @property
    def support(self) -> dict[str, int]:
        """How many pictures show each emotion."""
        faces = self.counts.sum(axis=1) // self.n_seeds
        return dict(zip(self.emotions, faces.tolist(), strict=True))

    @property
    def absent(self) -> tuple[str, ...]:
        """The emotions that no picture shows; no mean over emotions counts them."""
        return tuple(emotion for emotion, n in self.support.items() if not n)

    @property
    def n_missed(self) -> float:
        """In how many pictures no face was found; the mean over seeds."""
        return float(self.counts[:, -1].sum() / self.n_seeds)

    @property
    def deviation(self) -> float:
        """Standard deviation of the accuracy over seeds (n - 1); NaN for one."""
        return float(self.by_seed[:, 0].std(ddof=1)) if self.n_seeds > 1 else np.nan

    @property
    def over(self) -> str:
        """What intervals are over: ``"people"`` or ``"faces"``."""
        return "faces" if self.n_people is None else "people"

    def as_json(self) -> dict[str, Any]:
        """Return all numbers as JSON can hold them; shares stay shares."""
        rates = ("accuracy", "mean_class_accuracy", "macro_f1", "accuracy_wilson")
        classes = {
            emotion: {
                "pictures": self.support[emotion],
                "recall": list(self.recall[place]),
                "recall_wilson": list(self.recall_wilson[place]),
                "precision": list(self.precision[place]),
                "f1": float(self.f1[place]),
            }
            for place, emotion in enumerate(self.emotions)
        }
        return {
            "pictures": self.n,
            "faces_not_found": self.n_missed,
            "people": self.n_people,
            "seeds": self.n_seeds,
            "level": self.level,
            "intervals_over": self.over,
            **{name: list(getattr(self, name)) for name in rates},
            "accuracy_of_faces_found": self.accuracy_found,
            "accuracy_by_seed": self.by_seed[:, 0].tolist(),
            "accuracy_deviation_over_seeds": self.deviation,
            "emotions_without_pictures": list(self.absent),
            "emotions": list(self.emotions),
            "by_emotion": classes,
            "confusion": self.counts.tolist(),
        }


def measure_scores(
    scores: ArrayLike,
    labels: ArrayLike,
    *,
    identities: Sequence[str] | None = None,
    emotions: Sequence[str] = EMOTIONS,
    level: float = 0.95,
    n_bootstrap: int = 2000,
    random_state: int = 0,
) -> Measures:
    """Measure scores against labels.

    Parameters
    ----------
    scores : array_like of float, (n, E) or (S, n, E)
        The largest is what is read. A row of NaN is a picture in which no face was found, which
        counts as wrong. Several seeds are of the same n pictures.
    labels : array_like of int, (n,)
        Places in `emotions`.
    identities : sequence of str, length n, optional
        Who is shown. Faces of one person are not independent, so intervals are over people;
        without this they are over faces, and too narrow if anyone is shown twice.
    emotions : sequence of str, length E
    level : float in (0, 1)
    n_bootstrap : int
        Resamplings of the people.
    random_state : int

    Raises
    ------
    InputError
        If the arrays do not fit together, a label is out of range, or an identity is empty.

    Examples
    --------
    >>> scores = np.eye(7)[[0, 1, 2, 3, 4, 5, 1, 1]]
    >>> measures = measure_scores(scores, [0, 1, 2, 3, 4, 5, 6, 1], identities=list("aabbccdd"))
    >>> measures.accuracy.value, round(measures.mean_class_accuracy.value, 3)
    (0.875, 0.857)
    >>> measures.support["happy"], measures.n_people, measures.over
    (2, 4, 'people')
    """
    emotions = tuple(emotions)
    seeds, truth = checked_scores(scores, labels, emotions)
    n_seeds, n, n_classes = seeds.shape
    shape = (n_seeds, n_classes, n_classes + 1)
    cells = confusions_of_faces(seeds, truth)
    one = np.eye(n_classes * (n_classes + 1))
    sums = cluster_sums(one[cells].transpose(1, 0, 2).reshape(n, -1), identities)

    def rates(totals: NDArray[np.float64]) -> NDArray[np.float64]:
        counts = totals.reshape(-1, *shape)  # (B, S, E, E + 1)
        overall = overall_rates(counts).mean(axis=1)
        precision, recall, _ = class_rates(counts)
        by_class = [known_mean(values.swapaxes(1, 2)) for values in (recall, precision)]
        return np.concatenate([overall, *by_class], axis=1)

    ends = cluster_interval(
        sums, rates, level=level, n_bootstrap=n_bootstrap, random_state=random_state
    )
    intervals = [
        _told_apart(Interval(*map(float, row)), n_clusters, level)
        for *row, n_clusters in zip(*ends, _clusters_of(sums.reshape(-1, *shape)), strict=True)
    ]
    counts = sums.sum(axis=0).reshape(shape).astype(np.int64)
    total = counts.sum(axis=0)
    right, faces = np.diagonal(total), total.sum(axis=1)
    missed = total[:, -1].sum()
    return Measures(
        emotions=emotions,
        counts=total,
        n=n,
        n_seeds=n_seeds,
        n_people=None if identities is None else len(sums),
        level=level,
        accuracy=intervals[0],
        mean_class_accuracy=intervals[1],
        macro_f1=intervals[2],
        accuracy_wilson=_wilson(right.sum(), n, n_seeds, level),
        accuracy_found=float(right.sum() / (n * n_seeds - missed))
        if missed < n * n_seeds
        else np.nan,
        by_seed=overall_rates(counts),
        recall=tuple(intervals[3 : 3 + n_classes]),
        precision=tuple(intervals[3 + n_classes :]),
        recall_wilson=tuple(
            _wilson(hits, n_faces // n_seeds, n_seeds, level)
            for hits, n_faces in zip(right, faces, strict=True)
        ),
        f1=known_mean(class_rates(counts)[2].T),
    )


def _clusters_of(counts: NDArray[np.float64]) -> list[int]:
    """Return how many clusters (P, S, E, E + 1) each rate rests on, in the order of `rates`."""
    by_cluster = counts.sum(axis=1) > 0
    shown, read = by_cluster.any(axis=2), by_cluster[..., :-1].any(axis=1)
    return [len(counts)] * 3 + shown.sum(axis=0).tolist() + read.sum(axis=0).tolist()


def _told_apart(interval: Interval, n_clusters: int, level: float) -> Interval:
    """Return Wilson's interval, one trial a cluster, where all or none are right.

    Every resampling gives the same then, as if nothing were uncertain.
    """
    if interval.value not in (0.0, 1.0) or np.isnan(interval.low):
        return interval
    return wilson_interval(n_clusters * int(interval.value), n_clusters, level=level)


def _wilson(right: int, n: int, n_seeds: int, level: float) -> Interval:
    ends = wilson_interval(round(right / n_seeds), n, level=level)
    return ends._replace(value=float(right / (n * n_seeds))) if n else ends
