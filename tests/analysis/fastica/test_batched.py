import warnings

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from sklearn.decomposition import FastICA

from icaedit.analysis import batched_fastica
from icaedit.analysis.fastica.whitening import whiten
from icaedit.errors import ConvergenceWarning, InputError


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("fun", ["logcosh", "exp", "cube"])
def test_planted_mixtures_are_recovered(mixtures, amari, fun, dtype):
    x, mixing, _ = mixtures()
    fit = batched_fastica(x.astype(dtype), fun=fun)
    assert fit.converged.all() and fit.sources.dtype == dtype
    for found, true in zip(fit.mixing, mixing, strict=True):
        assert amari(np.linalg.solve(found, true)) < 0.05
        cosine = np.abs(found.T @ true)
        cosine /= np.linalg.norm(found, axis=0)[:, None] * np.linalg.norm(true, axis=0)
        assert cosine[linear_sum_assignment(-cosine)].min() > 0.99


@pytest.mark.parametrize("dtype, atol", [(np.float32, 2e-3), (np.float64, 1e-9)])
def test_mixing_times_sources_gives_the_data_back_with_its_mean(mixtures, dtype, atol):
    x = mixtures()[0].astype(dtype)
    fit = batched_fastica(x)
    np.testing.assert_allclose(fit.mixing @ fit.sources, x, atol=atol)
    np.testing.assert_allclose(fit.unmixing @ x, fit.sources, atol=atol)
    covariance = np.stack([np.cov(s, bias=True) for s in fit.sources])
    np.testing.assert_allclose(covariance, np.broadcast_to(np.eye(5), (4, 5, 5)), atol=1e-4)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_problem_s_result_does_not_depend_on_the_others(mixtures, dtype):
    x = mixtures(count=6)[0].astype(dtype)
    together = batched_fastica(x)
    for b in (0, 3, 5):
        alone = batched_fastica(x[b : b + 1])
        np.testing.assert_array_equal(alone.mixing[0], together.mixing[b])
        np.testing.assert_array_equal(alone.sources[0], together.sources[b])
        assert alone.n_iter[0] == together.n_iter[b]
        assert alone.contrast[0] == together.contrast[b]


@pytest.mark.parametrize("dtype, closeness", [(np.float32, 1e-4), (np.float64, 1e-9)])
@pytest.mark.parametrize("fun", ["logcosh", "exp", "cube"])
def test_a_batch_equals_a_loop_over_scikit_learn_from_the_same_starts(
    mixtures, fun, dtype, closeness
):
    x = mixtures()[0]
    start = np.linalg.qr(np.random.default_rng(3).normal(size=(5, 5)))[0]
    fit = batched_fastica(x.astype(dtype), fun=fun, w_init=start[None])
    for b, rows in enumerate(x):
        white, _ = whiten(rows)
        theirs = FastICA(whiten=False, fun=fun, w_init=start).fit(white.T)
        assert abs(fit.n_iter[b] - theirs.n_iter_) <= (dtype == np.float32)
        sources = theirs.components_ @ white
        ours = fit.sources[b] - fit.sources[b].mean(axis=1, keepdims=True)
        correlation = np.abs((ours * sources).mean(axis=1))
        assert (1 - correlation).max() < closeness


def test_a_function_may_be_given_as_the_contrast(mixtures):
    x = mixtures()[0]
    cube = batched_fastica(x, fun="cube", n_starts=1, tol=1e-12)
    own = batched_fastica(
        x, fun=lambda y: (y**3, (3 * y**2).mean(axis=-1)), n_starts=1, tol=1e-12
    )
    np.testing.assert_allclose(own.mixing, cube.mixing, atol=1e-6)
    np.testing.assert_allclose(own.n_iter, cube.n_iter, atol=1)


