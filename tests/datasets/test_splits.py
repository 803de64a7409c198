from dataclasses import replace
from pathlib import Path

import pytest

from icaedit.datasets import Record, check_split, fold_people, split_people
from icaedit.errors import DatasetError, InputError


def faces(n_people, each=3):
    return [
        Record(Path(f"/d/{person}_{n}.png"), f"P{person:02d}_{n}.png", f"P{person:02d}", "happy")
        for person in range(n_people)
        for n in range(each)
    ]


def parts(records):
    return {
        name: {record.identity for record in records if record.split == name}
        for name in {record.split for record in records}
    }


def test_people_are_parted_and_never_their_pictures():
    records = split_people(faces(20), {"train": 0.7, "validation": 0.1, "test": 0.2})
    found = parts(records)
    assert {name: len(people) for name, people in found.items()} == {
        "train": 14, "validation": 2, "test": 4,
    }  # fmt: skip
    assert not found["train"] & found["test"] and not found["train"] & found["validation"]
    assert [record.name for record in records] == [record.name for record in faces(20)]
    check_split(records)


def test_the_choice_follows_from_the_seed_and_not_from_the_order():
    shares = {"train": 0.5, "test": 0.5}
    one = parts(split_people(faces(12), shares, random_state=3))
    assert parts(split_people(faces(12)[::-1], shares, random_state=3)) == one
    assert parts(split_people(faces(12), dict(reversed(shares.items())), random_state=3)) == one
    assert parts(split_people(faces(12), shares, random_state=4)) != one


def test_every_part_gets_somebody():
    found = parts(split_people(faces(3), {"train": 0.98, "validation": 0.01, "test": 0.01}))
    assert {name: len(people) for name, people in found.items()} == {
        "train": 1, "validation": 1, "test": 1,
    }  # fmt: skip
    with pytest.raises(DatasetError, match="got 1 people, expected 2"):
        split_people(faces(1), {"train": 0.5, "test": 0.5})


def test_everyone_is_tested_once_over_the_folds():
    folds = fold_people(faces(11), 4)
    tested = [parts(fold)["test"] for fold in folds]
    assert sorted(map(len, tested)) == [2, 3, 3, 3]
    assert len(set().union(*tested)) == 11
    for fold in folds:
        check_split(fold)
    with pytest.raises(InputError, match="got 1 folds"):
        fold_people(faces(3), 1)


@pytest.mark.parametrize(
    "shares",
    [{}, {"train": 1.1}, {"train": 0.5, "test": 0.4}, {"train": 1.2, "test": -0.2}, {"all": 1.0}],
)
def test_shares_that_cannot_be_are_refused(shares):
    with pytest.raises(InputError, match="got shares"):
        split_people(faces(4), shares)


def test_pictures_of_nobody_cannot_be_parted_by_people():
    nobody = replace(faces(1)[0], identity="")
    with pytest.raises(DatasetError, match="got 1 pictures without identity, such as P00_0.png"):
        split_people([*faces(3), nobody], {"train": 0.5, "test": 0.5})


def of(split, name, identity="", digest=""):
    return Record(Path("/d") / name, name, identity, "sad", split=split, digest=digest)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (of("test", "b.png", "F01"), r"got the person F01 in train \(a.png\) and in test \(b.png"),
        (of("validation", "b.png", "F01"), "got the person F01 in train"),
        (of("test", "a.jpg"), "got the picture a in train"),
        (of("test", "b.png", digest="77"), "got the content of b.png in train"),
    ],
    ids=["person", "validation", "sketch", "duplicate"],
)
def test_parts_that_know_of_each_other_are_refused(other, message):
    with pytest.raises(DatasetError, match=message):
        check_split([of("train", "a.png", "F01", "77"), of("test", "z.png", "F02"), other])


def test_pictures_of_nobody_may_stand_in_any_part():
    check_split([of("train", "a.png"), of("test", "b.png")])


def test_a_mask_may_know_the_trained_but_not_the_tested():
    records = [of("train", "a.png", "F01"), of("test", "b.png", "F02"), of("test", "c.png", "F03")]
    check_split(records, fitted_on=["F01", "F09", ""])
    with pytest.raises(DatasetError, match="got F02 and 1 more in the test and among the people"):
        check_split(records, fitted_on=["F03", "F02", "F01"])


@pytest.mark.parametrize(
    "records",
    [[], [of("train", "a.png")], [of("test", "a.png")], [of("train", "a.png"), of("", "b.png")]],
)
def test_a_set_that_is_not_parted_is_refused(records):
    with pytest.raises(DatasetError, match="got .*, expected pictures to train .*; split"):
        check_split(records)
