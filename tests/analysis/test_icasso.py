import json

import numpy as np
import pytest
from scipy.cluster.hierarchy import dendrogram

from icaedit.analysis.icasso import cluster_components, icasso_entry, matched_quality


def runs_of(noise, *, n_runs=12, size=3, width=40, seed=0):
    """Components (n_runs * size, width) in random order and sign, with noise."""
    rng = np.random.default_rng(seed)
    truth = np.linalg.qr(rng.normal(size=(width, size)))[0].T
    runs = []
    for _ in range(n_runs):
        run = truth * rng.choice([-1, 1], size=(size, 1)) + noise * rng.normal(size=truth.shape)
        runs.append(run[rng.permutation(size)])
    return np.concatenate(runs), truth


def test_components_that_come_back_exactly_have_quality_one():
    components, truth = runs_of(0.0)
    clusters = cluster_components(components, np.eye(40), 3)
    np.testing.assert_allclose(clusters.iq, 1.0, atol=1e-6)
    assert np.bincount(clusters.labels).tolist() == [12, 12, 12]
    np.testing.assert_allclose(
        matched_quality(clusters, components, truth, np.eye(40)), 1.0, atol=1e-6
    )


def test_the_quality_is_likeness_inside_less_likeness_to_the_outside():
    components, _ = runs_of(0.1)
    clusters = cluster_components(components, np.eye(40), 3)
    unit = components / np.linalg.norm(components, axis=1, keepdims=True)
    likeness = np.abs(unit @ unit.T)
    for label, iq in enumerate(clusters.iq):
        mine = clusters.labels == label
        inside, outside = likeness[np.ix_(mine, mine)].mean(), likeness[np.ix_(mine, ~mine)].mean()
        assert iq == pytest.approx(inside - outside)
    assert (np.diff(clusters.iq) <= 0).all()


def test_noise_lowers_the_quality_and_pure_noise_has_next_to_none():
    quality = [
        cluster_components(runs_of(noise)[0], np.eye(40), 3).iq.mean() for noise in (0, 0.05, 0.2)
    ]
    assert quality[0] > quality[1] > quality[2]
    noise = np.random.default_rng(0).normal(size=(36, 40))
    assert cluster_components(noise, np.eye(40), 3).iq.mean() < 0.2


def test_the_correlation_is_that_of_the_sources_and_not_of_their_weights():
    # the second cell is the first times two: both components are the same source
    products = np.outer([1.0, 2.0], [1.0, 2.0]) + 1e-9 * np.eye(2)
    clusters = cluster_components(np.array([[1.0, 0.0], [0.0, 1.0]]), products, 1)
    assert clusters.similarity[0, 1] == pytest.approx(1.0, abs=1e-6)


def test_each_emotion_gets_the_quality_of_the_cluster_that_is_like_it():
    components, truth = runs_of(0.02)
    components[::3] += 0.25 * np.random.default_rng(1).normal(size=components[::3].shape)
    clusters = cluster_components(components, np.eye(40), 3)
    quality = matched_quality(clusters, components, truth, np.eye(40))
    likeness = np.abs(truth @ components.T)
    for row in range(3):
        members = [likeness[row, clusters.labels == label].mean() for label in range(3)]
        assert quality[row] == clusters.iq[int(np.argmax(members))]


def test_the_entry_is_small_and_draws_a_dendrogram():
    components, _ = runs_of(0.1, n_runs=40, size=12, width=60)
    entry = icasso_entry(cluster_components(components, np.eye(60), 12), 40)
    text = json.dumps(entry)
    assert len(text) < 40_000
    again = json.loads(text)
    drawn = dendrogram(np.array(again["linkage"]), no_plot=True)
    assert sorted(drawn["leaves"]) == list(range(480))
    assert len(again["labels"]) == 480 and len(again["iq"]) == 12 and again["n_replicates"] == 40
