"""Parting people, never pictures: into training, validation and test."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import numpy as np

from icaedit.datasets.records import SPLITS, Record
from icaedit.errors import DatasetError, InputError

__all__ = ["check_split", "fold_people", "split_people"]


def split_people(
    records: Iterable[Record],
    shares: Mapping[str, float],
    *,
    random_state: int = 0,
) -> tuple[Record, ...]:
    """Assign people to the parts of a data set, at random.

    Parameters
    ----------
    records : iterable of Record
        With identities.
    shares : mapping of str to float
        For each part, ``"train"``, ``"validation"`` or ``"test"``, its share of the people; the
        shares sum to 1.
    random_state : int
        Seeds the choice, which does not depend on the order of the records.

    Returns
    -------
    tuple of Record
        The same, in the same order, each with its part.

    Raises
    ------
    InputError
        If a part is unknown, or the shares are not positive or do not sum to 1.
    DatasetError
        If a record has no identity, or there are fewer people than parts.

    Examples
    --------
    >>> from pathlib import Path
    >>> faces = [Record(Path(f"{n}.png"), f"{n}.png", f"F{n % 5}", "sad") for n in range(10)]
    >>> parts = split_people(faces, {"train": 0.6, "test": 0.4})
    >>> Counter(record.split for record in parts) == {"train": 6, "test": 4}
    True
    """
    records = tuple(records)
    total = sum(shares.values())
    if (
        not shares
        or not set(shares) <= set(SPLITS)
        or min(shares.values()) <= 0
        or abs(total - 1) > 1e-6
    ):
        raise InputError(
            f"got shares {dict(shares)}, expected positive ones of {', '.join(SPLITS)} that sum to "
            "1; correct them"
        )
    people = _shuffled_people(records, len(shares), random_state)
    bounds = _bounds([shares[name] for name in SPLITS if name in shares], len(people))
    names = [name for name in SPLITS if name in shares]
    part_of = {
        person: name
        for name, start, stop in zip(names, bounds, bounds[1:], strict=False)
        for person in people[start:stop]
    }
    return tuple(replace(record, split=part_of[record.identity]) for record in records)


def fold_people(
    records: Iterable[Record], n_folds: int, *, random_state: int = 0
) -> tuple[tuple[Record, ...], ...]:
    """Return one parting for each fold of a cross-validation over people.

    Everyone is tested once. Folds differ by one person at most.

    Parameters
    ----------
    records : iterable of Record
        With identities.
    n_folds : int
        At least 2.
    random_state : int
        Seeds the choice, which does not depend on the order of the records.

    Returns
    -------
    tuple of n_folds tuples of Record
        The same records in the same order, with ``"test"`` or ``"train"``.

    Raises
    ------
    InputError
        If there are fewer than two folds.
    DatasetError
        If a record has no identity, or there are fewer people than folds.
    """
    if n_folds < 2:
        raise InputError(f"got {n_folds} folds, expected 2 or more; use 10")
    records = tuple(records)
    people = _shuffled_people(records, n_folds, random_state)
    fold_of = {person: number % n_folds for number, person in enumerate(people)}
    return tuple(
        tuple(
            replace(record, split="test" if fold_of[record.identity] == fold else "train")
            for record in records
        )
        for fold in range(n_folds)
    )


def check_split(records: Sequence[Record], *, fitted_on: Collection[str] = ()) -> None:
    """Refuse parts of a data set that know of each other.

    Parameters
    ----------
    records : sequence of Record
        Each with its part; those of several data sets, such as photographs and their sketches,
        may be given together.
    fitted_on : collection of str
        The people that the mask or the directions in use were fitted on.

    Raises
    ------
    DatasetError
        If a record has no part, or a part is empty; if a person, a file's content, or a picture
        and its own sketch (the same name, but for its ending) stand in two parts; or if a person
        in the test was among those that the mask was fitted on.

    Examples
    --------
    >>> from pathlib import Path
    >>> face = Record(Path("a.png"), "a.png", "F01", "sad", split="train")
    >>> other = replace(face, name="b.png", identity="F02", split="test")
    >>> check_split([face, other])
    >>> check_split([face, other], fitted_on=["F02"])
    Traceback (most recent call last):
    icaedit.errors.DatasetError: got F02 in the test and among the people that the mask was ...
    """
    counts = Counter(record.split for record in records)
    if not set(counts) <= set(SPLITS) or not counts["train"] or len(counts) < 2:
        parts = ", ".join(f"{n} {name or 'of no part'}" for name, n in sorted(counts.items()))
        raise DatasetError(
            f"got {parts or 'no pictures'}, expected pictures to train and others to test or "
            "validate on; split the people first"
        )
    first: dict[tuple[str, str], Record] = {}
    for record in records:
        stem = PurePosixPath(record.name).with_suffix("").as_posix()
        for kind, key in (("the person", record.identity), ("the picture", stem),
                          ("the content of", record.digest)):  # fmt: skip
            earlier = first.setdefault((kind, key), record)
            if key and earlier.split != record.split:
                what = key if kind != "the content of" else record.name
                raise DatasetError(
                    f"got {kind} {what} in {earlier.split} ({earlier.name}) and in {record.split} "
                    f"({record.name}), expected it in one of them; split people, with their "
                    "sketches"
                )
    known = sorted({r.identity for r in records if r.split == "test"} & set(fitted_on) - {""})
    if known:
        more = f" and {len(known) - 1} more" if len(known) > 1 else ""
        raise DatasetError(
            f"got {known[0]}{more} in the test and among the people that the mask was fitted on, "
            "expected others; fit the mask on the people of the training"
        )


def _shuffled_people(records: Sequence[Record], least: int, random_state: int) -> list[str]:
    nameless = [record.name for record in records if not record.identity]
    if nameless:
        raise DatasetError(
            f"got {len(nameless)} pictures without identity, such as {nameless[0]}, expected one "
            "for each; use the split of the data set's authors, or add identities"
        )
    people = sorted({record.identity for record in records})
    if len(people) < least:
        raise DatasetError(
            f"got {len(people)} people, expected {least} or more, one a part; use more people"
        )
    order = np.random.default_rng(random_state).permutation(len(people))
    return [people[index] for index in order]


def _bounds(shares: Sequence[float], n_people: int) -> list[int]:
    """Return where each part begins and ends, none of them empty."""
    ends = np.rint(np.cumsum(shares) * n_people).astype(int).tolist()
    bounds = [0]
    for number, end in enumerate(ends):
        left = len(shares) - number - 1  # parts still to come
        bounds.append(min(max(end, bounds[-1] + 1), n_people - left))
    return bounds
