import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.plots import picture_grid, picture_strip

COLOURS = [(200, 0, 0), (0, 200, 0), (0, 0, 200), (200, 200, 0), (0, 200, 200)]


def plain(colour, height=40, width=40):
    return np.full((height, width, 3), colour, np.uint8)


def middle_of(page, colour):
    """Return the mean row and column of the pixels of a colour."""
    return np.argwhere((page == colour).all(axis=2)).mean(axis=0)


def ink(page):
    """Tell which pixels are dark and grey, as text is and the pictures here are not."""
    return (page.max(axis=2).astype(int) - page.min(axis=2) < 20) & (page.max(axis=2) < 160)


def test_pictures_run_along_rows_and_an_unfinished_row_ends_white():
    page = picture_grid([plain(c) for c in COLOURS], columns=3, cell=40)
    places = np.array([middle_of(page, c) for c in COLOURS])
    rows, columns = places[:, 0], places[:, 1]
    assert np.ptp(rows[:3]) == np.ptp(rows[3:]) == 0
    assert rows[3] - rows[0] == columns[1] - columns[0] == 44
    assert (columns[3:] == columns[:2]).all()
    assert (page[round(rows[3]), round(columns[2])] == 255).all()


def test_pictures_of_the_cell_size_are_shown_pixel_by_pixel():
    picture = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    page = picture_grid([picture], columns=1, cell=64)
    assert np.array_equal(page[4:68, 4:68], picture)
    assert page.shape == (72, 72, 3)
    assert page.dtype == np.uint8


def test_tiny_pictures_are_enlarged_smoothly_and_huge_ones_reduced():
    ramp = np.repeat(np.linspace(0, 255, 16).astype(np.uint8)[None, :, None], 16, axis=0)
    page = picture_grid([np.repeat(ramp, 3, axis=2)], columns=1)
    assert page.shape == (168, 168, 3)
    assert len(np.unique(page[84, 4:164, 0])) > 60
    assert picture_grid([plain((9, 9, 9), 1500, 1500)], columns=1).shape[0] < 600


def test_proportions_are_kept():
    page = picture_grid([plain((200, 0, 0), 40, 80), plain((0, 0, 200))], columns=2, cell=80)
    wide, square = (np.argwhere((page == c).all(axis=2)) for c in [(200, 0, 0), (0, 0, 200)])
    assert np.ptp(wide, axis=0).tolist() == [39, 79]
    assert np.ptp(square, axis=0).tolist() == [79, 79]
    assert wide[:, 0].mean() == square[:, 0].mean()


def test_column_labels_stand_above_their_pictures():
    labelled = picture_grid(
        [plain(c) for c in COLOURS[:2]], columns=2, column_labels=["left", ""], cell=80
    )
    rows, columns = np.nonzero(ink(labelled))
    top = np.argwhere((labelled == COLOURS[0]).all(axis=2)).min(axis=0)
    assert 0 < len(rows)
    assert rows.max() < top[0]
    assert abs((columns.min() + columns.max()) / 2 - middle_of(labelled, COLOURS[0])[1]) < 2


def test_row_labels_stand_left_of_their_pictures():
    labelled = picture_grid(
        [plain(c) for c in COLOURS[:2]], columns=1, row_labels=["", "lower"], cell=80
    )
    rows, columns = np.nonzero(ink(labelled))
    left = np.argwhere((labelled == COLOURS[1]).all(axis=2)).min(axis=0)
    assert columns.max() < left[1]
    assert abs((rows.min() + rows.max()) / 2 - middle_of(labelled, COLOURS[1])[0]) < 4


def test_a_label_that_is_too_long_stays_within_its_column():
    page = picture_grid(
        [plain(c) for c in COLOURS[:2]], columns=2, column_labels=["x" * 90, ""], cell=80
    )
    _, columns = np.nonzero(ink(page))
    assert columns.max() <= 4 + 80
    assert columns.max() > 60


def test_no_labels_leave_no_room_for_them():
    bare = picture_grid([plain(COLOURS[0])], columns=1, cell=40)
    labelled = picture_grid([plain(COLOURS[0])], columns=1, column_labels=["a"], cell=40)
    assert bare.shape[0] < labelled.shape[0]
    assert not ink(bare).any()


def test_a_strip_is_a_grid_of_one_row():
    pictures = [plain(c) for c in COLOURS]
    labels = ["-3", "-1", "0", "1", "3"]
    strip = picture_strip(pictures, labels=labels, cell=60)
    assert np.array_equal(strip, picture_grid(pictures, columns=5, column_labels=labels, cell=60))


def test_the_same_pictures_give_the_same_bytes_and_stay_as_they_were():
    pictures = [plain(c) for c in COLOURS]
    first = picture_grid(pictures, columns=2, column_labels=["a", "b"])
    assert np.array_equal(first, picture_grid(pictures, columns=2, column_labels=["a", "b"]))
    assert np.array_equal(pictures[0], plain(COLOURS[0]))


def test_what_cannot_be_laid_out_is_refused():
    face = plain(COLOURS[0])
    with pytest.raises(InputError, match="0 pictures"):
        picture_grid([], columns=2)
    with pytest.raises(InputError, match="0 pictures"):
        picture_strip([])
    with pytest.raises(InputError, match="0 columns"):
        picture_grid([face], columns=0)
    with pytest.raises(InputError, match="3 column labels, expected 2"):
        picture_grid([face], columns=2, column_labels=["a", "b", "c"])
    with pytest.raises(InputError, match="1 row labels, expected 2"):
        picture_grid([face] * 3, columns=2, row_labels=["a"])
    with pytest.raises(InputError, match="cells of 8 px"):
        picture_grid([face], columns=1, cell=8)
    with pytest.raises(InputError, match="uint8"):
        picture_grid([face.astype(float)], columns=1)
