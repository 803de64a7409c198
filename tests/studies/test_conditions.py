"""Which coordinates a recogniser is given."""

import numpy as np
import pytest

from icaedit.artifacts import Directions
from icaedit.errors import InputError
from icaedit.studies import CONDITIONS, condition_masks


def directions(patterns, **changes):
    patterns = np.asarray(patterns, np.float32)
    given = {
        "masks": np.abs(patterns) > 0,
        "patterns": patterns,
        "posed_strength": {name: 3.0 for name in ("happy", "sad")[: len(patterns)]},
        "method": "mean-difference",
        "threshold": "none",
    }
    return Directions(("happy", "sad")[: len(patterns)], patterns, **{**given, **changes})


@pytest.fixture
def two():
    rng = np.random.default_rng(0)
    return directions(rng.laplace(size=(2, 6, 8)))


def test_masks_come_in_the_order_of_the_conditions(two):
    assert list(condition_masks(two)) == list(CONDITIONS)


def test_without_is_no_mask_and_full_is_everything(two):
    masks = condition_masks(two)
    assert masks["without"] is None
    assert masks["full"].all()


def test_mean_and_median_are_the_masks_that_are_exported(two):
    masks = condition_masks(two)
    for rule in ("mean", "median"):
        assert np.array_equal(masks[f"{rule} mask"], two.index_mask(rule).mask())
    assert masks["mean mask"].sum() < masks["median mask"].sum() < 48


def test_a_fifth_keeps_the_paper_s_share_and_the_largest_of_any_emotion(two):
    mask = condition_masks(two)["fifth"]
    assert mask.sum() == round(1638 / 9216 * 48)
    largest = np.abs(two.patterns).max(0)
    assert largest[mask].min() > largest[~mask].max()


def test_a_negative_weight_counts_as_much_as_a_positive_one():
    pattern = np.zeros((1, 2, 6))
    pattern[0, 0, 0], pattern[0, 1, 1], pattern[0, 1, 2] = -9, 5, 1
    mask = condition_masks(directions(pattern))["fifth"]
    assert np.argwhere(mask).tolist() == [[0, 0], [1, 1]]


@pytest.mark.parametrize(
    "name, like", [("random like mean", "mean mask"), ("random fifth", "fifth")]
)
def test_random_masks_are_as_large_and_follow_the_seed(two, name, like):
    masks = condition_masks(two, random_state=1)
    assert masks[name].shape == masks[like].shape
    assert masks[name].sum() == masks[like].sum()
    assert not np.array_equal(masks[name], masks[like])
    assert np.array_equal(masks[name], condition_masks(two, random_state=1)[name])
    assert not np.array_equal(masks[name], condition_masks(two, random_state=2)[name])


@pytest.mark.parametrize(
    "name, of", [("complement of mean", "mean mask"), ("complement of fifth", "fifth")]
)
def test_a_complement_is_all_the_rest(two, name, of):
    masks = condition_masks(two)
    assert np.array_equal(masks[name], ~masks[of])


def test_directions_that_keep_everything_have_no_complement():
    flat = directions(np.ones((1, 2, 6)))
    with pytest.raises(InputError, match="'complement of mean' keeps no coordinate"):
        condition_masks(flat)
