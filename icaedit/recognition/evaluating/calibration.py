"""Whether a recogniser is right as often as it is sure, and one number that mends it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.errors import InputError
from icaedit.recognition.evaluating.confusion import checked_scores
from icaedit.schema import EMOTIONS

__all__ = [
    "BINNINGS",
    "TEMPERATURES",
    "Calibration",
    "fit_temperature",
    "measure_calibration",
    "probabilities",
]

BINNINGS = ("equal-width", "equal-mass")
"""Bins between whole fractions of confidence, or with the same number of faces in each."""

TEMPERATURES = (0.05, 20.0)
"""Between what `fit_temperature` looks; without a mistake in validation there is no lowest."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """How sure a recogniser was, against how often it was right.

    Attributes
    ----------
    temperature : float
        What scores were divided by before the softmax.
    binning : str
        One of `BINNINGS`.
    ece : float
        Expected calibration error: the mean of |accuracy - confidence| over bins, weighted by
        their faces (Guo et al. 2017, equation 3), 0 to 1.
    brier : float
        The squared distance of the probabilities from the truth as 0 and 1, summed over emotions
        and averaged over faces, 0 to 2 (Brier 1950).
    nll : float
        The mean of ``-log p`` of the true emotion, in nats.
    confidence, accuracy : ndarray of float64, (bins,)
        Means in each bin; NaN in an empty one. Confidence is the largest probability.
    faces : ndarray of int64, (bins,)
        In each bin; pictures without a face are in none.
    """

    temperature: float
    binning: str
    ece: float
    brier: float
    nll: float
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    faces: NDArray[np.int64]

    @property
    def ece_name(self) -> str:
        """What the error is called with its binning, such as ``"ECE, 15 bins of equal width"``."""
        return f"ECE, {len(self.faces)} bins of {self.binning.replace('-', ' ')}"


def probabilities(scores: ArrayLike, temperature: float = 1.0) -> NDArray[np.float64]:
    """Return the softmax of scores over the last axis, after division by a temperature.

    Examples
    --------
    >>> probabilities([[0.0, np.log(3.0)]]).round(2).tolist()
    [[0.25, 0.75]]
    """
    from scipy.special import softmax

    return softmax(np.asarray(scores, dtype=np.float64) / temperature, axis=-1)


def measure_calibration(
    scores: ArrayLike,
    labels: ArrayLike,
    *,
    emotions: Sequence[str] = EMOTIONS,
    n_bins: int = 15,
    binning: str = "equal-width",
    temperature: float = 1.0,
) -> Calibration:
    """Measure how far confidence is from accuracy.

    Parameters
    ----------
    scores : array_like of float, (n, E) or (S, n, E)
        Before the softmax; logarithms of probabilities do as well. Rows of NaN, pictures without
        a face, are left out. The faces of several seeds are taken together.
    labels : array_like of int, (n,)
    emotions : sequence of str, length E
    n_bins : int
    binning : {"equal-width", "equal-mass"}
        How confidence from 0 to 1 is divided. A confidence between two bins of equal width counts
        for the lower one.
    temperature : float
        As from `fit_temperature`, fitted on other people.

    Raises
    ------
    InputError
        If the arrays do not fit together, an option is out of range, or no face was found.

    Examples
    --------
    >>> sure = np.log([[0.9, 0.1], [0.9, 0.1], [0.9, 0.1], [0.9, 0.1]])
    >>> found = measure_calibration(sure, [0, 0, 1, 1], emotions=["happy", "sad"])
    >>> round(found.ece, 3), found.ece_name
    (0.4, 'ECE, 15 bins of equal width')
    """
    if binning not in BINNINGS or n_bins < 1 or not 0 < temperature < np.inf:
        raise InputError(
            f"got {n_bins} bins, binning {binning!r} and temperature {temperature}, expected 1 or "
            f"more, one of {', '.join(BINNINGS)}, and a positive number; correct them"
        )
    found, truth = _found(scores, labels, emotions)
    p = probabilities(found, temperature)
    sure, right = p.max(axis=1), p.argmax(axis=1) == truth
    if binning == "equal-width":
        place = np.clip(np.ceil(sure * n_bins).astype(np.intp) - 1, 0, n_bins - 1)
    else:
        place = np.empty(len(sure), np.intp)
        place[np.argsort(sure, kind="stable")] = np.arange(len(sure)) * n_bins // len(sure)
    faces = np.bincount(place, minlength=n_bins)
    sums = [np.bincount(place, weights=values, minlength=n_bins) for values in (sure, right)]
    confidence, accuracy = (
        np.divide(total, faces, out=np.full(n_bins, np.nan), where=faces > 0) for total in sums
    )
    wanted = np.eye(len(emotions))[truth]
    return Calibration(
        temperature=float(temperature),
        binning=binning,
        ece=float(np.abs(sums[1] - sums[0]).sum() / len(sure)),
        brier=float(((p - wanted) ** 2).sum(axis=1).mean()),
        nll=_nll(found / temperature, truth),
        confidence=confidence,
        accuracy=accuracy,
        faces=faces,
    )


def fit_temperature(
    scores: ArrayLike, labels: ArrayLike, *, emotions: Sequence[str] = EMOTIONS
) -> float:
    """Return the temperature by which scores are divided so that their softmax fits best.

    Guo et al. 2017, section 4.2: the one of the least ``-log p`` of the true emotions. It changes
    no emotion that is read. It is to be fitted on people of the validation, never of the test.

    Parameters
    ----------
    scores : array_like of float, (n, E) or (S, n, E)
        Of validation faces, before the softmax.
    labels : array_like of int, (n,)
    emotions : sequence of str, length E

    Returns
    -------
    float
        Above 1 for a recogniser that is too sure. One of the ends of `TEMPERATURES` where nothing
        better lies between: the lower without any mistake, the upper if it is no better than
        chance. 1 where the scores of all emotions are always equal.

    Raises
    ------
    InputError
        If the arrays do not fit together or no face was found.

    Examples
    --------
    >>> scores = np.array([[4.0, 0.0], [4.0, 0.0], [4.0, 0.0], [4.0, 0.0]])
    >>> t = fit_temperature(scores, [0, 0, 0, 1], emotions=["happy", "sad"])
    >>> probabilities(scores, t)[0].round(3).tolist()
    [0.75, 0.25]
    """
    from scipy.optimize import brentq

    found, truth = _found(scores, labels, emotions)
    own = found[np.arange(len(truth)), truth]

    def slope(log_temperature: float) -> float:
        """Return the derivative of -log p by 1 / temperature, which only rises with it."""
        p = probabilities(found, np.exp(log_temperature))
        return float(((p * found).sum(axis=1) - own).mean())

    low, high = np.log(TEMPERATURES)
    if slope(low) <= 0:
        return TEMPERATURES[0] if slope(high) < 0 else 1.0
    if slope(high) >= 0:
        return TEMPERATURES[1]
    return float(np.exp(brentq(slope, low, high, xtol=1e-10)))


def _found(
    scores: ArrayLike, labels: ArrayLike, emotions: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the rows that have scores, those of all seeds one after the other."""
    seeds, truth = checked_scores(scores, labels, emotions)
    rows, truths = seeds.reshape(-1, seeds.shape[2]), np.tile(truth, len(seeds))
    kept = ~np.isnan(rows[:, 0])
    if not kept.any():
        raise InputError(
            f"got {len(rows)} pictures without a face that was found, expected some with one; "
            "align them first"
        )
    rows = rows[kept]
    return rows - rows.max(axis=1, keepdims=True), truths[kept]


def _nll(scores: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    from scipy.special import log_softmax

    return float(-log_softmax(scores, axis=1)[np.arange(len(truth)), truth].mean())
