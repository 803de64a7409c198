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

__all__ = ["LARGEST_PIXELS", "SMALLEST_SIDE", "read_image"]

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

    Upright as its EXIF tag says; transparency over white; grey, palette and CMYK converted;
    16 bits scaled to 8; of several frames the first.

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
    content = read_bytes(path)
    try:
        picture = _opened(path, content)
        with picture:
            _check_size(path, *picture.size)
            picture.load()
            return np.array(_as_rgb(path, ImageOps.exif_transpose(picture)))
    except InputError:
        raise
    except _DECODER_ERRORS as err:
        raise FormatError(
            f"got {path}, which is no whole picture ({_reason(err)}), expected JPEG, PNG, WebP, "
            "BMP, TIFF, GIF or PPM; copy or convert it again"
        ) from err


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


def _as_rgb(path: str | os.PathLike, picture: Image.Image) -> Image.Image:
    if picture.mode == "F":
        raise InputError(
            f"got {path} with floating-point pixels, expected 8 or 16 bits; convert it"
        )
    if picture.mode.startswith("I"):
        levels = np.rint(np.asarray(picture).astype(np.float64) / 257)  # 65535 becomes 255
        picture = Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8))
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(white, picture)
    return picture.convert("RGB")


def _too_large(path: str | os.PathLike, pixels: str) -> InputError:
    return InputError(
        f"got {path} of {pixels} pixels, expected at most {LARGEST_PIXELS // 10**6} million; "
        "reduce it first"
    )


def _reason(err: Exception) -> str:
    if isinstance(err, Image.UnidentifiedImageError):
        return "its content is of another kind"
    return " ".join(str(err).split()) or type(err).__name__
