"""What a fit found, as a plain dict that JSON can hold."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icaedit.analysis.centring import CentredCells
from icaedit.analysis.masks import layer_counts
from icaedit.analysis.report import report_sentences
from icaedit.analysis.screening import Screening
from icaedit.analysis.stability import (
    GATE,
    Stability,
    noise_per_person,
    people_for_cosine,
)
from icaedit.schema import EMOTIONS

__all__ = ["build_report"]

MOST_PAIRS = 50
"""Pairs of doubled pictures listed."""


def build_report(
    centred: CentredCells,
    *,
    method: str,
    estimand: tuple[str, str],
    threshold: tuple[str | float, str],
    directions: tuple[NDArray, NDArray[np.bool_], NDArray, NDArray],
    difference: NDArray[np.float64],
    stability: Stability | None,
    details: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the diagnostics of a fit.

    Parameters
    ----------
    centred : CentredCells
    method : str
        As asked for.
    estimand : (str, str)
        Asked for, used.
    threshold : (str or float, str)
        Rule, and ``"one"`` or ``"two"`` sides.
    directions : (patterns, masks, vectors, posed_strength)
        Arrays (E - 1, D), and (E - 1,) for the last.
    difference : ndarray of float64, (E - 1, D)
        The mean difference.
    stability : Stability or None
    details : mapping
        ``trailing`` (shape of one latent), ``screening``, ``wild`` (coordinates), ``icasso``
        (None, or the clusters and each emotion's quality), and what the method has to tell:
        ``ica``, ``used``, ``none_moves``, ``unsettled``.

    Returns
    -------
    dict
        ``emotions`` holds one dict per emotion, ``sentences`` the words.
    """
    cells = centred.cells
    masks, trailing = directions[1], details["trailing"]
    layers = layer_counts(masks.reshape(-1, *trailing)) if len(trailing) == 2 else None
    emotions = _measures(centred, directions, difference)
    for row, entry in enumerate(emotions.values()):
        if layers is not None:
            entry["kept_by_layer"] = layers[row].tolist()
        if "used" in details:
            entry["components"] = np.flatnonzero(details["used"][estimand[1]][row]).tolist()
        if estimand[1] == "emotion" and "none_moves" in details:
            entry["no_component_stood_out"] = bool(details["none_moves"][row])
            entry["components_unsettled"] = bool(details["unsettled"]["emotion"][row])
        if stability is not None:
            entry["agreement"] = {
                key: float(values[row]) for key, values in sorted(stability.agreement.items())
            }
        if details["icasso"] is not None:
            entry["iq"] = round(float(details["icasso"][1][row]), 4)
    screening: Screening = details["screening"]
    union = masks.any(axis=0)
    report = {
        "method": method,
        "estimand": estimand[1],
        "estimand_requested": estimand[0],
        "threshold": threshold[0],
        "sided": threshold[1],
        "n_people": len(cells.identities),
        "n_images": len(cells.image_rows),
        "n_coordinates": int(masks.shape[1]),
        "missing_cells": [list(cell) for cell in cells.missing],
        "emotions_not_shown": [name for name in EMOTIONS if name not in cells.emotions],
        "quarantined": list(screening.quarantined),
        "constant_rows": list(screening.constant),
        "n_duplicates": len(screening.duplicates),
        "duplicate_rows": [list(pair) for pair in screening.duplicates[:MOST_PAIRS]],
        "wild_coordinates": [
            [int(part) for part in np.unravel_index(coordinate, trailing)]
            for coordinate in details["wild"]
        ],
        "kept_in_union": int(union.sum()),
        "emotions": emotions,
        "ica": details.get("ica"),
        "stability": None if stability is None else _stability_entry(stability),
        "icasso": None if details["icasso"] is None else details["icasso"][0],
    }
    if layers is not None:
        report["kept_in_union_by_layer"] = layer_counts(union.reshape(1, *trailing))[0].tolist()
    report["sentences"] = report_sentences(report)
    return report


def _measures(
    centred: CentredCells,
    directions: tuple[NDArray, NDArray[np.bool_], NDArray, NDArray],
    difference: NDArray[np.float64],
) -> dict[str, dict[str, Any]]:
    cells = centred.cells
    patterns, masks, vectors, posed = directions
    noise = noise_per_person(centred)
    cosines = _cosines(patterns, difference)
    emotions = {}
    for row, name in enumerate(cells.emotions[1:]):
        people = len(cells.pairs(row + 1)[0])
        needed = people_for_cosine(noise[row])
        emotions[name] = {
            "people": people,
            "kept": int(masks[row].sum()),
            "kept_share": float(masks[row].mean()),
            "posed_strength": float(posed[row]),
            "unit_length": float(np.linalg.norm(vectors[row])),
            "pattern_length": float(np.linalg.norm(patterns[row])),
            "mean_difference_length": float(np.linalg.norm(difference[row])),
            "cosine_to_mean_difference": float(cosines[row]),
            "people_needed": needed,
            "people_more": None if needed is None else max(needed - people, 0),
            "expected_cosine": _expected_cosine(noise[row], people),
        }
    return emotions


def _stability_entry(stability: Stability) -> dict[str, Any]:
    return {
        "n_bootstrap": stability.n_bootstrap,
        "gate": GATE,
        "agreement": {
            name: float(values.mean()) for name, values in sorted(stability.agreement.items())
        },
        "ratio": {
            name: stability.ratio(name)
            for name in sorted(stability.agreement)
            if name != "mean-difference"
        },
        "unsettled": {
            name: counts.tolist() for name, counts in sorted(stability.unsettled.items())
        },
    }


def _cosines(a: NDArray, b: NDArray[np.float64]) -> NDArray[np.float64]:
    a = a.astype(np.float64)
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.vecdot(a, b) / np.where(norms > 0, norms, 1.0)


def _expected_cosine(noise: float, people: int) -> float | None:
    if not np.isfinite(noise) or people == 0:
        return None
    return float((1 + noise / people) ** -0.5)
