import io
import struct
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from icaedit.errors import IcaeditWarning, InputError
from icaedit.images import read_image, read_photo, save_photo

from .profiles import profile

SMOOTH = np.stack(np.meshgrid(np.arange(40), np.arange(50)), axis=2).astype(np.uint8) * 4
FACE = slice(10, 30), slice(5, 25)
LOSSLESS = ["a.png", "a.tiff", "a.bmp", "a.ppm", "a.webp"]


def rgb():
    return np.dstack([SMOOTH, 255 - SMOOTH[..., :1]])


def written(folder, picture, name="in.png", **options):
    if name.endswith(".webp"):
        options |= {"lossless": True, "exact": True}
    picture.save(folder / name, **options)
    return folder / name


def lightened(photo, by=12):
    """Return the photo's pixels with the face made lighter."""
    image = photo.pixels.copy()
    image[FACE] = np.clip(image[FACE].astype(int) + by, 0, 255)
    return image


def edited(path, folder=None, name=None):
    """Lighten the face of a photo's file; return the picture that comes out, and the photo."""
    photo = read_photo(path)
    out = Path(folder or path.parent) / (name or f"out{path.suffix}")
    save_photo(out, photo, lightened(photo))
    with Image.open(out) as picture:
        picture.load()
        return picture, photo


def outside(array):
    kept = np.ones(array.shape[:2], bool)
    kept[FACE] = False
    return array[kept]


@pytest.mark.parametrize("name", [*LOSSLESS, "a.jpg"])
def test_an_unchanged_photo_is_written_byte_for_byte(tmp_path, name):
    path = written(tmp_path, Image.fromarray(rgb()), name)
    photo = read_photo(path)
    save_photo(tmp_path / f"out{path.suffix}", photo, photo.pixels.copy())
    assert (tmp_path / f"out{path.suffix}").read_bytes() == path.read_bytes()


def test_an_unchanged_photo_in_another_format_is_that_format(tmp_path):
    photo = read_photo(written(tmp_path, Image.fromarray(rgb()), "a.bmp"))
    save_photo(tmp_path / "b.png", photo, photo.pixels)
    with Image.open(tmp_path / "b.png") as picture:
        assert picture.format == "PNG"
    assert np.array_equal(read_image(tmp_path / "b.png"), rgb())


@pytest.mark.parametrize("name", LOSSLESS)
def test_outside_the_face_a_lossless_photo_keeps_every_level(tmp_path, name):
    picture, photo = edited(written(tmp_path, Image.fromarray(rgb()), name))
    assert np.array_equal(np.asarray(picture.convert("RGB")), lightened(photo))
    assert picture.size == (40, 50)


@pytest.mark.parametrize("name", ["a.png", "a.tiff"])
@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "I;16"])
def test_the_colours_of_the_file_are_kept(tmp_path, mode, name):
    alpha = np.full((50, 40), 200, np.uint8)
    stored = {
        "L": SMOOTH[..., 0],
        "LA": np.dstack([SMOOTH[..., 0], alpha]),
        "RGBA": np.dstack([rgb(), alpha]),
        "I;16": SMOOTH[..., 0].astype(np.uint16) * 257 + 100,
    }[mode]
    before = Image.fromarray(stored)
    assert before.mode == mode
    picture, photo = edited(written(tmp_path, before, name))
    assert picture.mode == mode
    after = np.asarray(picture).astype(int)
    assert np.array_equal(outside(after), outside(stored))
    if mode in ("LA", "RGBA"):
        assert (after[..., -1] == 200).all()
    if mode == "I;16":  # one level of 8 bits is 257 of 16
        assert ((after - stored)[FACE] == 12 * 257).all()
    seen = read_image(tmp_path / f"out{Path(name).suffix}").astype(int)
    assert np.abs(seen - lightened(photo)).max() <= 1


def test_what_cannot_be_seen_is_not_changed(tmp_path):
    stored = np.dstack([rgb(), np.zeros((50, 40), np.uint8)])
    photo = read_photo(written(tmp_path, Image.fromarray(stored)))
    image = photo.pixels.copy()
    image[FACE] = 90
    save_photo(tmp_path / "out.png", photo, image)
    with Image.open(tmp_path / "out.png") as picture:
        assert np.array_equal(np.asarray(picture), stored)


