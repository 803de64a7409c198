import colorsys

import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.images import pencil_sketch
from icaedit.portraits import STYLES, render, restyle, sample_portraits

SIDE = 64


@pytest.fixture(scope="module")
def faces():
    return render(sample_portraits(6, random_state=2), size=SIDE).images


def gradient(n=1):
    """A picture whose value grows from left to right, the same in every row and colour."""
    ramp = np.linspace(40, 210, SIDE).round().astype(np.uint8)
    return np.broadcast_to(ramp[:, None], (n, SIDE, SIDE, 3)).copy()


@pytest.mark.parametrize("style", STYLES)
def test_a_style_keeps_shape_changes_pixels_and_repeats_with_its_seed(faces, style):
    before = faces.copy()
    once, again = restyle(faces, style, random_state=5), restyle(faces, style, random_state=5)
    np.testing.assert_array_equal(once, again)
    np.testing.assert_array_equal(faces, before)
    assert once.dtype == np.uint8 and once.shape == faces.shape
    assert (once != faces).any(axis=(1, 2, 3)).all()
    if not style.startswith("sketch"):
        assert (restyle(faces, style, random_state=6) != once).any(axis=(1, 2, 3)).all()


@pytest.mark.parametrize(
    ("style", "kernel"), [("sketch", 3), ("sketch-broad", 5), ("sketch-bold", 11)]
)
def test_sketches_are_pencil_sketches_of_three_kernel_sizes(faces, style, kernel):
    np.testing.assert_array_equal(restyle(faces, style), pencil_sketch(faces, kernel))


def test_posterised_pictures_have_three_to_six_evenly_spaced_levels():
    seen = set()
    for picture in restyle(gradient(40), "posterised"):
        levels = np.unique(picture)
        steps = round(255 / np.diff(levels).min())
        np.testing.assert_allclose(levels * steps / 255, np.rint(levels * steps / 255), atol=0.02)
        seen.add(steps + 1)
    assert seen == {3, 4, 5, 6}


def test_blur_spreads_a_point_evenly_and_loses_nothing():
    point = np.zeros((20, SIDE, SIDE, 3), np.uint8)
    point[:, 30:33, 30:33] = 255
    blurred = restyle(point, "blurred").astype(float)
    np.testing.assert_allclose(blurred.sum((1, 2, 3)), 9 * 3 * 255, rtol=0.03)
    np.testing.assert_array_equal(blurred, blurred.swapaxes(1, 2))
    peaks = blurred[:, 31, 31, 0]
    assert peaks.max() > 1.4 * peaks.min()  # some are blurred more than others


@pytest.mark.parametrize("style", ["blurred", "low-resolution"])
def test_filters_keep_even_areas_and_the_direction_of_a_gradient(style):
    flat = np.full((9, SIDE, SIDE, 3), 77, np.uint8)
    np.testing.assert_array_equal(restyle(flat, style), flat)
    ramp = gradient(9)
    gap = restyle(ramp, style).astype(float) - ramp
    assert np.abs(gap[:, :, 10:-10]).max() <= 2


def test_low_resolution_forgets_fine_stripes_and_keeps_broad_ones():
    stripes = gradient(12)
    stripes[:, :, ::2], stripes[:, :, 1::2] = 0, 200
    fine = restyle(stripes, "low-resolution")[:, :, 8:-8].astype(float)
    assert np.abs(fine - 100).max() < 60
    broad = np.zeros_like(stripes)
    broad[:, :32] = 200
    kept = restyle(broad, "low-resolution")
    assert kept[:, :16].min() > 190 and kept[:, -16:].max() < 10


def test_noise_is_added_about_the_picture():
    flat = np.full((60, SIDE, SIDE, 3), 128, np.uint8)
    noise = restyle(flat, "noisy").astype(float) - 128
    assert np.abs(noise.mean((1, 2, 3))).max() < 2
    deviation = noise.std((1, 2, 3))
    assert 7.5 < deviation.min() < 11 and 29 < deviation.max() < 32.5


def test_recolouring_turns_hues_by_at_most_thirty_degrees_and_some_more():
    colour = np.array([160, 90, 90], np.uint8)  # hue 0
    made = restyle(np.tile(colour, (300, 8, 8, 1)), "recoloured")[:, 0, 0].astype(float)
    assert np.std(made, axis=0).min() > 5
    hues = np.array([colorsys.rgb_to_hsv(*(row / 255))[0] for row in made])
    hues = (hues + 0.5) % 1 - 0.5
    vivid = made.max(1) - made.min(1) > 70
    assert np.abs(hues[vivid]).max() < 70 / 360
    assert hues[vivid].min() < -10 / 360 and hues[vivid].max() > 10 / 360


def test_an_occluded_picture_is_untouched_outside_what_covers_it(faces):
    covered = restyle(np.repeat(faces, 20, axis=0), "occluded", random_state=3)
    changed = (covered != np.repeat(faces, 20, axis=0)).any(axis=3)
    share = changed.mean((1, 2))
    assert 0.01 < share.min() and share.max() < 3 / 7
    assert 0.04 < share.mean() < 0.2
    first = covered[0][changed[0]]
    assert len(np.unique(first, axis=0)) <= 3  # what covers it is of one colour each


def test_each_picture_may_have_its_own_style(faces):
    mixed = restyle(faces[:3], ["sketch", "blurred", "sketch"], random_state=1)
    np.testing.assert_array_equal(mixed[[0, 2]], pencil_sketch(faces[[0, 2]]))
    np.testing.assert_array_equal(mixed[1], restyle(faces[1:2], "blurred", random_state=1)[0])


def test_no_pictures_give_no_pictures(faces):
    assert restyle(faces[:0], "noisy").shape == (0, SIDE, SIDE, 3)


def test_what_cannot_be_restyled_is_refused(faces):
    with pytest.raises(InputError, match="got style 'oil', expected one of sketch"):
        restyle(faces, "oil")
    with pytest.raises(InputError, match="got style 'oil'"):
        restyle(faces[:2], ["sketch", "oil"])
    with pytest.raises(InputError, match="got 2 styles for 6 pictures"):
        restyle(faces, ["sketch", "noisy"])
    for wrong in (faces[0], faces / 255, faces[:, :32], faces[:, :4, :4]):
        with pytest.raises(InputError, match="expected uint8"):
            restyle(wrong, "noisy")
