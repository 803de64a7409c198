"""What an edit did to a face: read by the judge in the pictures, and measured in the latents."""

from dataclasses import dataclass

import numpy as np

from icaedit.editor import EditResult
from icaedit.evaluation import Judge, Reading
from icaedit.images import resize

__all__ = ["Moved", "Scores", "move_of", "scores_of", "strangers_likeness"]

_TOP = 8  # coordinates listed


@dataclass(frozen=True, eq=False)
class Scores:
    """What the judge reads before and after an edit.

    Attributes
    ----------
    emotions : dict of str to (float, float)
        Probability of each emotion in the reconstruction and in the edit, 0 to 1.
    units : dict of str to (float, float)
        Action units in the same two, 0 absent to about 1.
    identity : float
        Cosine between the judge's identities of reconstruction and edit, 1 for the same.
    kept : float
        Cosine between those of the picture and its reconstruction: what the model loses.
    """

    emotions: dict[str, tuple[float, float]]
    units: dict[str, tuple[float, float]]
    identity: float
    kept: float


@dataclass(frozen=True, eq=False)
class Moved:
    """How far an edit moved the latents, and where.

    Attributes
    ----------
    distance : float
        Euclidean, in latent units.
    shares : ndarray of float64, (L,)
        Share of the squared distance in each style layer; sums to 1, or to 0 if nothing moved.
    counts : ndarray of int64, (L,)
        Coordinates moved in each style layer.
    n_channels : int
    top : tuple of (int, int, float)
        Layer, channel and displacement of those moved furthest, the furthest first.
    """

    distance: float
    shares: np.ndarray
    counts: np.ndarray
    n_channels: int
    top: tuple[tuple[int, int, float], ...]


def scores_of(judge: Judge, result: EditResult) -> Scores:
    """Read the picture, its reconstruction and the edit.

    Parameters
    ----------
    judge : Judge
    result : EditResult
    """
    side = result.edited.shape[0]
    pictures = [resize(result.aligned, side), result.reconstruction, result.edited]
    reading = judge.read(np.stack(pictures))
    picture, reconstruction, edit = reading.embedding.astype(np.float64)
    return Scores(
        _pairs(judge.emotions, reading.probabilities[1:]),
        _pairs(judge.units, reading.units[1:]),
        identity=float(reconstruction @ edit),
        kept=float(picture @ reconstruction),
    )


def _pairs(names: tuple[str, ...], rows: np.ndarray) -> dict[str, tuple[float, float]]:
    before, after = rows.tolist()
    return dict(zip(names, zip(before, after, strict=True), strict=True))


def strangers_likeness(reading: Reading, identity: tuple[str, ...]) -> float:
    """Return the mean cosine between the judge's identities of different people.

    Parameters
    ----------
    reading : Reading
        Of N pictures.
    identity : tuple of str, length N
        Whom each shows; two people at least.
    """
    alike = reading.embedding.astype(np.float64) @ reading.embedding.T
    other = np.not_equal.outer(np.array(identity), np.array(identity))
    return float(alike[other].mean())


def move_of(result: EditResult) -> Moved:
    """Measure how far and where an edit moved the latents."""
    moved = result.latents.astype(np.float64) - result.start_latents  # (L, C)
    power = (moved**2).sum(axis=1)
    total = float(power.sum())
    furthest = np.argsort(-np.abs(moved), axis=None, kind="stable")[:_TOP]
    places = [np.unravel_index(place, moved.shape) for place in furthest]
    return Moved(
        distance=total**0.5,
        shares=power / total if total else power,
        counts=(moved != 0).sum(axis=1),
        n_channels=moved.shape[1],
        top=tuple((int(row), int(column), float(moved[row, column])) for row, column in places
                  if moved[row, column]),
    )
