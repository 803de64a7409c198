"""What a fit refuses, gives up or warns about."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icaedit.analysis.cells import CellMeans
from icaedit.analysis.stability import GATE, Stability
from icaedit.errors import (
    ConvergenceWarning,
    DatasetError,
    IcaeditWarning,
    InputError,
    StabilityWarning,
)
from icaedit.schema import METHODS, SIDES

__all__ = [
    "ESTIMANDS",
    "check_differences",
    "check_options",
    "gated_estimand",
    "warn_empty",
    "warn_few",
    "warn_unsettled",
    "warn_wild",
]

ESTIMANDS = ("emotion", "component")
"""What a group-ica direction stands for: the emotion as posed, or one independent component."""

_NAMED = 5
_STACK = 4
"""From `_warn` over a check and `fit_directions` to whoever called that."""


def check_options(
    *,
    method: str,
    sided: str | None,
    estimand: str,
    n_components: int | None,
    random_state: int,
    n_bootstrap: int | None,
) -> None:
    """Raise InputError for an option of `fit_directions` that means nothing."""
    if method not in METHODS:
        raise InputError(
            f"got method {method!r}, expected one of {', '.join(METHODS)}; choose one of these"
        )
    if estimand not in ESTIMANDS:
        raise InputError(
            f"got estimand {estimand!r}, expected {' or '.join(ESTIMANDS)}; use emotion if unsure"
        )
    if sided is not None and sided not in SIDES:
        raise InputError(
            f"got sided {sided!r}, expected {' or '.join(SIDES)}; leave it out if unsure"
        )
    if n_components is not None and method != "group-ica":
        raise InputError(
            f"got n_components {n_components!r} for method {method}, expected none; it is an "
            "option of group-ica"
        )
    numbers = (
        ("random_state", random_state, 0),
        ("n_bootstrap", 0 if n_bootstrap is None else n_bootstrap, 0),
        ("n_components", 1 if n_components is None else n_components, 1),
    )
    for name, value, least in numbers:
        if not isinstance(value, int | np.integer) or value < least:
            raise InputError(
                f"got {name} {value!r}, expected a whole number of at least {least}; give one"
            )


def check_differences(difference: NDArray[np.float64], cells: CellMeans) -> None:
    """Raise DatasetError for emotions that look exactly like neutral."""
    scale = np.linalg.norm(cells.means, axis=1).max()
    same = np.flatnonzero(np.linalg.norm(difference, axis=1) <= 1e-10 * scale)
    if same.size:
        names = ", ".join(cells.emotions[e + 1] for e in same)
        raise DatasetError(
            f"got latents of {names} that equal those of neutral, expected a difference; check "
            "for copied images or wrong labels"
        )


def warn_few(cells: CellMeans) -> None:
    """Warn of emotions that fewer than two people show beside neutral."""
    few = [
        name for row, name in enumerate(cells.emotions[1:], 1) if len(cells.pairs(row)[0]) < 2
    ]
    if few:
        _warn(
            f"got {', '.join(few)} beside neutral from fewer than 2 people, expected several; what "
            "is found may be one person's own, add people",
            StabilityWarning,
        )


def gated_estimand(stability: Stability | None) -> str:
    """Return ``"component"`` if its directions are stable enough, else ``"emotion"`` and warn."""
    if stability is None:
        _warn(
            "got no bootstrap for the estimand component, expected one to tell whether it is "
            "stable; leave n_bootstrap out",
            StabilityWarning,
        )
        return "component"
    ratio = stability.ratio("component")
    if ratio is not None and ratio >= GATE:
        return "component"
    shown = "none" if ratio is None else f"{ratio:.2f}"
    _warn(
        f"got independent components of stability ratio {shown}, expected at least {GATE}; the "
        "estimand emotion is used instead, add people to try again",
        StabilityWarning,
    )
    return "emotion"


def warn_unsettled(details: dict[str, Any], estimand: str, cells: CellMeans) -> None:
    """Warn of components behind the directions, or people's ICA, that were still moving."""
    ica = details.get("ica", {})
    message = ""
    if "unsettled" in details:
        rows = np.flatnonzero(details["unsettled"][estimand])
        if rows.size:
            message = f"the components of {', '.join(cells.emotions[row + 1] for row in rows)}"
    elif ica.get("people_unsettled"):
        people = ica["people_unsettled"]
        message = f"{len(people)} of {ica['people_fitted']} people's ICA ({_some(people)})"
    if message:
        _warn(
            f"got {message} unsettled after {ica['n_iter']} iterations of the best start, expected "
            "a fixed point; compare with method mean-difference or another random_state",
            ConvergenceWarning,
        )


def warn_empty(masks: NDArray[np.bool_], cells: CellMeans, threshold: str | float) -> None:
    """Warn of emotions whose mask is empty."""
    empty = np.flatnonzero(~masks.any(axis=1))
    if empty.size:
        names = ", ".join(cells.emotions[e + 1] for e in empty)
        _warn(
            f"got no coordinate of {names} past threshold {threshold}, expected some; these "
            "directions are 0, use threshold mean or add people",
            StabilityWarning if threshold == "fdr" else IcaeditWarning,
        )


def warn_wild(
    wild: list[tuple[int, int]], cells: CellMeans, trailing: tuple[int, ...]
) -> None:
    """Warn of coordinates that would pass for components; `wild` is (coordinate, cell)."""
    if wild:
        places = [
            f"{_place(coordinate, trailing)} (largest in {cells.identities[cells.person[cell]]} "
            f"{cells.emotions[cells.emotion[cell]]})"
            for coordinate, cell in wild
        ]
        _warn(
            f"got {len(wild)} coordinate{'s' * (len(wild) > 1)} far larger than the others: "
            f"{_some(places)}, expected none to make up a component by itself; check these "
            "pictures, or leave them out",
            IcaeditWarning,
        )


def _place(coordinate: int, trailing: tuple[int, ...]) -> str:
    if len(trailing) == 1:
        return f"coordinate {coordinate}"
    layer, channel = divmod(coordinate, trailing[1])
    return f"layer {layer} channel {channel}"


def _some(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _warn(message: str, category: type[Warning]) -> None:
    warnings.warn(message, category, stacklevel=_STACK)
