"""What edited pictures tell of the edit, read back with Pillow and with other parsers."""

import json
import struct
import zlib
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from icaedit.errors import FileAccessError, IcaeditWarning, InputError
from icaedit.images import (
    COMPOSITE,
    GENERATED,
    read_photo,
    read_provenance,
    save_gif,
    save_image,
    save_photo,
)
from icaedit.images.provenance import provenance_in, with_provenance

RECORD = {"icaedit": "1.2", "command": 'icaedit edit "ü.png"', "faces": [{"strengths": {"sad": 2}}]}
MARKED = [".png", ".jpg", ".webp", ".tif"]
DC = "{http://purl.org/dc/elements/1.1/}"
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    b'xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="image/any"/></rdf:RDF></x:xmpmeta>'
)


@pytest.fixture
def photo(tmp_path):
    """Return a photo of a format, with EXIF, and XMP where Pillow writes it."""

    def photo(suffix: str, **options):
        pixels = np.random.default_rng(0).integers(40, 200, (20, 24, 3), dtype=np.uint8)
        exif = Image.Exif()
        exif[0x010E], exif[0x0131] = "a desk", "Camera 3"
        exif.get_ifd(0x8769)[0x9003] = "2020:01:02 03:04:05"
        xmp = {} if suffix == ".tif" else {"xmp": XMP}
        if suffix == ".png":
            texts = {"pnginfo": _itxt(XMP)}
        path = tmp_path / f"photo{suffix}"
        given = {"exif": exif, **(texts if suffix == ".png" else xmp), **options}
        Image.fromarray(pixels).save(path, **given)
        return read_photo(path)

    return photo


def _itxt(xmp: bytes):
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", xmp.decode())
    info.add_text("Title", "a title")
    return info


def packet_of(path) -> ElementTree.Element:
    with Image.open(path) as picture:
        xmp = picture.info["xmp"]
    return ElementTree.fromstring(xmp[xmp.index(b"<x:") : xmp.rindex(b"<?xpacket")])


def source_types(path) -> list[str]:
    tag = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"
    return [element.text for element in packet_of(path).iter(tag)]


@pytest.mark.parametrize("suffix", MARKED)
def test_a_picture_tells_how_it_was_made_and_is_marked(photo, tmp_path, suffix):
    before = photo(suffix)
    path = tmp_path / f"edited{suffix}"
    save_photo(path, before, 255 - before.pixels, provenance=RECORD)
    edit = json.loads(next(packet_of(path).iter("{urn:icaedit:edit:1:}Edit")).text)
    expected = {"format": "icaedit.edit", "version": 1, "digital_source_type": COMPOSITE}
    assert edit == read_provenance(path) == {**RECORD, **expected}
    assert source_types(path) == [COMPOSITE]
    with Image.open(path) as picture:
        assert picture.getexif()[0x000B] == "icaedit 1.2"


@pytest.mark.parametrize("suffix", MARKED)
def test_what_the_photo_told_before_stays(photo, tmp_path, suffix):
    before = photo(suffix)
    path = tmp_path / f"edited{suffix}"
    save_photo(path, before, 255 - before.pixels, provenance=RECORD)
    with Image.open(path) as picture:
        exif = picture.getexif()
        assert (exif[0x010E], exif[0x0131]) == ("a desk", "Camera 3")
        if suffix != ".tif":  # Pillow writes no folder into the TIFF that the test begins with
            assert exif.get_ifd(0x8769)[0x9003] == "2020:01:02 03:04:05"
            formats = [
                e.get(f"{DC}format") for e in packet_of(path).iter() if f"{DC}format" in e.keys()
            ]
            assert formats == ["image/any"]
        if suffix == ".png":
            assert picture.text["Title"] == "a title"


@pytest.mark.parametrize("suffix", MARKED)
def test_without_provenance_nothing_is_added(photo, tmp_path, suffix):
    before = photo(suffix)
    path = tmp_path / f"edited{suffix}"
    save_photo(path, before, 255 - before.pixels)
    assert read_provenance(path) is None
    assert b"DigitalSourceType" not in path.read_bytes()
    assert b"icaedit" not in path.read_bytes()


@pytest.mark.parametrize("suffix", MARKED)
def test_the_pixels_do_not_depend_on_it(photo, tmp_path, suffix):
    before = photo(suffix)
    for name, record in (("with", RECORD), ("without", None)):
        save_photo(tmp_path / f"{name}{suffix}", before, 255 - before.pixels, provenance=record)
    with_, without = (read_photo(tmp_path / f"{name}{suffix}") for name in ("with", "without"))
    assert np.array_equal(with_.pixels, without.pixels)


@pytest.mark.parametrize("suffix", MARKED)
def test_the_same_edit_gives_the_same_bytes(photo, tmp_path, suffix):
    before, path = photo(suffix), tmp_path / f"edited{suffix}"
    files = []
    for _ in range(2):
        save_photo(path, before, 255 - before.pixels, provenance=RECORD)
        files.append(path.read_bytes())
    assert files[0] == files[1]


def test_the_text_of_a_png_is_one_chunk_that_any_reader_finds(photo, tmp_path):
    before, path = photo(".png"), tmp_path / "edited.png"
    save_photo(path, before, 255 - before.pixels, provenance=RECORD)
    content, position, texts = path.read_bytes(), 8, {}
    while position < len(content):
        (length,) = struct.unpack_from(">I", content, position)
        kind = content[position + 4 : position + 8]
        body = content[position + 8 : position + 8 + length]
        (checked,) = struct.unpack_from(">I", content, position + 8 + length)
        assert checked == zlib.crc32(kind + body)
        if kind == b"tEXt":
            key, _, text = body.partition(b"\0")
            texts[key.decode()] = text.decode("ascii")
        position += 12 + length
    assert json.loads(texts["icaedit"])["command"] == RECORD["command"]


