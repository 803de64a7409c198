"""What a fit found, as a plain dict and as sentences for people who do not know ICA."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icaedit.analysis.centring import CentredCells
from icaedit.analysis.masks import layer_counts
from icaedit.analysis.stability import (
    GATE,
    TARGET_COSINE,
    Stability,
    noise_per_person,
    people_for_cosine,
)

__all__ = ["build_report", "report_sentences"]

SAME_COSINE = 0.98
"""Two directions of at least this cosine are called the same."""

_METHOD_WORDS = {
    "group-ica": "group ICA",
    "paper": "one ICA per person (the paper's method)",
    "mean-difference": "the mean difference to neutral",
    "pca": "principal components",
    "svm": "the normals of linear support vector machines",
}


def build_report(
    centred: CentredCells,
    *,
    method: str,
    estimand: tuple[str, str],
    threshold: str | float,
    directions: tuple[NDArray, NDArray[np.bool_], NDArray, NDArray],
    difference: NDArray[np.float64],
    stability: Stability | None,
    details: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the diagnostics of a fit.

    Parameters
    ----------
    centred : CentredCells
    method, threshold
        As asked for.
    estimand : (str, str)
        Asked for, used.
    directions : (patterns, masks, vectors, posed_strength)
        Arrays (E - 1, D), and (E - 1,) for the last.
    difference : ndarray of float64, (E - 1, D)
        The mean difference.
    stability : Stability or None
    details : mapping
        ``trailing`` (shape of one latent) and what the method has to tell: ``ica``, ``used``,
        ``fallback``.

    Returns
    -------
    dict
        JSON-able; ``emotions`` holds one dict per emotion, ``sentences`` the words.
    """
    cells = centred.cells
    patterns, masks, vectors, posed = directions
    trailing = details["trailing"]
    noise = noise_per_person(centred)
    layers = layer_counts(masks.reshape(-1, *trailing)) if len(trailing) == 2 else None
    cosines = _cosines(patterns, difference)
    emotions = {}
    for row, name in enumerate(cells.emotions[1:]):
        people = len(cells.pairs(row + 1)[0])
        entry: dict[str, Any] = {
            "people": people,
            "kept": int(masks[row].sum()),
            "kept_share": float(masks[row].mean()),
            "posed_strength": float(posed[row]),
            "unit_length": float(np.linalg.norm(vectors[row])),
            "pattern_length": float(np.linalg.norm(patterns[row])),
            "mean_difference_length": float(np.linalg.norm(difference[row])),
            "cosine_to_mean_difference": float(cosines[row]),
            "people_needed": people_for_cosine(noise[row]),
            "expected_cosine": _expected_cosine(noise[row], people),
        }
        if layers is not None:
            entry["kept_by_layer"] = layers[row].tolist()
        if "used" in details:
            entry["components"] = np.flatnonzero(details["used"][estimand[1]][row]).tolist()
        if estimand[1] == "emotion" and "fallback" in details:
            entry["no_component_stood_out"] = bool(details["fallback"][row])
        if stability is not None:
            entry["agreement"] = {
                key: float(values[row]) for key, values in sorted(stability.agreement.items())
            }
        emotions[name] = entry
    report = {
        "method": method,
        "estimand": estimand[1],
        "estimand_requested": estimand[0],
        "threshold": threshold,
        "n_people": len(cells.identities),
        "n_images": len(cells.image_rows),
        "n_coordinates": int(patterns.shape[1]),
        "missing_cells": [list(cell) for cell in cells.missing],
        "kept_in_union": int(masks.any(axis=0).sum()),
        "emotions": emotions,
        "ica": details.get("ica"),
        "stability": None if stability is None else _stability_entry(stability),
    }
    report["sentences"] = report_sentences(report)
    return report


def report_sentences(report: Mapping[str, Any]) -> list[str]:
    """Say in words what a fit's report holds.

    Parameters
    ----------
    report : mapping
        ``DirectionFit.report``, fresh or read back from JSON.

    Returns
    -------
    list of str

    Examples
    --------
    >>> from icaedit.analysis.fit import fit_directions
    >>> latents = np.array([[0.0, 1, 2], [3, 1, 1]] * 3) + np.arange(6).reshape(6, 1) // 2
    >>> fit = fit_directions(
    ...     latents, list("aabbcc"), ["NE", "HA"] * 3, method="mean-difference", n_bootstrap=0
    ... )
    >>> report_sentences(fit.report)[0]
    'Fitted happy to 6 pictures of 3 people by the mean difference to neutral.'
    """
    emotions = report["emotions"]
    method = _METHOD_WORDS[report["method"]]
    sentences = [
        f"Fitted {_listed(emotions)} to {report['n_images']} pictures of {report['n_people']} "
        f"people by {method}."
    ]
    if report["missing_cells"]:
        count = len(report["missing_cells"])
        sentences.append(
            f"{count} person-and-emotion combination{'s' * (count > 1)} had no picture; people "
            "are compared only through the emotions they do show."
        )
    shares = [entry["kept_share"] for entry in emotions.values()]
    sentences.append(
        f"The mask keeps {_range(shares)} of the {report['n_coordinates']} coordinates for an "
        f"emotion, {report['kept_in_union'] / report['n_coordinates']:.0%} for all together."
    )
    sentences += _layer_sentences(emotions)
    sentences += _comparison_sentences(report)
    sentences += _stability_sentences(report)
    return sentences + _people_sentences(emotions)


