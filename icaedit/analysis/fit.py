"""From latents with labels to emotion directions, by any of the methods."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.analysis.cells import CellMeans, cell_means
from icaedit.analysis.centring import CentredCells, centre_people, identity_effects
from icaedit.analysis.checks import (
    ESTIMANDS,
    check_differences,
    check_options,
    gated_estimand,
    warn_empty,
    warn_few,
    warn_unsettled,
    warn_wild,
)
from icaedit.analysis.diagnostics import build_report
from icaedit.analysis.icasso import cluster_components, icasso_entry, matched_quality
from icaedit.analysis.masks import direction_masks
from icaedit.analysis.mean_difference import mean_difference
from icaedit.analysis.methods import FITTERS, MethodFit
from icaedit.analysis.scoring import unit_of_strength
from icaedit.analysis.screening import Screening, screen_latents, wild_coordinates
from icaedit.analysis.stability import (
    DEFAULT_BOOTSTRAP,
    SLOW_BOOTSTRAP,
    Stability,
    bootstrap_stability,
    one_by_one,
)
from icaedit.schema import parse_threshold
from icaedit.thresholds import default_sided

__all__ = ["ESTIMANDS", "DirectionFit", "fit_directions"]


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
    used : ndarray of bool, (N,)
        The pictures that were fitted; the others were left out, and the report says why.
    method, estimand : str
        The estimand is the one used, which differs from the one asked for after a fallback.
    threshold : str or float
    sided : str
        ``"one"`` or ``"two"``.
    """

    emotions: tuple[str, ...]
    patterns: NDArray[np.float32]
    vectors: NDArray[np.float32]
    masks: NDArray[np.bool_]
    posed_strength: dict[str, float]
    report: dict[str, Any]
    used: NDArray[np.bool_]
    method: str
    estimand: str
    threshold: str | float
    sided: str


