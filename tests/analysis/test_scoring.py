import numpy as np
import pytest

from icaedit.analysis import fit_directions
from icaedit.schema import EMOTIONS


def orthogonal_emotions(people=8):
    """Noise-free latents whose emotions are orthogonal and equally long."""
    rng = np.random.default_rng(0)
    posed = np.zeros((7, 12))
    posed[1:, ::2] = 3 * np.eye(6)
    latents = 5 * rng.normal(size=(people, 1, 12)) + posed
    return latents.reshape(-1, 12), np.repeat(np.arange(people), 7).astype(str), EMOTIONS * people


@pytest.mark.parametrize("method", ("group-ica", "mean-difference"))
def test_a_fully_posed_expression_is_at_2_86_without_noise(method):
    # the score is 3 in one of seven images, so its sd is 3 sqrt(1/7 6/7)
    fit = fit_directions(
        *orthogonal_emotions(), method=method, threshold="none", n_bootstrap=0
    )
    for strength in fit.posed_strength.values():
        assert strength == pytest.approx(1 / np.sqrt(6 / 49), rel=1e-3)


def test_one_unit_is_one_standard_deviation_of_the_scores(planted):
    data = planted(people=7, size=80, takes=2, noise=0.5)
    fit = fit_directions(
        data.latents, data.identity, data.emotion, method="mean-difference", n_bootstrap=0
    )
    latents = data.latents.astype(float)
    for name in np.unique(data.identity):  # no cell is missing: the identity effect is the mean
        latents[data.identity == name] -= latents[data.identity == name].mean(axis=0)
    for row, emotion in enumerate(fit.emotions):
        length = np.linalg.norm(fit.vectors[row])
        scores = latents @ fit.vectors[row].astype(float) / length
        assert length == pytest.approx(scores.std(), rel=1e-5)
        gap = scores[data.emotion == emotion].mean() - scores[data.emotion == "neutral"].mean()
        assert fit.posed_strength[emotion] == pytest.approx(gap / scores.std(), rel=1e-5)


# one ICA per person sees the person as well and is left out
@pytest.mark.parametrize("method", ("group-ica", "mean-difference", "pca"))
def test_identities_do_not_change_the_unit(planted, method):
    data = planted()
    shift = dict(
        zip(np.unique(data.identity), np.random.default_rng(1).normal(size=(16, 600)), strict=True)
    )
    moved = data.latents + np.stack([shift[name] for name in data.identity])
    a = fit_directions(data.latents, data.identity, data.emotion, method=method, n_bootstrap=0)
    b = fit_directions(moved, data.identity, data.emotion, method=method, n_bootstrap=0)
    np.testing.assert_allclose(a.vectors, b.vectors, atol=1e-5)


def test_latents_twice_as_large_give_units_twice_as_large(planted):
    data = planted(people=5, size=100)
    rest = (data.identity, data.emotion)
    a = fit_directions(data.latents, *rest, n_bootstrap=0)
    b = fit_directions(2 * data.latents, *rest, n_bootstrap=0)
    np.testing.assert_allclose(2 * a.vectors, b.vectors, rtol=1e-4, atol=1e-6)
    for emotion in a.emotions:
        assert a.posed_strength[emotion] == pytest.approx(b.posed_strength[emotion], rel=1e-4)


def test_every_image_counts_when_there_are_more_than_a_chunk():
    rng = np.random.default_rng(0)
    labels = ["NE", "HA"] * 1100
    latents = rng.normal(size=(2200, 3)) + np.array([[0.0, 0, 0], [4, 0, 0]] * 1100)
    people = np.repeat(["a", "b"], 1100)
    fit = fit_directions(latents, people, labels, method="mean-difference", n_bootstrap=0)
    centred = latents - np.repeat([latents[:1100].mean(0), latents[1100:].mean(0)], 1100, axis=0)
    length = np.linalg.norm(fit.vectors[0])
    assert length == pytest.approx((centred @ fit.vectors[0] / length).std(), rel=1e-5)
