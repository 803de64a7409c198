"""Directions by method and threshold."""

import numpy as np
import pytest

from icaedit.app import Fits, cached_portraits, rethresholded
from icaedit.artifacts import LatentSet, load_latents
from icaedit.editor import present_strengths
from icaedit.errors import InputError, ModelMismatchError
from icaedit.evaluation import fitted_portraits
from icaedit.fitting import fit_directions
from icaedit.models import tiny_model
from icaedit.portraits import plan_portraits
from icaedit.schema import EMOTIONS, METHODS


@pytest.fixture(scope="module")
def model():
    return tiny_model()


@pytest.fixture(scope="module")
def latents(model):
    """Latents of six people with seven sparse expressions."""
    rng = np.random.default_rng(0)
    shape = (model.n_layers, model.n_channels)
    posed = rng.standard_t(3, (7, *shape)) * (rng.random((7, *shape)) < 0.3)
    posed[0] = 0
    codes = rng.normal(0, 1, (6, 1, *shape)) + posed + rng.normal(0, 0.1, (6, 7, *shape))
    return LatentSet(
        codes.reshape(-1, *shape),
        np.repeat([f"P{n}" for n in range(6)], len(EMOTIONS)),
        emotion=list(EMOTIONS) * 6,
        model_fingerprint=model.fingerprint,
    )


@pytest.fixture(scope="module")
def given(latents):
    return fit_directions(latents, n_bootstrap=0)


@pytest.fixture
def fits(model, given, latents):
    return Fits(model, given, latents=latents)


def test_the_given_directions_serve_as_they_are(fits, given):
    assert fits.get(given.method, given.threshold) is given


@pytest.mark.parametrize("method", METHODS)
def test_every_method_is_fitted_to_the_latents(fits, latents, method):
    found = fits.get(method, "median")
    assert (found.method, found.threshold) == (method, "median")
    expected = fit_directions(latents, method=method, threshold="median", n_bootstrap=0)
    assert np.array_equal(found.vectors, expected.vectors)


def test_a_fit_is_kept_and_the_oldest_is_forgotten(fits):
    first = fits.get("mean-difference", 0.01)
    assert fits.get("mean-difference", 0.01) is first
    for number in range(24):
        fits.get("mean-difference", 0.02 + number / 1000)
    assert fits.get("mean-difference", 0.01) is not first


def test_with_latents_all_thresholds_are_offered_and_without_no_false_discoveries(
    fits, model, given
):
    assert fits.thresholds == ("mean", "median", "none", "fdr")
    alone = Fits(model, given)
    assert alone.methods == ("group-ica",) and alone.thresholds == ("mean", "median", "none")
    with pytest.raises(InputError, match="--latents"):
        alone.get("svm", "mean")
    with pytest.raises(InputError, match="--latents"):
        alone.get("group-ica", "fdr")


def test_latents_are_made_once_and_only_when_needed(model, given, latents):
    asked = []

    def make(progress):
        asked.append(progress)
        return latents

    fits = Fits(model, given, latents=make)
    fits.get(given.method, given.threshold)
    assert asked == []
    report = object()
    fits.get("svm", "mean", progress=report)
    fits.get("pca", "mean")
    assert asked == [report]


def test_latents_of_another_model_are_refused(given, latents):
    with pytest.raises(ModelMismatchError, match="encode the pictures"):
        Fits(tiny_model(seed=1), given, latents=latents)


def test_another_threshold_takes_the_mask_anew_and_keeps_the_step(given):
    looser = rethresholded(given, "none")
    assert looser.masks.all() and looser.threshold == "none"
    kept = given.masks
    np.testing.assert_allclose(looser.vectors[kept], given.vectors[kept], rtol=1e-5)
    for vector, pattern, before, mask in zip(
        looser.vectors, given.patterns, given.vectors, kept, strict=True
    ):
        step = np.median(before[mask] / pattern[mask])
        np.testing.assert_allclose(vector[~mask], step * pattern[~mask], rtol=1e-4)
    assert looser.posed_strength == given.posed_strength


def test_the_mask_of_another_threshold_is_the_one_that_would_be_exported(given):
    stricter = rethresholded(given, 0.2)
    exported = given.index_mask(0.2)
    for emotion in given.emotions:
        assert np.array_equal(np.flatnonzero(stricter.mask(emotion)), exported.emotions[emotion])
        assert not stricter[emotion][~stricter.mask(emotion)].any()


def test_another_threshold_no_longer_tells_what_is_present(given, latents):
    assert "neutral_score" in given.provenance
    with pytest.raises(InputError, match="neutral"):
        present_strengths(latents.latents, rethresholded(given, "median"))


def test_people_to_fit_to_are_kept_in_the_cache_folder(model, monkeypatch, tmp_path):
    made = []

    def few(model, *, progress):
        made.append(model)
        return fitted_portraits(model, n_people=1, progress=progress)

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("icaedit.app.fits.fitted_portraits", few)
    seen = []
    first = cached_portraits(model, lambda done, total: seen.append((done, total)))
    second = cached_portraits(model)
    assert len(made) == 1 and seen == [(7, 7)]
    assert np.array_equal(first.latents, second.latents)
    (path,) = (tmp_path / "icaedit").iterdir()
    assert load_latents(path).emotion.tolist() == first.emotion.tolist()
    path.write_bytes(b"damaged")
    assert np.array_equal(cached_portraits(model).latents, first.latents)
    assert len(made) == 2


def test_people_to_fit_to_are_the_same_however_many_are_rendered_at_once(model, monkeypatch):
    together = fitted_portraits(model, n_people=2)
    monkeypatch.setattr("icaedit.evaluation.people._AT_ONCE", 3)
    apart = fitted_portraits(model, n_people=2)
    assert np.array_equal(together.latents, apart.latents)
    assert apart.paths.tolist() == list(plan_portraits(2).names)
