"""The judge's own errors on renders of people that it never saw."""

import numpy as np
from judging.renders import SHOTS, JudgeRenders

from icaedit.evaluation import Judge, Reading
from icaedit.portraits import ACTION_UNITS
from icaedit.schema import EMOTIONS

__all__ = ["measure_errors"]

GROUP = 20
"""People among whom one is to be recognised."""

LIGHT = ("azimuth", "elevation", "level")


def measure_errors(judge: Judge, renders: JudgeRenders) -> dict[str, float]:
    """Return how well the judge reads renders.

    Emotions: share of fully posed ones read right. Units and light: R2 against the truth. Pose:
    root mean square error in degrees. Identity: share recognised among 20 people by another
    picture of theirs.
    """
    reading = judge.read(renders.images)
    posed, emotion = renders.portraits.posed, renders.portraits.emotion
    right = reading.probabilities.argmax(1) == emotion
    result = {"posed_accuracy": right[posed].mean()}
    for number, name in enumerate(EMOTIONS):
        result[f"posed_accuracy_{name}"] = right[posed & (emotion == number)].mean()
    result["identity_top1_of_20"] = _recognised(reading)
    result["units_r2"] = _r2(reading.units, renders.units).mean()
    units = zip(ACTION_UNITS, _r2(reading.units, renders.units), strict=True)
    result |= {f"r2_{name}": value for name, value in units}
    error = np.stack([reading.yaw, reading.pitch], axis=1) - renders.pose
    yaw, pitch = np.sqrt((error**2).mean(0))
    result |= {"yaw_rmse_degrees": yaw, "pitch_rmse_degrees": pitch}
    light = zip(LIGHT, _r2(reading.light, renders.light), strict=True)
    result |= {f"r2_light_{name}": value for name, value in light}
    return {name: round(float(value), 4) for name, value in result.items()}


def _r2(read: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return 1 - residual / variance of each column."""
    truth = truth.astype(np.float64)
    return 1 - ((read - truth) ** 2).sum(0) / ((truth - truth.mean(0)) ** 2).sum(0)


def _recognised(reading: Reading) -> float:
    """Return the share of people whose second picture is most like their own first, of 20."""
    first, second = reading.embedding[::SHOTS], reading.embedding[1::SHOTS]
    hits = [
        (second[start : start + GROUP] @ first[start : start + GROUP].T).argmax(1)
        == np.arange(len(first[start : start + GROUP]))
        for start in range(0, len(first), GROUP)
    ]
    return float(np.concatenate(hits).mean())