def test_problems_may_differ_in_size_and_length(mixtures):
    big, small = mixtures(count=1)[0][0], mixtures(count=1, size=2, samples=500)[0][0]
    fit = batched_fastica([small, big, small])
    assert fit.mixing.shape == (3, 5, 5) and fit.sources.shape == (3, 5, 3000)
    assert fit.n_components_.tolist() == [2, 5, 2]
    np.testing.assert_allclose(fit.mixing[0, :2, :2] @ fit.sources[0, :2, :500], small, atol=1e-9)
    np.testing.assert_array_equal(fit.mixing[0], fit.mixing[2])
    for part in (fit.mixing[0, 2:], fit.mixing[0, :, 2:], fit.unmixing[0, 2:], fit.sources[0, 2:]):
        assert not part.any()
    assert not fit.sources[0, :, 500:].any()
    alone = batched_fastica([small])
    np.testing.assert_array_equal(alone.mixing[0], fit.mixing[0, :2, :2])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_that_add_nothing_lower_the_rank_and_not_the_quality(mixtures, amari, dtype):
    x, mixing, _ = mixtures(count=1, size=4, samples=9000)
    x = x[0]
    deficient = {
        "duplicate": np.vstack([x, x[:1]]),
        "nearly a duplicate": np.vstack([x, x[:1] * (1 + 1e-7)]),
        "constant": np.vstack([np.full((1, 9000), 7.3), x]),
        "zero": np.vstack([x, np.zeros((1, 9000))]),
        "combination": np.vstack([x, x[:1] - 2 * x[1:2]]),
        "centred": x - x.mean(axis=0),
    }
    fit = batched_fastica([rows.astype(dtype) for rows in deficient.values()])
    assert fit.n_components_.tolist() == [4, 4, 4, 4, 4, 3]
    assert fit.converged.all()
    assert np.abs(fit.unmixing).max() < 100
    for b in range(5):
        kept = slice(1, 5) if b == 2 else slice(0, 4)
        assert amari(np.linalg.solve(fit.mixing[b, kept], mixing[0])) < 0.05


def test_a_problem_of_constant_rows_has_no_sources_and_disturbs_nobody(mixtures):
    x = mixtures(count=1)[0][0]
    fit = batched_fastica([np.full((5, 3000), 3.7), x, np.zeros((5, 3000))])
    assert fit.n_components_.tolist() == [0, 5, 0]
    assert not fit.mixing[0].any() and not fit.sources[2].any()
    np.testing.assert_array_equal(fit.mixing[1], batched_fastica([x]).mixing[0])


def test_orthonormal_rows_lose_none_of_themselves():
    # scikit-learn's whitening multiplies by sign(u[0]), which is 0 for a diagonal Gram matrix
    halves = np.kron(np.eye(4), np.tile([1.0, -1.0, 3.0, -3.0], 50))
    fit = batched_fastica([halves])
    assert fit.n_components_[0] == 4
    np.testing.assert_allclose(fit.mixing[0] @ fit.sources[0], halves, atol=1e-9)


@pytest.mark.parametrize("scale", [1e-280, 1e-30, 1e30, 1e290])
def test_the_unit_of_measure_does_not_matter(mixtures, scale):
    x = mixtures(count=1)[0]
    plain, scaled = batched_fastica(x), batched_fastica(x * scale)
    np.testing.assert_allclose(scaled.sources, plain.sources, atol=1e-6)
    np.testing.assert_allclose(scaled.mixing / scale, plain.mixing, atol=1e-6)


