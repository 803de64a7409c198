import numpy as np
import pytest

from icaedit import fit_directions, schema
from icaedit.analysis import conditional_directions
from icaedit.artifacts import LatentSet
from icaedit.errors import InputError
from icaedit.evaluation import CONTESTANTS, contestant_of, fit_contestants, posed_lengths
from icaedit.schema import EMOTIONS

FITTED_TO_LATENTS = [name for name in CONTESTANTS if name != "sefa"]


@pytest.fixture(scope="module")
def latents():
    rng = np.random.default_rng(1)
    posed = rng.laplace(size=(7, 4, 150)) * (rng.random((7, 4, 150)) < 0.2)
    posed[0] = 0
    people = rng.normal(size=(12, 1, 4, 150))
    noise = rng.normal(size=(12, 7, 4, 150)) / 5
    codes = (people + posed + noise).reshape(84, 4, 150)
    return LatentSet(codes, np.repeat([f"P{i}" for i in range(12)], 7), emotion=EMOTIONS * 12)


@pytest.fixture(scope="module")
def fitted(latents):
    return {fit.name: fit for fit in fit_contestants(latents, FITTED_TO_LATENTS)}


def test_the_vocabulary_knows_every_contestant():
    assert tuple(CONTESTANTS) == schema.COMPARED_METHODS


@pytest.mark.parametrize("name", FITTED_TO_LATENTS)
def test_every_method_is_brought_to_the_posed_lengths(fitted, latents, name):
    lengths = posed_lengths(latents)
    found = fitted[name]
    assert found.emotions == tuple(lengths) == EMOTIONS[1:]
    assert found.displacements.shape == (6, 1, 4, 150)
    norms = np.linalg.norm(found.displacements.reshape(6, -1), axis=1)
    np.testing.assert_allclose(norms, list(lengths.values()), rtol=1e-5)


def test_thresholds_are_for_the_methods_of_this_package(fitted):
    kept = {name: (fit.displacements != 0).mean() for name, fit in fitted.items()}
    for name in ("group-ica", "component", "mean-difference"):
        assert fitted[name].threshold == "mean"
        assert 0.1 < kept[name] < 0.6
    assert kept["paper"] < 0.3
    for name in ("pca", "ganspace", "svm", "svm-conditional"):
        assert fitted[name].threshold == "none"
        assert kept[name] == 1


def test_methods_point_where_their_fit_does(fitted, latents, cosine):
    for name, method in (("group-ica", "group-ica"), ("paper", "paper"), ("pca", "pca")):
        threshold = "none" if name == "pca" else "mean"
        fit = fit_directions(latents, method=method, threshold=threshold, n_bootstrap=0)
        np.testing.assert_allclose(cosine(fitted[name], fit.vectors), 1, atol=1e-5)
    svm = fit_directions(latents, method="svm", threshold="none", n_bootstrap=0)
    np.testing.assert_allclose(cosine(fitted["svm"], svm.patterns), 1, atol=1e-5)
    conditional = conditional_directions(svm.patterns)
    np.testing.assert_allclose(cosine(fitted["svm-conditional"], conditional), 1, atol=1e-5)
    assert (cosine(fitted["svm-conditional"], svm.patterns) < 0.998).any()


def test_components_differ_from_what_they_are_summed_to(fitted, cosine):
    assert (cosine(fitted["component"], fitted["group-ica"].displacements) < 0.9999).any()


def test_directions_of_a_file_stand_for_themselves(latents, cosine):
    directions = fit_directions(latents, method="mean-difference", n_bootstrap=0)
    found = contestant_of(directions, posed_lengths(latents))
    assert (found.name, found.threshold) == ("mean-difference", "mean")
    np.testing.assert_allclose(cosine(found, directions.vectors), 1, atol=1e-6)


def test_a_stable_single_component_is_called_by_its_name(latents):
    directions = fit_directions(latents, estimand="component", n_bootstrap=10)
    assert directions.provenance["estimand"] == "component"
    assert contestant_of(directions, posed_lengths(latents)).name == "component"


def test_directions_without_a_common_emotion_are_refused(latents):
    directions = fit_directions(latents, n_bootstrap=0)
    with pytest.raises(InputError, match="an emotion in both"):
        contestant_of(directions, {"contempt": 1.0})


@pytest.mark.parametrize("name", ["sefa", "nonsense"])
def test_a_method_that_is_not_fitted_to_latents_is_refused(latents, name):
    with pytest.raises(InputError, match="expected one of group-ica"):
        fit_contestants(latents, [name])


@pytest.fixture(scope="module")
def cosine():
    def of(contestant, rows):
        a = contestant.displacements.reshape(6, -1).astype(float)
        b = np.asarray(rows, float).reshape(6, -1)
        return np.einsum("ed,ed->e", a, b) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)

    return of