def _comparison_sentences(report: Mapping[str, Any]) -> list[str]:
    if report["method"] == "mean-difference":
        return []
    name = {"pca": "PCA", "svm": "The SVM"}.get(report["method"], "ICA")
    cosines = {
        emotion: entry["cosine_to_mean_difference"]
        for emotion, entry in report["emotions"].items()
    }
    different = {emotion: cos for emotion, cos in cosines.items() if cos < SAME_COSINE}
    if not different:
        return [
            f"{name} adds nothing here over the mean difference: the two agree for every emotion "
            f"(cosine {min(cosines.values()):.2f} or more)."
        ]
    listed = ", ".join(f"{emotion} ({cos:.3f})" for emotion, cos in different.items())
    return [
        f"{name} differs from the mean difference for {listed} (cosine; 1 is the same): compare "
        "edits with both before preferring one."
    ]


def _stability_sentences(report: Mapping[str, Any]) -> list[str]:
    sentences = []
    if report["estimand"] != report["estimand_requested"] and report["method"] == "group-ica":
        sentences.append(
            "Single components were asked for but are not stable here, so each direction holds "
            "everything that moves with the emotion."
        )
    unclear = [
        emotion
        for emotion, entry in report["emotions"].items()
        if entry.get("no_component_stood_out")
    ]
    if unclear:
        sentences.append(
            f"No component clearly moves with {_listed(unclear)}; all of them were summed."
        )
    stability = report["stability"]
    if stability is None:
        return [*sentences, "How stable the directions are was not measured."]
    own = stability["agreement"].get(report["estimand"])
    reference = stability["agreement"]["mean-difference"]
    if own is None:
        sentences.append(
            f"Refitted on {stability['n_bootstrap']} resamples of the people, the directions "
            f"agree with each other at a cosine of {reference:.2f}."
        )
    else:
        sentences.append(
            f"Refitted on {stability['n_bootstrap']} resamples of the people, the directions "
            f"agree with each other at a cosine of {own:.2f} (mean difference: {reference:.2f})."
        )
    ratio = stability["ratio"].get("component")
    if "component" in stability["agreement"] and (ratio is None or ratio < GATE):
        sentences.append(
            "The single components behind them are not stable: which component is which depends "
            "on who was photographed, so do not read meaning into one of them."
        )
    return sentences


def _people_sentences(emotions: Mapping[str, Mapping[str, Any]]) -> list[str]:
    short = {
        name: entry
        for name, entry in emotions.items()
        if entry["people_needed"] is None or entry["people_needed"] > entry["people"]
    }
    if not short:
        return [
            f"There are enough people: every mean difference is within a cosine of "
            f"{TARGET_COSINE} of what endless people would give."
        ]
    listed = ", ".join(
        f"{name} (has {entry['people']}, needs "
        f"{'more than can be told' if entry['people_needed'] is None else entry['people_needed']})"
        for name, entry in short.items()
    )
    return [f"More people are needed for a cosine of {TARGET_COSINE} to the truth: {listed}."]


def _layer_sentences(emotions: Mapping[str, Mapping[str, Any]]) -> list[str]:
    counts = [entry["kept_by_layer"] for entry in emotions.values() if "kept_by_layer" in entry]
    total = np.sum(counts, axis=0) if counts else np.zeros(0)
    if total.size < 2 or not total.any():
        return []
    order = np.argsort(-total, kind="stable")
    half = int(np.searchsorted(np.cumsum(total[order]), total.sum() / 2)) + 1
    layers = ", ".join(str(layer) for layer in sorted(order[:half].tolist()))
    return [f"Half of the kept coordinates lie in style layers {layers} of {len(total)}."]


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
    }


def _cosines(a: NDArray, b: NDArray[np.float64]) -> NDArray[np.float64]:
    a = a.astype(np.float64)
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.einsum("ed,ed->e", a, b) / np.where(norms > 0, norms, 1.0)


def _expected_cosine(noise: float, people: int) -> float | None:
    if not np.isfinite(noise) or people == 0:
        return None
    return float((1 + noise / people) ** -0.5)


def _listed(names: Any) -> str:
    names = list(names)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _range(shares: list[float]) -> str:
    low, high = f"{min(shares):.0%}", f"{max(shares):.0%}"
    return low if low == high else f"{low} to {high}"
