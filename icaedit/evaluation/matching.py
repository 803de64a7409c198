"""Finding the strength at which an edit changes its target by a wanted amount."""

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Match", "match_gain"]

GROWTH = 1.6
"""Factor between the scales tried until the wanted gain is passed."""

PEAK_ROUNDS = 3
"""Rounds of two more scales around the largest gain, where none of the first passes the wanted."""


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
    closes in. Where it is not passed, the surroundings of the largest gain are searched, for the
    gain, 0 at scale 0, need not be monotone.

    Parameters
    ----------
    gain : callable
        Expensive; it is called some five times where it rises evenly.
    wanted : float
        Above 0.
    start, most : float
        First and largest scale.
    tolerance : float
        Relative to `wanted`.
    max_steps : int
        Of the closing in.

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
    tried = {0.0: 0.0}

    def probe(scale: float) -> float:
        tried[scale] = gain(scale)
        return tried[scale]

    enough, too_much = wanted * (1 - tolerance), wanted * (1 + tolerance)
    scale = min(start, most)
    while probe(scale) < enough and scale < most:
        scale = min(scale * GROWTH, most)
    if tried[scale] < enough:
        scale = _peak(tried, probe, enough)
    slack = tolerance
    if tried[scale] > too_much:
        scale = _crossing(
            tried, probe, wanted, tolerance=tolerance, max_steps=max_steps, high=scale
        )
        slack = 5 * tolerance  # it is passed for certain; near a jump it cannot be met closely
    reached = abs(tried[scale] - wanted) <= slack * wanted
    return Match(scale, tried[scale], reached)


def _peak(
    tried: dict[float, float], probe: Callable[[float], float], enough: float
) -> float:
    """Look between the scales around the largest gain; return a scale of enough, or of the most."""
    for _ in range(PEAK_ROUNDS):
        places = sorted(tried)
        best = max(places, key=lambda scale: tried[scale])
        at = places.index(best)
        if best == 0:
            break
        for other in places[at - 1 : at] + places[at + 1 : at + 2]:
            middle = (best + other) / 2
            if probe(middle) >= enough:
                return middle
    return max(sorted(tried), key=lambda scale: tried[scale])


def _crossing(
    tried: dict[float, float],
    probe: Callable[[float], float],
    wanted: float,
    *,
    tolerance: float,
    max_steps: int,
    high: float,
) -> float:
    """Close in on the wanted gain below a scale that passes it, and return the last scale."""
    low = max(scale for scale in tried if scale < high and tried[scale] < wanted)
    low_miss, high_miss = tried[low] - wanted, tried[high] - wanted
    scale, side = high, 0
    for _ in range(max_steps):
        scale = (low * high_miss - high * low_miss) / (high_miss - low_miss)
        miss = probe(scale) - wanted
        if abs(miss) <= tolerance * wanted:
            break
        if miss > 0:
            high, high_miss = scale, miss
            low_miss = low_miss / 2 if side > 0 else low_miss
            side = 1
        else:
            low, low_miss = scale, miss
            high_miss = high_miss / 2 if side < 0 else high_miss
            side = -1
    return scale
