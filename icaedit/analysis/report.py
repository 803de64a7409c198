"""What a fit found, in sentences for people who do not know ICA."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from icaedit.analysis.stability import GATE, TARGET_COSINE

__all__ = ["report_sentences"]

SAME_COSINE = 0.98
"""Two directions of at least this cosine are called the same."""

PAPER_SHARES = {"mean": 1638 / 9216, "median": 2194 / 9216}
"""What the paper's own thresholds keep, by its tables 2 to 4."""

_METHOD_WORDS = {
    "group-ica": "group ICA",
    "paper": "one ICA per person (the paper's method)",
    "mean-difference": "the mean difference to neutral",
    "pca": "principal components",
    "svm": "the normals of linear support vector machines",
}


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
    sentences += _left_out_sentences(report)
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
    sentences += _mask_sentences(report)
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
            f"(cosine {np.floor(100 * min(cosines.values())) / 100:.2f} or more)."
        ]
    listed = ", ".join(f"{emotion} ({cos:.3f})" for emotion, cos in different.items())
    ratio = ((report["stability"] or {}).get("ratio") or {}).get(report["estimand"])
    if ratio is not None and ratio < GATE:
        return [
            f"{name} adds nothing to rely on over the mean difference: the two differ for {listed} "
            "(cosine; 1 is the same), but how depends on who was photographed."
        ]
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
    moving = [
        emotion
        for emotion, entry in report["emotions"].items()
        if entry.get("components_unsettled")
    ]
    if moving:
        sentences.append(
            f"ICA came to no rest on the components that move with {_listed(moving)}; all of them "
            "were summed."
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
            f"agree with each other at a cosine of {own:.2f} (mean difference: {reference:.2f}; "
            f"ratio {_shown(stability['ratio'].get(report['estimand']))})."
        )
    sentences += _unsettled_sentences(report)
    ratio = stability["ratio"].get("component")
    if "component" in stability["agreement"] and (ratio is None or ratio < GATE):
        sentences.append(
            "The single components behind them are not stable (agreement "
            f"{stability['agreement']['component']:.2f}, ratio {_shown(ratio)}, less than {GATE}): "
            "which component is which depends on who was photographed, so do not read meaning into "
            "one of them."
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
    listed = ", ".join(f"{name} ({_people_wanted(entry)})" for name, entry in short.items())
    return [f"More people are needed for a cosine of {TARGET_COSINE} to the truth: {listed}."]


def _people_wanted(entry: Mapping[str, Any]) -> str:
    have, needed = entry["people"], entry["people_needed"]
    if have < 2:
        return f"you have {have}; it takes two to tell anything"
    if needed is None:
        return f"you have {have}; how many more cannot be told, so noisy are they"
    return f"you have {have}; about {needed - have} more"


def _left_out_sentences(report: Mapping[str, Any]) -> list[str]:
    sentences = []
    if report.get("quarantined"):
        people = report["quarantined"]
        sentences.append(
            f"{_listed(people)} {'was' if len(people) == 1 else 'were'} left out: their latents "
            "hold NaN or infinite numbers."
        )
    for key, words in (
        ("constant_rows", "left out, because all their coordinates are equal"),
        ("n_duplicates", "the same as another picture, or almost, and may count for too much"),
    ):
        count = report.get(key) or 0
        count = count if isinstance(count, int) else len(count)
        if count:
            sentences.append(f"{count} picture{'s are' if count > 1 else ' is'} {words}.")
    if report.get("wild_coordinates"):
        places = "; ".join(", ".join(map(str, at)) for at in report["wild_coordinates"][:5])
        sentences.append(
            f"Some coordinates are far larger than the others and may pass for a component: at "
            f"{places}."
        )
    if report.get("emotions_not_shown"):
        sentences.append(
            f"Nobody shows {_listed(report['emotions_not_shown'], 'or')}, so there is no direction "
            "for it."
        )
    return sentences


def _mask_sentences(report: Mapping[str, Any]) -> list[str]:
    sentences = []
    if report["method"] == "paper" and report["threshold"] in PAPER_SHARES:
        sentences.append(
            f"In the paper the {report['threshold']} keeps {PAPER_SHARES[report['threshold']]:.1%}."
        )
    if report.get("sided") == "one":
        sentences.append(
            "The threshold is one-sided: coordinates that fall with an emotion are dropped, often "
            "half of the change."
        )
    if report["threshold"] == "fdr" and report["method"] != "mean-difference":
        sentences.append(
            "The false discovery rate is that of the mean difference; for these directions the "
            "mask is a choice of coordinates without that guarantee."
        )
    return sentences


def _unsettled_sentences(report: Mapping[str, Any]) -> list[str]:
    stability, sentences = report["stability"], []
    counts = stability.get("unsettled", {}).get(report["estimand"])
    if counts is not None and max(counts):
        worst = list(report["emotions"])[counts.index(max(counts))]
        sentences.append(
            f"In {max(counts)} of these refits ICA was still moving when it was stopped ({worst}; "
            "others less often), which counts against it."
        )
    quality = {name: entry["iq"] for name, entry in report["emotions"].items() if "iq" in entry}
    if not quality:
        return sentences
    runs = "resample" if report["method"] == "group-ica" else "person"
    listed = ", ".join(f"{name} {iq:.2f}" for name, iq in quality.items())
    sentences.append(
        f"How surely the component matched to an emotion comes back from {runs} to {runs} (Iq; 1 "
        f"is always, near 0 is not at all): {listed}."
    )
    return sentences


def _layer_sentences(emotions: Mapping[str, Mapping[str, Any]]) -> list[str]:
    counts = {
        name: np.array(entry["kept_by_layer"])
        for name, entry in emotions.items()
        if "kept_by_layer" in entry
    }
    total = sum(counts.values(), np.zeros(1))
    if total.size < 2 or not total.any():
        return []
    each = ", ".join(f"{name} {_half(one)}" for name, one in counts.items() if one.any())
    return [
        f"Half of the kept coordinates lie in style layers {_half(total, ', ')} of {len(total)} "
        f"({each})."
    ]


def _half(counts: Any, separator: str = "+") -> str:
    """The fewest layers that hold half."""
    order = np.argsort(-counts, kind="stable")
    half = int(np.searchsorted(np.cumsum(counts[order]), counts.sum() / 2)) + 1
    return separator.join(str(layer) for layer in sorted(order[:half].tolist()))


def _shown(ratio: float | None) -> str:
    return "none" if ratio is None else f"{ratio:.2f}"


def _listed(names: Any, word: str = "and") -> str:
    names = list(names)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {word} {names[-1]}"


def _range(shares: list[float]) -> str:
    low, high = f"{min(shares):.0%}", f"{max(shares):.0%}"
    return low if low == high else f"{low} to {high}"
