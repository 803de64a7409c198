import numpy as np
import pytest

from icaedit.analysis.fastica.contrasts import CONTRASTS, find_contrast, from_callable, log_cosh


def potential(name, y):
    if name == "logcosh":
        return np.log(np.cosh(y))
    return -np.exp(-(y**2) / 2) if name == "exp" else y**4 / 4


@pytest.mark.parametrize("name", CONTRASTS)
def test_the_curve_is_the_derivative_and_the_slope_its_derivative_s_sum(name):
    y = np.random.default_rng(0).normal(size=(2, 50))
    step = 1e-5
    g, slope = CONTRASTS[name].curve(y.copy())
    numeric = (potential(name, y + step) - potential(name, y - step)) / (2 * step)
    np.testing.assert_allclose(g, numeric, atol=1e-8)
    up, down = (CONTRASTS[name].curve(y + s)[0] for s in (step, -step))
    np.testing.assert_allclose(slope, ((up - down) / (2 * step)).sum(axis=1), atol=1e-6)


@pytest.mark.parametrize("name", CONTRASTS)
def test_a_gaussian_is_at_no_distance_and_others_are_as_defined(name):
    rng = np.random.default_rng(0)
    gaussian, laplace = rng.normal(size=1_000_000), rng.laplace(size=(2, 1000)) / np.sqrt(2)
    distance = CONTRASTS[name].distance
    expected = (potential(name, laplace).mean(axis=1) - potential(name, gaussian).mean()) ** 2
    np.testing.assert_allclose(distance(laplace.copy()), expected, rtol=0.05)
    np.testing.assert_allclose(distance(laplace[:, :17].copy()).shape, (2,))
    assert distance(gaussian) < 2e-5


def test_alpha_scales_the_argument_and_the_slope():
    y = np.random.default_rng(0).normal(size=(1, 40))
    g, slope = log_cosh(1.5).curve(y.copy())
    np.testing.assert_allclose(g, np.tanh(1.5 * y))
    np.testing.assert_allclose(slope, (1.5 * (1 - np.tanh(1.5 * y) ** 2)).sum(axis=1))


@pytest.mark.parametrize("name", CONTRASTS)
def test_float32_stays_float32(name):
    y = np.ones((2, 5), np.float32)
    assert CONTRASTS[name].curve(y.copy())[0].dtype == np.float32


def test_a_function_s_mean_slope_becomes_a_sum():
    contrast = from_callable(lambda y: (2 * y, np.full(len(y), 2.0)))
    assert contrast.curve(np.ones((2, 5)))[1].tolist() == [10.0, 10.0]
    assert contrast.whole_rows
    assert find_contrast(lambda y: y).whole_rows
