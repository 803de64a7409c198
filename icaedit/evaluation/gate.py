"""How well a model and its directions keep, and change, what faces show."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from icaedit.errors import InputError
from icaedit.evaluation.judge import Judge, Reading
from icaedit.evaluation.similarity import psnr
from icaedit.schema import EMOTIONS

__all__ = [
    "EditScores",
    "ReconstructionScores",
    "compare_readings",
    "score_edits",
    "score_reconstructions",
]


@dataclass(frozen=True)
class ReconstructionScores:
    """How well encode-then-synthesize keeps pictures.

    Attributes
    ----------
    originals, reconstructions : dict of str to float
        Share of pictures of each emotion in which the judge reads that emotion.
    psnr : float
        Decibels over all pictures, at the reconstructions' size.
    same_person : float
        Share whose most alike original is one of the same person.
    """

    originals: dict[str, float]
    reconstructions: dict[str, float]
    psnr: float
    same_person: float

    @property
    def drop(self) -> float:
        """Accuracy lost, averaged over emotions, in 0..1."""
        lost = [self.originals[name] - self.reconstructions[name] for name in self.originals]
        return float(np.mean(lost))

    @property
    def worst_drop(self) -> float:
        """Accuracy lost of the emotion that loses most, in 0..1; negative if all gain."""
        return max(self.originals[name] - self.reconstructions[name] for name in self.originals)


@dataclass(frozen=True)
class EditScores:
    """What edits of neutral faces come to.

    Attributes
    ----------
    target_read : dict of str to float
        Share of the edits towards each emotion in which the judge reads it.
    same_person : dict of str to float
        Share of these edits whose most alike neutral original is that of the same person.
    """

    target_read: dict[str, float]
    same_person: dict[str, float]


def _share(hits: np.ndarray) -> float:
    return round(float(np.mean(hits)), 4)


def score_reconstructions(
    judge: Judge,
    originals: np.ndarray,
    reconstructions: np.ndarray,
    *,
    emotion: np.ndarray,
    identity: np.ndarray,
) -> ReconstructionScores:
    """Compare pictures with their reconstructions.

    Parameters
    ----------
    judge : Judge
    originals, reconstructions : ndarray of shape (N, H, H, 3), uint8
        Of the same size.
    emotion, identity : ndarray of shape (N,)
        What each shows, and who it is.

    Returns
    -------
    ReconstructionScores

    Raises
    ------
    InputError
        If the two sets differ in shape.
    """
    if originals.shape != reconstructions.shape:
        raise InputError(
            f"got originals of shape {originals.shape} and reconstructions of shape "
            f"{reconstructions.shape}, expected the same; resize the originals"
        )
    return compare_readings(
        judge.read(originals),
        judge.read(reconstructions),
        emotion=np.asarray(emotion),
        identity=np.asarray(identity),
        psnr=psnr(originals, reconstructions),
    )


def compare_readings(
    before: Reading,
    after: Reading,
    *,
    emotion: np.ndarray,
    identity: np.ndarray,
    psnr: float,
) -> ReconstructionScores:
    """Compare what the judge reads in pictures with what it reads in their reconstructions.

    Parameters
    ----------
    before, after : Reading of length N
    emotion, identity : ndarray of shape (N,)
        What each shows, and who it is.
    psnr : float
        Decibels, handed on.

    Returns
    -------
    ReconstructionScores
    """
    present = [name for name in EMOTIONS if (emotion == name).any()]

    def shares(read: np.ndarray) -> dict[str, float]:
        return {name: _share(read[emotion == name] == name) for name in present}

    # A picture must not find its own original: look for another one of the person.
    alike = after.embedding @ before.embedding.T
    np.fill_diagonal(alike, -np.inf)
    return ReconstructionScores(
        originals=shares(before.emotion),
        reconstructions=shares(after.emotion),
        psnr=round(psnr, 2),
        same_person=_share(identity[alike.argmax(1)] == identity),
    )


def score_edits(judge: Judge, neutral: np.ndarray, edits: Mapping[str, np.ndarray]) -> EditScores:
    """Read edits of neutral faces.

    Parameters
    ----------
    judge : Judge
    neutral : ndarray of shape (P, H, H, 3), uint8
        One neutral original of each person.
    edits : mapping of str to ndarray of shape (P, H', H', 3), uint8
        For each target emotion, the edited pictures of the same people in the same order.

    Returns
    -------
    EditScores
    """
    gallery = judge.read(neutral).embedding
    people = np.arange(len(neutral))
    target_read, same_person = {}, {}
    for target, pictures in edits.items():
        reading = judge.read(pictures)
        target_read[target] = _share(reading.emotion == target)
        same_person[target] = _share(reading.nearest(gallery) == people)
    return EditScores(target_read, same_person)
