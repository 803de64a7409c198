import numpy as np
import pytest

from icaedit.analysis import fit_directions
from icaedit.analysis.cells import cell_means
from icaedit.analysis.centring import centre_people
from icaedit.analysis.stability import (
    bootstrap_stability,
    noise_per_person,
    one_by_one,
    people_for_cosine,
)


@pytest.fixture
def noisy(planted):
    data = planted(people=10, size=300, noise=1.0)
    return centre_people(cell_means(data.latents, data.identity, data.emotion))


def test_agreement_is_the_mean_cosine_between_replicates(noisy):
    grid, means = noisy.cells.grid, noisy.cells.means
    drawn = []

    def refit(weights, rng):
        drawn.append(weights)
        return {}

    stability = bootstrap_stability(
        noisy, one_by_one(refit), noisy.gram, n_bootstrap=8, rng=np.random.default_rng(0)
    )
    change = means[grid[:, 3]] - means[grid[:, 0]]
    units = np.stack([weights @ change for weights in drawn])
    units /= np.linalg.norm(units, axis=1, keepdims=True)
    pairs = (units @ units.T)[np.triu_indices(8, k=1)]
    assert stability.n_bootstrap == 8
    assert stability.agreement["mean-difference"][2] == pytest.approx(pairs.mean())
    assert {weights.sum() for weights in drawn} == {10.0}
    assert len({weights.tobytes() for weights in drawn}) > 1


@pytest.mark.filterwarnings("ignore::icaedit.errors.ConvergenceWarning")
def test_the_ratio_tells_sources_from_rotated_noise(planted):
    ratio = {}
    for kind in ("sparse", "gauss"):
        data = planted(size=600, noise=0.5, kind=kind)
        report = fit_directions(*data.take(slice(None)), n_bootstrap=20).report
        ratio[kind] = report["stability"]["ratio"]["component"]
        assert report["stability"]["ratio"]["emotion"] > 0.9
    assert ratio["sparse"] > 0.9 > 0.7 > ratio["gauss"]


@pytest.mark.parametrize("method", ("paper", "pca", "svm"))
def test_every_method_is_measured_beside_the_mean_difference(planted, method):
    data = planted(people=8, size=200)
    report = fit_directions(*data.take(slice(None)), method=method, n_bootstrap=10).report
    agreement = report["stability"]["agreement"]
    assert set(agreement) == {"emotion", "mean-difference"}
    assert all(0.3 < value <= 1 for value in agreement.values())


def test_the_noise_of_one_person_is_estimated(planted):
    # two images differ by noise of squared length 2 * 0.8^2, the truth has length 1
    data = planted(people=200, size=400, noise=0.8)
    cells = cell_means(data.latents, data.identity, data.emotion)
    noise = noise_per_person(centre_people(cells))
    np.testing.assert_allclose(noise, 2 * 0.8**2, rtol=0.05)


def test_the_predicted_cosine_is_the_one_reached(planted, cosines):
    data = planted(people=15, size=2000, noise=1.0)
    fit = fit_directions(*data.take(slice(None)), method="mean-difference", n_bootstrap=0)
    expected = [entry["expected_cosine"] for entry in fit.report["emotions"].values()]
    np.testing.assert_allclose(cosines(fit.patterns, data.truth), expected, atol=0.02)


def test_the_people_needed_reach_the_cosine_and_one_fewer_do_not():
    needed = people_for_cosine(3.7)
    assert (1 + 3.7 / needed) ** -0.5 >= 0.95 > (1 + 3.7 / (needed - 1)) ** -0.5
    assert people_for_cosine(float("nan")) is None


def test_pure_noise_has_no_number_of_people(planted):
    rng = np.random.default_rng(0)
    latents = rng.normal(size=(8, 500))
    cells = cell_means(latents, list("aabbccdd"), ["NE", "HA"] * 4)
    assert not noise_per_person(centre_people(cells))[0] < 20


def test_draws_that_link_nothing_are_left_out():
    # only person a links happy to neutral
    latents = np.random.default_rng(0).normal(size=(6, 20))
    cells = cell_means(latents, list("aabcde"), ["NE", "HA", "NE", "HA", "NE", "HA"])
    stability = bootstrap_stability(
        centre_people(cells),
        one_by_one(lambda weights, rng: {}),
        np.eye(6),
        n_bootstrap=60,
        rng=np.random.default_rng(0),
    )
    assert 20 < stability.n_bootstrap < 60
