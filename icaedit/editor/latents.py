"""Moving latents along emotion directions."""

import math
from collections.abc import Mapping
from numbers import Real

import numpy as np

from icaedit.artifacts import Directions
from icaedit.errors import InputError
from icaedit.schema import parse_emotion

__all__ = [
    "MOST",
    "edit_latents",
    "moved_latents",
    "needed_strengths",
    "present_strengths",
    "remove_expression",
]

MOST = 20.0
"""Largest strength that is taken, either way; a fully posed expression is near 3."""


def edit_latents(
    latents: np.ndarray, directions: Directions, strengths: Mapping[str, float]
) -> np.ndarray:
    """Return latents moved along emotion directions: ``w + sum_e strength_e * direction_e``.

    Parameters
    ----------
    latents : ndarray of shape (L, C) or (N, L, C), float32
    directions : Directions
    strengths : mapping of str to float
        Units of strength by emotion, -20 to 20; several emotions add up. 0 changes nothing, bit
        for bit.

    Returns
    -------
    ndarray of the shape of `latents`, float32

    Raises
    ------
    InputError
        If the latents' shape is another than the directions', an emotion was not fitted, or a
        strength is not a number of -20 to 20.

    Examples
    --------
    >>> pattern = np.array([[[2.0, 0.0]]])
    >>> directions = Directions(["happy"], pattern, masks=pattern != 0, patterns=pattern,
    ...     posed_strength={"happy": 1.0}, method="pca", threshold="mean")
    >>> edit_latents(np.ones((1, 2), np.float32), directions, {"joy": -1.5}).tolist()
    [[-2.0, 1.0]]
    """
    latents = _require_latents(latents, directions)
    return moved_latents(latents, directions, _by_emotion(directions, strengths))


def moved_latents(
    latents: np.ndarray, directions: Directions, strengths: Mapping[str, float]
) -> np.ndarray:
    """Return what `edit_latents` does, for strengths that were computed and have no bound."""
    # Summed in float64 and rounded once, so that a step and its reverse cancel.
    moved = latents.astype(np.float64)
    for emotion, strength in strengths.items():
        if strength != 0:
            moved += strength * directions[emotion].astype(np.float64)
    return moved.astype(np.float32)


def present_strengths(latents: np.ndarray, directions: Directions) -> dict[str, np.ndarray]:
    """Return how much of each emotion is in latents, in units of strength.

    The least-squares solution of ``w - neutral = sum_e strength_e * direction_e``, where
    *neutral* is known only by its score along each direction: the mean over the neutral pictures
    that the directions were fitted on. Directions resemble each other (a smile and a grimace
    both open the mouth), so they are solved for together. What a person's own face has in
    common with an expression counts as that expression.

    Parameters
    ----------
    latents : ndarray of shape (L, C) or (N, L, C), float32
    directions : Directions
        With ``provenance["neutral_score"]``, the scores ``mean(w) . v / v . v`` by emotion.

    Returns
    -------
    dict of str to ndarray of shape () or (N,), float64
        By emotion; 0 is the average neutral face of the fitted people.

    Raises
    ------
    InputError
        If the shapes disagree, or the directions do not record the neutral scores.

    Examples
    --------
    >>> pattern = np.array([[[2.0, 0.0]]])
    >>> directions = Directions(["happy"], pattern, masks=pattern != 0, patterns=pattern,
    ...     posed_strength={"happy": 1.0}, method="pca", threshold="mean",
    ...     provenance={"neutral_score": {"happy": 0.5}})
    >>> present_strengths(np.array([[7.0, 1.0]]), directions)["happy"].item()
    3.0
    """
    latents = _require_latents(latents, directions)
    known = directions.provenance.get("neutral_score")
    if not isinstance(known, Mapping) or set(directions.emotions) - set(known):
        raise InputError(
            "got directions that do not record where the neutral face lies, expected "
            "neutral_score in their provenance; fit them again, or leave the expression in"
        )
    vectors = directions.vectors.reshape(len(directions.emotions), -1).astype(np.float64)  # (E, D)
    norms = (vectors**2).sum(axis=1)  # (E,)
    if not norms.all():
        raise InputError(
            "got a direction that is 0 everywhere, expected ones that move the latents; fit them "
            "again with threshold mean"
        )
    neutral = np.array([float(known[emotion]) for emotion in directions.emotions])
    flat = latents.reshape(*latents.shape[:-2], -1).astype(np.float64)  # (..., D)
    offsets = flat @ vectors.T - neutral * norms  # (..., E), dot products from neutral
    gram = vectors @ vectors.T  # (E, E)
    strengths = offsets @ np.linalg.pinv(gram, rcond=1e-6, hermitian=True)
    return {emotion: strengths[..., e] for e, emotion in enumerate(directions.emotions)}


