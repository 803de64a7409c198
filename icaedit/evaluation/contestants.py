"""Each method's directions in one common form, so that they can edit the same faces."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icaedit import analysis
from icaedit.analysis.centring import centre_people
from icaedit.analysis.mean_difference import mean_difference
from icaedit.analysis.pca import ganspace_patterns
from icaedit.artifacts import Directions, LatentSet
from icaedit.errors import InputError, StabilityWarning

__all__ = ["CONTESTANTS", "Contestant", "contestant_of", "fit_contestants", "posed_lengths"]

OWN_THRESHOLD = ("group-ica", "component", "paper", "mean-difference")
"""Methods of this package, which edit along thresholded directions; the others do not."""

CONTESTANTS = {
    "group-ica": "group ICA over everybody, everything that moves with the emotion",
    "component": "group ICA, the one component matched to the emotion",
    "paper": "one ICA per person over the seven expressions, one-sided threshold",
    "mean-difference": "mean of the posed latents minus mean of the neutral ones",
    "pca": "principal components of the latents without the people",
    "ganspace": "principal components of the latents as they are (GANSpace)",
    "svm": "normal of a linear SVM, emotion against neutral (InterFaceGAN)",
    "svm-conditional": "the same, orthogonal to the other emotions' normals (InterFaceGAN)",
    "sefa": "eigenvectors of the generator's modulation weights (SeFa)",
}
"""Methods that can be compared, and what each is."""


@dataclass(frozen=True, eq=False)
class Contestant:
    """One method's edits, all of the same length at scale 1.

    Attributes
    ----------
    name : str
        A key of `CONTESTANTS`, or whatever the method is called.
    emotions : tuple of str, length E
    displacements : ndarray of float32, (E, 1 or P, L, C)
        The edit at scale 1, the same for everybody or one for each person; 0 where the method
        has none.
    threshold : str or float
        What the directions were thresholded by.
    """

    name: str
    emotions: tuple[str, ...]
    displacements: NDArray[np.float32]
    threshold: str | float


def posed_lengths(latents: LatentSet) -> dict[str, float]:
    """Return the length of each emotion's mean difference to neutral, in latent units.

    Raises
    ------
    DatasetError
        If the pictures cannot tell it.
    """
    cells = analysis.cell_means(latents.latents, latents.identity, latents.emotion)
    lengths = np.linalg.norm(mean_difference(centre_people(cells)), axis=1)
    return dict(zip(cells.emotions[1:], lengths.tolist(), strict=True))


def contestant_of(directions: Directions, lengths: dict[str, float]) -> Contestant:
    """Return fitted directions as a contestant.

    Parameters
    ----------
    directions : Directions
    lengths : dict of str to float
        Of `posed_lengths`; emotions that are not in it are left out.

    Raises
    ------
    InputError
        If no emotion is left.
    """
    emotions = tuple(name for name in directions.emotions if name in lengths)
    if not emotions:
        raise InputError(
            f"got directions of {', '.join(directions.emotions)} and latents of "
            f"{', '.join(lengths)}, expected an emotion in both; give the latents of the fit"
        )
    component = directions.provenance.get("estimand") == "component"
    name = "component" if component else directions.method
    vectors = np.stack([directions[emotion] for emotion in emotions])
    return scaled_contestant(name, emotions, vectors, lengths, directions.threshold)


def scaled_contestant(
    name: str,
    emotions: Sequence[str],
    vectors: NDArray,
    lengths: dict[str, float],
    threshold: str | float = "none",
) -> Contestant:
    """Return a contestant of directions (E, L, C), each brought to its emotion's posed length."""
    rows = np.asarray(vectors, dtype=np.float64)
    norms = np.linalg.norm(rows.reshape(len(rows), -1), axis=1)
    wanted = np.array([lengths[emotion] for emotion in emotions])
    scale = np.where(norms > 0, wanted / np.where(norms > 0, norms, 1), 0)
    moved = (rows * scale[:, None, None]).astype(np.float32)[:, None]
    return Contestant(name, tuple(emotions), moved, threshold)


def fit_contestants(
    latents: LatentSet,
    names: Sequence[str],
    *,
    threshold: str | float = "mean",
    random_state: int = 0,
) -> list[Contestant]:
    """Fit methods to the same latents, each as its authors have it.

    Group ICA, the paper's method and the mean difference are thresholded; PCA and SVM are not.

    Parameters
    ----------
    latents : LatentSet
    names : sequence of str
        Keys of `CONTESTANTS` other than ``"sefa"``, which needs a generator.
    threshold : str or float
    random_state : int

    Returns
    -------
    list of Contestant
        In the order of `names`.

    Raises
    ------
    InputError
        If a name is unknown.
    DatasetError
        If the pictures cannot tell the directions.

    Examples
    --------
    >>> smile = np.array([[0.0, 3.0], [-1.0, 0.0]])
    >>> people = np.random.default_rng(0).normal(size=(4, 1, 2, 2))
    >>> codes = np.concatenate([people, people + smile], axis=1).reshape(8, 2, 2)
    >>> pictures = LatentSet(codes, np.repeat(list("abcd"), 2), emotion=["NE", "HA"] * 4)
    >>> fitted = fit_contestants(pictures, ["mean-difference", "svm"], threshold="none")
    >>> fitted[0].displacements[0, 0].round(3).tolist()
    [[0.0, 3.0], [-1.0, 0.0]]
    """
    lengths = posed_lengths(latents)
    found = []
    for name in names:
        if name not in CONTESTANTS or name == "sefa":
            raise InputError(
                f"got method {name!r} to fit to latents, expected one of "
                f"{', '.join(key for key in CONTESTANTS if key != 'sefa')}; choose some of these"
            )
        rule = threshold if name in OWN_THRESHOLD else "none"
        emotions, vectors = _fitted(latents, name, rule, random_state)
        found.append(scaled_contestant(name, emotions, vectors, lengths, rule))
    return found


def _fitted(
    latents: LatentSet, name: str, threshold: str | float, random_state: int
) -> tuple[tuple[str, ...], NDArray]:
    """Return (emotions, directions (E, L, C))."""
    if name == "ganspace":
        cells = analysis.cell_means(latents.latents, latents.identity, latents.emotion)
        patterns = ganspace_patterns(centre_people(cells))
        return cells.emotions[1:], patterns.reshape(-1, *latents.latents.shape[1:])
    method = {"component": "group-ica", "svm-conditional": "svm"}.get(name, name)
    with warnings.catch_warnings():
        # whether single components are stable is reported with the fit; here they are seen to work
        warnings.simplefilter("ignore", StabilityWarning)
        fit = analysis.fit_directions(
            latents.latents,
            latents.identity,
            latents.emotion,
            method=method,
            threshold=threshold,
            estimand="component" if name == "component" else "emotion",
            random_state=random_state,
            n_bootstrap=0,
        )
    if name == "svm-conditional":
        return fit.emotions, analysis.conditional_directions(fit.patterns)
    return fit.emotions, fit.vectors
