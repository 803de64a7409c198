import dataclasses

import numpy as np
import pytest

from icaedit import fit_directions
from icaedit.errors import InputError, ModelMismatchError
from icaedit.evaluation import CONTESTANTS, evaluate_directions
from icaedit.evaluation.editing import POPULATION, read_population

FEW = ["mean-difference", "svm"]


@pytest.fixture
def directions(painting):
    painting.model.fingerprint = "painting"
    rng = np.random.default_rng(0)
    codes = painting.fitted.latents + rng.normal(size=painting.fitted.latents.shape) / 50
    painting.fitted = dataclasses.replace(
        painting.fitted, latents=codes, model_fingerprint="painting"
    )
    return fit_directions(painting.fitted, method="mean-difference", n_bootstrap=0)


def evaluate(painting, directions, **options):
    return evaluate_directions(
        directions, painting.model, fitted=painting.fitted, faces=painting.faces,
        scorer=painting.scorer, **options,
    )  # fmt: skip


def test_the_directions_themselves_come_first_and_their_method_once(painting, directions):
    comparison = evaluate(painting, directions, against=["svm", "mean-difference", "pca", "svm"])
    assert comparison.methods == ("mean-difference", "svm", "pca", "own-face")
    assert comparison.thresholds["mean-difference"] == "mean"
    assert comparison.summary("mean-difference", "gain").mean == pytest.approx(0.5, rel=0.05)


def test_the_file_is_compared_as_it_is(painting, directions):
    """Directions that somebody turned around are not fitted anew."""
    turned = dataclasses.replace(
        directions, vectors=-directions.vectors, patterns=-directions.patterns
    )
    comparison = evaluate(painting, turned, against=["svm"])
    assert comparison.reached("mean-difference") == ()
    assert comparison.reached("svm") == comparison.emotions


def test_what_belongs_to_another_model_is_refused(painting, directions):
    foreign = dataclasses.replace(directions, model_fingerprint="other")
    with pytest.raises(ModelMismatchError, match="directions of model other"):
        evaluate(painting, foreign, against=FEW)
    painting.fitted = dataclasses.replace(painting.fitted, model_fingerprint="")
    with pytest.raises(ModelMismatchError, match="latents of model not recorded"):
        evaluate(painting, directions, against=FEW)


def test_an_unknown_method_is_named_with_those_there_are(painting, directions):
    with pytest.raises(InputError, match="'magic' .*group-ica.*sefa"):
        evaluate(painting, directions, against=["svm", "magic"])
    assert "magic" not in CONTESTANTS


def test_the_population_is_of_whole_people_and_bounded(painting, monkeypatch):
    from icaedit.evaluation import editing

    monkeypatch.setattr(editing, "POPULATION", 8)
    population = read_population(painting.model, painting.fitted, painting.scorer)
    assert sorted(set(population.identity.tolist())) == ["fitted0", "fitted1"]
    assert len(population.emotion) == 6
    monkeypatch.setattr(editing, "POPULATION", 1)
    assert len(read_population(painting.model, painting.fitted, painting.scorer).emotion) == 3
    assert POPULATION == 210


def test_the_posed_change_is_that_of_the_fitted_people(painting):
    population = read_population(painting.model, painting.fitted, painting.scorer)
    assert population.posed_change("happy") == pytest.approx(6.0)
    assert population.posed_change("neutral") == 0.0
