import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from icaedit.errors import InputError
from icaedit.thresholds import threshold_level, threshold_mask

RULES = ("mean", "median")
finite = hnp.arrays(
    np.float64, st.integers(1, 30), elements=st.floats(-1e3, 1e3, allow_subnormal=False)
)


def test_two_sided_mean_is_the_mean_of_the_sizes():
    # sizes 4, 1, 3, 0: mean 2
    assert threshold_level([-4, 1, 3, 0], "mean") == 2.0
    assert threshold_mask([-4, 1, 3, 0], "mean").tolist() == [True, False, True, False]


def test_two_sided_median_is_the_median_of_the_sizes():
    assert threshold_mask([-5, 1, 2, 9], "median").tolist() == [True, False, False, True]


def test_one_sided_level_counts_positive_entries_only():
    # positives 1, 3: mean 2; the negative entries and the zero do not count
    assert threshold_level([-9, -8, 0, 1, 3], "mean", two_sided=False) == 2.0
    kept = threshold_mask([-9, -8, 0, 1, 3], "mean", two_sided=False)
    assert kept.tolist() == [False, False, False, False, True]


def test_an_entry_that_equals_the_level_is_kept():
    assert threshold_mask([0.5, -0.5, 0.25], 0.5).tolist() == [True, True, False]
    assert threshold_mask([0.5, -0.5, 0.25], 0.5, two_sided=False).tolist() == [True, False, False]


def test_equal_entries_are_kept_by_their_own_mean():
    assert np.mean([0.1] * 3) > 0.1  # rounding lifts the mean above every entry
    assert threshold_mask([0.1, -0.1, 0.1], "mean").all()


def test_none_keeps_everything_zeros_too():
    assert threshold_mask([0.0, -1.0, 2.0], "none", two_sided=False).all()


@pytest.mark.parametrize("threshold", ["mean", "median", 0, 0.5])
@pytest.mark.parametrize("two_sided", [True, False])
def test_nothing_but_zeros_keeps_nothing(threshold, two_sided):
    assert not threshold_mask(np.zeros((2, 3)), threshold, two_sided=two_sided).any()


@pytest.mark.parametrize("threshold", ["mean", "median"])
def test_one_sided_keeps_nothing_when_nothing_is_positive(threshold):
    assert not threshold_mask([-1.0, -2.0], threshold, two_sided=False).any()


def test_the_shape_is_kept_and_the_input_is_not_changed():
    values = np.array([[1.0, -2.0], [3.0, 0.0]], dtype=np.float32)
    before = values.copy()
    assert threshold_mask(values, "mean").shape == (2, 2)
    assert np.array_equal(values, before)


@given(finite, st.sampled_from(["mean", "median", "none", 0.7]))
def test_the_sign_of_a_direction_does_not_change_its_two_sided_mask(values, threshold):
    assert np.array_equal(threshold_mask(values, threshold), threshold_mask(-values, threshold))


@given(finite, st.floats(0, 10), st.floats(0, 10), st.booleans())
def test_a_higher_threshold_never_keeps_more(values, one, other, two_sided):
    low, high = sorted((one, other))
    kept_low = threshold_mask(values, low, two_sided=two_sided)
    kept_high = threshold_mask(values, high, two_sided=two_sided)
    assert not (kept_high & ~kept_low).any()


@given(finite, st.sampled_from(["mean", "median"]), st.booleans())
def test_named_rules_do_not_depend_on_the_unit(values, threshold, two_sided):
    # a power of two scales without rounding
    kept = threshold_mask(values, threshold, two_sided=two_sided)
    assert np.array_equal(kept, threshold_mask(values * 8, threshold, two_sided=two_sided))


def test_the_paper_shares_follow_for_laplace_values():
    # exponential positive part: mean keeps exp(-1)/2, median a quarter of all
    values = np.random.default_rng(0).laplace(size=200_000)
    share = {rule: threshold_mask(values, rule, two_sided=False).mean() for rule in RULES}
    assert share == pytest.approx({"mean": np.exp(-1) / 2, "median": 0.25}, abs=0.005)


def test_fdr_is_refused_with_advice_to_fit_with_it():
    with pytest.raises(InputError, match="fit with threshold fdr"):
        threshold_mask([1.0], "fdr")


@pytest.mark.parametrize("threshold", ["none", "mean", 1.0])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(threshold, bad):
    with pytest.raises(InputError, match="NaN or infinite"):
        threshold_mask([1.0, bad], threshold)


@pytest.mark.parametrize("threshold", ["most", -1, "nan"])
def test_an_unknown_threshold_is_refused(threshold):
    with pytest.raises(InputError, match="expected mean, median"):
        threshold_mask([1.0], threshold)
