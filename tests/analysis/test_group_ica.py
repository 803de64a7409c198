import dataclasses

import numpy as np
import pytest
from scipy import stats

from icaedit.analysis.cells import cell_means
from icaedit.analysis.centring import centre_people, identity_effects
from icaedit.analysis.group_ica import (
    choose_components,
    component_weights,
    emotion_weights,
    group_ica,
    paired_t,
)


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
    assert not emotion_weights(fit).weights[:, centred.cells.person == 2].any()


def test_paired_t_equals_scipy_s_over_people_who_show_both(ragged):
    mixing = np.random.default_rng(0).normal(size=(len(ragged.cells.person), 3))
    t, pairs = paired_t(mixing, ragged.cells, np.ones(12))
    posed, neutral = ragged.cells.pairs(2)
    expected = stats.ttest_rel(mixing[posed], mixing[neutral]).statistic
    np.testing.assert_allclose(t[1], expected, rtol=1e-9)
    assert pairs[1] == len(posed)


def test_one_pair_gives_no_t(ragged):
    mixing = np.random.default_rng(0).normal(size=(len(ragged.cells.person), 3))
    weights = np.zeros(12)
    weights[ragged.cells.person[ragged.cells.pairs(1)[0][0]]] = 1
    t, pairs = paired_t(mixing, ragged.cells, weights)
    assert pairs[0] == 1
    assert not t[0].any()


def test_paired_t_of_several_resamples_is_that_of_each(ragged):
    rng = np.random.default_rng(0)
    mixing = rng.normal(size=(3, len(ragged.cells.person), 2))
    weights = rng.multinomial(12, np.full(12, 1 / 12), size=3).astype(float)
    t, pairs = paired_t(mixing, ragged.cells, weights)
    for draw in range(3):
        alone = paired_t(mixing[draw], ragged.cells, weights[draw])
        np.testing.assert_allclose(t[draw], alone[0], rtol=1e-9)
        assert pairs[draw].tolist() == alone[1].tolist()


def a_fit(ragged, t, settled=True):
    fit = group_ica(ragged, np.random.default_rng(0), n_components=3)
    settled = np.full(3, settled)
    return dataclasses.replace(fit, t=np.array(t), pairs=np.full(len(t), 10.0), settled=settled)


def test_components_that_move_with_an_emotion_are_summed(ragged):
    # of nine paired t over 10 people, 4.9 and 6 pass 1 % by Benjamini and Hochberg, 3.6 does not
    fit = a_fit(ragged, [[4.9, 0.1, 0.0], [-6.0, 0.3, 0.0], [3.6, 0.2, 0.1]])
    fit = dataclasses.replace(fit, contrasts=fit.contrasts[:3])
    readout = emotion_weights(fit)
    assert readout.used[:2].tolist() == [[True, False, False]] * 2
    np.testing.assert_allclose(
        readout.weights[0], fit.contrasts[0, 0] * fit.unmixing[0], atol=1e-12
    )
    # 3.6 is none, so that all are summed there
    assert readout.used[2].all()
    assert readout.none_moves.tolist() == [False, False, True]
    np.testing.assert_allclose(readout.weights[2], fit.contrasts[2] @ fit.unmixing, atol=1e-12)


def test_components_that_came_to_no_rest_are_summed_with_all_others(ragged):
    fit = a_fit(ragged, [[9.0, 0.1, 0.0]] * 6, settled=False)
    readout = emotion_weights(fit)
    assert readout.unsettled.all() and readout.used.all() and not readout.none_moves.any()
    # which makes the direction the same however the components are turned
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]
    turned = dataclasses.replace(
        fit, unmixing=turn @ fit.unmixing, contrasts=fit.contrasts @ turn.T
    )
    np.testing.assert_allclose(emotion_weights(turned).weights, readout.weights, atol=1e-10)


def test_where_nobody_tells_an_emotion_from_noise_all_components_are_summed(planted):
    data = planted(people=3, size=300, noise=30.0)
    centred = centre_people(cell_means(data.latents, data.identity, data.emotion))
    readout = emotion_weights(group_ica(centred, np.random.default_rng(0), n_starts=2))
    assert readout.none_moves.any()
    assert readout.used[readout.none_moves].all()


def test_each_emotion_gets_a_component_of_its_own(ragged, planted, cosines):
    fit = group_ica(ragged, np.random.default_rng(0))
    weights, used = component_weights(fit)
    assert (used.sum(axis=1) == 1).all() and used.sum(axis=0).max() == 1
    truth = planted(people=12, size=500).truth
    assert cosines(weights @ ragged.matrix, truth).min() > 0.97


def test_components_come_by_their_share_and_point_along_their_largest_contrast(ragged):
    fit = group_ica(ragged, np.random.default_rng(0))
    share = (fit.mixing**2).sum(axis=0)
    assert (np.diff(share) <= 0).all()
    largest = np.abs(fit.contrasts).argmax(axis=0)
    assert (fit.contrasts[largest, np.arange(len(share))] > 0).all()


def test_two_to_six_components_are_sought_beyond_one_per_emotion(planted):
    counts = []
    for nuisances in (0, 3, 30):
        data = planted(people=20, size=800)
        rng = np.random.default_rng(0)
        maps = rng.normal(size=(nuisances, 800)) / 5
        latents = data.latents + rng.normal(size=(len(data.latents), nuisances)) @ maps
        centred = centre_people(cell_means(latents, data.identity, data.emotion))
        counts.append(choose_components(centred))
    assert counts == [8, 9, 12]
