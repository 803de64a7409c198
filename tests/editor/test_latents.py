import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icaedit.editor import (
    edit_latents,
    needed_strengths,
    present_strengths,
    remove_expression,
)
from icaedit.errors import InputError

STRENGTHS = st.floats(-20, 20, width=32)


@pytest.fixture
def latents(model):
    rng = np.random.default_rng(2)
    return rng.normal(size=(5, model.n_layers, model.n_channels)).astype(np.float32)


def neutral_scores(directions, neutral):
    """Return the scores that a fit records of its mean neutral face."""
    return {
        emotion: float((neutral * directions[emotion]).sum() / (directions[emotion] ** 2).sum())
        for emotion in directions.emotions
    }


def test_one_unit_of_strength_adds_the_direction_once(latents, directions):
    moved = edit_latents(latents, directions, {"sad": 1})
    assert np.allclose(moved - latents, directions["sad"], atol=1e-6)
    assert moved.dtype == np.float32


def test_strength_scales_and_its_sign_turns_the_direction(latents, directions):
    moved = edit_latents(latents, directions, {"joy": -2.5})
    assert np.allclose(moved - latents, -2.5 * directions["happy"], atol=1e-6)


def test_strength_zero_changes_no_bit(latents, directions):
    latents = np.where(np.arange(latents.shape[-1]) % 2, latents, np.float32(-0.0))
    moved = edit_latents(latents, directions, {"happy": 0, "sad": 0.0, "angry": -0.0})
    assert moved.tobytes() == latents.tobytes()
    assert edit_latents(latents, directions, {}).tobytes() == latents.tobytes()


@settings(max_examples=30, deadline=None)
@given(strength=STRENGTHS)
def test_an_edit_and_its_reverse_lead_back_within_a_millionth(strength):
    from icaedit.artifacts import Directions

    rng = np.random.default_rng(3)
    pattern = rng.normal(size=(1, 4, 16)).astype(np.float32) * 0.1
    directions = Directions(
        ["happy"],
        pattern,
        masks=pattern != 0,
        patterns=pattern,
        posed_strength={"happy": 3.0},
        method="pca",
        threshold="none",
    )
    start = rng.normal(size=(4, 16)).astype(np.float32)
    there = edit_latents(start, directions, {"happy": strength})
    back = edit_latents(there, directions, {"happy": -strength})
    assert np.abs(back - start).max() <= 1e-6


def test_edits_of_several_emotions_add_up(latents, directions):
    both = edit_latents(latents, directions, {"happy": 2, "angry": -1})
    one = edit_latents(latents, directions, {"happy": 2})
    assert np.allclose(both, edit_latents(one, directions, {"angry": -1}), atol=1e-6)
    assert np.allclose(both, edit_latents(latents, directions, {"angry": -1, "HA": 2}), atol=1e-6)


def test_coordinates_outside_the_mask_stay_bit_for_bit(latents, directions):
    moved = edit_latents(latents, directions, {"happy": 7})
    outside = ~directions.mask("happy")
    assert outside.any()
    assert np.array_equal(moved[:, outside], latents[:, outside])
    assert (moved != latents)[:, ~outside].all()


def test_the_latents_and_directions_given_are_not_written_to(latents, directions):
    before = latents.copy(), directions.vectors.copy()
    edit_latents(latents, directions, {"happy": 3})
    assert np.array_equal(latents, before[0])
    assert np.array_equal(directions.vectors, before[1])


@pytest.mark.parametrize("strength", [math.nan, math.inf, -math.inf, 20.5, -21, "3", None, 1j])
def test_strengths_that_mean_nothing_are_refused(latents, directions, strength):
    with pytest.raises(InputError, match="strength .* for happy, expected a number of -20 to 20"):
        edit_latents(latents, directions, {"happy": strength})


@pytest.mark.parametrize("strength", [20, -20.0, np.float32(3), np.int64(2), True])
def test_numbers_of_any_kind_up_to_twenty_are_taken(latents, directions, strength):
    moved = edit_latents(latents, directions, {"happy": strength})
    assert np.allclose(moved - latents, float(strength) * directions["happy"], atol=1e-5)


def test_an_emotion_that_was_not_fitted_is_refused_with_those_that_were(latents, directions):
    for emotion in ("neutral", "afraid"):
        with pytest.raises(InputError, match="happy, sad, angry"):
            edit_latents(latents, directions, {emotion: 0})


def test_latents_of_another_shape_are_refused(directions):
    with pytest.raises(InputError, match="one model"):
        edit_latents(np.zeros((3, 4, 8), np.float32), directions, {"happy": 1})
    with pytest.raises(InputError, match="one model"):
        edit_latents(np.zeros(8, np.float32), directions, {"happy": 1})


def test_strengths_that_were_put_in_are_found_again(latents, make_directions):
    neutral = latents[0]
    directions = make_directions()
    directions = make_directions(provenance={"neutral_score": neutral_scores(directions, neutral)})
    posed = edit_latents(np.stack([neutral, neutral]), directions, {"happy": 2, "sad": -1.5})
    posed[1] = edit_latents(neutral, directions, {"angry": 3})
    found = present_strengths(posed, directions)
    assert np.allclose(found["happy"], [2, 0], atol=1e-4)
    assert np.allclose(found["sad"], [-1.5, 0], atol=1e-4)
    assert np.allclose(found["angry"], [0, 3], atol=1e-4)