def test_a_png_of_16_bits_is_marked_too(tmp_path):
    from icaedit.images.deep import deep_png

    pixels = np.random.default_rng(0).integers(0, 65536, (20, 24, 3)).astype(np.uint16)
    save_image(tmp_path / "frame.png", (pixels >> 8).astype(np.uint8))
    (tmp_path / "deep.png").write_bytes(deep_png(pixels, (tmp_path / "frame.png").read_bytes()))
    photo = read_photo(tmp_path / "deep.png")
    save_photo(tmp_path / "edited.png", photo, 255 - photo.pixels, provenance=RECORD)
    assert read_photo(tmp_path / "edited.png").deep is not None
    assert source_types(tmp_path / "edited.png") == [COMPOSITE]


@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate"])
def test_a_compressed_tiff_keeps_its_compression(photo, tmp_path, compression):
    before, path = photo(".tif", compression=compression), tmp_path / "edited.tif"
    save_photo(path, before, 255 - before.pixels, provenance=RECORD)
    with Image.open(path) as picture:
        assert picture.info["compression"] == (compression or "raw")
    assert read_provenance(path)["icaedit"] == "1.2"
    assert source_types(path) == [COMPOSITE]


def test_the_edits_before_are_kept(photo, tmp_path):
    before = photo(".jpg")
    for number in range(3):
        path = tmp_path / f"{number}.jpg"
        record = {**RECORD, "command": f"edit {number}", "digital_source_type": GENERATED}
        save_photo(path, before, 255 - before.pixels, provenance=record)
        before = read_photo(path)
    record = read_provenance(path)
    assert record["command"] == "edit 2"
    assert [earlier["command"] for earlier in record["earlier"]] == ["edit 0", "edit 1"]
    assert source_types(path) == [GENERATED]


def test_only_the_last_twenty_are_kept():
    metadata = {}
    for number in range(25):
        metadata = with_provenance(metadata, {"number": number}, name="PNG")
    record = provenance_in(metadata)
    assert [earlier["number"] for earlier in record["earlier"]] == list(range(4, 24))


def test_an_unchanged_photo_is_not_marked(photo, tmp_path):
    before, path = photo(".jpg"), tmp_path / "same.jpg"
    save_photo(path, before, before.pixels, provenance=RECORD)
    assert path.read_bytes() == before.content


def test_a_packet_too_large_for_a_jpeg_makes_room_for_the_mark(photo, tmp_path):
    before, path = photo(".jpg"), tmp_path / "edited.jpg"
    before.metadata["xmp"] = XMP.replace(b"image/any", b"x" * 65_000)
    save_photo(path, before, 255 - before.pixels, provenance=RECORD)
    assert source_types(path) == [COMPOSITE]


@pytest.mark.parametrize("suffix", [".bmp", ".ppm"])
def test_a_format_without_a_place_for_it_is_told(photo, tmp_path, suffix):
    before = photo(".png")
    with pytest.warns(IcaeditWarning, match="nothing in the file says how it was made"):
        save_photo(tmp_path / f"a{suffix}", before, 255 - before.pixels, provenance=RECORD)


def test_a_gif_tells_it_in_its_comment(tmp_path):
    frames = np.random.default_rng(0).integers(0, 256, (2, 20, 24, 3), dtype=np.uint8)
    save_gif(tmp_path / "a.gif", list(frames), provenance=RECORD)
    with Image.open(tmp_path / "a.gif") as picture:
        record = json.loads(picture.info["comment"])
        assert picture.n_frames == 2
    assert record["digital_source_type"] == COMPOSITE
    assert record == read_provenance(tmp_path / "a.gif")
    save_gif(tmp_path / "b.gif", list(frames))
    assert b"icaedit" not in (tmp_path / "b.gif").read_bytes()


def test_the_comment_of_an_edited_gif_does_not_stay_beside_the_new_record(tmp_path):
    frame = np.random.default_rng(0).integers(0, 256, (20, 24, 3), dtype=np.uint8)
    save_gif(tmp_path / "a.gif", [frame], provenance={"icaedit": "old"})
    photo = read_photo(tmp_path / "a.gif")
    save_photo(tmp_path / "b.jpg", photo, 255 - photo.pixels, provenance=RECORD)
    with Image.open(tmp_path / "b.jpg") as picture:
        assert "comment" not in picture.info
    assert read_provenance(tmp_path / "b.jpg")["earlier"][0]["icaedit"] == "old"


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_a_plain_image_is_marked_and_its_pixels_are_as_without(tmp_path, suffix):
    image = np.random.default_rng(0).integers(0, 256, (20, 24, 3), dtype=np.uint8)
    save_image(tmp_path / f"with{suffix}", image, provenance=RECORD)
    save_image(tmp_path / f"without{suffix}", image)
    with_, without = (read_photo(tmp_path / f"{name}{suffix}") for name in ("with", "without"))
    assert np.array_equal(with_.pixels, without.pixels)
    assert source_types(tmp_path / f"with{suffix}") == [COMPOSITE]


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"format": "other"}', "{" * 9000])
def test_a_text_that_is_no_record_is_none(text):
    assert provenance_in({"text": {"icaedit": text}, "comment": text.encode()}) is None


def test_a_record_that_is_no_json_is_refused_and_nothing_is_written(photo, tmp_path):
    before = photo(".png")
    with pytest.raises(InputError, match="no JSON"):
        save_photo(tmp_path / "a.png", before, 255 - before.pixels, provenance={"a": b"bytes"})
    assert not (tmp_path / "a.png").exists()


def test_a_missing_picture_is_an_error(tmp_path):
    with pytest.raises(FileAccessError):
        read_provenance(tmp_path / "absent.png")
