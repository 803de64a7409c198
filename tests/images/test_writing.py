import io

import numpy as np
import pytest
from PIL import Image

from icaedit.errors import FileAccessError, InputError
from icaedit.images import encode_image, read_image, save_gif, save_image

NOISE = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)


def frame(level):
    return np.full((20, 24, 3), level, np.uint8)


@pytest.mark.parametrize("name", ["a.png", "a.PNG"])
def test_png_comes_back_exactly(tmp_path, name):
    save_image(tmp_path / name, NOISE)
    assert np.array_equal(read_image(tmp_path / name), NOISE)


@pytest.mark.parametrize("name", ["a.jpg", "a.JPEG"])
def test_jpeg_keeps_a_smooth_picture_within_a_few_levels(tmp_path, name):
    ramp = np.tile(np.linspace(0, 255, 64).astype(np.uint8)[None, :, None], (64, 1, 3))
    save_image(tmp_path / name, ramp)
    with Image.open(tmp_path / name) as picture:
        assert picture.format == "JPEG"
    assert np.abs(read_image(tmp_path / name).astype(int) - ramp).max() <= 6


def test_jpeg_keeps_the_full_resolution_of_colour():
    stripes = np.zeros((32, 32, 3), np.uint8)
    stripes[:, ::2] = (200, 60, 60)
    stripes[:, 1::2] = (60, 60, 200)
    with Image.open(io.BytesIO(encode_image(stripes, "jpeg"))) as picture:
        assert np.abs(np.asarray(picture).astype(int) - stripes).max() < 40


@pytest.mark.parametrize("format", ["png", "JPG"])
def test_the_same_image_gives_the_same_bytes(format):
    assert encode_image(NOISE, format) == encode_image(NOISE.copy(), format)


def test_an_array_that_is_not_contiguous_is_written_as_it_looks(tmp_path):
    save_image(tmp_path / "a.png", NOISE[::-1, ::-1])
    assert np.array_equal(read_image(tmp_path / "a.png"), NOISE[::-1, ::-1])


@pytest.mark.parametrize("name", ["a", "a.gif", "a.tiff"])
def test_an_unknown_suffix_lists_those_known_and_writes_nothing(tmp_path, name):
    with pytest.raises(InputError, match=r"expected one of \.png, \.jpg, \.jpeg"):
        save_image(tmp_path / name, NOISE)
    assert not list(tmp_path.iterdir())


def test_an_unknown_format_is_refused():
    with pytest.raises(InputError, match="got format 'bmp'"):
        encode_image(NOISE, "bmp")


def test_floats_are_not_written(tmp_path):
    with pytest.raises(InputError, match="expected uint8"):
        save_image(tmp_path / "a.png", NOISE / 255)
    assert not list(tmp_path.iterdir())


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileAccessError, match="nowhere"):
        save_image(tmp_path / "nowhere" / "a.png", NOISE)


def test_a_gif_holds_the_frames_in_order_with_their_time(tmp_path):
    save_gif(tmp_path / "a.gif", [frame(10), frame(128), frame(250)], duration_ms=120)
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.n_frames == 3 and gif.info["loop"] == 0
        for index, level in enumerate((10, 128, 250)):
            gif.seek(index)
            assert gif.info["duration"] == 120
            assert (np.asarray(gif.convert("RGB")) == level).all()


def test_a_gif_takes_its_colours_from_each_frame(tmp_path):
    ramp = np.tile(np.arange(240, dtype=np.uint8)[None, :, None], (20, 1, 3))
    red, blue = ramp * np.uint8([1, 0, 0]), ramp * np.uint8([0, 0, 1])
    save_gif(tmp_path / "a.gif", [red, blue])
    with Image.open(tmp_path / "a.gif") as gif:
        for index, expected in enumerate((red, blue)):
            gif.seek(index)
            assert np.abs(np.asarray(gif.convert("RGB")).astype(int) - expected).max() <= 4


def test_one_frame_makes_a_gif(tmp_path):
    save_gif(tmp_path / "a.gif", [frame(10)])
    assert read_image(tmp_path / "a.gif").shape == (20, 24, 3)


@pytest.mark.parametrize(
    ("name", "frames", "duration_ms", "message"),
    [
        ("a.png", [frame(1)], 80, "ends in .gif"),
        ("a.gif", [], 80, "at least one frame"),
        ("a.gif", [frame(1), NOISE], 80, "one size"),
        ("a.gif", [frame(1)], 9, "got 9 ms"),
        ("a.gif", [frame(1) / 2], 80, "expected uint8"),
    ],
)
def test_what_cannot_be_a_gif_is_refused_and_nothing_written(
    tmp_path, name, frames, duration_ms, message
):
    with pytest.raises(InputError, match=message):
        save_gif(tmp_path / name, frames, duration_ms=duration_ms)
    assert not list(tmp_path.iterdir())
