"""Each method's patterns, and how to refit them on resampled people."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icaedit.analysis.centring import CentredCells, contrast_operator
from icaedit.analysis.group_ica import component_weights, emotion_weights, group_ica
from icaedit.analysis.pca import pca_weights
from icaedit.analysis.per_identity import average_weights, per_identity_ica
from icaedit.analysis.resampled import resampled_group_ica
from icaedit.analysis.stability import Refit, RefitMany, Replicates
from icaedit.analysis.svm import raw_cells, svm_weights

__all__ = ["FITTERS", "MethodFit"]


@dataclass(frozen=True, eq=False)
class MethodFit:
    """What a method found.

    Attributes
    ----------
    patterns : dict of str to ndarray of float64, (E - 1, D)
        By estimand; always with ``"emotion"``.
    refit : callable
        Weights on cells, by estimand, for one resampling of the people.
    gram : ndarray of float64, (n_cells, n_cells)
        Inner products of the cells that those weights apply to.
    details : dict
        For the report.
    refit_many : callable, optional
        The same for many resamplings at once, where that is much faster; see `RefitMany`.
    components : tuple of ndarray, optional
        What ICASSO needs, as weights on cells: the fit's own components matched to the emotions,
        (E - 1, n_cells); the inner products of cells minus their means, (n_cells, n_cells); the
        components to cluster, (runs, K, n_cells), or None for those of the resamples.
    """

    patterns: dict[str, NDArray[np.float64]]
    refit: Refit
    gram: NDArray[np.float64]
    details: dict[str, Any]
    refit_many: RefitMany | None = None
    components: tuple[NDArray, NDArray, NDArray | None] | None = None


def _fit_group_ica(
    centred: CentredCells,
    difference: NDArray[np.float64],
    random_state: int,
    *,
    n_components: int | None = None,
) -> MethodFit:
    fit = group_ica(centred, np.random.default_rng(random_state), n_components=n_components)
    emotion = emotion_weights(fit)
    component, component_used = component_weights(fit)
    size = len(fit.unmixing)
    single = (centred.matrix - centred.row_means[:, None]).astype(np.float32)

    def refit_many(
        person_weights: NDArray[np.float64],
        contrasts: NDArray[np.float64],
        rng: np.random.Generator,
    ) -> Replicates:
        again = resampled_group_ica(
            centred, person_weights, contrasts, rng, n_components=size, matrix=single
        )
        emotion = emotion_weights(again)
        component, used = component_weights(again)
        unsettled = (used & ~again.settled[:, None]).any(axis=2)
        return Replicates(
            {"emotion": emotion.weights, "component": component},
            {"emotion": emotion.unsettled, "component": unsettled},
            again.unmixing,
        )

    def refit(
        weights: NDArray[np.float64], rng: np.random.Generator
    ) -> dict[str, NDArray[np.float64]]:
        contrast = contrast_operator(centred, weights)
        many = refit_many(weights[None], contrast[None], rng).weights
        return {name: rows[0] for name, rows in many.items()}

    details = {
        "ica": {
            "n_components": size,
            "n_iter": fit.search.n_iter,
            "contrast": fit.search.contrast,
            "starts": fit.search.n_starts,
            "starts_at_the_best": fit.search.n_agreeing,
            "settled": fit.settled.tolist(),
            "mixing_by_emotion": fit.contrasts.tolist(),
            "t_by_emotion": fit.t.tolist(),
        },
        "used": {"emotion": emotion.used, "component": component_used},
        "none_moves": emotion.none_moves,
        "unsettled": {
            "emotion": emotion.unsettled,
            "component": (component_used & ~fit.settled).any(axis=1),
        },
    }
    matched = fit.unmixing[component_used.argmax(axis=1)]
    return MethodFit(
        {"emotion": emotion.weights @ centred.matrix, "component": component @ centred.matrix},
        refit,
        centred.gram,
        details,
        refit_many,
        (matched, centred.products, None),
    )


def _fit_paper(
    centred: CentredCells, difference: NDArray[np.float64], random_state: int
) -> MethodFit:
    cells = centred.cells
    fit = per_identity_ica(cells, random_state=random_state)
    # the sources of FastICA have zero mean; with the mean, the people's would leak in
    rows = cells.means - cells.means.mean(axis=1, keepdims=True)
    gram = rows @ rows.T
    weights = average_weights(fit, cells)
    details = {
        "ica": {
            "people_fitted": int(fit.fitted.sum()),
            "people_unsettled": [
                cells.identities[p] for p in np.flatnonzero(fit.fitted & ~fit.converged)
            ],
            "n_iter": int(fit.n_iter.max()),
            "contrast": float(fit.contrast[fit.fitted].mean()),
        }
    }

    def refit_many(
        person_weights: NDArray[np.float64],
        contrasts: NDArray[np.float64],
        rng: np.random.Generator,
    ) -> Replicates:
        # nobody's own ICA depends on who else is there
        return Replicates(
            {"emotion": np.stack([average_weights(fit, cells, one) for one in person_weights])}
        )

    return MethodFit(
        {"emotion": weights @ rows},
        lambda weights, rng: {"emotion": average_weights(fit, cells, weights)},
        gram,
        details,
        refit_many,
        (weights, gram, fit.unmixing),
    )


def _fit_pca(
    centred: CentredCells, difference: NDArray[np.float64], random_state: int
) -> MethodFit:
    return MethodFit(
        {"emotion": pca_weights(centred) @ centred.matrix},
        lambda weights, rng: {"emotion": pca_weights(centred, weights)},
        centred.gram,
        {},
    )


def _fit_svm(
    centred: CentredCells, difference: NDArray[np.float64], random_state: int
) -> MethodFit:
    raw = raw_cells(centred)
    return MethodFit(
        {"emotion": svm_weights(centred, raw) @ raw.rows},
        lambda weights, rng: {"emotion": svm_weights(centred, raw, person_weights=weights)},
        raw.gram,
        {},
    )


def _fit_mean_difference(
    centred: CentredCells, difference: NDArray[np.float64], random_state: int
) -> MethodFit:
    return MethodFit(
        {"emotion": difference},
        lambda weights, rng: {},
        centred.gram,
        {},
        lambda person_weights, contrasts, rng: Replicates({}),
    )


FITTERS: dict[str, Callable[..., MethodFit]] = {
    "group-ica": _fit_group_ica,
    "paper": _fit_paper,
    "mean-difference": _fit_mean_difference,
    "pca": _fit_pca,
    "svm": _fit_svm,
}
