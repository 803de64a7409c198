"""The bytes of an edited photo's file: what each format can hold, and with which settings."""

import io
import os
import struct
from pathlib import Path
from typing import Any

from PIL import Image, JpegImagePlugin, PngImagePlugin

__all__ = [
    "EXIF_ERRORS",
    "PHOTO_SUFFIXES",
    "UNMARKED",
    "WRITABLE",
    "encoded_photo",
    "photo_format",
    "read_metadata",
]

_FORMATS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
    ".ppm": "PPM",
}
PHOTO_SUFFIXES = tuple(_FORMATS)
"""Suffixes under which photos are written."""

WRITABLE = {
    "PNG": ("L", "LA", "RGB", "RGBA", "I;16"),
    "JPEG": ("L", "RGB", "CMYK"),
    "WEBP": ("RGB", "RGBA"),
    "TIFF": ("L", "LA", "RGB", "RGBA", "I;16", "CMYK"),
    "BMP": ("L", "RGB"),
    "PPM": ("L", "RGB"),
}
"""Colours that each format can store without a change."""

UNMARKED = ("BMP", "PPM")
"""Formats without a place for metadata."""

_ORIENTATION, _EXIF_FOLDER, _GPS_FOLDER, _WIDTH, _HEIGHT = 0x0112, 0x8769, 0x8825, 0xA002, 0xA003
_XMP_TAG = 700
# TIFF tags that say how the pixels lie in the file, which the new file says for itself
_LAYOUT_TAGS = (
    254, 255, 256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 280, 281, 282, 283, 284, 296, 317,
    320, 322, 323, 324, 325, 330, 338, 339, 340, 341, 347, 512, 513, 514, 529, 530, 531, 532, 700,
    34675,
)  # fmt: skip
EXIF_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, AttributeError,
    OverflowError, struct.error,
)  # fmt: skip
"""What reading and writing damaged EXIF raises: the picture is good without it."""

_XMP_TEXT = "XML:com.adobe.xmp"
_LOSSLESS_TIFF = ("tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits", "zstd", "lzma")


def photo_format(path: str | os.PathLike) -> str | None:
    """Return the format that a file's suffix names, or None if photos are not written in it.

    Examples
    --------
    >>> photo_format("a.JPG"), photo_format("a.gif")
    ('JPEG', None)
    """
    return _FORMATS.get(Path(path).suffix.lower())


def read_metadata(picture: Image.Image, upright: Image.Image, content: bytes) -> dict[str, Any]:
    """Return what an edited copy of a picture's file should carry over.

    EXIF is freed of the orientation, which the upright picture no longer has, of the thumbnail,
    which would show the face before the edit, and of TIFF's layout.

    Parameters
    ----------
    picture : PIL.Image.Image
        As the file was opened, and loaded.
    upright : PIL.Image.Image
        The same turned as its EXIF says.
    content : bytes
        The file.
    """
    found: dict[str, Any] = {
        key: upright.info[key]
        for key in ("icc_profile", "dpi", "xmp", "comment")
        if upright.info.get(key)
    }
    exif = _exif_of(picture, upright.size)
    if exif:
        found["exif"] = exif
    if picture.format in ("JPEG", "MPO"):
        found["qtables"] = picture.quantization
        found["subsampling"] = JpegImagePlugin.get_sampling(picture)
        found["progressive"] = bool(picture.info.get("progressive"))
    elif picture.format == "PNG":
        found["text"] = {key: str(text) for key, text in picture.text.items() if key != _XMP_TEXT}
        if upright.info.get(_XMP_TEXT):
            found["xmp"] = str(upright.info[_XMP_TEXT]).encode("utf-8")
    elif picture.format == "WEBP":
        found["lossless"] = b"VP8L" in content
    elif picture.format == "TIFF":
        found["compression"] = picture.info.get("compression")
    return found


def encoded_photo(
    picture: Image.Image, name: str, metadata: dict[str, Any], *, from_format: str
) -> bytes:
    """Return a picture as the bytes of a file.

    Parameters
    ----------
    picture : PIL.Image.Image
        Of a mode that the format can store.
    name : str
        A format of `WRITABLE`.
    metadata : dict
        As from `read_metadata`.
    from_format : str
        The format that the photo had; its compression settings are used if it is the same.
    """
    picture = picture.copy()
    picture.info = {}  # only what is given below is written
    options = {
        key: metadata[key]
        for key in ("exif", "icc_profile", "dpi", "xmp")
        if key in metadata and name not in UNMARKED
    }
    if name == "JPEG":
        options |= {"quality": 95, "subsampling": "4:4:4"}
        if from_format == "JPEG":
            options |= {key: metadata[key] for key in ("qtables", "subsampling", "progressive")}
            del options["quality"]
        if "comment" in metadata:
            options["comment"] = metadata["comment"]
    elif name == "PNG":
        options.pop("xmp", None)
        options["pnginfo"] = _png_texts(metadata)
    elif name == "WEBP":
        lossless = from_format != "WEBP" or metadata.get("lossless", False)
        options |= {"lossless": lossless, "quality": 80 if lossless else 95, "exact": True}
    elif name == "TIFF":
        options["exif"] = _tiff_tags(options.pop("exif", b""), options.pop("xmp", None))
        same = metadata.get("compression") in _LOSSLESS_TIFF and from_format == "TIFF"
        if same and not _has_folders(metadata.get("exif", b"")):
            options["compression"] = metadata["compression"]
    elif name == "BMP" and "dpi" in metadata:
        options["dpi"] = metadata["dpi"]
    stream = io.BytesIO()
    picture.save(stream, format=name, **options)
    return stream.getvalue()


def _exif_of(picture: Image.Image, size: tuple[int, int]) -> bytes:
    """Return a picture's EXIF for an upright copy; empty if there is none that can be written."""
    try:
        exif = picture.getexif()
        for tag in (_ORIENTATION, *_LAYOUT_TAGS):
            exif.pop(tag, None)
        if _EXIF_FOLDER in exif:
            details = exif.get_ifd(_EXIF_FOLDER)
            if _WIDTH in details and _HEIGHT in details:
                details[_WIDTH], details[_HEIGHT] = size
        return exif.tobytes() if len(exif) else b""
    except EXIF_ERRORS:
        return b""


def _tiff_tags(content: bytes, xmp: bytes | None) -> Image.Exif:
    """Return EXIF with XMP among it: Pillow takes no XMP for a TIFF by itself."""
    tags = Image.Exif()
    if content:
        tags.load(content)
    if xmp:
        tags[_XMP_TAG] = xmp
    return tags


def _has_folders(content: bytes) -> bool:
    """Tell whether EXIF has folders of its own, which Pillow cannot put in a compressed TIFF."""
    exif = Image.Exif()
    exif.load(content)
    return _EXIF_FOLDER in exif or _GPS_FOLDER in exif


def _png_texts(metadata: dict[str, Any]) -> PngImagePlugin.PngInfo:
    texts = PngImagePlugin.PngInfo()
    for key, value in metadata.get("text", {}).items():
        texts.add_text(key, value)
    if "xmp" in metadata:
        xmp = metadata["xmp"]
        texts.add_itxt(_XMP_TEXT, xmp.decode("utf-8", "replace") if isinstance(xmp, bytes) else xmp)
    return texts
