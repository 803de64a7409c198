import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from sklearn.decomposition import FastICA

from icaedit.analysis.ica import fit_ica, negentropy, orient_rows, principal_rows, rotate_white
from icaedit.errors import DatasetError, InputError


def planted_mixture(seed=0, sources=4, samples=4000):
    rng = np.random.default_rng(seed)
    s = rng.laplace(size=(sources, samples)) + 0.3
    mixing = rng.normal(size=(sources + 1, sources))
    return mixing, s


def amari_distance(product):
    size = np.abs(product)
    rows = (size.sum(1) / size.max(1) - 1).sum()
    columns = (size.sum(0) / size.max(0) - 1).sum()
    return (rows + columns) / (2 * len(size) * (len(size) - 1))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_planted_mixture_is_recovered(seed):
    mixing, sources = planted_mixture(seed)
    fit = fit_ica(mixing @ sources, random_state=seed)
    assert fit.converged
    assert amari_distance(fit.unmixing @ mixing) < 0.05
    cosine = np.abs(fit.mixing.T @ mixing)
    cosine /= np.linalg.norm(fit.mixing, axis=0)[:, None] * np.linalg.norm(mixing, axis=0)
    rows, columns = linear_sum_assignment(-cosine)
    assert cosine[rows, columns].min() > 0.99


def test_mixing_times_sources_gives_the_data_back_with_its_mean():
    mixing, sources = planted_mixture()
    fit = fit_ica(mixing @ sources)
    np.testing.assert_allclose(fit.mixing @ fit.sources, mixing @ sources, atol=1e-8)
    np.testing.assert_allclose(fit.sources.std(axis=1), 1, atol=1e-9)


def test_the_iteration_equals_scikit_learn_s_builtin_from_the_same_start():
    mixing, sources = planted_mixture(sources=3)
    x = mixing @ sources
    x = x - x.mean(axis=1, keepdims=True)
    rows, _ = principal_rows(x @ x.T, 3)
    white = np.sqrt(x.shape[1]) * rows @ x
    start, _ = np.linalg.qr(np.random.default_rng(5).standard_normal((3, 3)))
    ours = rotate_white(white, np.random.default_rng(5), n_starts=1, max_iter=300, tol=1e-6)
    theirs = FastICA(whiten=False, w_init=start, max_iter=300, tol=1e-6).fit(white.T)
    assert ours.n_iter == theirs.n_iter_
    np.testing.assert_allclose(ours.matrix, theirs.components_, atol=1e-9)


def test_orthonormal_rows_lose_none_of_themselves():
    # scikit-learn's whitening zeroes rows here, by sign(0)
    sources = np.random.default_rng(0).laplace(size=(4, 3000))
    sources -= sources.mean(axis=1, keepdims=True)
    orthonormal = np.linalg.svd(sources, full_matrices=False)[2]
    fit = fit_ica(orthonormal)
    assert np.linalg.matrix_rank(fit.unmixing) == 4
    np.testing.assert_allclose(fit.mixing @ fit.sources, orthonormal, atol=1e-10)


def test_a_duplicated_row_lowers_the_rank_and_not_the_quality():
    mixing, sources = planted_mixture(sources=3)
    x = mixing @ sources
    fit = fit_ica(np.vstack([x, x[:1]]))
    assert fit.mixing.shape == (5, 3)
    assert np.abs(fit.unmixing).max() < 100
    np.testing.assert_allclose(fit.mixing[0], fit.mixing[-1], atol=1e-10)


def test_the_start_of_best_contrast_is_kept():
    white = np.random.default_rng(0).standard_normal((5, 300))
    white -= white.mean(axis=1, keepdims=True)
    rows, _ = principal_rows(white @ white.T, 5)
    white = np.sqrt(300) * rows @ white
    singles = []
    rng = np.random.default_rng(1)
    for _ in range(6):
        singles.append(rotate_white(white, rng, n_starts=1).contrast)
    assert max(singles) > min(singles) * 1.001
    best = rotate_white(white, np.random.default_rng(1), n_starts=6)
    assert best.contrast == pytest.approx(max(singles))


def test_a_source_still_moving_is_reported_as_not_settled():
    mixing, sources = planted_mixture()
    assert not fit_ica(mixing @ sources, max_iter=1, n_starts=1).converged


def test_the_seed_decides_and_zero_is_a_seed():
    x = np.random.default_rng(0).normal(size=(5, 200))
    a, b, c = (fit_ica(x, random_state=seed, n_starts=1, max_iter=3) for seed in (0, 0, 1))
    assert a.unmixing.tobytes() == b.unmixing.tobytes()
    assert not np.allclose(np.abs(a.unmixing), np.abs(c.unmixing))


def test_negentropy_is_nought_for_gaussians_and_positive_for_others():
    rng = np.random.default_rng(0)
    assert negentropy(rng.normal(size=(1, 400_000))) < 1e-5
    laplace = rng.laplace(size=(2, 100_000)) / np.sqrt(2)
    assert negentropy(laplace) > 5e-4
    assert negentropy(laplace) == pytest.approx(sum(negentropy(row[None]) for row in laplace))


def test_orientation_makes_the_largest_entry_positive():
    assert orient_rows(np.array([[1.0, -3.0], [2.0, 0.0]])).tolist() == [-1.0, 1.0]


def test_rows_without_variation_are_refused():
    with pytest.raises(InputError, match="constant"):
        fit_ica(np.ones((3, 10)))
    with pytest.raises(DatasetError, match="do not change"):
        principal_rows(np.zeros((3, 3)), 2)
    with pytest.raises(InputError, match="finite"):
        fit_ica(np.full((3, 10), np.nan))
