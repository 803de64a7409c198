"""From latents with labels to emotion directions, by any of the methods."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.analysis.cells import CellMeans, cell_means
from icaedit.analysis.centring import centre_people, identity_effects
from icaedit.analysis.masks import direction_masks
from icaedit.analysis.mean_difference import mean_difference
from icaedit.analysis.methods import FITTERS
from icaedit.analysis.report import build_report
from icaedit.analysis.scoring import unit_of_strength
from icaedit.analysis.stability import GATE, Stability, bootstrap_stability
from icaedit.errors import (
    ConvergenceWarning,
    DatasetError,
    IcaeditWarning,
    InputError,
    StabilityWarning,
)
from icaedit.schema import METHODS, parse_threshold

__all__ = ["ESTIMANDS", "DirectionFit", "fit_directions"]

ESTIMANDS = ("emotion", "component")
"""What a group-ica direction stands for: the emotion as posed, or one independent component."""


@dataclass(frozen=True, eq=False)
class DirectionFit:
    """Fitted directions; the trailing shape is that of the latents, (D,) or (L, C).

    Attributes
    ----------
    emotions : tuple of str, (E - 1,)
        The fitted emotions other than neutral, in the order of the schema.
    patterns : ndarray of float32, (E - 1, ...)
        Displacement from neutral to posed in latent units, before the threshold.
    vectors : ndarray of float32, (E - 1, ...)
        Displacement for one unit of strength, 0 outside the mask.
    masks : ndarray of bool, (E - 1, ...)
    posed_strength : dict of str to float
        Where each emotion's own mean lies, in units of strength from neutral.
    report : dict
        Diagnostics, as JSON can hold them; see `report_sentences`.
    method, estimand : str
        The estimand is the one used, which differs from the one asked for after a fallback.
    threshold : str or float
    """

    emotions: tuple[str, ...]
    patterns: NDArray[np.float32]
    vectors: NDArray[np.float32]
    masks: NDArray[np.bool_]
    posed_strength: dict[str, float]
    report: dict[str, Any]
    method: str
    estimand: str
    threshold: str | float


def fit_directions(
    latents: ArrayLike,
    identity: ArrayLike,
    emotion: ArrayLike,
    *,
    method: str = "group-ica",
    threshold: str | float = "mean",
    estimand: str = "emotion",
    random_state: int = 0,
    n_bootstrap: int = 200,
) -> DirectionFit:
    """Find one direction per emotion.

    Parameters
    ----------
    latents : array_like of float, (N, D) or (N, L, C)
    identity, emotion : array_like of str, (N,)
        Who is shown, and a name or alias of the emotion.
    method : str
        ``"group-ica"``, ``"paper"``, ``"mean-difference"``, ``"pca"`` or ``"svm"``.
    threshold : str or float
        Which coordinates are kept: ``"mean"``, ``"median"``, ``"none"``, ``"fdr"`` or a number in
        latent units.
    estimand : str
        For group-ica: ``"emotion"``, everything that moves with the posed emotion, or
        ``"component"``, its one matched independent component, which is given up for
        ``"emotion"`` where it is much less stable than the mean difference.
    random_state : int
        Seed of ICA starts and of the bootstrap.
    n_bootstrap : int
        Resamplings of people behind the stability report; 0 leaves it out.

    Returns
    -------
    DirectionFit

    Raises
    ------
    InputError
        If an option, a label or a latent is unusable.
    DatasetError
        If the images cannot tell the directions: one person, no neutral, nothing but neutral, an
        emotion that nobody links to neutral or that looks exactly like it.

    Warns
    -----
    ConvergenceWarning
        If ICA did not settle.
    StabilityWarning
        If ``"component"`` was given up or could not be checked, or a mask is empty.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> smile = np.array([0.0, 0.0, 3.0, 0.0, -1.0, 0.0])
    >>> people = rng.normal(size=(5, 1, 6))
    >>> latents = np.concatenate([people, people + smile], axis=1).reshape(10, 6)
    >>> fit = fit_directions(latents, np.repeat(list("abcde"), 2), ["NE", "HA"] * 5)
    >>> fit.emotions, fit.patterns.round(4).tolist()
    (('happy',), [[0.0, 0.0, 3.0, 0.0, -1.0, 0.0]])
    >>> fit.masks.tolist(), round(fit.posed_strength["happy"], 6)
    ([[False, False, True, False, True, False]], 2.0)
    """
    threshold = parse_threshold(threshold)
    _check_options(method, estimand, random_state, n_bootstrap)
    cells = cell_means(latents, identity, emotion)
    latents = np.asarray(latents)
    trailing = latents.shape[1:]
    flat = latents.reshape(len(latents), -1)
    centred = centre_people(cells)
    difference = mean_difference(centred)
    _check_differences(difference, cells)

    fitted = FITTERS[method](centred, difference, random_state)
    stability = None
    if n_bootstrap:
        stability = bootstrap_stability(
            centred,
            fitted.refit,
            fitted.gram,
            n_bootstrap=n_bootstrap,
            rng=np.random.default_rng([random_state, 1]),
        )
    used = estimand if estimand in fitted.patterns else "emotion"
    if used == "component":
        used = _gated_estimand(stability)
    _warn_unsettled(fitted.details, used)

    patterns = fitted.patterns[used].astype(np.float32)
    # masks are taken of what is stored, so that they can be taken again from a file
    masks = direction_masks(patterns, threshold, cells=cells, two_sided=method != "paper")
    _warn_empty(masks, cells, threshold)
    vectors, posed = unit_of_strength(
        flat, cells, identity_effects(centred), np.where(masks, patterns, np.float32(0))
    )
    report = build_report(
        centred,
        method=method,
        estimand=(estimand, used),
        threshold=threshold,
        directions=(patterns, masks, vectors, posed),
        difference=difference,
        stability=stability,
        details={**fitted.details, "trailing": trailing},
    )
    shape = (len(patterns), *trailing)
    return DirectionFit(
        emotions=cells.emotions[1:],
        patterns=patterns.reshape(shape),
        vectors=vectors.astype(np.float32).reshape(shape),
        masks=masks.reshape(shape),
        posed_strength=dict(zip(cells.emotions[1:], posed.tolist(), strict=True)),
        report=report,
        method=method,
        estimand=used,
        threshold=threshold,
    )


def _check_options(method: str, estimand: str, random_state: int, n_bootstrap: int) -> None:
    if method not in FITTERS:
        raise InputError(
            f"got method {method!r}, expected one of {', '.join(METHODS)}; choose one of these"
        )
    if estimand not in ESTIMANDS:
        raise InputError(
            f"got estimand {estimand!r}, expected {' or '.join(ESTIMANDS)}; use emotion if unsure"
        )
    for name, value in (("random_state", random_state), ("n_bootstrap", n_bootstrap)):
        if not isinstance(value, int | np.integer) or value < 0:
            raise InputError(
                f"got {name} {value!r}, expected a whole number of at least 0; give one"
            )


def _check_differences(difference: NDArray[np.float64], cells: CellMeans) -> None:
    scale = np.linalg.norm(cells.means, axis=1).max()
    same = np.flatnonzero(np.linalg.norm(difference, axis=1) <= 1e-10 * scale)
    if same.size:
        names = ", ".join(cells.emotions[e + 1] for e in same)
        raise DatasetError(
            f"got latents of {names} that equal those of neutral, expected a difference; check "
            "for copied images or wrong labels"
        )


def _gated_estimand(stability: Stability | None) -> str:
    if stability is None:
        warnings.warn(
            "got no bootstrap for the estimand component, expected one to tell whether it is "
            "stable; fit with n_bootstrap=200",
            StabilityWarning,
            stacklevel=3,
        )
        return "component"
    ratio = stability.ratio("component")
    if ratio is not None and ratio >= GATE:
        return "component"
    shown = "none" if ratio is None else f"{ratio:.2f}"
    warnings.warn(
        f"got independent components of stability ratio {shown}, expected at least {GATE}; the "
        "estimand emotion is used instead, add people to try again",
        StabilityWarning,
        stacklevel=3,
    )
    return "emotion"


def _warn_unsettled(details: dict[str, Any], estimand: str) -> None:
    ica = details.get("ica", {})
    message = ""
    if "settled" in ica:
        needed = details["used"][estimand].any(axis=0)
        open_count = int((needed & ~np.array(ica["settled"])).sum())
        if open_count:
            message = f"{open_count} of {int(needed.sum())} components"
    elif ica.get("people_unsettled"):
        message = f"{len(ica['people_unsettled'])} of {ica['people_fitted']} people's ICA"
    if message:
        warnings.warn(
            f"got {message} unsettled after {ica['n_iter']} iterations of the best start, expected "
            "a fixed point; compare with method mean-difference or another random_state",
            ConvergenceWarning,
            stacklevel=3,
        )


def _warn_empty(
    masks: NDArray[np.bool_], cells: CellMeans, threshold: str | float
) -> None:
    empty = np.flatnonzero(~masks.any(axis=1))
    if empty.size:
        names = ", ".join(cells.emotions[e + 1] for e in empty)
        category = StabilityWarning if threshold == "fdr" else IcaeditWarning
        warnings.warn(
            f"got no coordinate of {names} past threshold {threshold}, expected some; these "
            "directions are 0, use threshold mean or add people",
            category,
            stacklevel=3,
        )
