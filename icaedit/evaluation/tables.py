"""A comparison as a table for people, as CSV for programs, and in words."""

import csv
import io

import numpy as np

from icaedit.evaluation.comparison import BETTER, MEASURES, OWN_FACE, Comparison, Summary

__all__ = ["comparison_csv", "comparison_markdown", "comparison_sentences", "comparison_text"]

_SHOWN = ("gain", "mean-AD", "max-AD", "identity", "outside", "monotone", "additive")
_DIGITS = {"outside": 2, "distance": 2, "read": 2, "gain": 2}
_WORDS = {
    "mean-AD": "other attributes",
    "identity": "identity",
    "outside": "pixels outside the face",
}
"""What the sentences weigh."""


def comparison_text(comparison: Comparison) -> str:
    """Return the table for a terminal, at most 100 columns wide.

    Each number is a mean over the faces and the emotions that the method reached, and half the
    width of its 95 % interval.
    """
    lines = [f"{'method':<16}{'reached':>8}" + "".join(f"{name:>11}" for name in _SHOWN)]
    for method in comparison.methods:
        cells = [_short(comparison.summary(method, name), name) for name in _SHOWN]
        lines.append(
            f"{method:<16}{_reached(comparison, method):>8}" + "".join(f"{c:>11}" for c in cells)
        )
    return "\n".join(lines)


def comparison_markdown(comparison: Comparison) -> str:
    """Return the table in Markdown, with every measure and the meaning of each below it."""
    names = list(MEASURES)
    lines = [
        "| method | threshold | reached | " + " | ".join(names) + " |",
        "|---|---|---|" + "---|" * len(names),
    ]
    for method in comparison.methods:
        cells = [_short(comparison.summary(method, name), name, gap=" ") for name in names]
        lines.append(
            f"| {method} | {comparison.thresholds[method]} | {_reached(comparison, method)} | "
            + " | ".join(cells)
            + " |"
        )
    lines += ["", *(f"- **{name}**: {meaning}." for name, meaning in MEASURES.items())]
    return "\n".join(lines) + "\n"


def comparison_csv(comparison: Comparison) -> str:
    """Return every measure by method and emotion: mean and 95 % interval over people.

    The emotion ``all`` is the mean over the emotions that the method reached, and
    ``difference`` the paired difference to the first method over those that both reached.
    """
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(
        ["method", "threshold", "emotion", "measure", "mean", "low", "high", "reached", "scale"]
    )
    first = comparison.methods[0]
    for method in comparison.methods:
        label = [method, comparison.thresholds[method]]
        for (name, emotion), values in comparison.values.items():
            if name != method:
                continue
            match = comparison.matches.get((method, emotion))
            end = ["", ""] if match is None else [int(match.reached), f"{match.scale:.6g}"]
            for measure in values:
                summary = comparison.summary(method, measure, emotion)
                writer.writerow([*label, emotion, measure, *_numbers(summary), *end])
        for measure in MEASURES:
            summary = comparison.summary(method, measure)
            writer.writerow([*label, "all", measure, *_numbers(summary), "", ""])
            if method != first:
                gap = comparison.difference(method, first, measure)
                writer.writerow([*label, "difference", measure, *_numbers(gap), "", ""])
    return table.getvalue()


def comparison_sentences(comparison: Comparison) -> list[str]:
    """Say which methods do better or worse than the first, and where nothing can be told.

    A difference counts where its 95 % interval over people does not hold 0; it is taken over the
    emotions that both methods reached.
    """
    first = comparison.methods[0]
    change = f"{comparison.fraction:.0%} of the posed change"
    sentences = [
        f"{comparison.n_people} faces were edited until the target had moved by {change}; every "
        "other number is at that strength."
    ]
    for method in comparison.methods:
        missed = [name for name in comparison.emotions if name not in comparison.reached(method)]
        if missed:
            sentences.append(f"{method} does not get there for {', '.join(missed)}.")
    for method in comparison.methods[1:]:
        found: dict[int, list[str]] = {1: [], -1: [], 0: []}
        for measure in _WORDS:
            gap = comparison.difference(method, first, measure)
            if np.isnan(gap.mean):
                continue
            clear = 0 if gap.low <= 0 <= gap.high else int(np.sign(gap.mean)) * BETTER[measure]
            digits = _DIGITS.get(measure, 3)
            found[clear].append(
                f"{_WORDS[measure]} ({measure} {gap.mean:+.{digits}f})" if clear
                else _WORDS[measure]
            )
        parts = [
            f"{word} {', '.join(found[sign])}"
            for sign, word in ((1, "better in"), (-1, "worse in"), (0, "not told apart in"))
            if found[sign]
        ]
        name = f"{method} (the reference)" if method == OWN_FACE else method
        if parts:
            sentences.append(f"Against {first}, {name} is {'; '.join(parts)}.")
    return sentences


def _reached(comparison: Comparison, method: str) -> str:
    return f"{len(comparison.reached(method))}/{len(comparison.emotions)}"


def _short(summary: Summary, measure: str, *, gap: str = "") -> str:
    if np.isnan(summary.mean):
        return "-"
    digits = _DIGITS.get(measure, 3)
    half = (summary.high - summary.low) / 2
    spread = f"{half:.{digits}f}"
    return f"{summary.mean:.{digits}f}{gap}±{gap}{spread.removeprefix('0') if not gap else spread}"


def _numbers(summary: Summary) -> list[str]:
    return [
        "" if np.isnan(value) else f"{value:.6g}"
        for value in (summary.mean, summary.low, summary.high)
    ]
