"""An experiment as tables for people, and as CSV for programs."""

import csv
import io
from collections.abc import Sequence

import numpy as np

from icaedit.errors import InputError
from icaedit.recognition.evaluating.experiment import ExperimentRow
from icaedit.statistics import Interval

__all__ = [
    "as_p",
    "as_percent",
    "as_points",
    "experiment_csv",
    "experiment_markdown",
    "experiment_overview",
]

_COLUMNS = (
    "backbone", "condition", "coordinates", "pictures", "people", "seeds", "faces_not_found",
    "accuracy", "accuracy_low", "accuracy_high", "wilson_low", "wilson_high",
    "deviation_over_seeds", "accuracy_by_seed",
    "mean_class_accuracy", "mean_class_accuracy_low", "mean_class_accuracy_high",
    "macro_f1", "macro_f1_low", "macro_f1_high", "ece", "brier", "nll",
    "against", "points", "points_low", "points_high", "points_deviation", "points_by_seed",
    "mean_class_points", "mean_class_points_low", "mean_class_points_high",
    "gained", "lost", "mcnemar_p", "p_people", "p_people_holm", "intervals_over", "level",
)  # fmt: skip


def experiment_overview(rows: Sequence[ExperimentRow]) -> str:
    """Return accuracies in Markdown, a line for each condition and a column for each backbone.

    As the paper's Tables 1 to 4: in percent, with the percentage points to the condition that
    differences are against.

    Parameters
    ----------
    rows : sequence of ExperimentRow
        As from `experiment_rows`.

    Raises
    ------
    InputError
        If there are none.
    """
    _require(rows)
    backbones = list(dict.fromkeys(row.backbone for row in rows))
    cells = {(row.backbone, row.condition): row for row in rows}
    lines = [
        f"| condition | coordinates | {' | '.join(backbones)} |",
        "|---|---|" + "---|" * len(backbones),
    ]
    for condition in dict.fromkeys(row.condition for row in rows):
        found = [cells.get((backbone, condition)) for backbone in backbones]
        numbers = {row.coordinates for row in found if row is not None} - {None}
        kept = " / ".join(map(str, sorted(numbers))) or "-"
        lines.append(f"| {condition} | {kept} | {' | '.join(map(_overview_cell, found))} |")
    return "\n".join(lines) + "\n"


