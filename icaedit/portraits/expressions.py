"""Facial action units and the emotions they make up."""

import numpy as np

from icaedit.errors import InputError
from icaedit.schema import EMOTIONS, parse_emotion

__all__ = ["ACTION_UNITS", "PROTOTYPES", "express"]

ACTION_UNITS = (
    "AU1", "AU2", "AU4", "AU5", "AU6", "AU7", "AU9", "AU10",
    "AU12", "AU15", "AU17", "AU20", "AU23", "AU25", "AU26",
)  # fmt: skip
"""Action units that the renderer draws, each in 0 (absent) to about 1 (as strong as it gets)."""

PROTOTYPES: dict[str, dict[str, float]] = {
    "neutral": {},
    "happy": {"AU6": 0.9, "AU12": 1.0, "AU25": 0.65, "AU26": 0.1},
    "sad": {"AU1": 1.0, "AU4": 0.45, "AU7": 0.25, "AU15": 1.0, "AU17": 0.55},
    "surprised": {"AU1": 0.9, "AU2": 1.0, "AU5": 0.9, "AU25": 0.8, "AU26": 1.0},
    "angry": {"AU4": 1.0, "AU5": 0.45, "AU7": 0.75, "AU17": 0.35, "AU23": 1.0},
    "disgusted": {"AU4": 0.4, "AU6": 0.3, "AU7": 0.45, "AU9": 1.0, "AU10": 1.0,
                  "AU15": 0.25, "AU17": 0.3, "AU25": 0.35},
    "afraid": {"AU1": 1.0, "AU2": 0.65, "AU4": 0.7, "AU5": 1.0, "AU7": 0.2, "AU20": 1.0,
               "AU25": 0.7, "AU26": 0.25},
}  # fmt: skip
"""Action units of each emotion, after the EMFACS combinations (Friesen and Ekman 1983)."""

_MATRIX = np.array(
    [[PROTOTYPES[emotion].get(unit, 0.0) for unit in ACTION_UNITS] for emotion in EMOTIONS]
)


def express(
    emotion: list[str] | np.ndarray,
    *,
    intensity: float | np.ndarray = 1.0,
    expressiveness: np.ndarray | None = None,
    noise: float = 0.06,
    random_state: int | np.random.Generator = 0,
) -> np.ndarray:
    """Return the action units of people showing emotions.

    ``AU = clip(expressiveness * intensity * prototype * (1 + 2 noise) + noise, 0, 1.25)``.

    Parameters
    ----------
    emotion : sequence of str, length N
        What each person shows.
    intensity : float or ndarray of shape (N,)
        1 is the full pose, 0 a neutral face.
    expressiveness : ndarray of shape (N,), optional
        How strongly each person poses, about 1.
    noise : float
        Standard deviation of the variation of each unit from picture to picture.
    random_state : int or numpy Generator
        The seed of that variation.

    Returns
    -------
    ndarray of shape (N, A), float64

    Raises
    ------
    InputError
        If an emotion is unknown or has no prototype.

    Examples
    --------
    >>> units = express(["happy"], noise=0.0)
    >>> round(float(units[0, ACTION_UNITS.index("AU12")]), 2)
    1.0
    """
    rng = np.random.default_rng(random_state)
    names = [parse_emotion(name) for name in emotion]
    missing = sorted(set(names) - set(EMOTIONS))
    if missing:
        raise InputError(
            f"got emotion {missing[0]!r}, which has no prototype here, expected one of "
            f"{', '.join(EMOTIONS)}; choose one"
        )
    rows = [EMOTIONS.index(name) for name in names]
    units = _MATRIX[rows] * np.reshape(np.asarray(intensity, float), (-1, 1))
    if expressiveness is not None:
        units = units * np.asarray(expressiveness, float)[:, None]
    # A unit that is shown varies more than one that rests, as in posed photographs.
    jitter = rng.standard_normal(units.shape)
    units = units * (1 + 2 * noise * jitter) + 0.5 * noise * np.abs(jitter)
    return np.clip(units, 0.0, 1.25)
