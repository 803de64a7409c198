"""What a recogniser is given of the latents: nothing, all, or some coordinates."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from icaedit.artifacts import Directions
from icaedit.errors import InputError
from icaedit.studies.paper import PAPER_COORDINATES

__all__ = ["CONDITIONS", "FIFTH", "Condition", "condition_masks"]

FIFTH = PAPER_COORDINATES["mean mask"] / PAPER_COORDINATES["full"]
"""Share of the coordinates that the paper keeps, 17.8 %."""


@dataclass(frozen=True)
class Condition:
    """One way to choose coordinates.

    Parameters
    ----------
    rule : str
        ``"none"``, ``"all"``, ``"mean"``, ``"median"`` or ``"share"``.
    instead : str
        ``""``, or ``"random"`` for as many others at random, or ``"complement"`` for the rest.
    """

    rule: str
    instead: str = ""


CONDITIONS: Mapping[str, Condition] = MappingProxyType(
    {
        "without": Condition("none"),
        "full": Condition("all"),
        "median mask": Condition("median"),
        "mean mask": Condition("mean"),
        "random like mean": Condition("mean", "random"),
        "complement of mean": Condition("mean", "complement"),
        "fifth": Condition("share"),
        "random fifth": Condition("share", "random"),
        "complement of fifth": Condition("share", "complement"),
    }
)
"""The mean and median masks are the unions over emotions that ``export-mask`` writes. "Fifth" is
the paper's number of coordinates: those with the largest weight in any direction."""


def condition_masks(
    directions: Directions, *, random_state: int = 0
) -> dict[str, NDArray[np.bool_] | None]:
    """Return the mask of every condition.

    Parameters
    ----------
    directions : Directions
        Fitted on people who are neither trained nor tested on.
    random_state : int
        Seeds the random coordinates.

    Returns
    -------
    dict of str to ndarray of bool, (L, C), or None
        By condition, in the order of `CONDITIONS`; None for no latents.

    Raises
    ------
    InputError
        If a rule keeps everything or nothing, so that its complement or itself is empty.

    Examples
    --------
    >>> vectors = np.arange(1.0, 41.0).reshape(1, 4, 10)
    >>> directions = Directions(("happy",), vectors, masks=np.ones((1, 4, 10), bool),
    ...     patterns=vectors, posed_strength={"happy": 3.0}, method="pca", threshold="none",
    ...     sided="two", report={}, model_fingerprint="", provenance={})
    >>> masks = condition_masks(directions)
    >>> [int(masks[name].sum()) for name in ("full", "mean mask", "complement of mean", "fifth")]
    [40, 20, 20, 7]
    """
    largest = np.abs(directions.patterns).max(axis=0)  # (L, C)
    shape, rng = largest.shape, np.random.default_rng(random_state)
    kept = {
        "none": None,
        "all": np.ones(shape, bool),
        "mean": directions.index_mask("mean").mask(),
        "median": directions.index_mask("median").mask(),
        "share": _largest(largest, FIFTH),
    }
    masks: dict[str, NDArray[np.bool_] | None] = {}
    for name, condition in CONDITIONS.items():
        mask = kept[condition.rule]
        if mask is not None and condition.instead == "random":
            chosen = rng.permutation(mask.size)[: int(mask.sum())]
            mask = np.zeros(mask.size, bool)
            mask[chosen] = True
            mask = mask.reshape(shape)
        elif mask is not None and condition.instead == "complement":
            mask = ~mask
        if mask is not None and not mask.any():
            raise InputError(
                f"got directions whose condition {name!r} keeps no coordinate, expected some; fit "
                "them with another method"
            )
        masks[name] = mask
    return masks


def _largest(values: NDArray, share: float) -> NDArray[np.bool_]:
    """Return True at the given share of places, those with the largest values."""
    n = max(1, round(share * values.size))
    order = np.argsort(-values, axis=None, kind="stable")
    mask = np.zeros(values.size, bool)
    mask[order[:n]] = True
    return mask.reshape(values.shape)
