import numpy as np
import pytest
from scipy import stats

from icaedit.evaluation.measures import (
    additivity,
    attribute_dependency,
    face_ellipse,
    monotonicity,
    outside_change,
)


def test_dependency_is_stylespaces_mean_and_maximum():
    change = np.array([[1.0, -4.0, 0.0], [0.5, 2.0, -3.0]])
    mean, most = attribute_dependency(change, [1.0, 2.0, 4.0])
    np.testing.assert_allclose(mean, [1.0, 0.75])
    np.testing.assert_allclose(most, [2.0, 1.0])


def test_attributes_that_never_vary_are_left_out():
    mean, most = attribute_dependency([[1.0, 5.0]], [2.0, 0.0])
    assert (mean.tolist(), most.tolist()) == ([0.5], [0.5])
    assert np.isnan(attribute_dependency([[5.0]], [0.0])).all()


def test_monotonicity_is_spearmans_correlation_of_each_person():
    scores = np.random.default_rng(0).normal(size=(6, 4)).round(1)
    scores[3] = scores[2]  # ties
    expected = [stats.spearmanr(np.arange(6), column).statistic for column in scores.T]
    np.testing.assert_allclose(monotonicity(scores), expected, atol=1e-12)
    assert monotonicity(np.ones((4, 1))).tolist() == [0.0]
    assert monotonicity([[2.0], [1.0]]).tolist() == [-1.0]


def test_additivity_is_one_for_a_sum_and_zero_for_its_loss():
    a, b = np.array([[3.0, 0.0]]), np.array([[0.0, 4.0]])
    assert additivity(a, b, a + b).tolist() == [1.0]
    assert additivity(a, a, 0 * a).tolist() == [0.0]
    assert additivity(a, b, a).tolist() == [pytest.approx(1 - 4 / 7)]
    assert additivity(0 * a, 0 * b, 0 * a).tolist() == [1.0]


def test_change_outside_counts_every_picture_by_its_own_window():
    before = np.full((2, 4, 4, 3), 200, np.uint8)
    after = before.copy()
    after[:, :2] = 80
    windows = np.zeros((2, 4, 4), bool)
    windows[0, :2] = True
    assert outside_change(before, after, windows).tolist() == [0.0, 60.0]
    assert outside_change(after, before, windows).tolist() == [0.0, 60.0]
    assert np.isnan(outside_change(before, after, np.ones((2, 4, 4), bool))).all()


def test_the_ellipse_holds_the_middle_and_no_corner():
    ellipse = face_ellipse(32)
    assert ellipse[16, 16]
    assert not ellipse[[0, 0, -1, -1], [0, -1, 0, -1]].any()
    np.testing.assert_array_equal(ellipse, ellipse[:, ::-1])