def test_inks_stay_inks_and_black_counts(tmp_path):
    inks = np.dstack([SMOOTH, SMOOTH[..., :1], np.full((50, 40, 1), 100, np.uint8)])
    before = Image.frombytes("CMYK", (40, 50), inks.tobytes())
    picture, photo = edited(written(tmp_path, before, "a.tiff"))
    assert picture.mode == "CMYK"
    after = np.asarray(picture)
    assert np.array_equal(outside(after), outside(inks))
    assert (after[..., 3] == 100).all()
    seen = read_image(tmp_path / "out.tiff").astype(int)
    assert np.abs(seen - lightened(photo))[20, 10:20].max() <= 1


def test_an_ink_jpeg_stays_one(tmp_path):
    before = Image.new("CMYK", (40, 50), (40, 90, 80, 10))
    picture, photo = edited(written(tmp_path, before, "a.jpg", quality=95))
    assert (picture.format, picture.mode) == ("JPEG", "CMYK")
    seen = read_image(tmp_path / "out.jpg").astype(int)
    assert np.abs(seen - lightened(photo))[14:26, 9:21].max() <= 6


def test_a_grey_jpeg_stays_one(tmp_path):
    path = written(tmp_path, Image.fromarray(SMOOTH[..., 0]), "a.jpg", quality=80)
    picture, photo = edited(path)
    assert (picture.format, picture.mode) == ("JPEG", "L")
    with Image.open(path) as before:
        assert picture.quantization == before.quantization
    seen = np.asarray(picture).astype(int)
    assert np.abs(seen - lightened(photo)[..., 0])[14:26, 9:21].max() <= 6


@pytest.mark.parametrize("lossless", [True, False])
def test_a_webp_stays_as_exact_as_it_was(tmp_path, lossless):
    Image.fromarray(rgb()).save(tmp_path / "a.webp", lossless=lossless, quality=80)
    picture, photo = edited(tmp_path / "a.webp")
    assert np.array_equal(np.asarray(picture), lightened(photo)) == lossless
    assert (b"VP8L" in (tmp_path / "out.webp").read_bytes()) == lossless


def test_a_palette_comes_out_as_its_colours(tmp_path):
    before = Image.fromarray(rgb()).quantize(16)
    picture, photo = edited(written(tmp_path, before))
    colours = np.asarray(before.convert("RGB"))
    assert np.array_equal(outside(np.asarray(picture)), outside(colours))


def test_a_wide_gamut_is_seen_as_srgb_and_kept_as_it_is_stored(tmp_path):
    pure_green = np.tile(np.uint8([60, 200, 60]), (50, 40, 1))
    path = written(tmp_path, Image.fromarray(pure_green), icc_profile=profile())
    photo = read_photo(path)
    assert photo.pixels[0, 0, 0] < 20  # greener than sRGB has with that much red
    picture, _ = edited(path)
    assert picture.info["icc_profile"] == profile()
    assert np.array_equal(outside(np.asarray(picture)), outside(pure_green))
    seen = read_image(tmp_path / "out.png").astype(int)
    assert np.abs(seen - lightened(photo))[FACE][..., 1].max() <= 2


def test_grey_with_a_curve_of_its_own_is_seen_through_it(tmp_path):
    level = np.full((50, 40), 128, np.uint8)
    path = written(tmp_path, Image.fromarray(level), icc_profile=profile(1.0, grey=True))
    photo = read_photo(path)
    assert photo.pixels[0, 0, 0] > 180  # half of the light, not half of the level
    picture, _ = edited(path)
    assert picture.mode == "L"
    assert np.array_equal(outside(np.asarray(picture)), outside(level))
    seen = read_image(tmp_path / "out.png").astype(int)
    assert np.abs(seen - lightened(photo)).max() <= 1


def test_an_srgb_profile_and_a_damaged_one_change_nothing(tmp_path):
    for content in (profile(3.0, name="sRGB IEC"), b"no profile" * 20, profile(grey=True)):
        path = written(tmp_path, Image.fromarray(rgb()), icc_profile=content)
        assert np.array_equal(read_image(path), rgb())


def test_jpeg_keeps_its_quantisation_subsampling_and_metadata(tmp_path):
    exif = Image.Exif()
    exif[0x010E] = "a caption"
    exif.get_ifd(0x8769)[0x9003] = "2020:01:02 03:04:05"
    exif.get_ifd(0x8825)[1] = "N"
    path = written(
        tmp_path, Image.fromarray(rgb()), "a.jpg", exif=exif, dpi=(300, 200), quality=71,
        subsampling="4:2:2", progressive=True, comment=b"hello", xmp=b"<x:xmpmeta/>",
        icc_profile=profile(),
    )  # fmt: skip
    picture, photo = edited(path)
    with Image.open(path) as before:
        assert picture.quantization == before.quantization
        assert picture.layer == before.layer  # the sampling of each component
    assert picture.info["progressive"]
    assert picture.info["dpi"] == (300, 200)
    assert picture.info["comment"] == b"hello"
    assert picture.info["xmp"] == b"<x:xmpmeta/>"
    assert picture.info["icc_profile"] == profile()
    found = picture.getexif()
    assert found[0x010E] == "a caption"
    assert found.get_ifd(0x8769)[0x9003] == "2020:01:02 03:04:05"
    assert found.get_ifd(0x8825)[1] == "N"