def test_without_its_expression_a_face_has_none_and_keeps_all_else(latents, make_directions):
    directions = make_directions()
    scores = neutral_scores(directions, latents[0])
    directions = make_directions(provenance={"neutral_score": scores})
    posed = edit_latents(latents[1:], directions, {"happy": 3})
    plain = remove_expression(posed, directions)
    for strengths in present_strengths(plain, directions).values():
        assert np.abs(strengths).max() < 1e-4
    span, _ = np.linalg.qr(directions.vectors.reshape(3, -1).T.astype(np.float64))
    change = (plain - posed).reshape(4, -1).astype(np.float64)
    assert np.allclose(change, change @ span @ span.T, atol=1e-5)
    assert np.allclose(plain, remove_expression(latents[1:], directions), atol=1e-5)


def test_one_face_and_many_are_treated_alike(latents, make_directions):
    directions = make_directions()
    scores = neutral_scores(directions, latents[0])
    directions = make_directions(provenance={"neutral_score": scores})
    many = remove_expression(latents, directions)
    for row, alone in zip(many, latents, strict=True):
        assert np.allclose(remove_expression(alone, directions), row, atol=1e-6)


def test_directions_that_do_not_know_the_neutral_face_remove_nothing(latents, make_directions):
    for provenance in ({}, {"neutral_score": {"happy": 1.0}}, {"neutral_score": 3}):
        with pytest.raises(InputError, match="neutral_score"):
            remove_expression(latents, make_directions(provenance=provenance))


@pytest.fixture
def fitted(latents, make_directions):
    """Directions that know where neutral lies: at the first of the latents."""
    scores = neutral_scores(make_directions(), latents[0])
    return make_directions(provenance={"neutral_score": scores})


def after(latents, directions, **asked):
    return present_strengths(
        edit_latents(latents, directions, needed_strengths(latents, directions, **asked)),
        directions,
    )


def test_without_setting_strengths_are_those_given_under_the_emotions_own_names(
    latents, directions
):
    assert needed_strengths(latents[1], directions, add={"joy": 2, "SA": -1}) == {
        "happy": 2.0,
        "sad": -1.0,
    }
    assert needed_strengths(latents[1], directions) == {}


def test_an_emotion_that_is_set_is_present_as_much_and_the_others_stay(latents, fitted):
    face = edit_latents(latents[0], fitted, {"happy": 1, "sad": 2, "angry": -0.5})
    found = after(face, fitted, set={"joy": 3})
    assert found["happy"] == pytest.approx(3, abs=1e-4)
    assert found["sad"] == pytest.approx(2, abs=1e-4)
    assert found["angry"] == pytest.approx(-0.5, abs=1e-4)


def test_several_emotions_are_set_in_one_edit(latents, fitted):
    for face in latents:
        found = after(face, fitted, set={"happy": 3, "angry": -1})
        assert found["happy"] == pytest.approx(3, abs=1e-4)
        assert found["angry"] == pytest.approx(-1, abs=1e-4)


def test_what_is_set_to_what_is_there_moves_nothing(latents, fitted):
    there = float(present_strengths(latents[2], fitted)["sad"])
    assert needed_strengths(latents[2], fitted, set={"sad": there}) == {"sad": 0.0}


def test_neutralising_takes_everything_away_before_the_rest_is_done(latents, fitted):
    for face in latents:
        found = after(face, fitted, neutralize=True, set={"happy": 3}, add={"sad": 1})
        assert found["happy"] == pytest.approx(3, abs=1e-4)
        assert found["sad"] == pytest.approx(1, abs=1e-4)
        assert found["angry"] == pytest.approx(0, abs=1e-4)
    plain = edit_latents(latents[1], fitted, needed_strengths(latents[1], fitted, neutralize=True))
    assert np.allclose(plain, remove_expression(latents[1], fitted), atol=1e-5)


def test_setting_is_not_a_projection_on_each_direction_alone(latents, fitted):
    # the directions overlap: a sad face has a happy score though nothing happy was put in
    face = edit_latents(latents[0], fitted, {"sad": 3})
    v = fitted["happy"].astype(np.float64)
    assert abs(((face - latents[0]) * v).sum() / (v * v).sum()) > 0.3
    assert needed_strengths(face, fitted, set={"happy": 1})["happy"] == pytest.approx(1, abs=1e-4)


def test_an_emotion_is_either_added_or_set(latents, fitted):
    with pytest.raises(InputError, match="happy to be added and to be set"):
        needed_strengths(latents[1], fitted, add={"joy": 1}, set={"happy": 1})


def test_targets_are_checked_as_strengths_are(latents, fitted):
    with pytest.raises(InputError, match="strength 21"):
        needed_strengths(latents[1], fitted, set={"happy": 21})
    with pytest.raises(InputError, match="happy, sad, angry"):
        needed_strengths(latents[1], fitted, set={"afraid": 1})


def test_nothing_can_be_set_without_knowing_where_neutral_lies(latents, directions):
    for asked in ({"set": {"happy": 1}}, {"neutralize": True}):
        with pytest.raises(InputError, match="neutral_score"):
            needed_strengths(latents[1], directions, **asked)