def fit_directions(
    latents: ArrayLike,
    identity: ArrayLike,
    emotion: ArrayLike,
    *,
    method: str = "group-ica",
    threshold: str | float = "mean",
    sided: str | None = None,
    estimand: str = "emotion",
    n_components: int | None = None,
    random_state: int = 0,
    n_bootstrap: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> DirectionFit:
    """Find one direction per emotion.

    Parameters
    ----------
    latents : array_like of float, (N, D) or (N, L, C)
        A person with NaN or Inf in some latent is left out as a whole; a constant latent is left
        out by itself.
    identity, emotion : array_like of str, (N,)
        Who is shown, and a name or alias of the emotion.
    method : str
        ``"group-ica"``, ``"paper"``, ``"mean-difference"``, ``"pca"`` or ``"svm"``.
    threshold : str or float
        Which coordinates are kept: ``"mean"``, ``"median"``, ``"none"``, ``"fdr"`` or a number in
        latent units.
    sided : str, optional
        ``"one"`` keeps coordinates above the threshold only, ``"two"`` those below its negative
        as well. By default one for the method ``"paper"`` and two for every other.
    estimand : str
        For group-ica: ``"emotion"``, everything that moves with the posed emotion, or
        ``"component"``, its one matched independent component, which is given up for
        ``"emotion"`` where it is much less stable than the mean difference.
    n_components : int, optional
        For group-ica: components among which the emotions are sought. By default as many as
        stand out from noise, but at least two and at most six beyond one per emotion.
    random_state : int
        Seed of ICA starts and of the bootstrap.
    n_bootstrap : int, optional
        Resamplings of people behind the stability report; 0 leaves it out. By default 1000, or
        200 for methods whose refits are slow.
    progress : callable, optional
        Called as ``progress(done, total)`` with the resamplings done, which take most of the time.

    Returns
    -------
    DirectionFit

    Raises
    ------
    InputError
        If an option, a label or the shape of the latents is unusable.
    DatasetError
        If the images cannot tell the directions: one person, no neutral, nothing but neutral, an
        emotion that nobody links to neutral or that looks exactly like it.

    Warns
    -----
    IcaeditWarning
        If people or pictures were left out, pictures are copies of each other, or one coordinate
        is so large that it would pass for a component.
    ConvergenceWarning
        If ICA did not settle.
    StabilityWarning
        If ``"component"`` was given up or could not be checked, fewer than two people show an
        emotion beside neutral, or the mask of false discoveries is empty.

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
    check_options(
        method=method,
        sided=sided,
        estimand=estimand,
        n_components=n_components,
        random_state=random_state,
        n_bootstrap=n_bootstrap,
    )
    sided = sided or default_sided(method)
    screening = screen_latents(latents, identity, emotion)
    flat, cells, trailing = _usable(latents, identity, emotion, screening)
    centred = centre_people(cells)
    difference = mean_difference(centred)
    check_differences(difference, cells)
    warn_few(cells)
    wild = wild_coordinates(centred, len(difference))
    warn_wild(wild, cells, trailing)

    options = {} if n_components is None else {"n_components": n_components}
    fitted = FITTERS[method](centred, difference, random_state, **options)
    stability = _stability(centred, fitted, n_bootstrap, random_state, progress)
    used = estimand if estimand in fitted.patterns else "emotion"
    if used == "component":
        used = gated_estimand(stability)
    warn_unsettled(fitted.details, used, cells)

    patterns = fitted.patterns[used].astype(np.float32)
    # masks are taken of what is stored, so that they can be taken again from a file
    masks = direction_masks(patterns, threshold, cells=cells, two_sided=sided == "two")
    warn_empty(masks, cells.emotions, threshold)
    vectors, posed = unit_of_strength(
        flat, cells, identity_effects(centred), np.where(masks, patterns, np.float32(0))
    )
    report = build_report(
        centred,
        method=method,
        estimand=(estimand, used),
        threshold=(threshold, sided),
        directions=(patterns, masks, vectors, posed),
        difference=difference,
        stability=stability,
        details={
            **fitted.details,
            "trailing": trailing,
            "screening": screening,
            "wild": [coordinate for coordinate, _ in wild],
            "icasso": _icasso(fitted, stability),
        },
    )
    shape = (len(patterns), *trailing)
    return DirectionFit(
        emotions=cells.emotions[1:],
        patterns=patterns.reshape(shape),
        vectors=vectors.astype(np.float32).reshape(shape),
        masks=masks.reshape(shape),
        posed_strength=dict(zip(cells.emotions[1:], posed.tolist(), strict=True)),
        report=report,
        used=screening.used,
        method=method,
        estimand=used,
        threshold=threshold,
        sided=sided,
    )


def _usable(
    latents: ArrayLike, identity: ArrayLike, emotion: ArrayLike, screening: Screening
) -> tuple[NDArray, CellMeans, tuple[int, ...]]:
    """Flattened latents of the usable pictures, their cells and the shape of one latent."""
    latents, kept = np.asarray(latents), screening.used
    flat = latents.reshape(len(latents), -1)
    if kept.all():
        return flat, cell_means(flat, identity, emotion), latents.shape[1:]
    flat = flat[kept]
    cells = cell_means(flat, np.asarray(identity)[kept], np.asarray(emotion)[kept])
    return flat, cells, latents.shape[1:]


def _stability(
    centred: CentredCells,
    fitted: MethodFit,
    n_bootstrap: int | None,
    random_state: int,
    progress: Callable[[int, int], None] | None,
) -> Stability | None:
    if n_bootstrap is None:
        n_bootstrap = SLOW_BOOTSTRAP if fitted.refit_many is None else DEFAULT_BOOTSTRAP
    if not n_bootstrap:
        return None
    return bootstrap_stability(
        centred,
        fitted.refit_many or one_by_one(fitted.refit),
        fitted.gram,
        n_bootstrap=n_bootstrap,
        rng=np.random.default_rng([random_state, 1]),
        progress=progress,
    )


def _icasso(
    fitted: MethodFit, stability: Stability | None
) -> tuple[dict[str, Any], NDArray[np.float64]] | None:
    """Clusters of the components, and the quality of the cluster behind each emotion."""
    if fitted.components is None or stability is None:
        return None
    matched, products, runs = fitted.components
    runs = stability.unmixing if runs is None else runs
    if runs is None:
        return None
    components = runs.reshape(-1, len(products))
    components = components[np.abs(components).any(axis=1)]
    clusters = cluster_components(components, products, runs.shape[1])
    return (
        icasso_entry(clusters, len(runs)),
        matched_quality(clusters, components, matched, products),
    )