def test_the_result_is_upright_and_no_longer_says_how_to_turn_it(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8769).update({0xA002: 40, 0xA003: 50})
    path = written(tmp_path, Image.fromarray(rgb()), exif=exif)
    photo = read_photo(path)
    assert photo.pixels.shape == (40, 50, 3)
    picture, _ = edited(path)
    assert picture.size == (50, 40)
    assert np.array_equal(outside(np.asarray(picture)), outside(np.rot90(rgb(), -1)))
    found = picture.getexif()
    assert 0x0112 not in found
    assert found.get_ifd(0x8769)[0xA002] == 50


def exif_with_thumbnail():
    stream = io.BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "JPEG")
    thumb = stream.getvalue()
    first = struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, 1, 0, 26)
    second = struct.pack(">H", 2) + struct.pack(">HHII", 0x0201, 4, 1, 56)
    second += struct.pack(">HHII", 0x0202, 4, 1, len(thumb)) + bytes(4)
    return b"Exif\0\0MM\0\x2a" + struct.pack(">I", 8) + first + second + thumb


def test_the_thumbnail_of_the_unedited_face_is_not_carried_over(tmp_path):
    path = written(tmp_path, Image.fromarray(rgb()), "a.jpg", exif=exif_with_thumbnail())
    with Image.open(path) as before:
        assert before.getexif().get_ifd(-1)[0x0201] == 56
    edited(path)
    assert (tmp_path / "out.jpg").read_bytes().count(b"\xff\xd8\xff") == 1


def test_damaged_exif_does_not_spoil_a_photo(tmp_path):
    path = written(tmp_path, Image.fromarray(rgb()), exif=b"Exif\0\0rubbish that is no EXIF")
    picture, photo = edited(path)
    assert np.array_equal(photo.pixels, rgb())
    assert np.array_equal(outside(np.asarray(picture)), outside(rgb()))


def test_png_keeps_its_texts_and_resolution(tmp_path):
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    texts.add_text("Author", "somebody")
    texts.add_itxt("Title", "Größe")
    texts.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta/>")
    picture, _ = edited(written(tmp_path, Image.fromarray(rgb()), pnginfo=texts, dpi=(300, 300)))
    assert picture.text["Author"] == "somebody"
    assert picture.text["Title"] == "Größe"
    assert picture.text["XML:com.adobe.xmp"] == "<x:xmpmeta/>"
    assert round(picture.info["dpi"][0]) == 300


def test_tiff_keeps_its_compression_and_texts(tmp_path):
    path = written(
        tmp_path, Image.fromarray(rgb()), "a.tiff", compression="tiff_lzw", dpi=(300, 300),
        software="a camera",
    )  # fmt: skip
    picture, photo = edited(path)
    assert picture.info["compression"] == "tiff_lzw"
    assert picture.info["dpi"] == (300, 300)
    assert picture.getexif()[305] == "a camera"
    assert np.array_equal(np.asarray(picture), lightened(photo))


def test_a_compressed_tiff_keeps_its_exif_rather_than_its_compression(tmp_path):
    path = written(tmp_path, Image.fromarray(rgb()), "a.tiff", compression="tiff_lzw")
    photo = read_photo(path)
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2020:01:02 03:04:05"
    photo.metadata["exif"] = exif.tobytes()
    save_photo(tmp_path / "out.tiff", photo, lightened(photo))
    with Image.open(tmp_path / "out.tiff") as picture:
        assert picture.getexif().get_ifd(0x8769)[0x9003] == "2020:01:02 03:04:05"
        assert np.array_equal(np.asarray(picture), lightened(photo))


def test_metadata_follow_into_another_format(tmp_path):
    exif = Image.Exif()
    exif[0x010E] = "a caption"
    path = written(tmp_path, Image.fromarray(rgb()), "a.jpg", exif=exif, icc_profile=profile())
    for name in ("b.png", "b.webp", "b.tiff"):
        picture, photo = edited(path, tmp_path, name)
        assert picture.getexif()[0x010E] == "a caption"
        assert picture.info["icc_profile"] == profile()
        assert np.array_equal(outside(np.asarray(picture)), outside(np.asarray(photo.stored)))


