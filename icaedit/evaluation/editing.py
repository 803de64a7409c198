"""Faces along one edit, read once at each strength that is asked for."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icaedit.artifacts import LatentSet
from icaedit.evaluation.measures import face_ellipse, outside_change
from icaedit.evaluation.people import Faces
from icaedit.evaluation.scores import IdentifiedBy, Scorer, Scores, join_scores
from icaedit.models import LatentModel

__all__ = ["EditedFaces", "FaceReader", "Population", "read_population"]

CHUNK = 32
"""Pictures held at once."""

POPULATION = 210
"""Pictures of the fit, whole people, that stand for what the generator makes."""


class FaceReader:
    """Makes and reads pictures of the same faces, and compares them with the unedited ones.

    Parameters
    ----------
    model : LatentModel
    faces : Faces
    scorer : Scorer
        If it is an `IdentifiedBy`, that network tells people apart, otherwise the scorer.

    Attributes
    ----------
    before : Scores
        Of the faces at strength 0.
    """

    def __init__(self, model: LatentModel, faces: Faces, scorer: Scorer) -> None:
        self._model, self._scorer = model, scorer
        self._embed = scorer.embed if isinstance(scorer, IdentifiedBy) else None
        self.neutral = faces.neutral
        self._images = model.synthesize(faces.neutral)
        shape = self._images.shape[:3]
        windows = face_ellipse(shape[1]) if faces.windows is None else faces.windows
        self._windows = np.broadcast_to(windows, shape)
        self.before = join_scores([scorer(self._images[part]) for part in _chunks(shape[0])])
        self._whose = self.before.embedding
        if self._embed is not None:
            parts = [self._embed(self._images[part]) for part in _chunks(shape[0])]
            self._whose = np.concatenate(parts)

    def read(self, latents: NDArray[np.float32]) -> tuple[Scores, NDArray[np.float64]]:
        """Return the scores of latents (P, L, C) and the change outside the face, (P,)."""
        scores, outside = [], []
        for part in _chunks(len(latents)):
            images = self._model.synthesize(latents[part])
            scores.append(self._scorer(images))
            outside.append(outside_change(self._images[part], images, self._windows[part]))
        return join_scores(scores), np.concatenate(outside)

    def likeness(self, latents: NDArray[np.float32], scores: Scores) -> NDArray[np.float64]:
        """Return the cosine of the identity embeddings with those at strength 0, (P,).

        Parameters
        ----------
        latents : ndarray of float32, (P, L, C)
        scores : Scores
            What was read in their pictures.

        Returns
        -------
        ndarray of float64, (P,)
            NaN where nothing tells people apart.
        """
        whose = scores.embedding
        if self._embed is not None:
            chunks = (self._model.synthesize(latents[part]) for part in _chunks(len(latents)))
            whose = np.concatenate([self._embed(images) for images in chunks])
        if whose is None or self._whose is None:
            return np.full(len(latents), np.nan)
        lengths = np.linalg.norm(whose, axis=1) * np.linalg.norm(self._whose, axis=1)
        return (whose * self._whose).sum(axis=1) / np.where(lengths > 0, lengths, 1)


class EditedFaces:
    """The faces of a reader moved along a displacement; each scale is made only once.

    Parameters
    ----------
    reader : FaceReader
    displacement : ndarray of float32, (1, L, C) or (P, L, C)
        What is added to the neutral latents at scale 1.
    """

    def __init__(self, reader: FaceReader, displacement: NDArray[np.float32]) -> None:
        self._reader = reader
        self.displacement = displacement
        self._read = {0.0: (reader.before, np.zeros(len(reader.neutral)))}

    def _at(self, scale: float) -> tuple[Scores, NDArray[np.float64]]:
        if scale not in self._read:
            self._read[scale] = self._reader.read(self._latents(scale))
        return self._read[scale]

    def _latents(self, scale: float) -> NDArray[np.float32]:
        return self._reader.neutral + np.float32(scale) * self.displacement

    def scores(self, scale: float) -> Scores:
        """Return what the scorer reads in the edited faces."""
        return self._at(scale)[0]

    def outside(self, scale: float) -> NDArray[np.float64]:
        """Return the change outside the face against scale 0, (P,), in grey levels."""
        return self._at(scale)[1]

    def likeness(self, scale: float) -> NDArray[np.float64]:
        """Return how much the people look like themselves at scale 0, -1 to 1, (P,)."""
        return self._reader.likeness(self._latents(scale), self.scores(scale))


@dataclass(frozen=True, eq=False)
class Population:
    """What the scorer reads in the generator's pictures of the fitted people.

    Attributes
    ----------
    scores : Scores
    identity, emotion : ndarray of str, (N,)
    """

    scores: Scores
    identity: NDArray[np.str_]
    emotion: NDArray[np.str_]

    def posed_change(self, emotion: str) -> float:
        """Return by how much the emotion's log odds rise when these people pose it.

        0 where nobody does.
        """
        values = self.scores.target(emotion)
        posed, neutral = (values[self.emotion == name] for name in (emotion, "neutral"))
        return float(posed.mean() - neutral.mean()) if len(posed) and len(neutral) else 0.0

    def deviation_of_others(self, emotion: str) -> NDArray[np.float64]:
        """Return the standard deviations of `Scores.others`, (A,)."""
        return self.scores.others(emotion)[1].std(axis=0)

    def deviation(self) -> NDArray[np.float64]:
        """Return the standard deviations of `Scores.everything`."""
        return self.scores.everything().std(axis=0)


def read_population(model: LatentModel, fitted: LatentSet, scorer: Scorer) -> Population:
    """Synthesize and read the pictures of the first of the fitted people, 210 at most.

    People come whole, so that every emotion is there; at least one of them is read.
    """
    people, counts = np.unique(fitted.identity, return_counts=True)
    enough = max(int((np.cumsum(counts) <= POPULATION).sum()), 1)
    kept = np.flatnonzero(np.isin(fitted.identity, people[:enough]))
    parts = [scorer(model.synthesize(fitted.latents[kept[part]])) for part in _chunks(len(kept))]
    return Population(join_scores(parts), fitted.identity[kept], fitted.emotion[kept])


def _chunks(count: int) -> list[slice]:
    return [slice(start, start + CHUNK) for start in range(0, count, CHUNK)]
