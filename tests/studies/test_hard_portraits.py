"""Portraits that are hard to read."""

import csv

import numpy as np
import pytest

from icaedit.datasets import check_split, read_table
from icaedit.errors import InputError
from icaedit.images import read_image
from icaedit.portraits import CONTEXT, IDENTITY, plan_portraits
from icaedit.schema import EMOTIONS
from icaedit.studies import plan_hard_portraits, write_hard_portraits
from icaedit.studies.hard_portraits import CIRCUMSTANCES, PEOPLE, SHOTS

SMALL = {"people": {"train": 2, "test": 3}, "shots": {"train": 2, "test": 1}}


def traits(parameters):
    return parameters.values[:, : len(IDENTITY)]


@pytest.fixture(scope="module")
def plan():
    return plan_hard_portraits(people={"test": 60}, shots={"test": 1})


def test_everyone_shows_every_emotion_as_often_as_planned():
    small = plan_hard_portraits(**SMALL)
    assert len(small) == 2 * 2 * 7 + 3 * 7
    for split, n in (("train", 4), ("test", 3)):
        shown = [e for e, s in zip(small.emotion, small.split, strict=True) if s == split]
        assert {emotion: shown.count(emotion) for emotion in EMOTIONS} == dict.fromkeys(EMOTIONS, n)


def test_a_person_keeps_their_traits_and_nobody_shares_them():
    small = plan_hard_portraits(**SMALL)
    people = {}
    for identity, row in zip(small.identity, traits(small.parameters), strict=True):
        people.setdefault(identity, set()).add(row.tobytes())
    assert all(len(rows) == 1 for rows in people.values())
    assert len(set.union(*people.values())) == 5


def test_nobody_stands_in_a_folder_of_portraits(plan):
    fitted = {row.tobytes() for row in traits(plan_portraits(70).parameters)}
    assert not fitted & {row.tobytes() for row in traits(plan.parameters)}


def test_a_small_plan_is_the_beginning_of_a_large_one(plan):
    few = plan_hard_portraits(people={"test": 2}, shots={"test": 1})
    assert few.names == plan.names[:14]
    assert np.array_equal(few.parameters.values, plan.parameters.values[:14])


def test_another_seed_is_other_people(plan):
    others = plan_hard_portraits(people={"test": 2}, shots={"test": 1}, seed=1)
    assert not np.array_equal(others.parameters.values, plan.parameters.values[:14])


def test_circumstances_fill_their_ranges(plan):
    for name, (low, high) in CIRCUMSTANCES.items():
        values = plan.parameters[name]
        assert low - 1e-4 <= values.min() < low + 0.1 * (high - low)
        assert high - 0.1 * (high - low) < values.max() <= high + 1e-4
    assert set(CIRCUMSTANCES) <= set(CONTEXT)


def test_weak_and_blended_expressions_keep_the_named_one_in_front(plan):
    posed = np.array(plan.emotion) != "neutral"
    blended = np.array(plan.second) != ""
    assert not blended[~posed].any()
    assert 0.4 < blended[posed].mean() < 0.6
    assert (plan.share[blended] >= 0.15).all() and (plan.share < 0.5).all()
    assert (plan.share[~blended] == 0).all()
    assert 0.35 <= plan.intensity.min() and plan.intensity.max() <= 1
    for emotion, second in zip(plan.emotion, plan.second, strict=True):
        assert second not in (emotion, "neutral")


def test_a_blend_has_the_units_of_both():
    shown = plan_hard_portraits(people={"test": 200}, shots={"test": 1})
    smile, brows = (shown.parameters[unit] for unit in ("AU12", "AU4"))
    pure = [s == "" for s in shown.second]
    happy = np.array(shown.emotion) == "happy"
    with_anger = happy & (np.array(shown.second) == "angry")
    assert brows[with_anger].mean() > brows[happy & pure].mean() + 0.1
    assert smile[with_anger].mean() < smile[happy & pure].mean()


def test_two_in_five_are_covered_and_kernels_vary(plan):
    assert 0.3 < plan.occluded.mean() < 0.5
    assert set(plan.kernel.tolist()) == set(range(3, 24, 2))


def test_a_written_folder_is_read_with_its_parts_and_nobody_on_two_sides(tmp_path):
    small = plan_hard_portraits(**SMALL)
    table = write_hard_portraits(tmp_path, small, size=32)
    found = read_table(table)
    check_split(found.records)
    assert [record.name for record in found] == list(small.names)
    assert [record.identity for record in found] == list(small.identity)
    assert [record.emotion for record in found] == list(small.emotion)
    assert [record.split for record in found] == list(small.split)
    with table.open() as lines:
        rows = list(csv.DictReader(lines))
    assert [int(row["kernel"]) for row in rows] == small.kernel.tolist()
    assert [row["second"] for row in rows] == list(small.second)


def test_drawings_are_grey_and_the_covered_ones_differ_from_the_uncovered(tmp_path):
    small = plan_hard_portraits(people={"test": 2}, shots={"test": 1})
    write_hard_portraits(tmp_path / "drawn", small, size=48)
    write_hard_portraits(tmp_path / "colour", small, size=48, drawn=False)
    for name in small.names:
        drawing = read_image(tmp_path / "drawn" / name)
        assert (drawing == drawing[..., :1]).all()
        assert not (read_image(tmp_path / "colour" / name) == drawing).all()
    covered = small.occluded.copy()
    assert covered.any() and not covered.all()


def test_the_same_plan_gives_the_same_bytes(tmp_path):
    small = plan_hard_portraits(people={"test": 1}, shots={"test": 1})
    for folder in ("a", "b"):
        write_hard_portraits(tmp_path / folder, small, size=32)
    for name in (*small.names, "portraits.csv"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


@pytest.mark.parametrize(
    "changes",
    [{"people": {}}, {"people": {"exam": 1}}, {"people": {"test": 0}}, {"shots": {}}, {"seed": -1}],
)
def test_a_plan_that_cannot_be_is_refused(changes):
    with pytest.raises(InputError, match="expected some of train, validation, test"):
        plan_hard_portraits(**{**SMALL, **changes})


def test_pictures_too_small_to_draw_are_refused(tmp_path):
    small = plan_hard_portraits(**SMALL)
    with pytest.raises(InputError, match="got size 8, expected 16 px or more"):
        write_hard_portraits(tmp_path, small, size=8)


def test_the_published_plan_has_few_people_to_train_on_and_many_to_test():
    assert dict(PEOPLE) == {"train": 30, "validation": 30, "test": 120}
    assert set(SHOTS) == set(PEOPLE)
