"""Reading a picture of any common kind as upright 8-bit RGB."""

import io
import os
import struct
import warnings
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from icaedit.errors import FormatError, InputError
from icaedit.files import read_bytes
from icaedit.images.colour import to_srgb
from icaedit.images.deep import low_bytes
from icaedit.images.encoding import EXIF_ERRORS, read_metadata
from icaedit.images.photo import Photo

__all__ = ["LARGEST_PIXELS", "SMALLEST_SIDE", "read_image", "read_photo"]

SMALLEST_SIDE = 16
"""Pixels: no face can be seen in less."""

LARGEST_PIXELS = 100_000_000
"""Width x height: a small file that claims more is taken for an attack on memory."""

# formats that Pillow decodes by itself; it runs other programs for some of the rest
_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "PPM")
_DECODER_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, EOFError, IndexError, KeyError,
    OverflowError, struct.error, zlib.error,
)  # fmt: skip


def read_image(path: str | os.PathLike) -> NDArray[np.uint8]:
    """Read a picture as uint8 RGB.

    Upright as its EXIF tag says; transparency over white; grey, palette and CMYK converted, by
    the ICC profile if there is one, to sRGB; 16 bits scaled to 8; of several frames the first.

    Parameters
    ----------
    path : path
        A JPEG, PNG, WebP, BMP, TIFF, GIF or PPM file.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)

    Raises
    ------
    FileAccessError
        If the file is missing or unreadable.
    FormatError
        If it is no picture of these kinds, or is cut short or damaged.
    InputError
        If a side is below `SMALLEST_SIDE`, the picture has over `LARGEST_PIXELS` pixels, or its
        pixels are floating point.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "grey.png"
    >>> Image.new("L", (20, 30), 128).save(path)
    >>> read_image(path).shape
    (30, 20, 3)
    """
    return read_photo(path).pixels


def read_photo(path: str | os.PathLike) -> Photo:
    """Read a picture with the colours and the metadata of its file, to be edited and saved.

    Damaged EXIF and damaged ICC profiles count as absent.

    Parameters
    ----------
    path : path
        As in `read_image`.

    Returns
    -------
    Photo
        Its `pixels` are what `read_image` gives.

    Raises
    ------
    FileAccessError, FormatError, InputError
        As `read_image`.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "grey.png"
    >>> Image.new("L", (20, 30), 128).save(path)
    >>> photo = read_photo(path)
    >>> photo.format, photo.stored.mode, photo.pixels.shape
    ('PNG', 'L', (30, 20, 3))
    """
    content = read_bytes(path)
    try:
        picture = _opened(path, content)
        with picture:
            _check_size(path, *picture.size)
            reduced = _has_16_bits(picture)
            picture.load()
            upright = _upright(picture)
            metadata = read_metadata(picture, upright, content)
            stored = _stored(path, upright)
            pixels = np.array(_as_rgb(stored, metadata.get("icc_profile")))
            deep = _deep(upright, content) if reduced and stored is upright else None
    except InputError:
        raise
    except _DECODER_ERRORS as err:
        raise FormatError(
            f"got {path}, which is no whole picture ({_reason(err)}), expected JPEG, PNG, WebP, "
            "BMP, TIFF, GIF or PPM; copy or convert it again"
        ) from err
    kind = "JPEG" if picture.format == "MPO" else str(picture.format)
    return Photo(
        pixels,
        stored,
        kind,
        content=content,
        metadata=metadata,
        deep=deep,
        reduced=reduced and deep is None and stored.mode != "I;16",
    )


def _opened(path: str | os.PathLike, content: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            # our own limit below is lower than the one that this warning is about
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return Image.open(io.BytesIO(content), formats=_FORMATS)
    except Image.DecompressionBombError as err:
        raise _too_large(path, "far too many") from err


def _check_size(path: str | os.PathLike, width: int, height: int) -> None:
    if min(width, height) < SMALLEST_SIDE:
        raise InputError(
            f"got {path} of {width}x{height} pixels, expected at least {SMALLEST_SIDE} a side; "
            "use a larger picture"
        )
    if width * height > LARGEST_PIXELS:
        raise _too_large(path, f"{width}x{height}")


def _has_16_bits(picture: Image.Image) -> bool:
    return any(";16" in str(tile.args) for tile in picture.tile)


def _deep(upright: Image.Image, content: bytes) -> NDArray[np.uint16] | None:
    """Return all 16 bits of a PNG's colours, whose upper 8 were read, if they can be had."""
    try:
        lower = _upright(low_bytes(content))
    except _DECODER_ERRORS:  # another format, or colours of another order
        return None
    if lower.mode != upright.mode or lower.mode not in ("RGB", "RGBA"):
        return None
    return np.asarray(upright).astype(np.uint16) * 256 + np.asarray(lower)


def _upright(picture: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except EXIF_ERRORS:
        return picture.copy()


def _stored(path: str | os.PathLike, picture: Image.Image) -> Image.Image:
    """Return a picture in one of the modes of `Photo.stored`."""
    mode = picture.mode
    if mode == "F":
        raise InputError(
            f"got {path} with floating-point pixels, expected 8 or 16 bits; convert it"
        )
    if mode.startswith("I"):  # 16 bits in any byte order, or in 32
        levels = np.clip(np.asarray(picture), 0, 65535).astype(np.uint16)
        return Image.fromarray(levels)
    if mode == "RGBA":
        return picture
    if picture.has_transparency_data:
        return picture.convert("LA" if mode in ("L", "LA", "La") else "RGBA")
    return picture if mode in ("L", "RGB", "CMYK") else picture.convert("RGB")


def _as_rgb(stored: Image.Image, profile: bytes | None) -> Image.Image:
    """Return a picture of a mode of `Photo.stored` as RGB in sRGB, over white."""
    if stored.mode == "I;16":
        levels = np.rint(np.asarray(stored).astype(np.float64) / 257)  # 65535 becomes 255
        return to_srgb(Image.fromarray(levels.astype(np.uint8)), profile)
    if stored.mode not in ("LA", "RGBA"):
        return to_srgb(stored, profile)
    *_, alpha = stored.split()
    colours = to_srgb(stored.convert(stored.mode[:-1]), profile)
    return Image.composite(colours, Image.new("RGB", stored.size, "white"), alpha)


def _too_large(path: str | os.PathLike, pixels: str) -> InputError:
    return InputError(
        f"got {path} of {pixels} pixels, expected at most {LARGEST_PIXELS // 10**6} million; "
        "reduce it first"
    )


def _reason(err: Exception) -> str:
    if isinstance(err, Image.UnidentifiedImageError):
        return "its content is of another kind"
    return " ".join(str(err).split()) or type(err).__name__
