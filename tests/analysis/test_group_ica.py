import numpy as np
import pytest
from scipy import stats

from icaedit.analysis.cells import cell_means
from icaedit.analysis.centring import centre_people, identity_effects
from icaedit.analysis.group_ica import component_weights, emotion_weights, group_ica, paired_t


@pytest.fixture
def ragged(planted):
    data = planted(people=12, size=500)
    keep = np.random.default_rng(1).random(len(data.latents)) > 0.1
    return centre_people(cell_means(*data.take(keep)))


def test_sources_are_white_and_mixing_rebuilds_the_projected_cells(ragged):
    fit = group_ica(ragged, np.random.default_rng(0))
    sources = fit.unmixing @ ragged.matrix
    covariance = np.cov(sources, bias=True)
    np.testing.assert_allclose(covariance, np.eye(len(sources)), atol=1e-6)
    centred = ragged.cells.means - identity_effects(ragged)[ragged.cells.person]
    loadings = (centred - centred.mean(axis=1, keepdims=True)) @ sources.T / sources.shape[1]
    np.testing.assert_allclose(fit.mixing, loadings, atol=1e-8)


def test_all_contributions_together_are_nearly_the_mean_difference(ragged, planted, cosines):
    fit = group_ica(ragged, np.random.default_rng(0))
    everything = fit.contrasts @ fit.unmixing @ ragged.matrix
    assert cosines(everything, planted(people=12, size=500).truth).min() > 0.98


def test_counting_a_person_twice_equals_having_them_twice(planted):
    data = planted(people=5, size=300)
    extra = data.identity == "P03"
    twice = centre_people(
        cell_means(
            np.concatenate([data.latents, data.latents[extra]]),
            np.concatenate([data.identity, np.full(extra.sum(), "P03b")]),
            np.concatenate([data.emotion, data.emotion[extra]]),
        )
    )
    once = centre_people(cell_means(data.latents, data.identity, data.emotion))
    weights = np.array([1.0, 1, 1, 2, 1])
    a = group_ica(once, np.random.default_rng(0), person_weights=weights)
    b = group_ica(twice, np.random.default_rng(0))
    np.testing.assert_allclose(a.contrasts, b.contrasts, atol=1e-6)
    np.testing.assert_allclose(a.t, b.t, rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(
        a.unmixing @ once.matrix, b.unmixing @ twice.matrix, atol=1e-5
    )


def test_somebody_counted_not_at_all_has_no_say(planted):
    data = planted(people=5, size=300)
    centred = centre_people(cell_means(data.latents, data.identity, data.emotion))
    fit = group_ica(
        centred, np.random.default_rng(0), person_weights=np.array([1.0, 1, 0, 1, 1])
    )
    assert not emotion_weights(fit)[0][:, centred.cells.person == 2].any()


def test_paired_t_equals_scipy_s_over_people_who_show_both(ragged):
    mixing = np.random.default_rng(0).normal(size=(len(ragged.cells.person), 3))
    t = paired_t(mixing, ragged.cells, np.ones(12))
    posed, neutral = ragged.cells.pairs(2)
    expected = stats.ttest_rel(mixing[posed], mixing[neutral]).statistic
    np.testing.assert_allclose(t[1], expected, rtol=1e-9)


def test_only_components_of_large_t_are_summed(ragged):
    fit = group_ica(ragged, np.random.default_rng(0))
    weights, used, fallback = emotion_weights(fit)
    assert (used == (np.abs(fit.t) > 2.5)).all() and not fallback.any()
    by_hand = sum(
        fit.contrasts[0, k] * fit.unmixing[k] for k in np.flatnonzero(np.abs(fit.t[0]) > 2.5)
    )
    np.testing.assert_allclose(weights[0], by_hand, atol=1e-12)


def test_where_no_component_stands_out_all_are_summed(planted):
    data = planted(people=3, size=300, noise=30.0)
    centred = centre_people(cell_means(data.latents, data.identity, data.emotion))
    fit = group_ica(centred, np.random.default_rng(0), n_starts=1, max_iter=5)
    _, used, fallback = emotion_weights(fit)
    assert fallback.any()
    assert used[fallback].all()


def test_each_emotion_gets_a_component_of_its_own(ragged, planted, cosines):
    fit = group_ica(ragged, np.random.default_rng(0))
    weights, used = component_weights(fit)
    assert (used.sum(axis=1) == 1).all() and used.sum(axis=0).max() == 1
    truth = planted(people=12, size=500).truth
    assert cosines(weights @ ragged.matrix, truth).min() > 0.97
