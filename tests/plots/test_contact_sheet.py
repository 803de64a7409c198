"""Pictures before and after an edit, side by side."""

import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.plots import contact_sheet, edited_part


def flat(value: int, height: int = 64, width: int = 64) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def test_before_is_left_of_after_and_pairs_run_row_by_row():
    values = np.arange(10, 10 + 2 * 17, dtype=np.uint8)
    pairs = [(f"{n}.png", flat(values[2 * n]), flat(values[2 * n + 1])) for n in range(17)]
    sheet = contact_sheet(pairs, cell=64)
    for value in values:
        found = (sheet == value).all(axis=2)
        assert found.sum() >= 64 * 64  # a little of it may be in the letters' edges
    centres = [np.argwhere((sheet == value).all(axis=2)).mean(axis=0) for value in values]
    rows = [y for y, _ in centres]
    columns = [x for _, x in centres]
    assert np.argsort(columns[:6], kind="stable").tolist() == list(range(6))
    assert rows[0] == pytest.approx(rows[5], abs=2)
    assert rows[6] > rows[5] + 64


def test_a_wide_picture_keeps_its_proportions():
    sheet = contact_sheet([("wide.png", flat(10, 30, 120), flat(20, 120, 30))], cell=120)
    before, after = (np.argwhere((sheet == value).all(axis=2)) for value in (10, 20))
    assert (np.ptp(before, axis=0) + 1).tolist() == [30, 120]
    assert (np.ptp(after, axis=0) + 1).tolist() == [120, 30]


def test_each_pair_has_its_name():
    named = contact_sheet([("a name.png", flat(9), flat(9))], cell=64)
    other = contact_sheet([("another.png", flat(9), flat(9))], cell=64)
    long = contact_sheet([("x" * 500, flat(9), flat(9))], cell=64)
    assert named.shape == other.shape == long.shape
    assert not np.array_equal(named, other)


def test_the_margins_left_and_right_are_alike():
    sheet = contact_sheet([("a", flat(9), flat(9))] * 5, cell=64)
    columns = np.flatnonzero((sheet == 9).all(axis=2).any(axis=0))
    assert columns[0] == sheet.shape[1] - 1 - columns[-1]


@pytest.mark.parametrize(("pairs", "cell"), [([], 64), ([("a", flat(1), flat(2))], 4)])
def test_nothing_to_show_and_other_sizes_are_refused(pairs, cell):
    with pytest.raises(InputError, match="give some"):
        contact_sheet(pairs, cell=cell)


def test_the_part_that_changed_is_a_square_around_it():
    before = flat(50, 300, 400)
    after = before.copy()
    after[100:140, 50:70] = 90
    rows, columns = edited_part(before, after)
    assert rows.stop - rows.start == columns.stop - columns.start == 40 + 2 * 14
    assert (rows.start, columns.start) == (86, 26)


def test_what_compressing_again_does_is_no_change():
    before = flat(50, 300, 400)
    after = before + np.random.default_rng(0).integers(0, 6, before.shape, dtype=np.uint8)
    after[100:140, 50:70] = 90
    assert edited_part(before, after) == (slice(86, 154), slice(26, 94))


@pytest.mark.parametrize("corner", [(0, 0), (0, -10), (-10, 0), (-10, -10)])
def test_at_the_edge_it_stays_inside(corner):
    before = flat(50, 300, 400)
    after = before.copy()
    y, x = (place % size for place, size in zip(corner, (300, 400), strict=True))
    after[y : y + 10, x : x + 10] = 90
    rows, columns = edited_part(before, after)
    assert before[rows, columns].shape == (18, 18, 3)
    assert (after[rows, columns] == 90).all(axis=2).sum() == 100


@pytest.mark.parametrize("case", ["other size", "nothing", "compression", "most"])
def test_otherwise_the_whole_picture_is_shown(case):
    before = flat(50, 100, 120)
    after = before.copy()
    if case == "other size":
        after = flat(50, 50, 60)
    elif case == "compression":
        after += np.random.default_rng(0).integers(0, 6, after.shape, dtype=np.uint8)
    elif case == "most":
        after[10:80, 10:80] = 90
    assert edited_part(before, after) == (slice(0, 100), slice(0, 120))
