"""A study beside the paper: Tables 1 to 4 again, in Markdown and CSV, and what they say."""

import csv
import io
from collections.abc import Sequence

from icaedit.recognition import experiment_markdown, experiment_rows
from icaedit.recognition.evaluating.experiment import ExperimentRow
from icaedit.recognition.evaluating.experiment_tables import as_p, as_percent, as_points
from icaedit.studies.paper import (
    CONTRADICTIONS,
    PAPER_ACCURACY,
    PAPER_COORDINATES,
    PAPER_COSTS,
    paper_accuracy,
)
from icaedit.studies.running import ALONE, OWN_LAYER, StudyResult

__all__ = [
    "Measured",
    "contradictions_markdown",
    "paper_costs_markdown",
    "study_csv",
    "study_markdown",
    "tables_markdown",
    "verdicts",
]

TITLES = {"portraits": "rendered portraits", "raf-db": "RAF-DB", "ck+": "CK+", "kdef": "KDEF"}

_PAPER_ROWS = ("full", "median mask", "mean mask")
_HOPED, _P = 5.0, 0.01
"""Percentage points that the latents were hoped to bring, and the p below which that counts."""

_CSV = ("faces", "trained", "backbone", "condition", "coordinates", "accuracy", "low", "high",
        "points_to_without", "points_low", "points_high", "p_holm", "paper_accuracy",
        "paper_points")  # fmt: skip


class Measured:
    """A study's scores, measured; each table once.

    Parameters
    ----------
    result : StudyResult
    n_bootstrap : int
        Resamplings of people behind each interval.
    """

    def __init__(self, result: StudyResult, *, n_bootstrap: int = 2000) -> None:
        self.result, self.n_bootstrap = result, n_bootstrap
        self._rows: dict[tuple[str, bool], tuple[ExperimentRow, ...]] = {}

    def rows(self, against: str, *, along: bool = False) -> tuple[ExperimentRow, ...]:
        """Return the lines of the table whose differences are to one condition."""
        if (against, along) not in self._rows:
            experiment = self.result.along if along else self.result.stored
            self._rows[against, along] = experiment_rows(
                experiment, against, n_bootstrap=self.n_bootstrap
            )
        return self._rows[against, along]

    def cells(self, against: str) -> dict[tuple[str, str], ExperimentRow]:
        """Return the lines by backbone and condition."""
        return {(row.backbone, row.condition): row for row in self.rows(against)}

    @property
    def backbones(self) -> list[str]:
        """The networks, without what stands for none."""
        return [name for name in self.result.stored.backbones if name != ALONE]


def tables_markdown(studies: Sequence[Measured]) -> str:
    """Return Tables 1 and 2 to 4 for every data set of a study, the paper's lines below."""
    backbones = studies[0].backbones
    first = [
        "| faces | backbone | without latents | with, mean mask | points | p, Holm |",
        "|---|---|---|---|---|---|",
    ]
    second = [
        f"| faces | condition | coordinates | {' | '.join(backbones)} |",
        "|---|---|---|" + "---|" * len(backbones),
    ]
    for study in studies:
        title = TITLES[study.result.source.name]
        plain, whole = study.cells("without"), study.cells("full")
        for backbone in backbones:
            without, with_mask = (plain[backbone, c] for c in ("without", "mean mask"))
            first.append(
                f"| {title} | {backbone} | {as_percent(without.measures.accuracy)} | "
                f"{as_percent(with_mask.measures.accuracy)} | "
                f"{as_points(with_mask.difference.points)} | {as_p(with_mask.p_holm)} |"
            )
        for condition in study.result.stored.conditions:
            rows = [whole[b, condition] for b in backbones]
            if condition in ("without", OWN_LAYER):
                continue
            cells = [as_percent(row.measures.accuracy) + _gap(row) for row in rows]
            second.append(
                f"| {title} | {condition} | {rows[0].coordinates} | {' | '.join(cells)} |"
            )
    named = [s.result.source.name for s in studies if s.result.source.name in PAPER_ACCURACY]
    for name in named or PAPER_ACCURACY:
        for backbone in backbones:
            values = [paper_accuracy(name, c, backbone) for c in ("without", "mean mask")]
            if None not in values:
                first.append(
                    f"| {TITLES[name]}, the paper | {backbone} | {values[0]:.1f} | "
                    f"{values[1]:.1f} | {values[1] - values[0]:+.1f} | - |"
                )
        for condition in _PAPER_ROWS:
            cells = [_paper_cell(name, condition, backbone) for backbone in backbones]
            second.append(
                f"| {TITLES[name]}, the paper | {condition} | {PAPER_COORDINATES[condition]} | "
                f"{' | '.join(cells)} |"
            )
    return "\n".join(
        ["## Table 1: without and with latents", "", *first, "",
         "## Tables 2 to 4: which coordinates", "",
         "In brackets percentage points to the full latent.", "", *second, ""]
    )  # fmt: skip


