"""An evaluation in words for a terminal, in Markdown, and as JSON."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from icaedit.recognition.evaluating.calibration import Calibration, probabilities
from icaedit.recognition.evaluating.evaluation import Evaluation
from icaedit.recognition.evaluating.experiment_tables import as_p, as_percent, as_points
from icaedit.recognition.evaluating.measures import Measures

__all__ = ["REPORT_FORMAT", "evaluation_json", "evaluation_markdown", "evaluation_text"]

REPORT_FORMAT, _VERSION = "icaedit.recognition_report", 1
_OVERALL = ("accuracy", "mean class accuracy", "macro-F1")


def evaluation_text(evaluation: Evaluation, names: Sequence[str] = ("this", "other")) -> str:
    """Return tables for a terminal, at most 100 columns wide, and what they are about below.

    Parameters
    ----------
    evaluation : Evaluation
    names : sequence of str, length 2
        Of the recogniser and of that which it is compared with.
    """
    lines = _aligned(_overall_rows(evaluation, names))
    lines += ["", *_aligned(_emotion_rows(evaluation.measures)), ""]
    return "\n".join([*lines, *_sentences(evaluation, names)])


def evaluation_markdown(evaluation: Evaluation, names: Sequence[str] = ("this", "other")) -> str:
    """Return the same tables in Markdown, and the confusion matrix in faces.

    Parameters
    ----------
    evaluation, names
        As in `evaluation_text`.
    """
    measures = evaluation.measures
    lines = [*_table(_overall_rows(evaluation, names)), ""]
    lines += [*_table(_emotion_rows(measures)), ""]
    lines += [*_table(_confusion_rows(measures)), ""]
    lines += [f"- {sentence}" for sentence in _sentences(evaluation, names)]
    return "\n".join(lines) + "\n"


def evaluation_json(
    evaluation: Evaluation, names: Sequence[str] = ("this", "other")
) -> dict[str, Any]:
    """Return all numbers, what was read in each picture, and the text, as JSON can hold them.

    Parameters
    ----------
    evaluation, names
        As in `evaluation_text`.
    """
    measures, fitted = evaluation.measures, evaluation.fitted
    shown = probabilities(evaluation.scores, evaluation.calibration.temperature)
    pictures = []
    for record, row in zip(evaluation.records, shown, strict=True):
        found = not np.isnan(row).any()
        read = [measures.emotions[int(row.argmax())], round(float(row.max()), 6)]
        pictures.append([record.name, record.emotion, *(read if found else [None, None])])
    return {
        "format": REPORT_FORMAT,
        "version": _VERSION,
        "summary": evaluation_text(evaluation, names),
        **measures.as_json(),
        "calibration": _calibration_json(evaluation.calibration),
        "calibration_fitted": None if fitted is None else _calibration_json(fitted),
        "pictures_fitted_to": evaluation.n_fitted,
        "left_out": dict(evaluation.left_out),
        "other": None if evaluation.other is None else evaluation.other.as_json(),
        "difference": None if evaluation.difference is None else evaluation.difference.as_json(),
        "picture_shown_read_probability": pictures,
    }


def _overall_rows(evaluation: Evaluation, names: Sequence[str]) -> list[list[str]]:
    level = f"{100 * evaluation.measures.level:g} %"
    rows = [["", *(f"{name}, {level}" for name in _OVERALL)]]
    rows.append([names[0], *_overall(evaluation.measures)])
    if evaluation.other is not None and evaluation.difference is not None:
        rows.append([names[1], *_overall(evaluation.other)])
        gap = evaluation.difference
        rows.append(["points", as_points(gap.points), as_points(gap.mean_class_points), ""])
    return rows


def _overall(measures: Measures) -> list[str]:
    shown = (measures.accuracy, measures.mean_class_accuracy, measures.macro_f1)
    return [as_percent(interval) for interval in shown]


def _emotion_rows(measures: Measures) -> list[list[str]]:
    rows = [["emotion", "pictures", "recall", "precision", "F1"]]
    for place, emotion in enumerate(measures.emotions):
        f1 = measures.f1[place]
        rows.append(
            [
                emotion,
                str(measures.support[emotion]),
                as_percent(measures.recall[place]),
                as_percent(measures.precision[place]),
                "-" if np.isnan(f1) else f"{100 * f1:.1f}",
            ]
        )
    return rows


def _confusion_rows(measures: Measures) -> list[list[str]]:
    rows = [["shown, read", *measures.emotions, "no face"]]
    for emotion, counts in zip(measures.emotions, measures.counts, strict=True):
        rows.append([emotion, *map(str, counts)])
    return rows


def _sentences(evaluation: Evaluation, names: Sequence[str]) -> list[str]:
    measures, gap = evaluation.measures, evaluation.difference
    wilson = as_percent(measures.accuracy_wilson).partition(" ")[2]
    if measures.n_people is None:
        sentences = [
            f"{measures.n} pictures of people who are not known: the intervals suppose that faces "
            f"are independent, and nothing tells whether anyone was trained on. Wilson {wilson}."
        ]
    else:
        sentences = [
            f"{measures.n} pictures of {measures.n_people} people, none of them seen in training; "
            f"intervals are over people (as if faces were independent, Wilson: {wilson})."
        ]
    if measures.n_missed:
        found = 100 * measures.accuracy_found
        sentences.append(
            f"In {measures.n_missed:g} pictures no face was found; they count as wrong. Of the "
            f"others {found:.1f} % are right."
        )
    if measures.absent:
        sentences.append(f"No picture shows {', '.join(measures.absent)}; no mean counts it.")
    for emotion, n in evaluation.left_out.items():
        sentences.append(f"{n} pictures that show {emotion} were left out: it is not recognised.")
    if gap is not None:
        over = "faces" if gap.n_people is None else "people"
        sentences.append(
            f"Right with {names[0]} only: {gap.gained[0]} pictures, with {names[1]} only: "
            f"{gap.lost[0]}. p = {as_p(gap.p)} over {over} (sign flips), {as_p(gap.mcnemar[0])} "
            "as if faces were independent (McNemar)."
        )
    own, fitted = evaluation.calibration, evaluation.fitted
    calibrated = f"{own.ece_name}: {own.ece:.3f} at temperature {own.temperature:.3g}"
    if fitted is not None:
        calibrated += (
            f"; {fitted.ece:.3f} at {fitted.temperature:.3g}, which fits {evaluation.n_fitted} "
            "pictures of the validation best"
        )
    return [*sentences, f"{calibrated}."]


def _calibration_json(calibration: Calibration) -> dict[str, Any]:
    return {
        "name": calibration.ece_name,
        "temperature": calibration.temperature,
        "ece": calibration.ece,
        "brier": calibration.brier,
        "nll": calibration.nll,
        "confidence": calibration.confidence.tolist(),
        "accuracy": calibration.accuracy.tolist(),
        "faces": calibration.faces.tolist(),
    }


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _table(rows: list[list[str]]) -> list[str]:
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    return [head, "|" + "---|" * len(rows[0]), *body]
