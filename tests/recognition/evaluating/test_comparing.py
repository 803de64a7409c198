import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from icaedit.errors import InputError
from icaedit.recognition.evaluating import compare_scores, measure_scores
from icaedit.statistics import mcnemar_p, sign_flip_p

QUICK = settings(max_examples=30, deadline=None)


def test_points_gained_and_lost_by_hand(reads):
    labels = [0, 0, 1, 1, 2]
    new, old = reads(0, 0, 1, 3, 2), reads(0, 5, 5, 1, 2)
    difference = compare_scores(new, old, labels)
    assert difference.points.value == pytest.approx(20.0)
    assert (difference.gained.tolist(), difference.lost.tolist()) == ([2], [1])
    assert difference.mcnemar.tolist() == [mcnemar_p(2, 1)] == [1.0]
    recall = [ends.value for ends in difference.recall_points]
    np.testing.assert_allclose(recall, [50, 0, 0] + [np.nan] * 4)
    assert difference.mean_class_points.value == pytest.approx(50 / 3)


def test_points_are_the_difference_of_what_is_measured_alone(faces):
    new, labels, identities = faces(1, skill=2.0, n_seeds=2)
    old = faces(1, skill=1.0, n_seeds=2)[0]
    difference = compare_scores(new, old, labels, identities=identities)
    first, second = (measure_scores(s, labels, identities=identities) for s in (new, old))
    gap = 100 * (first.by_seed[:, 0] - second.by_seed[:, 0])
    np.testing.assert_allclose(difference.by_seed, gap)
    assert difference.points.value == pytest.approx(gap.mean())
    assert difference.deviation == pytest.approx(gap.std(ddof=1))
    classes = 100 * (first.mean_class_accuracy.value - second.mean_class_accuracy.value)
    assert difference.mean_class_points.value == pytest.approx(classes)
    assert difference.points.low < difference.points.value < difference.points.high


def test_the_test_by_people_adds_up_each_persons_faces_and_seeds(reads):
    labels = [0, 1, 2, 3]
    new = np.stack([reads(0, 1, 2, 0), reads(0, 1, 0, 3)])
    old = np.stack([reads(0, 0, 0, 3), reads(1, 0, 2, 3)])
    difference = compare_scores(new, old, labels, identities=["a", "a", "b", "c"])
    # a: +1 and +2, b: +1 and -1, c: -1 and 0
    assert difference.p == sign_flip_p([3, 0, -1]) == 1.0
    assert difference.by_seed.tolist() == [25.0, 25.0]


def test_people_that_move_together_are_told_apart_less_surely(reads):
    labels = np.tile(np.arange(7), 4)
    new, old = reads(*labels), reads(*(labels + 1) % 7)
    people = compare_scores(new, old, labels, identities=np.repeat(list("abcd"), 7))
    assert people.mcnemar[0] < 1e-7
    assert people.p == 0.125
    assert compare_scores(new, old, labels).p == pytest.approx(people.mcnemar[0], rel=1e-9)


def test_a_picture_without_a_face_counts_for_the_other(reads):
    difference = compare_scores(reads(None, 1), reads(0, 1), [0, 1])
    assert difference.points.value == -50.0
    assert difference.lost.tolist() == [1]


@QUICK
@given(some.integers(0, 10_000))
def test_the_other_way_round_is_the_same_with_the_other_sign(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(4, 30))
    labels, names = rng.integers(0, 7, n), rng.choice(list("abcde"), n)
    new, old = rng.normal(size=(2, 2, n, 7))
    there = compare_scores(new, old, labels, identities=names, n_bootstrap=50)
    back = compare_scores(old, new, labels, identities=names, n_bootstrap=50)
    value, low, high = there.points
    np.testing.assert_allclose(back.points, [-value, -high, -low], atol=1e-9)
    assert there.p == pytest.approx(back.p, rel=1e-12)
    assert there.gained.tolist() == back.lost.tolist()


def test_a_model_does_not_differ_from_itself(faces):
    scores, labels, identities = faces()
    same = compare_scores(scores, scores, labels, identities=identities)
    assert same.points == (0.0, 0.0, 0.0)
    assert (same.p, same.mcnemar.tolist()) == (1.0, [1.0])


def test_false_alarms_are_as_rare_as_promised_although_faces_depend_on_people():
    rng = np.random.default_rng(0)
    alarms = np.zeros(3)
    for _ in range(150):
        # which of two equal models is right depends on the person
        lean = np.repeat(rng.choice([0.1, 0.9], 12), 10)
        better = rng.random(120) < lean
        labels = np.zeros(120, int)
        new, old = np.zeros((2, 120, 7))
        new[:, 1], old[:, 1] = 0.5 - better, better - 0.5
        d = compare_scores(
            new, old, labels, identities=np.repeat(np.arange(12).astype(str), 10), n_bootstrap=300
        )
        alarms += [d.mcnemar[0] < 0.05, d.p < 0.05, not d.points.low <= 0 <= d.points.high]
    by_face, by_person, interval = alarms / 150
    assert by_face > 0.3
    assert by_person < 0.1
    assert interval < 0.12


def test_all_of_it_is_json(reads):
    content = compare_scores(reads(0, 1), reads(1, 1), [0, 1], identities=["a", "b"]).as_json()
    assert json.loads(json.dumps(content))["percentage_points"][0] == 50.0
    assert content["intervals_and_flips_over"] == "people"


def test_other_faces_or_seeds_are_refused(faces):
    scores, labels, _ = faces(n_seeds=2)
    with pytest.raises(InputError, match="the same seeds"):
        compare_scores(scores, scores[:1], labels)
