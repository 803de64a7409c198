import numpy as np
import pytest

from icaedit.artifacts import LatentSet
from icaedit.errors import DatasetError, ModelMismatchError
from icaedit.evaluation import fitted_portraits, unseen_faces, unseen_portraits
from icaedit.images import resize
from icaedit.models import tiny_model
from icaedit.portraits import plan_portraits, render
from icaedit.schema import EMOTIONS


@pytest.fixture(scope="module")
def model():
    return tiny_model()


def set_of(model, codes, names, emotions):
    return LatentSet(codes, names, emotion=emotions, model_fingerprint=model.fingerprint)


def test_the_people_of_the_shipped_directions_are_rendered_again(model):
    latents = fitted_portraits(model, n_people=2, seed=3)
    plan = plan_portraits(2, seed=3)
    images = np.stack([resize(x, 16) for x in render(plan.parameters, size=32).images])
    np.testing.assert_array_equal(latents.latents, model.encode(images))
    assert latents.identity.tolist() == list(plan.identity)
    assert latents.emotion.tolist() == list(plan.emotion)


def test_unseen_people_are_in_no_folder_of_portraits(model):
    faces = unseen_portraits(model, n_people=3, seed=0)
    for seed in (0, 9317):
        fitted = fitted_portraits(model, n_people=3, seed=seed)
        neutral = fitted.latents[fitted.emotion == "neutral"]
        gaps = np.abs(faces.neutral[:, None] - neutral[None]).max(axis=(2, 3))
        assert gaps.min() > 1e-3


def test_unseen_people_depend_on_the_seed_and_show_every_emotion(model):
    a, again, b = (unseen_portraits(model, n_people=2, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(a.neutral, again.neutral)
    assert np.abs(a.neutral - b.neutral).max() > 1e-3
    assert set(a.posed) == set(EMOTIONS[1:])
    assert a.windows.shape == (2, 16, 16)
    assert 0.2 < a.windows.mean() < 0.7
    assert a.windows[:, 8, 8].all() and not a.windows[:, [0, 0, -1, -1], [0, -1, 0, -1]].any()
    for posed in a.posed.values():
        assert np.abs(posed - a.neutral).max(axis=(1, 2)).min() > 1e-4


def test_the_first_neutral_picture_of_each_other_person_is_edited(model):
    codes = np.arange(5.0)[:, None, None] * np.ones((5, 6, 8))
    latents = set_of(model, codes, list("bbaab"), ["NE", "NE", "HA", "NE", "HA"])
    fitted = set_of(model, codes + 100, list("cdcdc"), ["NE"] * 5)
    faces = unseen_faces(latents, fitted, model)
    assert faces.identity == ("a", "b")
    assert faces.neutral[:, 0, 0].tolist() == [3.0, 0.0]
    assert faces.posed["happy"][:, 0, 0].tolist() == [2.0, 4.0]
    assert set(faces.posed) == {"happy"}


def test_an_expression_that_somebody_lacks_is_no_reference(model):
    codes = np.random.default_rng(0).normal(size=(3, 6, 8))
    latents = set_of(model, codes, list("aab"), ["NE", "HA", "NE"])
    fitted = set_of(model, codes + 100, list("cde"), ["NE"] * 3)
    assert unseen_faces(latents, fitted, model).posed == {}


def test_people_who_were_fitted_on_are_refused(model):
    codes = np.random.default_rng(0).normal(size=(4, 6, 8))
    fitted = set_of(model, codes, list("abcd"), ["NE"] * 4)
    with pytest.raises(DatasetError, match="faces of b, who were fitted on"):
        unseen_faces(set_of(model, codes[:2] + 1, list("xb"), ["NE"] * 2), fitted, model)


def test_a_picture_that_was_fitted_on_is_refused_under_any_name(model):
    codes = np.random.default_rng(0).normal(size=(4, 6, 8))
    fitted = set_of(model, codes, list("abcd"), ["NE"] * 4)
    renamed = set_of(model, [codes[2] + 1, codes[3]], list("xy"), ["NE"] * 2)
    with pytest.raises(DatasetError, match="faces of y"):
        unseen_faces(renamed, fitted, model)


def test_faces_need_a_neutral_one_and_this_model(model):
    codes = np.random.default_rng(0).normal(size=(2, 6, 8))
    fitted = set_of(model, codes + 9, list("cd"), ["NE"] * 2)
    with pytest.raises(DatasetError, match="without a neutral"):
        unseen_faces(set_of(model, codes, list("ab"), ["HA"] * 2), fitted, model)
    with pytest.raises(ModelMismatchError, match="encode them with this model"):
        unseen_faces(LatentSet(codes, list("ab"), emotion=["NE"] * 2), fitted, model)
