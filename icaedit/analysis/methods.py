"""Each method's patterns, and how to refit them on resampled people."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icaedit.analysis.centring import CentredCells
from icaedit.analysis.group_ica import component_weights, emotion_weights, group_ica
from icaedit.analysis.pca import pca_weights
from icaedit.analysis.per_identity import average_weights, per_identity_ica
from icaedit.analysis.stability import Refit
from icaedit.analysis.svm import svm_rows, svm_weights

__all__ = ["FITTERS", "MethodFit"]


@dataclass(frozen=True, eq=False)
class MethodFit:
    """What a method found.

    Attributes
    ----------
    patterns : dict of str to ndarray of float64, (E - 1, D)
        By estimand; always with ``"emotion"``.
    refit : callable
        Of `bootstrap_stability`: weights on cells for a resampling of the people.
    gram : ndarray of float64, (n_cells, n_cells)
        Inner products of the cells that those weights apply to.
    details : dict
        For the report.
    """

    patterns: dict[str, NDArray[np.float64]]
    refit: Refit
    gram: NDArray[np.float64]
    details: dict[str, Any]


def _fit_group_ica(
    centred: CentredCells, difference: NDArray[np.float64], random_state: int
) -> MethodFit:
    fit = group_ica(centred, np.random.default_rng(random_state))
    emotion, emotion_used, fallback = emotion_weights(fit)
    component, component_used = component_weights(fit)
    single = centred.matrix.astype(np.float32)

    def refit(
        weights: NDArray[np.float64], rng: np.random.Generator
    ) -> dict[str, NDArray[np.float64]]:
        # one cold start each: a warm one would stay where it is and look stable
        again = group_ica(
            centred,
            rng,
            person_weights=weights,
            matrix=single,
            n_starts=1,
            max_iter=50,
            tol=1e-3,
        )
        return {"emotion": emotion_weights(again)[0], "component": component_weights(again)[0]}

    details = {
        "ica": {
            "n_components": len(fit.unmixing),
            "n_iter": fit.rotation.n_iter,
            "contrast": fit.rotation.contrast,
            "settled": fit.rotation.settled.tolist(),
        },
        "used": {"emotion": emotion_used, "component": component_used},
        "fallback": fallback,
    }
    patterns = {"emotion": emotion @ centred.matrix, "component": component @ centred.matrix}
    return MethodFit(patterns, refit, centred.gram, details)


def _fit_paper(
    centred: CentredCells, difference: NDArray[np.float64], random_state: int
) -> MethodFit:
    cells = centred.cells
    fit = per_identity_ica(cells, random_state=random_state)
    # the sources of FastICA have zero mean; with the mean, the people's would leak in
    rows = cells.means - cells.means.mean(axis=1, keepdims=True)
    patterns = {"emotion": average_weights(fit, cells) @ rows}
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
    return MethodFit(
        patterns,
        lambda weights, rng: {"emotion": average_weights(fit, cells, weights)},
        rows @ rows.T,
        details,
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
    rows = svm_rows(centred)
    gram = rows @ rows.T
    return MethodFit(
        {"emotion": svm_weights(centred, rows, gram) @ rows},
        lambda weights, rng: {
            "emotion": svm_weights(centred, rows, gram, person_weights=weights)
        },
        gram,
        {},
    )


def _fit_mean_difference(
    centred: CentredCells, difference: NDArray[np.float64], random_state: int
) -> MethodFit:
    return MethodFit({"emotion": difference}, lambda weights, rng: {}, centred.gram, {})


FITTERS: dict[str, Callable[[CentredCells, NDArray[np.float64], int], MethodFit]] = {
    "group-ica": _fit_group_ica,
    "paper": _fit_paper,
    "mean-difference": _fit_mean_difference,
    "pca": _fit_pca,
    "svm": _fit_svm,
}
