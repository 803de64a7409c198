"""The lines for a shell."""

import shlex

import pytest

from icaedit.app.commands import Request, edit_command, sweep_command


def test_only_strengths_that_are_not_zero_are_named_in_their_order():
    request = Request({"happy": 0.0, "sad": -1.5, "angry": 0.3}, neutralize=True)
    line = edit_command("a.png", request, "b.png", options=["--face", "2"])
    assert line == (
        "icaedit edit a.png --emotion sad --strength -1.5 --emotion angry --strength 0.3 "
        "--neutralize --face 2 -o b.png"
    )


def test_an_edit_of_nothing_is_still_a_command():
    line = edit_command("a.png", Request({"sad": 0.0}), "b.png")
    assert "--emotion sad --strength 0 " in line


@pytest.mark.parametrize("name", ["a b.png", "$(rm -rf x).png", "it's.png", "-o.png", "ü;&.jpg"])
def test_any_file_name_is_one_harmless_word(name):
    words = shlex.split(edit_command(name, Request({"sad": 1.0}), "out.png"))
    assert words[2] == (f"./{name}" if name.startswith("-") else name)
    assert words[-2:] == ["-o", "out.png"]


def test_a_sweep_names_first_last_and_count():
    line = sweep_command("a.png", "happy", (-3.0, 3.0, 7), "sweep.png", neutralize=True)
    assert line == (
        "icaedit sweep a.png --emotion happy --strengths=-3:3:7 --neutralize -o sweep.png"
    )
