"""Tables of a study beside the paper's."""

import csv
import functools
import io
from types import SimpleNamespace

import numpy as np
import pytest

from icaedit.recognition import Experiment
from icaedit.schema import EMOTIONS
from icaedit.studies.figure import accuracy_plot
from icaedit.studies.report import (
    Measured,
    contradictions_markdown,
    study_csv,
    study_markdown,
    tables_markdown,
    verdicts,
)
from icaedit.studies.running import ALONE, OWN_LAYER

N_PEOPLE = 20
LABELS = np.tile(np.arange(7), N_PEOPLE)
PEOPLE = np.repeat([f"P{n}" for n in range(N_PEOPLE)], 7)
RIGHT = {
    "without": 0.40,
    "full": 0.60,
    "median mask": 0.65,
    "mean mask": 0.70,
    "random like mean": 0.60,
    "complement of mean": 0.50,
    "fifth": 0.42,
    "random fifth": 0.40,
    "complement of fifth": 0.60,
}


def scores_of(share):
    """Two seeds that are right about a share of everyone's faces, wrong in the others."""
    order = np.random.default_rng(3).permutation(len(LABELS))
    read = (LABELS + 1) % 7
    chosen = order[: round(share * len(LABELS))]
    read[chosen] = LABELS[chosen]
    return np.stack([np.eye(7)[read]] * 2)


@functools.cache
def study(name="portraits", **changes):
    right = RIGHT | {name.replace("_", " "): share for name, share in changes.items()}
    scores = {("dan", OWN_LAYER): scores_of(0.3)}
    scores |= {("dan", c): scores_of(r) for c, r in right.items()}
    scores |= {(ALONE, c): scores_of(r - 0.05) for c, r in right.items() if c != "without"}
    coordinates = {c: 10 * n for n, c in enumerate(right)}
    stored = Experiment(scores, LABELS, PEOPLE, seeds=[0, 1], coordinates=coordinates)
    source = SimpleNamespace(
        name=name, remarks=("a remark\nof two lines",), records=(), part=lambda split: []
    )
    result = SimpleNamespace(source=source, stored=stored, along=None)
    return Measured(result, n_bootstrap=50)


def line_with(text, *words):
    (line,) = [line for line in text.splitlines() if all(word in line for word in words)]
    return line


def test_table_1_has_both_accuracies_and_their_difference():
    line = line_with(tables_markdown([study()]), "| rendered portraits | dan |")
    assert "| 40.0 [" in line and "| 70.0 [" in line and "| +30.0 [" in line


def test_tables_2_to_4_have_points_to_the_full_latent():
    text = tables_markdown([study()])
    assert "(+10.0)" in line_with(text, "| rendered portraits | mean mask |")
    assert "(-10.0)" in line_with(text, "| rendered portraits | complement of mean |")
    assert "(" not in line_with(text, "| rendered portraits | full |").replace("[", "")


def test_the_paper_stands_below_for_every_data_set_where_none_was_run():
    text = tables_markdown([study()])
    assert line_with(text, "| RAF-DB, the paper | dan |").endswith("74.0 | 84.3 | +10.3 | - |")
    assert "84.3 (+1.1)" in line_with(text, "| RAF-DB, the paper | mean mask |")
    assert "| KDEF, the paper | mean mask | 1638 |" in text


def test_the_paper_stands_below_for_the_data_sets_that_were_run():
    text = tables_markdown([study("kdef")])
    assert "| KDEF | dan |" in text and "KDEF, the paper" in text
    assert "RAF-DB" not in text


def test_a_difference_that_was_hoped_for_is_said():
    sentences = verdicts(study())
    assert "p < 0.01: dan." in line_with("\n".join(sentences), "mean mask (30 coordinates)")


def test_a_difference_that_is_too_small_is_said_as_well():
    sentences = "\n".join(verdicts(study()))
    assert "p < 0.01: none." in line_with(sentences, "fifth (60 coordinates)")
    worse = "\n".join(verdicts(study(mean_mask=0.3)))
    assert "p < 0.01: none." in line_with(worse, "mean mask (30 coordinates)")
    assert "dan -10.0" in line_with(worse, "mean mask (30 coordinates)")


def test_masks_are_held_against_full_random_and_the_rest():
    sentences = "\n".join(verdicts(study()))
    assert "dan +10.0" in line_with(sentences, "mean mask against full")
    assert "dan +20.0" in line_with(sentences, "mean mask against complement of mean")
    assert "latents alone -17.9" in line_with(sentences, "fifth against full")
    assert "reach 55.0" in line_with(sentences, "Latents alone")


def test_the_csv_has_every_line_beside_the_paper():
    rows = list(csv.DictReader(io.StringIO(study_csv([study("ck+")]))))
    assert len(rows) == 1 + 2 * len(RIGHT) - 1
    (row,) = [r for r in rows if (r["backbone"], r["condition"]) == ("dan", "mean mask")]
    assert float(row["accuracy"]) == pytest.approx(0.7)
    assert float(row["points_to_without"]) == pytest.approx(30)
    assert float(row["low"]) < 0.7 < float(row["high"])
    assert (row["paper_accuracy"], row["paper_points"]) == ("0.734", "9.7")
    (row,) = [r for r in rows if (r["backbone"], r["condition"]) == ("dan", "fifth")]
    assert row["paper_accuracy"] == ""


def test_the_page_of_a_study_has_remarks_verdicts_and_tables():
    text = study_markdown(study())
    for words in ("- of two lines", "### What came out", "| dan | mean mask | 30 |"):
        assert words in text


def test_contradictions_are_numbered():
    lines = contradictions_markdown().splitlines()
    assert lines[0] == "## Where the paper's tables disagree"
    assert lines[2].startswith("1. ") and "caption" in lines[2]


def test_the_figure_has_a_row_a_condition_and_a_mark_a_backbone():
    figure = accuracy_plot(study())
    (axes,) = figure.axes
    labels = [text.get_text() for text in axes.get_yticklabels()]
    assert labels == [OWN_LAYER, "without", *(
        f"{c} ({10 * n})" for n, c in enumerate(RIGHT) if n
    )]  # fmt: skip
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["dan", ALONE]
    line = axes.containers[0].lines[0]
    assert line.get_xdata()[1:].tolist() == pytest.approx(
        [100 * r for r in RIGHT.values()], abs=0.4
    )
    assert len(EMOTIONS) == 7 and axes.get_xlim() == (0, 100)
