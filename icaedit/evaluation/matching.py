"""Finding the strength at which an edit changes its target by a wanted amount."""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Match", "match_gain"]

GROWTH = 1.6
"""Factor between the scales tried until the wanted gain is passed."""


@dataclass(frozen=True)
class Match:
    """Where the search ended.

    Attributes
    ----------
    scale : float
        The scale found; that of the largest gain seen if the wanted one was not reached.
    gain : float
        The gain there.
    reached : bool
        Whether it is the wanted one, within the tolerance.
    """

    scale: float
    gain: float
    reached: bool


def match_gain(
    gain: Callable[[float], float],
    wanted: float,
    *,
    start: float,
    most: float,
    tolerance: float = 0.02,
    max_steps: int = 12,
) -> Match:
    """Search the smallest bracketed scale at which ``gain(scale)`` is the wanted one.

    The scale grows from `start` until the gain is passed; then regula falsi in the Illinois form
    closes in. The gain is 0 at scale 0 and need not be monotone.

    Parameters
    ----------
    gain : callable
        Expensive; called at most `max_steps` times after growing.
    wanted : float
        Above 0.
    start, most : float
        First and largest scale.
    tolerance : float
        Relative to `wanted`.
    max_steps : int

    Returns
    -------
    Match

    Examples
    --------
    >>> match = match_gain(lambda scale: scale**2, 4.0, start=0.5, most=10.0)
    >>> round(match.scale, 1), match.reached
    (2.0, True)
    >>> match_gain(lambda scale: min(scale, 1.0), 4.0, start=0.5, most=2.0).reached
    False
    """
    low, low_miss = 0.0, -wanted
    scale = min(start, most)
    best = Match(0.0, 0.0, False)
    while True:
        value = gain(scale)
        if abs(value - wanted) <= tolerance * wanted:
            return Match(scale, value, True)
        if value > best.gain:
            best = Match(scale, value, False)
        if value > wanted:
            break
        if scale >= most:
            return best
        low, low_miss = scale, value - wanted
        scale = min(scale * GROWTH, most)
    high, high_miss = scale, value - wanted
    side = 0
    for _ in range(max_steps):
        scale = (low * high_miss - high * low_miss) / (high_miss - low_miss)
        value = gain(scale)
        miss = value - wanted
        if abs(miss) <= tolerance * wanted:
            return Match(scale, value, True)
        if miss > 0:
            high, high_miss = scale, miss
            low_miss = low_miss / 2 if side > 0 else low_miss
            side = 1
        else:
            low, low_miss = scale, miss
            high_miss = high_miss / 2 if side < 0 else high_miss
            side = -1
    return Match(scale, value, abs(value - wanted) <= 5 * tolerance * wanted)
