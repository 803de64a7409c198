"""Bars and tables as HTML."""

import re
from dataclasses import replace

import numpy as np
import pytest

from icaedit.app.markup import (
    UNIT_NAMES,
    directions_html,
    layers_html,
    marks_html,
    moved_html,
    notice_html,
    present_html,
    scores_html,
)
from icaedit.app.readings import Moved, Scores
from icaedit.artifacts import Directions
from icaedit.portraits import ACTION_UNITS

SCORES = Scores({"happy": (0.25, 1.5), "sad": (-0.1, 0.0)}, {"AU12": (0.5, 1.0)}, 0.9, 0.99)


@pytest.fixture
def directions():
    patterns = np.array([[[1.0, 0.0], [0.0, 0.0]], [[1.0, 1.0], [0.0, 1.0]]], np.float32)
    return Directions(
        ["happy", "sad"], patterns, masks=patterns != 0, patterns=patterns,
        posed_strength={"happy": 3.0, "sad": 9.0}, method="pca", threshold=0.5,
    )  # fmt: skip


def widths(html):
    return re.findall(r"width:([\d.]+)%", html)


def test_what_people_name_their_files_is_never_markup():
    assert "<img" not in notice_html("<img src=x onerror=alert(1)>.png")
    assert 'role="alert"' in notice_html("no")


def test_bars_are_as_long_as_the_scores_and_stay_inside():
    html = scores_html(SCORES, strangers=0.1, trusted=True)
    assert widths(html) == ["25.0", "100.0", "0.0", "0.0", "90.0", "99.0", "40.0", "80.0"]
    assert "0.25 → 1.50" in html and "different people 0.10 on average" in html
    assert html.count("left:10.0%") == 2


def test_the_judge_is_not_trusted_beyond_what_it_was_trained_on():
    assert "mean little" in scores_html(SCORES, strangers=None, trusted=False)
    assert "mean little" not in scores_html(SCORES, strangers=None, trusted=True)


def test_every_action_unit_has_a_name():
    assert set(UNIT_NAMES) == set(ACTION_UNITS)


def test_every_layer_has_a_row_with_its_share():
    moved = Moved(2.0, np.array([0.25, 0.75]), np.array([1, 3]), 4, ((1, 2, -1.5),))
    html = moved_html(moved, ["0 (4 px)", "1 (8 px)"])
    assert widths(html) == ["25.0", "75.0"]
    assert "4 of 8 coordinates" in html and "<td>-1.50</td>" in html
    assert "Nothing moves" in moved_html(replace(moved, distance=0.0), ["a", "b"])


def test_the_map_has_the_share_kept_of_every_layer_and_emotion(directions):
    cells = re.findall(r">(\d+)%</td>", layers_html(directions, ["first", "second"]))
    assert cells == ["50", "100", "0", "50"]


def test_a_slider_is_marked_at_the_posed_strength_if_it_reaches_so_far(directions):
    style = marks_html(directions, 6.0)
    assert "#strength-happy{--posed:0.7500;" in style and '"posed 3.0"' in style
    assert "sad" not in style


def test_directions_are_named_with_method_threshold_and_share_kept(directions):
    html = directions_html(directions, origin="Of 3 people.")
    assert "pca, threshold 0.5 latent units: 50% of the coordinates kept. Of 3 people." in html


def test_what_is_present_has_signs():
    assert "happy +0.2, sad -1.0" in present_html({"happy": 0.21, "sad": -1.0})
    assert present_html({}) == ""