def test_no_finite_input_gives_nan():
    rng = np.random.default_rng(0)
    wild = rng.normal(size=(4, 300))
    wild[0, 0] = 1e8
    awkward = [
        wild,
        wild.astype(np.float32),
        np.full((3, 50), np.finfo(np.float64).max),
        np.full((3, 50), 5e-324),
        rng.normal(size=(3, 1)),
        rng.normal(size=(6, 3)),
        rng.integers(0, 2, (3, 40)),
        np.eye(3),
        np.finfo(np.float64).max * np.sign(rng.normal(size=(3, 60))),
        1e-300 * rng.normal(size=(3, 60)),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        fit = batched_fastica(awkward, max_iter=30)
    for name in ("mixing", "unmixing", "sources", "contrast", "change"):
        assert np.isfinite(getattr(fit, name)).all(), name


def test_an_ill_conditioned_mixture_is_unmixed_in_float32(amari):
    rng = np.random.default_rng(0)
    left, right = (np.linalg.qr(rng.normal(size=(4, 4)))[0] for _ in range(2))
    mixing = left @ np.diag([1.0, 0.1, 0.01, 3e-4]) @ right
    x = (mixing @ rng.laplace(size=(4, 9000))).astype(np.float32)
    fit = batched_fastica(x[None])
    assert fit.n_components_[0] == 4
    assert amari(fit.unmixing[0] @ mixing) < 0.05


def test_the_start_of_best_contrast_is_kept():
    x = np.random.default_rng(0).normal(size=(1, 5, 300))
    starts = np.linalg.qr(np.random.default_rng(1).normal(size=(6, 5, 5)))[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        singles = [batched_fastica(x, w_init=start[None]).contrast[0] for start in starts]
        assert max(singles) > min(singles) * 1.001
        assert batched_fastica(x, w_init=starts).contrast[0] == pytest.approx(max(singles))


def test_more_starts_never_lower_the_contrast():
    x = np.random.default_rng(0).normal(size=(3, 5, 300))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        one, five = (batched_fastica(x, n_starts=n) for n in (1, 5))
    assert (five.contrast >= one.contrast - 1e-12).all()


def test_the_seed_decides_and_zero_is_a_seed(mixtures):
    x = mixtures()[0]
    with pytest.warns(ConvergenceWarning):
        a, b, c = (
            batched_fastica(x, random_state=seed, n_starts=1, max_iter=2) for seed in (0, 0, 1)
        )
    assert a.unmixing.tobytes() == b.unmixing.tobytes()
    assert not np.allclose(np.abs(a.unmixing), np.abs(c.unmixing))


def test_the_order_and_signs_of_the_rows_do_not_matter(mixtures):
    x = mixtures()[0]
    order, signs = [3, 0, 4, 1, 2], np.array([1, -1, 1, 1, -1.0])[:, None]
    plain = batched_fastica(x, tol=1e-9)
    turned = batched_fastica(signs * x[:, order], tol=1e-9)
    np.testing.assert_allclose(turned.mixing, signs * plain.mixing[:, order], atol=1e-5)


def test_problems_that_did_not_converge_are_named_with_advice(mixtures):
    x = mixtures()[0]
    mixed = [x[0], np.sign(np.random.default_rng(0).normal(size=(1, 50))), x[1]]
    with pytest.warns(
        ConvergenceWarning,
        match=r"got a change of [\d.e+-]+ after 1 iterations .* less than 0.0001, in 2 of 3 "
        r"problems \(0, 2\); raise max_iter or tol",
    ):
        fit = batched_fastica(mixed, max_iter=1)
    assert fit.converged.tolist() == [False, True, False]
    assert (fit.change > 1e-4).tolist() == [True, False, True]


def test_float32_asks_for_no_more_than_it_can_give(mixtures):
    x = mixtures()[0].astype(np.float32)
    fit = batched_fastica(x, tol=0.0)
    assert fit.converged.all() and fit.change.max() < 1e-8


def test_the_input_is_left_alone(mixtures):
    x = mixtures()[0]
    before = x.copy()
    batched_fastica(x)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize(
    "change, words",
    [
        ({"x": np.zeros((0, 3, 4))}, "no problem"),
        ({"x": np.zeros((3, 4))}, r"problem 0 of shape \(4,\)"),
        ({"x": np.full((2, 3, 4), np.nan)}, "NaN or infinity in problem 0"),
        ({"x": np.array([[["a", "b"]]])}, "type <U1"),
        ({"n_starts": 0}, "n_starts 0"),
        ({"max_iter": 1.5}, "max_iter 1.5"),
        ({"n_components": 0}, "n_components 0"),
        ({"fun": "tanh"}, "fun 'tanh'"),
        ({"fun": np.tanh}, "a pair"),
        ({"fun": lambda y: (y, y)}, "average the derivative"),
        ({"fun": lambda y: (y * np.nan, y.mean(axis=-1))}, "not finite"),
        ({"w_init": np.eye(3)}, "w_init of shape"),
        ({"w_init": np.eye(2)[None]}, "w_init for 2 sources, expected 3 for problem 0"),
    ],
)
def test_what_cannot_be_used_is_refused(change, words):
    arguments = {"x": np.random.default_rng(0).normal(size=(2, 3, 40)), **change}
    with pytest.raises(InputError, match=words):
        batched_fastica(**arguments)