def study_markdown(study: Measured) -> str:
    """Return everything about one data set: its faces, what came out, and the whole tables."""
    result, source = study.result, study.result.source
    lines = [f"## {TITLES[source.name].capitalize()}", ""]
    lines += [f"- {line}" for remark in source.remarks for line in remark.splitlines()]
    counts = {part: source.part(part) for part in ("train", "validation", "test")}
    shown = [
        f"{len(rows)} drawings{_people(result, rows)} to {word}"
        for (_, rows), word in zip(counts.items(), ("train", "validate", "test"), strict=True)
    ]
    lines += [f"- {', '.join(shown)}.", "", "### What came out", ""]
    lines += [f"- {sentence}" for sentence in verdicts(study)]
    for title, rows in _tables(study):
        lines += ["", f"### {title}", "", experiment_markdown(rows).rstrip()]
    return "\n".join([*lines, ""])


def verdicts(study: Measured) -> list[str]:
    """Say in plain words whether latents help, and whether the mask does, hoped for or not."""
    plain, backbones = study.cells("without"), study.backbones
    sentences = []
    for condition in ("full", "mean mask", "fifth"):
        gaps = {name: plain[name, condition] for name in backbones}
        kept = next(iter(gaps.values())).coordinates
        helped = [
            name for name, row in gaps.items()
            if row.difference.points.value >= _HOPED and row.p_holm < _P
        ]  # fmt: skip
        told = ", ".join(f"{name} {as_points(row.difference.points)}" for name, row in gaps.items())
        sentences.append(
            f"{condition} ({kept} coordinates) against no latents, in points: {told}. At least "
            f"+{_HOPED:g} with p < {_P:g}: {', '.join(helped) or 'none'}."
        )
    for condition, other in (
        ("mean mask", "full"),
        ("mean mask", "random like mean"),
        ("mean mask", "complement of mean"),
        ("fifth", "full"),
        ("fifth", "random fifth"),
        ("fifth", "complement of fifth"),
    ):
        rows = study.cells(other)
        told = ", ".join(
            f"{name} {as_points(rows[name, condition].difference.points)}"
            for name in (*backbones, ALONE)
        )
        sentences.append(f"{condition} against {other}, in points: {told}.")
    alone = plain[ALONE, "full"].measures.accuracy
    sentences.append(
        f"Latents alone, without any network beside them, reach {as_percent(alone)} in full."
    )
    return sentences


def study_csv(studies: Sequence[Measured]) -> str:
    """Return every accuracy beside the paper's, a line for each backbone and condition."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(_CSV)
    for study in studies:
        for along in (False, True)[: 1 if study.result.along is None else 2]:
            for row in study.rows("without", along=along):
                trained = "along" if along else "stored"
                writer.writerow(_csv_row(study.result.source.name, trained, row))
    return table.getvalue()


def contradictions_markdown() -> str:
    """Return what does not fit in the paper's tables, as a list."""
    lines = [f"{number}. {text}" for number, text in enumerate(CONTRADICTIONS, start=1)]
    return "\n".join(["## Where the paper's tables disagree", "", *lines, ""])


def paper_costs_markdown() -> str:
    """Return the paper's Table 5."""
    lines = ["| the paper's Table 5 | ms | MB |", "|---|---|---|"]
    for name, (alone, fused) in PAPER_COSTS.items():
        lines += [f"| {name} | {alone[0]} | {alone[1]} |",
                  f"| {name} + latents | {fused[0]} | {fused[1]} |"]  # fmt: skip
    return "\n".join([*lines, ""])


def _tables(study: Measured) -> list[tuple[str, tuple[ExperimentRow, ...]]]:
    tables = [
        ("Last layers on networks as they are, against no latents", study.rows("without")),
        ("The same, against the full latent", study.rows("full")),
    ]
    if study.result.along is not None:
        rows = study.rows("without", along=True)
        tables.append(("Networks trained along with the last layers", rows))
    return tables


def _gap(row: ExperimentRow) -> str:
    return "" if row.difference is None else f" ({row.difference.points.value:+.1f})"


def _paper_cell(name: str, condition: str, backbone: str) -> str:
    value, full = (paper_accuracy(name, c, backbone) for c in (condition, "full"))
    if value is None or full is None:
        return "-"
    return f"{value:.1f}" + ("" if condition == "full" else f" ({value - full:+.1f})")


def _people(result: StudyResult, rows: Sequence[int]) -> str:
    people = {result.source.records[row].identity for row in rows} - {""}
    return f" of {len(people)} {'person' if len(people) == 1 else 'people'}" if people else ""


def _csv_row(faces: str, trained: str, row: ExperimentRow) -> list[object]:
    paper = paper_accuracy(faces, row.condition, row.backbone)
    plain = paper_accuracy(faces, "without", row.backbone)
    gap = row.difference
    points = ["", "", "", ""]
    if gap is not None:
        points = [f"{value:.4f}" for value in gap.points] + [f"{row.p_holm:.4g}"]
    return [
        faces, trained, row.backbone, row.condition,
        "" if row.coordinates is None else row.coordinates,
        *(f"{value:.6f}" for value in row.measures.accuracy), *points,
        "" if paper is None else f"{paper / 100:.3f}",
        "" if paper is None or plain is None else f"{paper - plain:.1f}",
    ]  # fmt: skip
