"""The main job on the embedded model, judged on people that nothing was fitted on."""

import numpy as np
import pytest

import icaedit
from icaedit.editor import default_directions
from icaedit.evaluation import load_judge, score_edits, score_reconstructions
from icaedit.portraits import plan_portraits, render
from icaedit.schema import EMOTIONS

UNSEEN_SEED = 4321


@pytest.fixture(scope="module")
def model():
    return icaedit.load_model("portraits", device="cpu")


@pytest.fixture(scope="module")
def judge():
    return load_judge()


@pytest.fixture(scope="module")
def unseen(model):
    plan = plan_portraits(20, seed=UNSEEN_SEED)
    return plan, render(plan.parameters, size=model.size).images


@pytest.fixture(scope="module")
def fitted(model):
    plan = plan_portraits(30, seed=7)
    images = render(plan.parameters, size=model.size).images
    latents = icaedit.LatentSet(
        model.encode(images),
        plan.identity,
        emotion=plan.emotion,
        model_fingerprint=model.fingerprint,
    )
    return icaedit.fit_directions(latents, n_bootstrap=0)


def edits_of(model, directions, faces, strength):
    editor = icaedit.Editor(model, directions)
    return {
        target: np.stack([editor.edit(face, {target: strength}).image for face in faces])
        for target in directions.emotions
    }


def test_reconstructions_keep_expression_and_person(model, judge, unseen):
    plan, images = unseen
    made = model.synthesize(model.encode(images))
    scores = score_reconstructions(
        judge, images, made, emotion=np.array(plan.emotion), identity=np.array(plan.identity)
    )
    assert scores.drop <= 0.08
    assert min(scores.reconstructions.values()) >= 0.80
    assert scores.same_person >= 0.80
    assert scores.psnr > 28


@pytest.mark.parametrize("source", ["fitted", "shipped"])
def test_strength_three_is_read_as_the_target_and_stays_the_person(
    model, judge, unseen, fitted, source
):
    plan, images = unseen
    directions = fitted if source == "fitted" else default_directions(model)
    assert directions.emotions == EMOTIONS[1:]
    neutral = images[np.array(plan.emotion) == "neutral"]
    scores = score_edits(judge, neutral, edits_of(model, directions, neutral, 3.0))
    assert min(scores.target_read.values()) >= 0.90, scores
    assert min(scores.same_person.values()) >= 0.90, scores


def test_posed_expressions_lie_between_two_and_four(fitted):
    assert all(1.9 < strength < 4 for strength in fitted.posed_strength.values())


def test_strength_zero_is_the_reconstruction(model, unseen):
    face = unseen[1][3]
    result = icaedit.Editor(model, default_directions(model)).edit(face, {"happy": 0})
    np.testing.assert_array_equal(result.image, result.reconstruction)
    np.testing.assert_array_equal(result.latents, result.start_latents)


def test_there_and_back_returns_to_the_start(model, unseen):
    directions = default_directions(model)
    start = model.encode(unseen[1][:1])[0]
    there = icaedit.editor.edit_latents(start, directions, {"happy": 3})
    back = icaedit.editor.edit_latents(there, directions, {"happy": -3})
    assert np.abs(back - start).max() <= 1e-6


def test_a_weak_edit_is_weaker_than_a_strong_one(model, judge, unseen):
    plan, images = unseen
    neutral = images[np.array(plan.emotion) == "neutral"][:8]
    directions = default_directions(model)
    smile = judge.units.index("AU12")
    means = [
        judge.read(edits_of(model, directions, neutral, s)["happy"]).units[:, smile].mean()
        for s in (0.0, 1.5, 3.0)
    ]
    # the smile grows faster than the strength: half way it is a fifth of what it will be
    assert means[0] + 0.1 < means[1] < means[2] - 0.1
