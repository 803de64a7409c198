"""PNG files of 16 bits a colour, of which Pillow itself keeps eight."""

import io
import struct
import sys
import zlib

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["deep_png", "low_bytes"]

_COLOUR_TYPES = {3: 2, 4: 6}  # PNG's number for RGB and RGBA, by channels
_OPPOSITE = {
    ";16B": ";16L",
    ";16L": ";16B",
    ";16N": ";16B" if sys.byteorder == "little" else ";16L",
}


def low_bytes(content: bytes) -> Image.Image:
    """Return the lower eight bits of each colour of a PNG of 16 bits, loaded.

    Pillow keeps the upper byte of each pair. Read in the opposite byte order, the upper byte is
    the lower one.

    Parameters
    ----------
    content : bytes
        A PNG file of 16 bits a colour, RGB or RGBA.

    Raises
    ------
    ValueError
        If Pillow cannot read these colours in the opposite order.
    """
    picture = Image.open(io.BytesIO(content), formats=("PNG",))
    picture.tile = [
        tile._replace(args=f"{str(tile.args)[:-4]}{_OPPOSITE[str(tile.args)[-4:]]}")
        for tile in picture.tile
    ]
    picture.load()
    return picture


def deep_png(pixels: NDArray[np.uint16], frame: bytes) -> bytes:
    """Return a PNG of 16 bits a colour.

    Parameters
    ----------
    pixels : ndarray of shape (H, W, 3) or (H, W, 4), uint16
    frame : bytes
        A PNG of the same size with 8 bits, whose metadata are taken over.

    Examples
    --------
    >>> stream = io.BytesIO()
    >>> Image.new("RGB", (2, 3)).save(stream, "PNG")
    >>> made = deep_png(np.full((3, 2, 3), 259, np.uint16), stream.getvalue())
    >>> low_bytes(made).getpixel((0, 0)), Image.open(io.BytesIO(made)).getpixel((0, 0))
    ((3, 3, 3), (1, 1, 1))
    """
    height, width, channels = pixels.shape
    rows = pixels.astype(">u2").reshape(height, -1)
    # filter 2 (up) works on bytes: each is the difference to the byte above, modulo 256
    bytes_of = rows.view(np.uint8).reshape(height, -1)
    filtered = bytes_of.copy()
    filtered[1:] -= bytes_of[:-1]
    lines = np.concatenate([np.full((height, 1), 2, np.uint8), filtered], axis=1)
    body = zlib.compress(lines.tobytes(), 6)
    head = struct.pack(">IIBBBBB", width, height, 16, _COLOUR_TYPES[channels], 0, 0, 0)
    made, position, written = [frame[:8]], 8, False
    while position < len(frame):
        (length,) = struct.unpack_from(">I", frame, position)
        kind = frame[position + 4 : position + 8]
        chunk = frame[position : position + 12 + length]
        position += 12 + length
        if kind == b"IHDR":
            chunk = _chunk(kind, head)
        elif kind == b"IDAT":
            chunk, written = b"" if written else _chunk(kind, body), True
        made.append(chunk)
    return b"".join(made)


def _chunk(kind: bytes, body: bytes) -> bytes:
    checked = kind + body
    return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))