def experiment_markdown(rows: Sequence[ExperimentRow]) -> str:
    """Return every recogniser in Markdown, with intervals and tests, and what they mean below.

    Parameters
    ----------
    rows : sequence of ExperimentRow
        As from `experiment_rows`.

    Raises
    ------
    InputError
        If there are none.
    """
    _require(rows)
    first = rows[0].measures
    level = f"{first.level:.0%}".replace("%", " %")
    lines = [
        f"| backbone | condition | coordinates | accuracy, {level} | sd over seeds | "
        f"mean class accuracy | macro-F1 | ECE | points to {rows[0].against}, {level} | "
        f"sd over seeds | p over {first.over} | Holm | McNemar by seed |",
        "|---" * 13 + "|",
    ]
    for row in rows:
        measures, gap = row.measures, row.difference
        cells = [
            row.backbone,
            row.condition,
            "-" if row.coordinates is None else str(row.coordinates),
            as_percent(measures.accuracy),
            _one_digit(100 * measures.deviation),
            as_percent(measures.mean_class_accuracy),
            as_percent(measures.macro_f1),
            f"{row.calibration.ece:.3f}",
            "-" if gap is None else as_points(gap.points),
            "-" if gap is None else _one_digit(gap.deviation),
            "-" if gap is None else as_p(gap.p),
            "-" if gap is None else as_p(row.p_holm),
            "-" if gap is None else ", ".join(map(as_p, gap.mcnemar)),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", *(f"- {sentence}" for sentence in _meanings(rows))]
    return "\n".join(lines) + "\n"


def experiment_csv(rows: Sequence[ExperimentRow]) -> str:
    """Return every number of an experiment, a line for each recogniser.

    Shares are from 0 to 1, differences in percentage points; numbers by seed are separated by
    spaces. What is not known is left empty.

    Raises
    ------
    InputError
        If there are no rows.
    """
    _require(rows)
    table = io.StringIO()
    writer = csv.DictWriter(table, _COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for row in rows:
        measures, gap = row.measures, row.difference
        cells: dict[str, object] = {
            "backbone": row.backbone,
            "condition": row.condition,
            "coordinates": "" if row.coordinates is None else row.coordinates,
            "pictures": measures.n,
            "people": "" if measures.n_people is None else measures.n_people,
            "seeds": measures.n_seeds,
            "faces_not_found": f"{measures.n_missed:g}",
            **_ends("accuracy", measures.accuracy),
            "wilson_low": _number(measures.accuracy_wilson.low),
            "wilson_high": _number(measures.accuracy_wilson.high),
            "deviation_over_seeds": _number(measures.deviation),
            "accuracy_by_seed": " ".join(map(_number, measures.by_seed[:, 0])),
            **_ends("mean_class_accuracy", measures.mean_class_accuracy),
            **_ends("macro_f1", measures.macro_f1),
            "ece": _number(row.calibration.ece),
            "brier": _number(row.calibration.brier),
            "nll": _number(row.calibration.nll),
            "intervals_over": measures.over,
            "level": f"{measures.level:g}",
        }
        if gap is not None:
            cells |= {
                "against": row.against,
                **_ends("points", gap.points),
                "points_deviation": _number(gap.deviation),
                "points_by_seed": " ".join(map(_number, gap.by_seed)),
                **_ends("mean_class_points", gap.mean_class_points),
                "gained": " ".join(map(str, gap.gained)),
                "lost": " ".join(map(str, gap.lost)),
                "mcnemar_p": " ".join(map(_number, gap.mcnemar)),
                "p_people": _number(gap.p),
                "p_people_holm": _number(row.p_holm),
            }
        writer.writerow(cells)
    return table.getvalue()


def as_percent(share: Interval) -> str:
    """Return a share with its interval in percent.

    Examples
    --------
    >>> as_percent(Interval(0.8431, 0.8, 0.88)), as_percent(Interval(np.nan, np.nan, np.nan))
    ('84.3 [80.0, 88.0]', '-')
    """
    return _with_ends(Interval(*(100 * end for end in share)), "{:.1f}")


def as_points(points: Interval) -> str:
    """Return percentage points with their interval and sign.

    Examples
    --------
    >>> as_points(Interval(10.3, 7.84, 12.96))
    '+10.3 [+7.8, +13.0]'
    """
    return _with_ends(points, "{:+.1f}")


def as_p(p: float) -> str:
    """Return a p in two digits, or as smaller than one hundred thousandth.

    Examples
    --------
    >>> as_p(0.04321), as_p(0.99999), as_p(3e-9)
    ('0.043', '1', '<1e-05')
    """
    if np.isnan(p):
        return "-"
    return "<1e-05" if p < 1e-5 else f"{p:.2g}"


def _with_ends(interval: Interval, how: str) -> str:
    value, low, high = interval
    if np.isnan(value):
        return "-"
    ends = "" if np.isnan(low) else f" [{how.format(low)}, {how.format(high)}]"
    return how.format(value) + ends


def _one_digit(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.1f}"


def _overview_cell(row: ExperimentRow | None) -> str:
    if row is None:
        return "-"
    accuracy = f"{100 * row.measures.accuracy.value:.1f} %"
    if row.difference is None:
        return accuracy
    return f"{accuracy} ({row.difference.points.value:+.1f})"


def _meanings(rows: Sequence[ExperimentRow]) -> list[str]:
    """Say what the columns of the table are, and who and how many were tested."""
    first = rows[0].measures
    shown = f"{first.n} pictures" + (f" of {first.n_people} people" if first.n_people else "")
    seeds = "one seed" if first.n_seeds == 1 else f"means over {first.n_seeds} seeds"
    sentences = [
        f"{shown}; {seeds}. Rates in percent, with {first.level:.0%} bootstrap intervals over "
        f"{first.over}. Intervals and p are of these trainings; how much another one would differ "
        "is told by the deviation over seeds (sd).".replace("%", " %")
    ]
    if first.n_people is None:
        sentences.append(
            "Who is shown is not known: faces count as independent, and if people are shown "
            "several times the intervals are too narrow and the p too small."
        )
    if first.absent:
        sentences.append(f"No picture shows {', '.join(first.absent)}; no mean counts it.")
    missed = [row for row in rows if row.measures.n_missed]
    if missed:
        worst = max(row.measures.n_missed for row in missed)
        sentences.append(f"In up to {worst:g} pictures no face was found; these count as wrong.")
    sentences += [
        f"p over {first.over}: exact sign-flip test on the faces gained and lost by each of them, "
        "all seeds added up; Holm: the same, adjusted for the number of differences in this "
        "table. McNemar: exact, for each seed, as if faces were independent.",
        f"{rows[0].calibration.ece_name}, without temperature.",
    ]
    return sentences


def _ends(name: str, interval: Interval) -> dict[str, str]:
    value, low, high = map(_number, interval)
    return {name: value, f"{name}_low": low, f"{name}_high": high}


def _number(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.6g}"


def _require(rows: Sequence[ExperimentRow]) -> None:
    if not rows:
        raise InputError("got no rows, expected those of an experiment; measure it first")
