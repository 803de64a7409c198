import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.plots import layer_map, picture_grid


def solid(colour, side=64):
    return np.full((side, side, 3), colour, np.uint8)


def test_pictures_stand_row_by_row():
    page = picture_grid(
        [solid((200, 0, 0)), solid((0, 200, 0)), solid((0, 0, 200))], columns=2, cell=64
    )
    height, width, _ = page.shape
    assert page[40, 40].tolist() == [200, 0, 0]
    assert page[40, width - 40].tolist() == [0, 200, 0]
    assert page[height - 40, 40].tolist() == [0, 0, 200]
    assert page[height - 40, width - 40].tolist() == [255, 255, 255]


def test_small_pictures_are_enlarged_to_the_cell():
    page = picture_grid([solid((9, 9, 9), 16)], columns=1, cell=80)
    assert (page == 9).all(2).sum() == 80 * 80


def test_labels_leave_ink_beside_the_pictures():
    plain = picture_grid([solid(128)] * 2, columns=2, cell=64)
    labelled = picture_grid(
        [solid(128)] * 2, columns=2, cell=64, column_labels=["a", "b"], row_labels=["row"]
    )
    assert labelled.shape[0] > plain.shape[0]
    assert labelled.shape[1] > plain.shape[1]
    assert (labelled < 100).all(2).any()
    assert not (plain < 100).all(2).any()


@pytest.mark.parametrize("labels", [{"row_labels": ["a", "b"]}, {"column_labels": ["a"]}])
def test_labels_that_do_not_fit_are_refused(labels):
    with pytest.raises(InputError, match="labels"):
        picture_grid([solid(1)] * 2, columns=2, **labels)


def test_no_pictures_are_refused():
    with pytest.raises(InputError, match="0 pictures"):
        picture_grid([], columns=2)


def test_a_layer_map_is_darker_where_more_is_kept():
    masks = np.zeros((1, 2, 8), bool)
    masks[0, 1] = True
    page = layer_map(masks, ["happy"]).astype(int)
    middle = page[len(page) // 2].sum(1)
    half = len(middle) // 2
    assert middle[half:].min() < middle[:half].min() or middle[half:].mean() < middle[:half].mean()


def test_masks_and_emotions_must_agree():
    with pytest.raises(InputError, match="for 2 emotions"):
        layer_map(np.ones((1, 2, 3), bool), ["happy", "sad"])
