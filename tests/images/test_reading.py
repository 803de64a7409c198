import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from icaedit.errors import FileAccessError, FormatError, InputError
from icaedit.images import read_image, reading

NOISE = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)


def saved(folder, picture, name="a.png", **options):
    picture.save(folder / name, **options)
    return folder / name


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_that_claims(width, height):
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tiff", "a.ppm"])
def test_rgb_comes_back_exactly(tmp_path, name):
    assert np.array_equal(read_image(saved(tmp_path, Image.fromarray(NOISE), name)), NOISE)


def test_the_content_decides_and_not_the_suffix(tmp_path):
    path = saved(tmp_path, Image.fromarray(NOISE), "a.jpg", format="PNG")
    assert np.array_equal(read_image(path), NOISE)


def test_the_result_can_be_written_to(tmp_path):
    image = read_image(saved(tmp_path, Image.fromarray(NOISE)))
    image[:] = 0
    assert image.dtype == np.uint8 and image.flags.c_contiguous


def test_grey_is_repeated_in_the_three_channels(tmp_path):
    grey = NOISE[..., 0]
    image = read_image(saved(tmp_path, Image.fromarray(grey)))
    assert np.array_equal(image, np.repeat(grey[..., None], 3, axis=2))


@pytest.mark.parametrize("name", ["a.png", "a.tiff"])
def test_sixteen_bits_are_scaled_and_not_clipped(tmp_path, name):
    levels = np.zeros((16, 16), np.uint16)
    levels[:, 1], levels[:, 2], levels[:, 3] = 65535, 51400, 300  # 257 * (255, 200, 1.17)
    image = read_image(saved(tmp_path, Image.fromarray(levels), name))
    assert image[5, :4, 0].tolist() == [0, 255, 200, 1]
    assert np.array_equal(image[..., 0], image[..., 2])


def test_sixteen_bits_of_colour_are_scaled(tmp_path):
    rows = b"".join(b"\0" + struct.pack(">HHH", 65535, 32896, 0) * 16 for _ in range(16))
    head = struct.pack(">IIBBBBB", 16, 16, 16, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    assert read_image(tmp_path / "a.png")[3, 3].tolist() == [255, 128, 0]


def test_cmyk_becomes_rgb(tmp_path):
    picture = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    image = read_image(saved(tmp_path, picture, "a.jpg", quality=100))
    assert np.abs(image.astype(int) - [255, 0, 0]).max() <= 4


def test_a_palette_becomes_its_colours(tmp_path):
    picture = Image.new("P", (16, 16), 1)
    picture.putpalette([0, 0, 0, 10, 200, 30])
    assert (read_image(saved(tmp_path, picture)) == [10, 200, 30]).all()


def test_two_level_pictures_become_black_and_white(tmp_path):
    picture = Image.new("1", (16, 16), 1)
    assert (read_image(saved(tmp_path, picture)) == 255).all()


def test_transparency_is_laid_over_white(tmp_path):
    pixels = np.zeros((16, 16, 4), np.uint8)
    pixels[:, :8] = (255, 0, 0, 255)
    pixels[:, 8:] = (0, 0, 0, 51)  # a fifth of black
    image = read_image(saved(tmp_path, Image.fromarray(pixels)))
    assert image[0, 0].tolist() == [255, 0, 0]
    assert np.abs(image[0, 8].astype(int) - 204).max() <= 1


def test_a_transparent_palette_entry_is_white(tmp_path):
    picture = Image.new("P", (16, 16), 1)
    picture.putpalette([0, 0, 0, 10, 200, 30])
    assert (read_image(saved(tmp_path, picture, transparency=1)) == 255).all()


@pytest.mark.parametrize(
    ("orientation", "upright"),
    [(1, lambda a: a), (3, lambda a: a[::-1, ::-1]), (6, lambda a: np.rot90(a, -1))],
)
def test_the_exif_orientation_is_applied(tmp_path, orientation, upright):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = saved(tmp_path, Image.fromarray(NOISE), exif=exif)
    assert np.array_equal(read_image(path), upright(NOISE))


def test_the_first_frame_of_an_animation_is_read(tmp_path):
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    path = saved(tmp_path, frames[0], "a.gif", save_all=True, append_images=frames[1:])
    assert (read_image(path) == [255, 0, 0]).all()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileAccessError, match=r"gone\.png"):
        read_image(tmp_path / "gone.png")


@pytest.mark.parametrize(
    "content", [b"", b"just text\n", b"\xff\xd8\xff", b"%!PS-Adobe-3.0 EPSF-3.0\n"]
)
def test_what_is_no_picture_is_refused_by_name(tmp_path, content):
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(FormatError, match=r"a\.jpg, which is no whole picture"):
        read_image(tmp_path / "a.jpg")


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.gif", "a.webp", "a.tiff", "a.bmp"])
@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9])
def test_a_file_cut_short_is_refused_by_name(tmp_path, name, keep):
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = saved(tmp_path, Image.fromarray(noise), name)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * keep)])
    with pytest.raises(FormatError, match="which is no whole picture"):
        read_image(path)


def test_a_side_below_sixteen_is_refused_and_sixteen_is_read(tmp_path):
    with pytest.raises(InputError, match=r"a\.png of 1x1 pixels, expected at least 16 a side"):
        read_image(saved(tmp_path, Image.new("RGB", (1, 1))))
    with pytest.raises(InputError, match="40x15"):
        read_image(saved(tmp_path, Image.new("RGB", (40, 15))))
    assert read_image(saved(tmp_path, Image.new("RGB", (16, 16)))).shape == (16, 16, 3)


@pytest.mark.parametrize(("width", "height"), [(10_001, 10_000), (60_000, 60_000)])
def test_a_picture_that_claims_too_many_pixels_is_refused_unread(tmp_path, width, height):
    (tmp_path / "bomb.png").write_bytes(png_that_claims(width, height))
    with pytest.raises(InputError, match=r"bomb\.png of .* expected at most 100 million"):
        read_image(tmp_path / "bomb.png")


def test_a_picture_at_the_limit_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "LARGEST_PIXELS", 600)
    assert read_image(saved(tmp_path, Image.fromarray(NOISE))).shape == (20, 30, 3)
    monkeypatch.setattr(reading, "LARGEST_PIXELS", 599)
    with pytest.raises(InputError, match="30x20"):
        read_image(saved(tmp_path, Image.fromarray(NOISE)))


def test_floating_point_pixels_are_refused(tmp_path):
    picture = Image.fromarray(np.zeros((16, 16), np.float32))
    with pytest.raises(InputError, match="floating-point"):
        read_image(saved(tmp_path, picture, "a.tiff"))


def test_every_refusal_is_one_line(tmp_path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
    with pytest.raises(FormatError) as caught:
        read_image(tmp_path / "a.png")
    assert "\n" not in str(caught.value)
