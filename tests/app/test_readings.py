"""What is read in pictures and measured in latents."""

from dataclasses import replace

import numpy as np
import pytest

from icaedit.app.readings import move_of, scores_of, strangers_likeness
from icaedit.evaluation import Reading

START = np.zeros((3, 4), np.float32)


@pytest.fixture
def result(studio, sitting):
    from icaedit.app import Request

    return studio.edit(sitting, Request({"angry": 2.0}), studio.directions).result


def test_what_moved_is_counted_by_layer_and_the_furthest_come_first(result):
    latents = START.copy()
    latents[1, 2], latents[1, 0], latents[2, 3] = -3.0, 1.0, 2.0
    moved = move_of(replace(result, start_latents=START, latents=latents))
    assert moved.distance == pytest.approx(14**0.5)
    assert moved.counts.tolist() == [0, 2, 1] and moved.n_channels == 4
    assert moved.shares.tolist() == pytest.approx([0, 10 / 14, 4 / 14])
    assert moved.top == ((1, 2, -3.0), (2, 3, 2.0), (1, 0, 1.0))


def test_of_no_movement_there_is_nothing_to_list(result):
    moved = move_of(replace(result, start_latents=START, latents=START))
    assert moved.top == () and moved.shares.tolist() == [0, 0, 0]


def test_scores_are_the_judge_s_of_reconstruction_and_edit(studio, result):
    scores = scores_of(studio.judge, result)
    alone = [studio.judge.read(p[None]) for p in (result.reconstruction, result.edited)]
    names = studio.judge.emotions
    for number, reading in enumerate(alone):
        read = [scores.emotions[name][number] for name in names]
        np.testing.assert_allclose(read, reading.probabilities[0], atol=1e-5)
    cosine = float(alone[0].embedding[0] @ alone[1].embedding[0])
    assert scores.identity == pytest.approx(cosine, abs=1e-5)
    assert scores.kept > 0.9


def test_likeness_of_strangers_leaves_out_people_with_themselves():
    embedding = np.array([[1, 0], [1, 0], [0.6, 0.8]], np.float32)
    one = np.ones((3, 1), np.float32)
    reading = Reading(one, one, embedding, one[:, 0], one[:, 0], one, ("neutral",))
    assert strangers_likeness(reading, ("a", "a", "b")) == pytest.approx(0.6)
