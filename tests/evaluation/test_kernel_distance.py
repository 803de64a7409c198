import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.evaluation import kernel_distance
from icaedit.evaluation.kernel_distance import squared_mmd


def test_it_is_the_formula_summed_pair_by_pair():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(4, 3)), rng.normal(size=(5, 3))

    def k(a, b):
        return (sum(a * b) / 3 + 1) ** 3

    xx = sum(k(x[i], x[j]) for i in range(4) for j in range(4) if i != j) / 12
    yy = sum(k(y[i], y[j]) for i in range(5) for j in range(5) if i != j) / 20
    xy = sum(k(a, b) for a in x for b in y) / 20
    assert squared_mmd(x, y) == pytest.approx(xx + yy - 2 * xy)


def test_sets_of_one_kind_lie_about_zero_on_either_side():
    rng = np.random.default_rng(1)
    values = [squared_mmd(*rng.normal(size=(2, 12, 6))) for _ in range(400)]
    assert min(values) < 0 < max(values)
    assert abs(np.mean(values)) < 4 * np.std(values) / 20


def test_it_tells_sets_apart_that_differ_in_mean_spread_or_skew():
    rng = np.random.default_rng(2)
    skewed = rng.exponential(size=(2, 800, 4)) - 1
    x = rng.normal(size=(800, 4))
    same = squared_mmd(x, rng.normal(size=(800, 4)))
    for other in (x + 0.5, 1.6 * x, skewed[0]):
        assert squared_mmd(x, other) > 5 * abs(same)
    assert squared_mmd(*skewed) < 0.1


def test_a_farther_set_has_a_larger_distance_and_order_does_not_matter():
    x = np.random.default_rng(3).normal(size=(300, 5))
    near, far = (kernel_distance(x, x + gap).mean for gap in (0.3, 0.6))
    assert 0 < near < far
    assert squared_mmd(x, x + 0.3) == pytest.approx(squared_mmd(x + 0.3, x))


def test_subsets_are_drawn_by_the_seed_and_never_larger_than_a_set():
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(30, 2)), rng.normal(size=(50, 2))
    once = kernel_distance(x, y, subsets=7, random_state=1)
    assert once == kernel_distance(x, y, subsets=7, random_state=1)
    assert once != kernel_distance(x, y, subsets=7, random_state=2)
    assert (once.subsets, once.subset_size) == (7, 30)
    small = kernel_distance(x, y, subset_size=10)
    assert small.deviation > kernel_distance(x, y, subset_size=25).deviation > 0


def test_features_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="same features for both"):
        squared_mmd(np.zeros((3, 2)), np.zeros((3, 4)))
    with pytest.raises(InputError, match="at least 2 pictures"):
        squared_mmd(np.zeros((1, 2)), np.zeros((3, 2)))
    with pytest.raises(InputError, match="subsets of 1 pictures"):
        kernel_distance(np.zeros((1, 2)), np.zeros((3, 2)))
    with pytest.raises(InputError, match="got 0 subsets"):
        kernel_distance(np.zeros((5, 2)), np.zeros((5, 2)), subsets=0)
