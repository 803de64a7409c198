import csv

import numpy as np
import pytest

from icaedit.evaluation import (
    MEASURES,
    Comparison,
    comparison_csv,
    comparison_markdown,
    comparison_sentences,
    comparison_text,
)
from icaedit.evaluation.matching import Match


def measured(level, **changes):
    people = np.array([-0.02, 0.0, 0.02])
    rows = {name: level + people for name in MEASURES if name != "additive"}
    return {**rows, **{name: value + people for name, value in changes.items()}}


@pytest.fixture
def comparison():
    values, matches = {}, {}
    for method, level in (("first", 0.5), ("worse", 0.6), ("own-face", 0.5)):
        for emotion in ("happy", "sad"):
            values[method, emotion] = measured(level)
            matches[method, emotion] = Match(1.0, level, True)
        values[method, "happy+sad"] = {"additive": np.full(3, level)}
    values["worse", "sad"] = measured(9.0)
    matches["worse", "sad"] = Match(4.0, 0.1, False)
    return Comparison(
        methods=("first", "worse", "own-face"), emotions=("happy", "sad"), values=values,
        matches=matches, thresholds={"first": "mean", "worse": "none", "own-face": "none"},
        fraction=0.5, posed_change={"happy": 8.0, "sad": 6.0}, attributes={"happy": ("yaw",)},
        n_people=3, origin="3 people",
    )  # fmt: skip


def test_means_are_over_the_emotions_that_were_reached(comparison):
    assert comparison.reached("worse") == ("happy",)
    assert comparison.summary("worse", "mean-AD").mean == pytest.approx(0.6)
    assert comparison.summary("worse", "mean-AD", "sad").mean == pytest.approx(9.0)
    assert np.isnan(comparison.summary("worse", "additive").mean)
    assert comparison.summary("first", "additive").mean == pytest.approx(0.5)


def test_differences_pair_people_over_what_both_reached(comparison):
    gap = comparison.difference("worse", "first", "mean-AD")
    assert (gap.mean, gap.low, gap.high) == pytest.approx((0.1, 0.1, 0.1))


def test_the_interval_holds_the_mean(comparison):
    summary = comparison.summary("first", "gain")
    assert 0.48 <= summary.low < summary.mean < summary.high <= 0.52


def test_the_terminal_table_has_a_row_a_method_and_fits(comparison):
    lines = comparison_text(comparison).splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [
        ["first", "2/2"], ["worse", "1/2"], ["own-face", "2/2"],
    ]  # fmt: skip
    assert max(map(len, lines)) <= 101
    assert lines[2].split()[-1] == "-"  # no pair was reached


def test_the_markdown_table_is_square_and_explains_its_columns(comparison):
    text = comparison_markdown(comparison)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {row.count("|") for row in rows} == {len(MEASURES) + 4}
    assert "| worse | none | 1/2 | 0.60 ± " in text
    for name, meaning in MEASURES.items():
        assert f"- **{name}**: {meaning}." in text


def test_the_csv_holds_every_number_with_its_interval(comparison):
    rows = list(csv.DictReader(comparison_csv(comparison).splitlines()))

    def find(method, emotion, measure):
        (row,) = [
            row for row in rows
            if (row["method"], row["emotion"], row["measure"]) == (method, emotion, measure)
        ]  # fmt: skip
        return row

    assert find("worse", "sad", "gain")["reached"] == "0"
    assert find("worse", "sad", "gain")["scale"] == "4"
    assert find("first", "happy+sad", "additive")["mean"] == "0.5"
    assert float(find("worse", "difference", "identity")["low"]) == pytest.approx(0.1)
    assert find("worse", "all", "additive")["mean"] == ""
    row = find("first", "all", "gain")
    assert float(row["low"]) < float(row["mean"]) < float(row["high"])


def test_words_name_what_is_better_worse_and_missed(comparison):
    text = " ".join(comparison_sentences(comparison))
    assert "worse does not get there for sad." in text
    assert (
        "Against first, worse is better in identity (identity +0.100); worse in other attributes "
        "(mean-AD +0.100), pixels outside the face (outside +0.10)."
    ) in text
    assert "own-face (the reference) is not told apart in other attributes, identity" in text


def test_a_difference_that_may_be_none_is_no_verdict(comparison):
    spread = np.array([-0.3, 0.0, 0.33])
    comparison.values["own-face", "happy"]["outside"] = 0.5 + spread
    comparison.values["own-face", "sad"]["outside"] = 0.5 + spread
    comparison.values["own-face", "happy"]["mean-AD"] = 0.4 + spread / 30
    comparison.values["own-face", "sad"]["mean-AD"] = 0.4 + spread / 30
    (sentence,) = [s for s in comparison_sentences(comparison) if "own-face" in s]
    assert "is better in other attributes (mean-AD -0.1" in sentence
    assert "not told apart in identity, pixels outside the face" in sentence


def test_intervals_are_what_a_figure_draws_and_leave_out_what_nobody_has(comparison):
    tables = comparison.intervals()
    assert "gain" not in tables and set(tables) == set(MEASURES) - {"gain"}
    row = comparison.summary("worse", "identity")
    np.testing.assert_array_equal(tables["identity"][1], [row.mean, row.low, row.high])
    assert np.isnan(tables["additive"][1]).all() and not np.isnan(tables["additive"][0]).any()
    assert list(comparison.intervals(["gain"])) == ["gain"]
    for values in comparison.values.values():
        values.pop("additive", None)
    assert "additive" not in comparison.intervals()
    assert repr(comparison) == "Comparison of first, worse, own-face on 3 people"