def needed_strengths(
    latents: np.ndarray,
    directions: Directions,
    *,
    add: Mapping[str, float] | None = None,
    set: Mapping[str, float] | None = None,
    neutralize: bool = False,
) -> dict[str, float]:
    """Return the strengths that bring one face from the expression it has to the one wanted.

    With *p* the strengths present in the face, all of them found together (`present_strengths`):

    - ``add`` moves by the strength given, whatever is there;
    - ``set`` moves by ``target - p``, so that exactly the target is present afterwards;
    - ``neutralize`` moves every other emotion by ``-p``, so that none of them is present.

    Since the directions are not orthogonal, *p* is not the projection on each: setting happy
    would then count half of a fearful mouth as a smile. The strengths that were neither set nor
    neutralised are the same before and after.

    Parameters
    ----------
    latents : ndarray of shape (L, C), float32
    directions : Directions
        With the neutral scores of their fit, if anything is set or neutralised.
    add, set : mapping of str to float, optional
        Units of strength by emotion, -20 to 20; no emotion in both.
    neutralize : bool

    Returns
    -------
    dict of str to float
        By emotion, for `edit_latents`'s sum; may exceed 20 where more than that is present.

    Raises
    ------
    InputError
        As `edit_latents` and `present_strengths`, or if an emotion is added and set.

    Examples
    --------
    >>> pattern = np.array([[[2.0, 0.0]]])
    >>> directions = Directions(["happy"], pattern, masks=pattern != 0, patterns=pattern,
    ...     posed_strength={"happy": 1.0}, method="pca", threshold="mean",
    ...     provenance={"neutral_score": {"happy": 0.5}})
    >>> needed_strengths(np.array([[5.0, 1.0]]), directions, set={"joy": 3})
    {'happy': 1.0}
    """
    latents = _require_latents(latents, directions)
    added, wanted = _by_emotion(directions, add or {}), _by_emotion(directions, set or {})
    if not wanted and not neutralize:
        return added
    both = sorted(added.keys() & wanted.keys())
    if both:
        raise InputError(
            f"got {both[0]} to be added and to be set, expected one of the two; leave one out"
        )
    present = present_strengths(latents, directions)
    needed = {}
    for emotion in directions.emotions:
        if emotion in wanted:
            needed[emotion] = wanted[emotion] - float(present[emotion])
        elif neutralize or emotion in added:
            removed = float(present[emotion]) if neutralize else 0.0
            needed[emotion] = added.get(emotion, 0.0) - removed
    return needed


def remove_expression(latents: np.ndarray, directions: Directions) -> np.ndarray:
    """Return latents without the expression that `present_strengths` finds in them.

    Within the span of the directions the face becomes the average neutral one; everything
    else about it stays.

    Parameters
    ----------
    latents : ndarray of shape (L, C) or (N, L, C), float32
    directions : Directions

    Returns
    -------
    ndarray of the shape of `latents`, float32

    Raises
    ------
    InputError
        As `present_strengths`.
    """
    moved = np.asarray(latents, dtype=np.float64)
    for emotion, strength in present_strengths(latents, directions).items():
        moved = moved - strength[..., None, None] * directions[emotion]
    return moved.astype(np.float32)


def _require_latents(latents: np.ndarray, directions: Directions) -> np.ndarray:
    array = np.asarray(latents, dtype=np.float32)
    expected = directions.vectors.shape[1:]
    if array.ndim not in (2, 3) or array.shape[-2:] != expected:
        raise InputError(
            f"got latents of shape {array.shape}, expected (N, {expected[0]}, {expected[1]}) as "
            "the directions; use latents and directions of one model"
        )
    return array


def _by_emotion(directions: Directions, strengths: Mapping[str, float]) -> dict[str, float]:
    """Return checked strengths by the emotions' own names; those of one emotion add up."""
    checked: dict[str, float] = {}
    for name, strength in strengths.items():
        directions.mask(name)  # refuses what was not fitted
        emotion = parse_emotion(name)
        checked[emotion] = checked.get(emotion, 0.0) + _require_strength(name, strength)
    return checked


def _require_strength(emotion: str, strength: float) -> float:
    number = float(strength) if isinstance(strength, Real) else math.nan
    if not math.isfinite(number) or abs(number) > MOST:
        raise InputError(
            f"got strength {strength!r} for {emotion}, expected a number of {-MOST:g} to "
            f"{MOST:g}; a fully posed expression is near 3"
        )
    return number
