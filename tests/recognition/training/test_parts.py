"""People, never pictures, are set aside, and the test is left alone."""

from dataclasses import replace
from pathlib import Path

import pytest

from icaedit.datasets import Record
from icaedit.errors import DatasetError, IcaeditWarning
from icaedit.recognition.training.parts import parted

EMOTIONS = ("neutral", "happy")


def faces(n_people, *, split="", named=True):
    return [
        Record(Path(f"{person}-{emotion}.png"), f"{person}-{emotion}.png",
               f"F{person}" if named else "", emotion, split=split)
        for person in range(n_people)
        for emotion in EMOTIONS
    ]  # fmt: skip


def part(records, **options):
    return parted(records, EMOTIONS, **{"share": 0.25, "random_state": 0} | options)


def test_people_are_set_aside_whole():
    train, validation = part(faces(8))
    assert (len(train), len(validation)) == (12, 4)
    assert not {r.identity for r in train} & {r.identity for r in validation}
    assert {r.split for r in train} == {"train"} and {r.split for r in validation} == {"validation"}


def test_the_seed_chooses_the_people():
    chosen = {frozenset(r.identity for r in part(faces(20), random_state=seed)[1])
              for seed in (0, 0, 1, 2)}  # fmt: skip
    assert len(chosen) == 3


def test_a_validation_part_of_the_data_set_is_used():
    given = [*faces(4, split="train"), *(replace(r, name="v" + r.name, identity="G")
                                         for r in faces(1, split="validation"))]  # fmt: skip
    train, validation = part(given)
    assert (len(train), {r.identity for r in validation}) == (8, {"G"})


def test_the_test_part_stays_out_and_does_not_count():
    test = [replace(r, name="t" + r.name, identity="T", emotion="sad", split="test")
            for r in faces(1)]  # fmt: skip
    train, validation = part([*faces(4, split="train"), *test])
    assert "T" not in {r.identity for r in [*train, *validation]}
    assert len(train) + len(validation) == 8


def test_unknown_people_are_warned_of_and_every_emotion_stays_in_both_parts():
    with pytest.warns(IcaeditWarning, match="16 pictures of unknown people"):
        train, validation = part(faces(8, named=False))
    for emotion in EMOTIONS:
        assert sum(r.emotion == emotion for r in train) == 6
        assert sum(r.emotion == emotion for r in validation) == 2


@pytest.mark.filterwarnings("ignore::icaedit.errors.IcaeditWarning")
def test_a_picture_and_its_sketch_stay_together_where_people_are_not_known():
    photos = faces(10, named=False)
    drawings = [replace(r, name=r.name.replace(".png", ".jpg")) for r in photos]
    for seed in range(5):
        train, validation = part([*photos, *drawings], random_state=seed)
        stems = [{Path(r.name).stem for r in records} for records in (train, validation)]
        assert stems[1] and not stems[0] & stems[1]
        assert len(validation) == 2 * len(stems[1])


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([], "got 0 pictures outside the test"),
        (faces(2, split="test"), "got 0 pictures outside the test"),
        ([*faces(2, split="train"), *faces(1)], "6 pictures outside the test, 4 of them of a part"),
        ([*faces(2), replace(faces(1)[0], emotion="angry")], "1 pictures that show angry"),
        (faces(1), "got 1 people, expected 2 or more"),
        (
            [*faces(2, split="train"), replace(faces(1)[0], split="validation")],
            "the person F0 in train .* and in validation",
        ),
        (
            [*faces(3, split="train"), replace(faces(1)[0], split="test")],
            "the person F0 in",
        ),
    ],
)
def test_what_cannot_be_parted_is_refused(records, message):
    with pytest.raises(DatasetError, match=message):
        part(records)


def test_people_of_the_test_are_not_those_of_the_mask():
    test = [replace(r, name="t" + r.name, identity="T", split="test") for r in faces(1)]
    records = [*faces(4, split="train"), *test]
    part(records, fitted_on=["F0"])
    with pytest.raises(DatasetError, match="the people that the mask was fitted on"):
        part(records, fitted_on=["T"])
