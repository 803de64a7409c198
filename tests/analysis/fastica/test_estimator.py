import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import sklearn.decomposition
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning as SklearnConvergenceWarning
from sklearn.utils.estimator_checks import parametrize_with_checks

from icaedit.analysis import FastICA
from icaedit.analysis.fastica.estimator import fastica
from icaedit.errors import ConvergenceWarning, InputError

SEEDS = ["42", pytest.param("0-19", marks=pytest.mark.slow)]


@pytest.mark.parametrize("seeds", SEEDS)
def test_scikit_learn_s_own_tests_pass_with_the_import_swapped(tmp_path, seeds):
    package = Path(sklearn.decomposition.__file__).parents[1]
    text = (package / "decomposition" / "tests" / "test_fastica.py").read_text()
    theirs = "from sklearn.decomposition import PCA, FastICA, fastica\n"
    assert theirs in text
    ours = (
        "from sklearn.decomposition import PCA\n"
        "from icaedit.analysis.fastica.estimator import FastICA, fastica\n"
    )
    (tmp_path / "test_swapped.py").write_text(text.replace(theirs, ours))
    (tmp_path / "conftest.py").write_text((package / "conftest.py").read_text())
    flags = {"SKLEARN_RUN_FLOAT32_TESTS": "1", "SKLEARN_TESTS_GLOBAL_RANDOM_SEED": seeds}
    where = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_swapped.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": where, **flags},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{44 if seeds == '42' else 538} passed" in done.stdout
    assert "skipped" not in done.stdout


@pytest.mark.filterwarnings("ignore")
@parametrize_with_checks([FastICA(), FastICA(algorithm="deflation", whiten_solver="eigh")])
def test_it_behaves_as_an_estimator(estimator, check):
    check(estimator)


def planted(samples=4000, size=3, seed=0):
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(size, size))
    return rng.laplace(size=(samples, size)) @ mixing.T + 1.5, mixing


@pytest.mark.parametrize("algorithm", ["parallel", "deflation"])
@pytest.mark.parametrize("fun", ["logcosh", "exp", "cube"])
@pytest.mark.parametrize("whiten", ["unit-variance", "arbitrary-variance"])
@pytest.mark.parametrize("solver", ["svd", "eigh"])
def test_every_number_is_scikit_learn_s(algorithm, fun, whiten, solver):
    x, _ = planted()
    arguments = {
        "algorithm": algorithm,
        "fun": fun,
        "whiten": whiten,
        "whiten_solver": solver,
        "fun_args": {"alpha": 1.3} if fun == "logcosh" else None,
        "random_state": 0,
    }
    ours = FastICA(**arguments).fit(x)
    theirs = sklearn.decomposition.FastICA(**arguments).fit(x)
    assert ours.n_iter_ == theirs.n_iter_
    for name in ("components_", "mixing_", "mean_", "whitening_"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), atol=1e-7)
    np.testing.assert_allclose(ours.transform(x), theirs.transform(x), atol=1e-6)
    np.testing.assert_allclose(ours.inverse_transform(ours.transform(x)), x, atol=1e-8)
    assert ours.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()


