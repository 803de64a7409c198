import numpy as np
import pytest

from icaedit.analysis.cells import cell_means
from icaedit.analysis.centring import (
    centre_people,
    contrast_operator,
    effect_operator,
    effects_of_contrasts,
    identity_effects,
    two_way_gram,
    two_way_shift,
)
from icaedit.errors import DatasetError


def dummy_regression(cells, weights=None):
    """Emotion contrasts to neutral and identity effects from a regression on dummies."""
    n_people, n_emotions = cells.grid.shape
    design = np.hstack([np.eye(n_people)[cells.person], np.eye(n_emotions)[cells.emotion]])
    root = np.sqrt(np.ones(n_people) if weights is None else weights)[cells.person][:, None]
    solution = np.linalg.lstsq(design * root, cells.means * root, rcond=None)[0]
    people, effects = solution[:n_people], solution[n_people:]
    return effects[1:] - effects[0], people + effects.mean(axis=0)


@pytest.fixture
def ragged(planted):
    data = planted(people=9, size=30, noise=1.0)
    keep = np.random.default_rng(3).random(len(data.latents)) > 0.3
    return cell_means(*data.take(keep))


def test_contrasts_equal_a_regression_on_dummies_with_cells_missing(ragged):
    centred = centre_people(ragged)
    expected, _ = dummy_regression(ragged)
    np.testing.assert_allclose(contrast_operator(centred) @ centred.matrix, expected, atol=1e-10)


def test_identity_effects_equal_a_regression_on_dummies_with_cells_missing(ragged):
    _, expected = dummy_regression(ragged)
    np.testing.assert_allclose(identity_effects(centre_people(ragged)), expected, atol=1e-10)


def test_counting_people_twice_equals_a_weighted_regression(ragged):
    weights = np.array([2.0, 1, 1, 3, 1, 1, 2, 1, 1])
    centred = centre_people(ragged)
    expected, _ = dummy_regression(ragged, weights)
    found = contrast_operator(centred, weights) @ centred.matrix
    np.testing.assert_allclose(found, expected, atol=1e-10)


def test_without_missing_cells_contrasts_are_mean_differences(planted):
    data = planted(people=5, size=20)
    centred = centre_people(cell_means(data.latents, data.identity, data.emotion))
    happy = data.latents[data.emotion == "happy"].astype(float)
    neutral = data.latents[data.emotion == "neutral"].astype(float)
    found = (contrast_operator(centred) @ centred.matrix)[0]
    np.testing.assert_allclose(found, (happy - neutral).mean(axis=0), atol=1e-12)


def test_the_gram_of_two_way_centred_cells_equals_the_explicit_one(ragged):
    centred = centre_people(ragged)
    explicit = ragged.means - identity_effects(centred)[ragged.person]
    gram = two_way_gram(centred.gram, two_way_shift(centred))
    np.testing.assert_allclose(gram, explicit @ explicit.T, atol=1e-10)


def test_effects_follow_from_the_contrasts_alone(ragged):
    centred = centre_people(ragged)
    weights = np.arange(1.0, 10)
    several = np.stack([contrast_operator(centred, w) for w in (np.ones(9), weights)])
    # of person-centred rows; what the operators make of others does not matter
    expected = effect_operator(centred, weights) @ centred.matrix
    found = effects_of_contrasts(several)[1] @ centred.matrix
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_an_emotion_that_nobody_links_to_neutral_is_named():
    cells = cell_means(np.eye(5), list("aabbc"), ["NE", "HA", "SA", "AN", "NE"])
    with pytest.raises(DatasetError, match="sad, angry"):
        contrast_operator(centre_people(cells))


def test_a_chain_of_people_links_an_emotion_to_neutral():
    latents = np.array([[0.0], [2], [12], [15]])
    cells = cell_means(latents, list("aabb"), ["NE", "HA", "HA", "SA"])
    centred = centre_people(cells)
    found = contrast_operator(centred) @ centred.matrix
    np.testing.assert_allclose(found.ravel(), [2, 5], atol=1e-12)
