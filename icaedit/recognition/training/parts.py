"""What is trained on and what is validated on: people are parted, and the test is left alone."""

import warnings
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import numpy as np

from icaedit.datasets import Record, check_split, split_people
from icaedit.errors import DatasetError, IcaeditWarning
from icaedit.schema import parse_emotion

__all__ = ["parted"]


def parted(
    records: Sequence[Record],
    emotions: Sequence[str],
    *,
    share: float,
    random_state: int,
    fitted_on: Collection[str] = (),
) -> tuple[list[Record], list[Record]]:
    """Return the pictures to train on and those to validate on.

    Pictures of the test are left out. Where no part is for validation, some of the people are
    set aside, or where people are not known some of the pictures of each emotion.

    Parameters
    ----------
    records : sequence of Record
    emotions : sequence of str
        What is to be recognised.
    share : float
        Of the people, or pictures, that are set aside.
    random_state : int
        Seeds the choice.
    fitted_on : collection of str
        The people that the mask was fitted on.

    Raises
    ------
    DatasetError
        If there is nothing to train on, a picture shows something else than the emotions, only
        some pictures have a part, there are too few people, or parts know of each other
        (`icaedit.datasets.check_split`).

    Warns
    -----
    IcaeditWarning
        If pictures are set aside instead of people.
    """
    wanted = {parse_emotion(emotion) for emotion in emotions}
    used = [record for record in records if record.split != "test"]
    test = [record for record in records if record.split == "test"]
    others = Counter(record.emotion for record in used) - Counter(
        record.emotion for record in used if record.emotion in wanted
    )
    if others:
        name = next(record.name for record in used if record.emotion not in wanted)
        raise DatasetError(
            f"got {sum(others.values())} pictures that show {', '.join(others)}, such as {name}, "
            f"expected {', '.join(emotions)}; leave them out or name these emotions too"
        )
    named = [record for record in used if record.split]
    if not used or (named and len(named) < len(used)):
        raise DatasetError(
            f"got {len(used)} pictures outside the test, {len(named)} of them of a part, expected "
            "pictures to train on, all of a part or none; part the dataset whole"
        )
    if not named:
        used = [replace(record, split="train") for record in used]
    if not any(record.split == "validation" for record in used):
        used = _with_validation(used, share, random_state)
    check_split([*used, *test], fitted_on=fitted_on)
    return (
        [record for record in used if record.split == "train"],
        [record for record in used if record.split == "validation"],
    )


def _with_validation(records: list[Record], share: float, random_state: int) -> list[Record]:
    if all(record.identity for record in records):
        shares = {"train": 1 - share, "validation": share}
        return list(split_people(records, shares, random_state=random_state))
    warnings.warn(
        f"got {sum(not record.identity for record in records)} pictures of unknown people, "
        "expected identities; pictures are set aside for validation, which may show people that "
        "are trained on too",
        IcaeditWarning,
        stacklevel=4,
    )
    apart = _some_of_each(records, share, random_state)
    return [
        replace(record, split="validation" if _key(record) in apart else "train")
        for record in records
    ]


def _some_of_each(records: list[Record], share: float, random_state: int) -> set[str]:
    """Choose pictures of each emotion, a picture always with its sketches."""
    of_emotion: dict[str, set[str]] = defaultdict(set)
    for record in records:
        of_emotion[record.emotion].add(_key(record))
    generator = np.random.default_rng(random_state)
    apart: set[str] = set()
    for emotion in sorted(of_emotion):
        keys = sorted(of_emotion[emotion])
        n_apart = min(max(round(share * len(keys)), 1), len(keys) - 1)
        apart.update(keys[place] for place in generator.permutation(len(keys))[:n_apart])
    return apart


def _key(record: Record) -> str:
    return record.identity or PurePosixPath(record.name).with_suffix("").as_posix()
