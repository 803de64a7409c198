import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.portraits import (
    ACTION_UNITS,
    portraits_of,
    render,
    sample_identities,
    sample_portraits,
)
from icaedit.schema import EMOTIONS


def neutral(n=1, seed=0):
    return portraits_of(sample_identities(n, random_state=seed), ["neutral"] * n, noise=0.0)


def changed_rows(before, after):
    gap = np.abs(before.astype(int) - after.astype(int)).sum(2)
    return (gap * np.arange(len(gap))[:, None]).sum() / gap.sum() / len(gap)


def test_the_batch_a_portrait_is_in_does_not_change_it():
    portraits = sample_portraits(5)
    together = render(portraits, size=48, batch_size=5)
    alone = render(portraits, size=48, batch_size=1)
    assert np.abs(together.images.astype(int) - alone.images).max() <= 1
    np.testing.assert_array_equal(together.images, render(portraits, size=48, batch_size=5).images)


def test_a_larger_picture_shows_the_same_portrait():
    portraits = sample_portraits(3)
    small = render(portraits, size=32).images.astype(float)
    large = render(portraits, size=128).images.astype(float)
    pooled = large.reshape(3, 32, 4, 32, 4, 3).mean((2, 4))
    assert np.abs(pooled - small).mean() < 4


def test_brows_move_the_upper_face_and_lips_the_lower():
    base = neutral()
    before = render(base, size=64).images[0]
    brows = render(base.replace({"AU4": 1.0}), size=64).images[0]
    lips = render(base.replace({"AU12": 1.0}), size=64).images[0]
    assert changed_rows(before, brows) < 0.45
    assert changed_rows(before, lips) > 0.55


def test_every_action_unit_is_visible():
    base = neutral()
    before = render(base, size=64).images[0].astype(int)
    for unit in ACTION_UNITS:
        # The jaw drop shows with parted lips, as it does in people.
        after = render(base.replace({unit: 1.0}), size=64).images[0]
        assert (np.abs(after - before).max(2) > 12).sum() > 8, unit


def test_corners_go_up_in_a_smile_and_down_in_grief():
    base = neutral().replace({"skin_tone": 0.1, "stubble": 0.0})

    def corner_height(units):
        picture = render(base.replace(units), size=128).images[0].astype(float)
        before = render(base, size=128).images[0].astype(float)
        x = int(128 * (1 + base["mouth_width"][0] * 1.09) / 2)
        column = (before - picture)[70:110, x - 2 : x + 3].sum((1, 2))
        return 70 + np.argmax(column)

    assert corner_height({"AU12": 1.0}) < corner_height({"AU15": 1.0}) - 4


def test_a_turned_head_moves_the_nose_to_its_side():
    base = neutral()
    left = render(base.replace({"yaw": -25.0}), size=64).images[0].astype(float)
    right = render(base.replace({"yaw": 25.0}), size=64).images[0].astype(float)
    middle = render(base, size=64).images[0].astype(float)
    assert np.abs(left[:, ::-1] - right).mean() < np.abs(left - right).mean()
    assert np.abs(left - middle).mean() > 3


def test_windows_lie_on_eyes_brows_and_mouth():
    rendering = render(neutral(), size=64)
    window = rendering.features[0]
    assert window[30, 24] > 128 or window[31, 23] > 128
    assert window[47, 32] > 128
    assert window[5, 5] == 0
    assert window[60, 60] == 0


def test_seven_expressions_give_seven_pictures():
    people = np.repeat(sample_identities(1, random_state=4), 7, axis=0)
    images = render(portraits_of(people, list(EMOTIONS), noise=0.0), size=64).images.astype(int)
    gaps = np.abs(images[:, None] - images[None]).mean((2, 3, 4))
    assert gaps[~np.eye(7, dtype=bool)].min() > 0.5


def test_the_detector_finds_the_face_in_nearly_all_frontal_portraits():
    dlib = pytest.importorskip("dlib")
    detector = dlib.get_frontal_face_detector()
    images = render(sample_portraits(40, random_state=9), size=256).images
    found = [len(detector(image, 0)) == 1 for image in images]
    assert np.mean(found) >= 0.95


def test_broken_parameters_are_refused():
    portraits = sample_portraits(1).replace({"yaw": np.nan})
    with pytest.raises(InputError, match="not finite"):
        render(portraits, size=32)
    with pytest.raises(InputError, match="size 8"):
        render(sample_portraits(1), size=8)
