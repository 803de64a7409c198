"""What edits are measured by: a scorer reads pictures and says what they show and who it is."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.errors import InputError
from icaedit.evaluation.judge import Judge, Reading, load_judge

__all__ = [
    "Embedder",
    "IdentifiedBy",
    "Scorer",
    "Scores",
    "join_scores",
    "judge_scorer",
    "log_odds",
]

FLOOR = 1e-6
"""Probabilities are kept this far from 0 and 1: log odds end at about 14."""

_OWN_FIELDS = ("units", "probabilities", "embedding", "emotions")


@dataclass(frozen=True, eq=False)
class Scores:
    """What a scorer reads in N pictures.

    Attributes
    ----------
    emotions : tuple of str, length E
    log_odds : ndarray of float64, shape (N, E)
        ``log(p / (1 - p))`` of each emotion.
    attributes : dict of str to ndarray of float64, shape (N,)
        Anything else that is read, such as action units, turn of the head or light.
    embedding : ndarray of float64, shape (N, Z), or None
        Identity, of unit length; None where the scorer does not tell people apart.
    parts : dict of str to tuple of str
        For an emotion, the attributes that belong to it, which a clean edit may change.
    """

    emotions: tuple[str, ...]
    log_odds: NDArray[np.float64]
    attributes: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    embedding: NDArray[np.float64] | None = None
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def target(self, emotion: str) -> NDArray[np.float64]:
        """Return the log odds of an emotion, shape (N,).

        Raises
        ------
        InputError
            If the scorer does not read it.
        """
        if emotion not in self.emotions:
            raise InputError(
                f"got emotion {emotion!r}, expected one that the scorer reads "
                f"({', '.join(self.emotions)}); use another scorer or leave the emotion out"
            )
        return self.log_odds[:, self.emotions.index(emotion)]

    def others(self, target: str) -> tuple[tuple[str, ...], NDArray[np.float64]]:
        """Return what an edit towards `target` should leave alone: names and values (N, A).

        These are the other emotions but neutral, which must give way, and the attributes that
        are no part of the target.
        """
        kept = [name for name in self.emotions if name not in (target, "neutral")]
        columns = {name: self.log_odds[:, self.emotions.index(name)] for name in kept}
        own = self.parts.get(target, ())
        columns |= {name: values for name, values in self.attributes.items() if name not in own}
        if not columns:
            return (), np.empty((len(self.log_odds), 0))
        return tuple(columns), np.stack(list(columns.values()), axis=1)


    def everything(self) -> NDArray[np.float64]:
        """Return all that is read but the embedding, (N, E + A)."""
        return np.column_stack([self.log_odds, *self.attributes.values()])


def join_scores(parts: Sequence[Scores]) -> Scores:
    """Return the scores of several batches of pictures as one.

    Examples
    --------
    >>> part = Scores(("happy",), np.zeros((2, 1)), {"yaw": np.ones(2)})
    >>> joined = join_scores([part, part])
    >>> joined.log_odds.shape, joined.attributes["yaw"].tolist()
    ((4, 1), [1.0, 1.0, 1.0, 1.0])
    """
    first = parts[0]
    embeddings = [part.embedding for part in parts]
    return dataclasses.replace(
        first,
        log_odds=np.concatenate([part.log_odds for part in parts]),
        attributes={
            name: np.concatenate([part.attributes[name] for part in parts])
            for name in first.attributes
        },
        embedding=None if first.embedding is None else np.concatenate(embeddings),
    )


class Scorer(Protocol):
    """Anything that reads pictures; `judge_scorer` and the scorers for photographs are some."""

    def __call__(self, images: NDArray[np.uint8]) -> Scores:
        """Read pictures of shape (N, H, H, 3), uint8 RGB."""
        ...


Embedder = Callable[[NDArray[np.uint8]], NDArray]
"""Pictures (N, H, H, 3), uint8 RGB, to embeddings (N, Z) of whose face each shows."""


@dataclass(frozen=True)
class IdentifiedBy:
    """A scorer, and a network of its own that tells people apart.

    Such networks are slow; this one is asked only at the strengths that are reported.

    Attributes
    ----------
    scorer : Scorer
    embed : callable
        An `Embedder`: pictures to embeddings (N, Z).
    """

    scorer: Scorer
    embed: Embedder

    def __call__(self, images: NDArray[np.uint8]) -> Scores:
        """Read pictures as the scorer does."""
        return self.scorer(images)


def log_odds(probabilities: ArrayLike) -> NDArray[np.float64]:
    """Return ``log(p / (1 - p))``, p kept 1e-6 away from 0 and 1.

    Examples
    --------
    >>> log_odds([0.5, 0.0]).round(2).tolist()
    [0.0, -13.82]
    """
    p = np.clip(np.asarray(probabilities, dtype=np.float64), FLOOR, 1 - FLOOR)
    return np.log(p) - np.log1p(-p)


def judge_scorer(judge: Judge | None = None) -> Scorer:
    """Return a scorer that asks the judge, which is trained on renders of known parameters.

    Everything numeric in its `Reading` counts: the action units, of which an emotion's own are
    those of its prototype in `icaedit.portraits`, and any further field of one or more columns.

    Parameters
    ----------
    judge : Judge, optional
        The one in the package where absent.

    Examples
    --------
    >>> scores = judge_scorer()(np.full((2, 64, 64, 3), 120, np.uint8))
    >>> scores.emotions[:2], scores.log_odds.shape, sorted(scores.attributes)[:2]
    (('neutral', 'happy'), (2, 7), ['AU1', 'AU10'])
    """
    from icaedit.portraits import PROTOTYPES

    judge = load_judge() if judge is None else judge
    parts = {emotion: tuple(units) for emotion, units in PROTOTYPES.items()}

    def score(images: NDArray[np.uint8]) -> Scores:
        reading = judge.read(images)
        return Scores(
            emotions=tuple(reading.emotions),
            log_odds=log_odds(reading.probabilities),
            attributes=_attributes(reading, judge.units),
            embedding=reading.embedding.astype(np.float64),
            parts=parts,
        )

    return score


def _attributes(reading: Reading, units: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    found = dict(zip(units, reading.units.astype(np.float64).T, strict=True))
    for entry in dataclasses.fields(reading):
        values = np.asarray(getattr(reading, entry.name))
        if entry.name in _OWN_FIELDS or values.dtype.kind != "f":
            continue
        if values.ndim == 1:
            found[entry.name] = values.astype(np.float64)
        elif values.ndim == 2:
            for column, row in enumerate(values.astype(np.float64).T):
                found[f"{entry.name} {column}"] = row
    return found
