import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.portraits import (
    ACTION_UNITS,
    CONTEXT,
    IDENTITY,
    PARAMETERS,
    PROTOTYPES,
    PortraitParameters,
    express,
    mixed_portraits,
    portraits_of,
    sample_identities,
    sample_portraits,
)
from icaedit.schema import EMOTIONS


def test_a_prototype_without_noise_is_the_row_of_the_table():
    units = express(["afraid"], noise=0.0)
    expected = [PROTOTYPES["afraid"].get(unit, 0.0) for unit in ACTION_UNITS]
    np.testing.assert_allclose(units[0], expected)


def test_half_the_intensity_is_half_the_units():
    full = express(["happy"], noise=0.0)
    half = express(["happy"], intensity=0.5, noise=0.0)
    np.testing.assert_allclose(half, full / 2)


def test_expressive_people_pose_more_strongly():
    units = express(["sad", "sad"], expressiveness=np.array([0.8, 1.1]), noise=0.0)
    np.testing.assert_allclose(units[1], units[0] * 1.1 / 0.8)


def test_units_never_leave_their_range():
    units = express(["surprised"] * 200, intensity=1.2, noise=0.5)
    assert units.min() >= 0.0
    assert units.max() <= 1.25


def test_every_emotion_has_its_own_prototype():
    units = express(list(EMOTIONS), noise=0.0)
    gaps = np.linalg.norm(units[:, None] - units[None], axis=2)
    assert gaps[~np.eye(7, dtype=bool)].min() > 0.8


def test_contempt_has_no_prototype_and_says_so():
    with pytest.raises(InputError, match="contempt"):
        express(["contempt"])


def test_people_stay_within_their_ranges_but_for_what_sex_shifts():
    people = sample_identities(500, random_state=1)
    for name in ("eye_distance", "nose_length", "mouth_height", "skin_tone", "age"):
        mean, half = IDENTITY[name]
        column = people[:, list(IDENTITY).index(name)]
        assert abs(column - mean).max() <= half


def test_skin_tones_are_spread_evenly():
    tones = sample_identities(2000)[:, list(IDENTITY).index("skin_tone")]
    mean, half = IDENTITY["skin_tone"]
    shares = np.histogram(tones, bins=4, range=(mean - half, mean + half))[0] / len(tones)
    assert abs(shares - 0.25).max() < 0.04


def test_people_alternate_between_feminine_and_masculine():
    sex = sample_identities(4)[:, list(IDENTITY).index("sex")]
    assert sex.tolist() == [-1, 1, -1, 1]
    assert sample_identities(1, first=1)[0, list(IDENTITY).index("sex")] == 1


def test_the_same_seed_draws_the_same_portraits():
    np.testing.assert_array_equal(
        sample_portraits(5, random_state=3).values, sample_portraits(5, random_state=3).values
    )
    assert (sample_portraits(5, random_state=3).values != sample_portraits(5).values).any()


def test_columns_are_read_by_name():
    portraits = sample_portraits(3)
    changed = portraits.replace({"yaw": 12.0})
    np.testing.assert_array_equal(changed["yaw"], [12, 12, 12])
    np.testing.assert_array_equal(changed["pitch"], portraits["pitch"])
    assert portraits.action_units.shape == (3, len(ACTION_UNITS))
    assert PARAMETERS[-1] == ACTION_UNITS[-1]


def test_without_contexts_the_means_are_taken():
    portraits = portraits_of(sample_identities(1), ["neutral"])
    assert portraits["scale"][0] == pytest.approx(CONTEXT["scale"][0])
    assert portraits["yaw"][0] == 0


def test_a_table_with_missing_columns_is_refused():
    with pytest.raises(InputError, match="expected"):
        PortraitParameters(np.zeros((2, 5), np.float32))


def test_mixed_portraits_keep_a_persons_traits_over_all_shots():
    mixed = mixed_portraits(3, shots=7, random_state=2)
    traits = mixed.parameters.values[:, : len(IDENTITY)]
    for person in range(3):
        rows = traits[mixed.identity == person]
        assert len(rows) == 7
        np.testing.assert_array_equal(rows, np.tile(rows[0], (7, 1)))


def test_mixed_portraits_name_no_emotion_for_random_units():
    mixed = mixed_portraits(100, random_state=2)
    assert 0.10 < (mixed.emotion == -1).mean() < 0.20
    assert not mixed.posed[mixed.emotion == -1].any()
    happy = mixed.parameters.action_units[mixed.posed & (mixed.emotion == EMOTIONS.index("happy"))]
    assert happy[:, ACTION_UNITS.index("AU12")].min() > 0.6
