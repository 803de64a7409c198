"""Scores of several recognisers, under several conditions and seeds, on the same faces."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.artifacts.tensors import load_tensors, save_tensors
from icaedit.errors import FormatError, InputError
from icaedit.recognition.evaluating.calibration import Calibration, measure_calibration
from icaedit.recognition.evaluating.comparing import Difference, compare_scores
from icaedit.recognition.evaluating.confusion import checked_scores
from icaedit.recognition.evaluating.measures import Measures, measure_scores
from icaedit.schema import EMOTIONS
from icaedit.statistics import holm_adjusted

__all__ = ["Experiment", "ExperimentRow", "experiment_rows", "load_experiment"]

FORMAT, VERSION = "icaedit.recognition_scores", 1


@dataclass(frozen=True, eq=False)
class Experiment:
    """What each recogniser said about each face of one test set.

    Parameters
    ----------
    scores : mapping of (str, str) to array_like of float, (S, n, E)
        By backbone and condition, such as ``("dan", "without")``; before the softmax, by seed.
        A row of NaN is a picture in which no face was found. A pair may be absent.
    labels : array_like of int, (n,)
        Places in `emotions`.
    identities : sequence of str, length n, or None
        Who is shown; None if that is not known.
    seeds : sequence of int, length S
        Of the training. The faces of the test are the same for all.
    emotions : sequence of str, length E
    coordinates : mapping of str to int, optional
        How many coordinates of the latents a condition uses.
    names : sequence of str, length n, optional
        Of the pictures.

    Raises
    ------
    InputError
        If the scores are not all of the same seeds, faces and emotions.

    Examples
    --------
    >>> right, half = np.eye(7)[[[0, 1, 2, 3]]], np.eye(7)[[[0, 1, 0, 0]]]
    >>> scores = {("dan", "without"): half, ("dan", "mean mask"): right}
    >>> experiment = Experiment(scores, [0, 1, 2, 3], list("aabb"), seeds=[0])
    >>> row = experiment_rows(experiment, "without")[1]
    >>> row.condition, row.measures.accuracy.value, row.difference.points.value
    ('mean mask', 1.0, 50.0)
    """

    scores: Mapping[tuple[str, str], ArrayLike]
    labels: ArrayLike
    identities: Sequence[str] | None
    seeds: Sequence[int]
    emotions: Sequence[str] = EMOTIONS
    coordinates: Mapping[str, int] = field(default_factory=dict)
    names: Sequence[str] | None = None

    def __post_init__(self) -> None:
        emotions = tuple(self.emotions)
        seeds = tuple(int(seed) for seed in self.seeds)
        checked: dict[tuple[str, str], NDArray[np.float32]] = {}
        for (backbone, condition), values in self.scores.items():
            given, truth = checked_scores(values, self.labels, emotions)
            if len(given) != len(seeds):
                raise InputError(
                    f"got scores of {backbone}, {condition} for {len(given)} seeds, expected "
                    f"{len(seeds)}: {', '.join(map(str, seeds))}; train the others, or leave it out"
                )
            checked[str(backbone), str(condition)] = given.astype(np.float32)
        if not checked:
            raise InputError("got no scores, expected those of one recogniser or more; give some")
        for name in ("identities", "names"):
            texts = getattr(self, name)
            texts = None if texts is None else tuple(map(str, texts))
            if texts is not None and (len(texts) != len(truth) or "" in texts):
                raise InputError(
                    f"got {len(texts)} {name}, {texts.count('')} of them empty, for {len(truth)} "
                    "faces, expected one for each; complete them, or give None"
                )
            object.__setattr__(self, name, texts)
        for name, value in (
            ("scores", checked),
            ("labels", truth),
            ("seeds", seeds),
            ("emotions", emotions),
            ("coordinates", {str(k): int(n) for k, n in self.coordinates.items()}),
        ):
            object.__setattr__(self, name, value)

    @property
    def backbones(self) -> tuple[str, ...]:
        """In the order in which they were given."""
        return tuple(dict.fromkeys(backbone for backbone, _ in self.scores))

    @property
    def conditions(self) -> tuple[str, ...]:
        """In the order in which they were given."""
        return tuple(dict.fromkeys(condition for _, condition in self.scores))

    def save(self, path: str | os.PathLike) -> None:
        """Write all scores as safetensors, so that tables can be made anew.

        Raises
        ------
        FileAccessError
            If the file cannot be written.
        """
        tensors: dict[str, np.ndarray] = {"labels": self.labels}
        for place, values in enumerate(self.scores.values()):
            missed = np.isnan(values)
            tensors[f"scores.{place:03d}"] = np.where(missed, 0, values).astype(np.float32)
            tensors[f"missed.{place:03d}"] = missed[..., 0]
        header = {
            "format": FORMAT,
            "version": VERSION,
            "pairs": [list(pair) for pair in self.scores],
            "identities": self.identities,
            "seeds": self.seeds,
            "emotions": self.emotions,
            "coordinates": self.coordinates,
            "names": self.names,
        }
        save_tensors(path, tensors, header=header)


def load_experiment(path: str | os.PathLike) -> Experiment:
    """Read scores that `Experiment.save` wrote.

    Raises
    ------
    FileAccessError
        If the file is missing or unreadable.
    FormatError
        If it is another file, of a newer version, or contradicts itself.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "scores.safetensors"
    >>> Experiment({("dan", "without"): np.eye(7)[None]}, range(7), None, seeds=[0]).save(path)
    >>> load_experiment(path).conditions
    ('without',)
    """
    tensors, header = load_tensors(path, expect=FORMAT, version=VERSION)
    try:
        scores = {}
        for place, (backbone, condition) in enumerate(header["pairs"]):
            values, missed = (tensors[f"{name}.{place:03d}"] for name in ("scores", "missed"))
            scores[backbone, condition] = np.where(missed[..., None], np.nan, values)
        return Experiment(
            scores,
            tensors["labels"],
            header["identities"],
            seeds=header["seeds"],
            emotions=header["emotions"],
            coordinates=header["coordinates"],
            names=header["names"],
        )
    except (KeyError, InputError, TypeError, ValueError, IndexError) as err:
        raise FormatError(
            f"got {path} with incomplete or contradictory content ({err}), expected scores as "
            "icaedit writes them; run the experiment again"
        ) from err


@dataclass(frozen=True, eq=False)
class ExperimentRow:
    """One backbone under one condition.

    Attributes
    ----------
    backbone, condition : str
    coordinates : int or None
        Of the latents; None if that was not told.
    measures : Measures
        Means over the seeds.
    calibration : Calibration
        Without temperature.
    against : str
        The condition that `difference` is to.
    difference : Difference or None
        None for that condition itself, and where it is absent.
    p_holm : float
        `difference.p` adjusted by Holm's method for the number of all differences in the table.
    """

    backbone: str
    condition: str
    coordinates: int | None
    measures: Measures
    calibration: Calibration
    against: str
    difference: Difference | None
    p_holm: float


def experiment_rows(
    experiment: Experiment,
    against: str,
    *,
    level: float = 0.95,
    n_bootstrap: int = 2000,
    random_state: int = 0,
) -> tuple[ExperimentRow, ...]:
    """Measure every recogniser of an experiment, and its difference to one condition.

    Parameters
    ----------
    experiment : Experiment
    against : str
        A condition, such as ``"without"``; the differences are within a backbone.
    level : float in (0, 1)
        Of the intervals.
    n_bootstrap : int
        Resamplings of the people.
    random_state : int

    Returns
    -------
    tuple of ExperimentRow
        Backbone by backbone, in the order in which they were given.

    Raises
    ------
    InputError
        If no recogniser stands under that condition.
    """
    if against not in experiment.conditions:
        raise InputError(
            f"got the condition {against!r} to compare with, expected one of "
            f"{', '.join(experiment.conditions)}; choose one"
        )
    emotions, labels = experiment.emotions, experiment.labels
    options = {
        "identities": experiment.identities,
        "emotions": emotions,
        "level": level,
        "n_bootstrap": n_bootstrap,
        "random_state": random_state,
    }
    pairs = [
        (backbone, condition)
        for backbone in experiment.backbones
        for condition in experiment.conditions
        if (backbone, condition) in experiment.scores
    ]
    differences: list[Difference | None] = []
    for backbone, condition in pairs:
        other = experiment.scores.get((backbone, against))
        alone = condition == against or other is None
        own = experiment.scores[backbone, condition]
        differences.append(None if alone else compare_scores(own, other, labels, **options))
    adjusted = holm_adjusted([np.nan if gap is None else gap.p for gap in differences])
    return tuple(
        ExperimentRow(
            backbone=pair[0],
            condition=pair[1],
            coordinates=experiment.coordinates.get(pair[1]),
            measures=measure_scores(experiment.scores[pair], labels, **options),
            calibration=measure_calibration(experiment.scores[pair], labels, emotions=emotions),
            against=against,
            difference=gap,
            p_holm=float(p),
        )
        for pair, gap, p in zip(pairs, differences, adjusted, strict=True)
    )