@pytest.mark.parametrize("algorithm", ["parallel", "deflation"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_planted_mixture_is_recovered(amari, algorithm, dtype):
    x, mixing = planted(size=5)
    ica = FastICA(algorithm=algorithm, random_state=0).fit(x.astype(dtype))
    assert ica.components_.dtype == dtype
    assert amari(ica.components_ @ mixing) < 0.05


def test_deflation_finds_sources_one_after_another():
    x, _ = planted()
    start = np.random.default_rng(0).normal(size=(3, 3))
    fit = FastICA(algorithm="deflation", w_init=start).fit(x)
    rotation = fit.components_ @ np.linalg.pinv(fit.whitening_)
    changed = start.copy()
    changed[2] = [5.0, -1.0, 2.0]  # where the last search begins does not move the first two
    again = FastICA(algorithm="deflation", w_init=changed).fit(x)
    same = again.components_ @ np.linalg.pinv(again.whitening_)
    np.testing.assert_allclose(same[:2], rotation[:2], atol=1e-12)


def test_a_function_sees_rows_in_parallel_and_a_vector_in_deflation():
    x, _ = planted()
    seen = set()

    def cube(y, power):
        seen.add(y.ndim)
        return y**power, (power * y ** (power - 1)).mean(axis=-1)

    arguments = {"fun": cube, "fun_args": {"power": 3}, "random_state": 0}
    for algorithm, ndim in (("parallel", 2), ("deflation", 1)):
        seen.clear()
        fit = FastICA(algorithm=algorithm, **arguments).fit(x)
        named = FastICA(algorithm=algorithm, fun="cube", random_state=0).fit(x)
        assert seen == {ndim}
        np.testing.assert_allclose(fit.components_, named.components_, atol=1e-9)


@pytest.mark.parametrize("solver", ["svd", "eigh"])
def test_no_row_of_the_whitening_is_zeroed(solver):
    # uncorrelated features: eigenvectors have entries 0, whose sign scikit-learn multiplies by
    halves = np.kron(np.diag([1.0, 2.0, 3.0, 4.0]), np.tile([1.0, -1.0, 3.0, -3.0], 50)).T
    fit = FastICA(whiten_solver=solver, random_state=0).fit(halves)
    assert np.linalg.matrix_rank(fit.whitening_) == 4
    np.testing.assert_allclose(
        fit.inverse_transform(fit.transform(halves)), halves, atol=1e-8
    )


@pytest.mark.parametrize("solver", ["svd", "eigh"])
def test_float32_unmixes_what_a_float32_gram_matrix_would_lose(amari, solver):
    rng = np.random.default_rng(0)
    left, right = (np.linalg.qr(rng.normal(size=(4, 4)))[0] for _ in range(2))
    mixing = left @ np.diag([1.0, 0.1, 0.01, 3e-4]) @ right
    x = (rng.laplace(size=(9000, 4)) @ mixing.T).astype(np.float32)
    fit = FastICA(whiten_solver=solver, random_state=0).fit(x)
    assert fit.components_.dtype == np.float32
    assert amari(fit.components_.astype(float) @ mixing) < 0.05


@pytest.mark.parametrize("solver", ["svd", "eigh"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_components_of_no_variance_are_left_out_with_a_warning(solver, dtype):
    x, _ = planted(size=4)
    centred = (x - x.mean(axis=1, keepdims=True)).astype(dtype)
    with pytest.warns(UserWarning, match="small singular values: got data of rank 3, expected"):
        fit = FastICA(whiten_solver=solver, random_state=0).fit(centred)
    assert fit.components_.shape == (3, 4)
    assert np.abs(fit.components_).max() < 100
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        FastICA(3, whiten_solver=solver, random_state=0).fit(centred)


@pytest.mark.parametrize("algorithm", ["parallel", "deflation"])
def test_a_search_cut_short_is_told_to_users_of_either_library(algorithm):
    x, _ = planted()
    ica = FastICA(algorithm=algorithm, max_iter=1, random_state=0)
    for category in (ConvergenceWarning, SklearnConvergenceWarning):
        with pytest.warns(category, match="did not converge.*0.0001 or more after 1 iterations"):
            ica.fit(x)


def test_bad_data_and_options_are_refused():
    x, _ = planted(samples=50)
    for bad in (np.nan, np.inf):
        with pytest.raises(ValueError, match="Input X contains"):
            FastICA().fit(np.where(x > 2, bad, x))
    with pytest.raises(InputError, match="constant"):
        FastICA().fit(np.ones((10, 3)))
    with pytest.raises(InputError, match="a pair"):
        FastICA(fun=np.tanh, algorithm="deflation").fit(x)
    with pytest.raises(ValueError, match="'whiten' parameter"):
        FastICA(whiten=True).fit(x)


def test_the_function_returns_what_scikit_learn_s_does():
    x, _ = planted()
    ours = fastica(x, random_state=0, return_X_mean=True, return_n_iter=True)
    theirs = sklearn.decomposition.fastica(
        x, random_state=0, return_X_mean=True, return_n_iter=True
    )
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-7)
    white = np.random.default_rng(0).laplace(size=(4000, 3)) / np.sqrt(2)
    whitening, _, sources = fastica(white, whiten=False, compute_sources=False, random_state=0)
    assert whitening is None and sources is None


def test_the_input_is_left_alone_and_a_clone_is_unfitted():
    x, _ = planted()
    before = x.copy()
    fit = FastICA(random_state=0).fit(x)
    np.testing.assert_array_equal(x, before)
    assert not hasattr(clone(fit), "components_")
    assert isinstance(fit, sklearn.decomposition.FastICA)
