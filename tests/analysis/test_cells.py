import numpy as np
import pytest

from icaedit.analysis.cells import cell_means
from icaedit.errors import DatasetError, InputError


def test_a_cell_is_the_mean_of_its_images_only():
    latents = np.array([[1.0, 10], [3, 30], [5, 50], [7, 70], [100, 100]])
    cells = cell_means(latents, ["b", "b", "b", "a", "a"], ["NE", "joy", "HA", "NE", "sad"])
    assert cells.emotions == ("neutral", "happy", "sad")
    assert cells.means[cells.grid[1, 1]].tolist() == [4.0, 40.0]
    assert cells.counts[cells.grid[1, 1]] == 2
    assert cells.missing == [("a", "happy"), ("b", "sad")]


def test_the_image_index_names_each_image_of_each_cell_once(planted):
    data = planted(people=3, takes=2, size=40)
    cells = cell_means(data.latents, data.identity, data.emotion)
    assert sorted(cells.image_rows.tolist()) == list(range(len(data.latents)))
    person = np.array(cells.identities)[cells.person[cells.image_cell]]
    assert (person == data.identity[cells.image_rows]).all()


def test_cell_means_do_not_change_by_a_bit_with_the_order_of_images(planted):
    data = planted(people=4, takes=5, size=40)
    order = np.random.default_rng(1).permutation(len(data.latents))
    a = cell_means(data.latents, data.identity, data.emotion)
    b = cell_means(*data.take(order))
    assert a.means.tobytes() == b.means.tobytes()


def test_contempt_comes_last():
    cells = cell_means(np.eye(3), ["a", "a", "b"], ["contempt", "afraid", "neutral"])
    assert cells.emotions == ("neutral", "afraid", "contempt")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_the_first_row_that_is_not_finite_is_named(bad):
    latents = np.zeros((6, 2, 2), dtype=np.float32)
    latents[3, 1, 0] = latents[5, 0, 0] = bad
    with pytest.raises(InputError, match="row 3"):
        cell_means(latents, list("aabbcc"), ["NE", "HA"] * 3)


@pytest.mark.parametrize(
    ("identity", "emotion", "words"),
    [
        (["a", "a"], ["NE", "HA"], "one person only"),
        (["a", "b"], ["SA", "HA"], "happy, sad only"),
        (["a", "b"], ["NE", "NE"], "neutral images only"),
    ],
)
def test_a_dataset_that_cannot_tell_directions_is_refused(identity, emotion, words):
    with pytest.raises(DatasetError, match=words):
        cell_means(np.eye(2), identity, emotion)


@pytest.mark.parametrize(
    ("latents", "identity", "words"),
    [
        (np.zeros((2, 3)), ["a"], "identity of shape"),
        (np.zeros(4), ["a", "b"], "latents of shape"),
        (np.zeros((0, 4)), [], "latents of shape"),
        (np.array([["x", "y"], ["z", "w"]]), ["a", "b"], "real numbers"),
    ],
)
def test_unusable_arrays_are_refused(latents, identity, words):
    with pytest.raises(InputError, match=words):
        cell_means(latents, identity, ["NE", "HA"])


def test_a_label_that_is_no_emotion_is_refused():
    with pytest.raises(InputError, match="hungry"):
        cell_means(np.eye(2), ["a", "b"], ["NE", "hungry"])
