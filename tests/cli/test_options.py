"""How options are read."""

import click
import pytest

from icaedit.cli.options import EMOTION, NUMBER, STRENGTHS, THRESHOLD, VIEWS


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("-3:3:7", (-3, -2, -1, 0, 1, 2, 3)),
        ("3:0:4", (3, 2, 1, 0)),
        ("0:1:2", (0, 1)),
        ("-1.5", (-1.5,)),
        ("0,1.5, -3", (0, 1.5, -3)),
    ],
)
def test_strengths_are_a_range_with_both_ends_or_a_list(text, numbers):
    assert STRENGTHS.convert(text, None, None) == numbers


def test_a_range_hits_its_ends_and_its_middle_exactly():
    numbers = STRENGTHS.convert("-0.3:0.3:7", None, None)
    assert (numbers[0], numbers[3], numbers[-1]) == (-0.3, 0.0, 0.3)


@pytest.mark.parametrize(
    "text", ["1:2", "1:2:1", "1:2:x", "1:2:3:4", "", "1,", "a:b:3", "0:9:1001"]
)
def test_other_strengths_are_refused_with_an_example(text):
    with pytest.raises(click.BadParameter, match="write it like"):
        STRENGTHS.convert(text, None, None)


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "three", ""])
def test_a_number_that_is_none_or_not_finite_is_refused(text):
    with pytest.raises(click.BadParameter, match="expected a finite number"):
        NUMBER.convert(text, None, None)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (EMOTION, "Joy", "happy"),
        (THRESHOLD, "median", "median"),
        (THRESHOLD, "0.25", 0.25),
        (VIEWS, "hr,s", ("S", "HR")),
        (VIEWS, "all", ("FL", "HL", "S", "HR", "FR")),
    ],
)
def test_words_of_the_schema_are_read_by_the_schema(kind, text, value):
    assert kind.convert(text, None, None) == value


@pytest.mark.parametrize("kind", [EMOTION, THRESHOLD, VIEWS], ids=lambda kind: kind.name)
def test_unknown_words_are_a_misuse_that_lists_the_known_ones(kind):
    with pytest.raises(click.BadParameter, match="expected .*(happy|median|HL)"):
        kind.convert("bogus", None, None)
