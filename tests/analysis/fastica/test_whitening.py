import numpy as np
import pytest

from icaedit.analysis.fastica.whitening import (
    orient_rows,
    principal_rows,
    weighted_principal_rows,
    whiten,
)
from icaedit.errors import DatasetError


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_white_rows_are_uncorrelated_with_unit_variance(mixtures, dtype):
    x = mixtures(count=1)[0][0].astype(dtype)
    white, whitening = whiten(x)
    assert white.dtype == dtype
    atol = 1e-9 if dtype == np.float64 else 1e-5
    np.testing.assert_allclose(np.cov(white, bias=True), np.eye(5), atol=atol)
    np.testing.assert_allclose(white.mean(axis=1), 0, atol=atol)
    zero_mean = x - whitening.mean[:, None]
    np.testing.assert_allclose(whitening.matrix @ zero_mean, white, atol=1e-5)
    np.testing.assert_allclose(whitening.inverse @ white, zero_mean, atol=1e-4)


def test_the_leading_rows_are_those_of_largest_variance(mixtures):
    x = mixtures(count=1)[0][0]
    white, _ = whiten(x, 2)
    left, _, right = np.linalg.svd(x - x.mean(axis=1, keepdims=True), full_matrices=False)
    overlap = np.abs(right[:2] @ white.T) / np.sqrt(x.shape[1])
    np.testing.assert_allclose(overlap, np.eye(2), atol=1e-7)


def test_rows_weighted_by_a_whole_number_are_rows_repeated(mixtures):
    x = mixtures(count=1)[0][0]
    weights = np.array([2.0, 1, 0, 1, 3])
    rows = weighted_principal_rows(x @ x.T, weights, 3)
    repeated = np.repeat(x, weights.astype(int), axis=0)
    expected = np.linalg.svd(repeated, full_matrices=False)[2][:3]
    np.testing.assert_allclose(np.abs(rows @ x @ expected.T), np.eye(3), atol=1e-7)
    assert not rows[:, 2].any()


def test_the_largest_entry_of_every_white_row_is_positive(mixtures):
    white, _ = whiten(mixtures(count=1)[0][0])
    assert (orient_rows(white) == 1).all()


def test_rows_that_do_not_vary_have_no_principal_rows():
    with pytest.raises(DatasetError, match="do not change"):
        principal_rows(np.zeros((3, 3)), 2)
    white, whitening = whiten(np.full((3, 10), 1 / 3))
    assert white.shape == (0, 10) and whitening.matrix.shape == (0, 3)


def test_a_large_offset_costs_no_variance():
    x = np.random.default_rng(0).normal(size=(3, 2000)) + 1e6
    white, _ = whiten(x)
    np.testing.assert_allclose(np.cov(white, bias=True), np.eye(3), atol=1e-8)
