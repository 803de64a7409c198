import numpy as np
import pytest

from icaedit.analysis.fastica.resampling import resampled_principal_rows
from icaedit.analysis.fastica.whitening import weighted_principal_rows
from icaedit.errors import DatasetError


def rows_of_clear_and_noisy_variance(n=150, samples=400, seed=0):
    rng = np.random.default_rng(seed)
    sources = rng.laplace(size=(4, samples)) * np.array([[4], [3], [2], [2]])
    return rng.normal(size=(n, 4)) @ sources + rng.normal(size=(n, samples))


def draws(n, count=6, seed=1):
    return np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=count).astype(float)


@pytest.mark.parametrize("n", [30, 150])
def test_each_resampling_gets_its_own_leading_rows(n):
    x = rows_of_clear_and_noisy_variance(n)
    weights = draws(n)
    found = resampled_principal_rows(x @ x.T, weights, 4)
    for rows, one in zip(found, weights, strict=True):
        exact = weighted_principal_rows(x @ x.T, one, 4)
        np.testing.assert_allclose(np.abs(rows @ x @ (exact @ x).T), np.eye(4), atol=1e-3)
        assert not rows[:, one == 0].any()


@pytest.mark.parametrize("n", [30, 150])
def test_within_noise_the_rows_are_orthonormal_and_hold_as_much_variance(n):
    x = rows_of_clear_and_noisy_variance(n)
    weights = draws(n)
    found = resampled_principal_rows(x @ x.T, weights, 7)
    for rows, one in zip(found, weights, strict=True):
        # a row counted twice is itself, sqrt(2) times as long
        counted = np.sqrt(one)[:, None] * x
        basis = rows @ x
        np.testing.assert_allclose(basis @ basis.T, np.eye(7), atol=1e-5)
        most = np.linalg.svd(counted, compute_uv=False)[:7]
        assert np.linalg.norm(counted @ basis.T) > 0.999 * np.linalg.norm(most)


@pytest.mark.parametrize("n", [30, 150])
def test_a_resampling_may_shift_the_rows(n):
    x = rows_of_clear_and_noisy_variance(n)
    weights = draws(n, 3)
    rng = np.random.default_rng(2)
    left, right = rng.normal(size=(n, 2)), rng.normal(size=(3, 2, n)) / n
    found = resampled_principal_rows(x @ x.T, weights, 3, shift=(left, right))
    for rows, one, part in zip(found, weights, right, strict=True):
        shifted = x + left @ part @ x
        exact = weighted_principal_rows(shifted @ shifted.T, one, 3)
        overlap = rows @ shifted @ (exact @ shifted).T
        np.testing.assert_allclose(np.abs(overlap), np.eye(3), atol=1e-3)


@pytest.mark.parametrize("n", [20, 150])
def test_where_the_rank_is_lower_the_rest_is_nought(n):
    x = np.random.default_rng(0).normal(size=(n, 3)) @ np.random.default_rng(1).normal(size=(3, 60))
    found = resampled_principal_rows(x @ x.T, draws(n), 5)
    for rows in found:
        np.testing.assert_allclose(rows[:3] @ x @ (rows[:3] @ x).T, np.eye(3), atol=1e-5)
        assert not rows[3:].any()


def test_rows_that_are_all_nought_are_refused():
    with pytest.raises(DatasetError, match="do not change"):
        resampled_principal_rows(np.zeros((200, 200)), draws(200), 3)
