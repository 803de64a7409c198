import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from icaedit.errors import InputError
from icaedit.images import check_image, resize, to_float, to_uint8

NOISE = np.random.default_rng(0).integers(0, 256, (24, 36, 3), dtype=np.uint8)


def test_every_level_survives_the_way_to_float_and_back():
    levels = np.arange(256, dtype=np.uint8)
    assert np.array_equal(to_uint8(to_float(levels)), levels)


def test_levels_are_spread_evenly_from_minus_one_to_one():
    floats = to_float(np.arange(256, dtype=np.uint8))
    assert floats.dtype == np.float32
    assert np.allclose(floats, np.linspace(-1, 1, 256), atol=1e-6)


@given(st.floats(-1, 1))
def test_floats_go_to_the_nearest_level(value):
    level = int(to_uint8(np.array([value]))[0])
    assert abs(level - (value + 1) * 127.5) <= 0.5 + 1e-4


def test_floats_out_of_range_are_clipped_and_not_wrapped():
    assert to_uint8(np.array([-5.0, 1.01, np.inf])).tolist() == [0, 255, 255]


@pytest.mark.parametrize("wrong", [np.zeros(2), np.zeros(2, np.int64)])
def test_only_uint8_pixels_become_floats(wrong):
    with pytest.raises(InputError, match="expected uint8"):
        to_float(wrong)


def test_only_floats_become_pixels():
    with pytest.raises(InputError, match="got pixels of uint8, expected floating point"):
        to_uint8(np.zeros(2, np.uint8))
    with pytest.raises(InputError, match="NaN"):
        to_uint8(np.array([np.nan]))


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((4, 4, 3)),
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((1, 4, 4, 3), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
    ],
    ids=["float", "grey", "rgba", "batch", "empty"],
)
def test_an_image_of_another_form_is_refused_with_its_shape(wrong):
    with pytest.raises(InputError, match="expected uint8"):
        check_image(wrong)


@pytest.mark.parametrize(("fy", "fx"), [(2, 2), (4, 3), (1, 2), (24, 36)])
def test_a_whole_reduction_is_the_mean_of_each_block(fy, fx):
    reduced = resize(NOISE, (24 // fy, 36 // fx))
    blocks = NOISE.astype(float).reshape(24 // fy, fy, 36 // fx, fx, 3).mean(axis=(1, 3))
    assert reduced.dtype == np.uint8
    assert np.abs(reduced - blocks).max() <= 0.5 + 1e-6


def test_size_is_height_then_width():
    assert resize(NOISE, (10, 20)).shape == (10, 20, 3)
    assert resize(NOISE, 10).shape == (10, 10, 3)


def test_a_reduction_by_any_factor_does_not_alias():
    # stripes finer than the new pixels blur to grey instead of beating
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 255
    inner = resize(stripes, 27)[4:-4, 4:-4].astype(int)
    assert np.abs(inner - 127).max() < 12


def test_an_enlarged_gradient_stays_a_gradient():
    ramp = np.tile(np.linspace(40, 200, 16).astype(np.uint8)[None, :, None], (16, 1, 3))
    row = resize(ramp, 64)[32, :, 0].astype(int)
    assert (np.diff(row) >= 0).all() and abs(row[32] - 120) < 6


def test_the_same_size_is_a_copy():
    same = resize(NOISE, (24, 36))
    assert np.array_equal(same, NOISE) and not np.shares_memory(same, NOISE)


def test_a_size_of_nothing_is_refused():
    with pytest.raises(InputError, match="at least 1 pixel a side"):
        resize(NOISE, 0)