def test_colours_that_a_format_cannot_hold_are_written_as_they_look(tmp_path):
    see_through = np.dstack([rgb(), np.full((50, 40), 99, np.uint8)])
    photo = read_photo(written(tmp_path, Image.fromarray(see_through), icc_profile=profile()))
    save_photo(tmp_path / "out.bmp", photo, lightened(photo))
    assert np.array_equal(read_image(tmp_path / "out.bmp"), lightened(photo))


def test_a_result_of_another_size_is_plain_srgb(tmp_path):
    photo = read_photo(written(tmp_path, Image.fromarray(rgb()), icc_profile=profile()))
    save_photo(tmp_path / "out.png", photo, rgb()[:20, :20])
    with Image.open(tmp_path / "out.png") as picture:
        assert "icc_profile" not in picture.info
    assert np.array_equal(read_image(tmp_path / "out.png"), rgb()[:20, :20])


def deep_file(folder, pixels):
    """Write uint16 colours as a PNG by hand."""

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    height, width, channels = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", width, height, 16, {3: 2, 4: 6}[channels], 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"tEXt", b"Author\0somebody")
    body += chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    (folder / "deep.png").write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return folder / "deep.png"


DEEP = np.random.default_rng(2).integers(0, 60000, (50, 40, 4), dtype=np.uint16)


@pytest.mark.parametrize("channels", [3, 4])
def test_sixteen_bits_of_colour_stay_sixteen_in_a_png(tmp_path, channels):
    pixels = DEEP[..., :channels].copy()
    pixels[..., 3:] = 65535
    photo = read_photo(deep_file(tmp_path, pixels))
    assert np.array_equal(photo.deep, pixels)
    assert np.array_equal(photo.pixels, pixels[..., :3] >> 8)
    save_photo(tmp_path / "out.png", photo, lightened(photo))
    after = read_photo(tmp_path / "out.png")
    assert np.array_equal(outside(after.deep), outside(pixels))
    change = after.deep[FACE].astype(int) - pixels[FACE]
    assert (change[..., :3] == 12 * 257).all()
    assert (change[..., 3:] == 0).all()
    with Image.open(tmp_path / "out.png") as picture:
        assert picture.text["Author"] == "somebody"


def test_sixteen_bits_under_glass_change_by_more(tmp_path):
    pixels = DEEP.copy()
    pixels[..., 3] = 32768
    photo = read_photo(deep_file(tmp_path, pixels))
    image = photo.pixels.copy()
    image[FACE] = image[FACE] - 2
    save_photo(tmp_path / "out.png", photo, image)
    after = read_photo(tmp_path / "out.png").deep
    change = after[FACE][..., :3].astype(int) - pixels[FACE][..., :3]
    assert np.median(change) == -round(2 * 257 * 65535 / 32768)
    assert (after[..., 3] == 32768).all()


def test_sixteen_bits_of_colour_come_out_as_eight_elsewhere_and_that_is_told(tmp_path):
    photo = read_photo(deep_file(tmp_path, DEEP[..., :3]))
    for name in ("b.tiff", "b.jpg"):
        with pytest.warns(IcaeditWarning, match="16 bits a colour"):
            save_photo(tmp_path / name, photo, lightened(photo))
    assert np.array_equal(read_image(tmp_path / "b.tiff"), lightened(photo))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        save_photo(tmp_path / "c.png", photo, photo.pixels)
    assert (tmp_path / "c.png").read_bytes() == (tmp_path / "deep.png").read_bytes()


def test_the_same_edit_gives_the_same_bytes_and_leaves_the_photo_alone(tmp_path):
    photo = read_photo(written(tmp_path, Image.fromarray(rgb()), "a.jpg"))
    before = photo.pixels.copy(), photo.stored.tobytes()
    for name in ("b.jpg", "c.jpg"):
        save_photo(tmp_path / name, photo, lightened(photo))
    assert (tmp_path / "b.jpg").read_bytes() == (tmp_path / "c.jpg").read_bytes()
    assert np.array_equal(photo.pixels, before[0])
    assert photo.stored.tobytes() == before[1]


@pytest.mark.parametrize("name", ["a", "a.gif", "a.txt"])
def test_an_unknown_suffix_lists_those_known_and_writes_nothing(tmp_path, name):
    photo = read_photo(written(tmp_path, Image.fromarray(rgb())))
    with pytest.raises(InputError, match=r"\.webp, \.tif"):
        save_photo(tmp_path / "deep" / name, photo, photo.pixels)
