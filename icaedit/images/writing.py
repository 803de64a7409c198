"""Writing pictures and short animations, whole or not at all."""

import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from icaedit.errors import InputError
from icaedit.files import atomic_write
from icaedit.images.encoding import encoded_photo
from icaedit.images.pixels import check_image
from icaedit.images.provenance import COMPOSITE, provenance_text, with_provenance

__all__ = ["encode_image", "save_gif", "save_image"]

_FORMAT_OF_SUFFIX = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}


def encode_image(image: ArrayLike, format: str) -> bytes:
    """Return the bytes of a PNG or JPEG file; the same image gives the same bytes.

    JPEG is written at quality 95 without reducing the colour resolution.

    Parameters
    ----------
    image : ndarray of uint8, shape (H, W, 3)
    format : str
        ``"png"``, ``"jpg"`` or ``"jpeg"``, in any case.

    Raises
    ------
    InputError
        If the image is not uint8 (H, W, 3) or the format is unknown.

    Examples
    --------
    >>> encode_image(np.zeros((2, 2, 3), np.uint8), "png")[1:4]
    b'PNG'
    """
    return _encoded(check_image(image), _format("." + format, f"format {format!r}"))


def save_image(
    path: str | os.PathLike, image: ArrayLike, *, provenance: Mapping[str, Any] | None = None
) -> None:
    """Write an image as its file's suffix says: .png, .jpg or .jpeg.

    Parameters
    ----------
    path : path
    image : ndarray of uint8, shape (H, W, 3)
    provenance : mapping, optional
        How the picture was made, as in `save_photo`.

    Raises
    ------
    InputError
        If the image is not uint8 (H, W, 3) or the suffix is another.
    FileAccessError
        If the file cannot be written; nothing half-written is left.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "a.png"
    >>> save_image(path, np.zeros((2, 2, 3), np.uint8))
    >>> path.exists()
    True
    """
    name = _format(Path(path).suffix, path)
    image = check_image(image)
    if provenance is None:
        atomic_write(path, _encoded(image, name))
        return
    metadata = with_provenance({}, provenance, name=name)
    atomic_write(path, encoded_photo(Image.fromarray(image), name, metadata, from_format=""))


def save_gif(
    path: str | os.PathLike,
    frames: Sequence[ArrayLike],
    *,
    duration_ms: int = 80,
    provenance: Mapping[str, Any] | None = None,
) -> None:
    """Write frames as a GIF that repeats without end.

    Parameters
    ----------
    path : path
        A file name that ends in .gif.
    frames : sequence of ndarray of uint8, each (H, W, 3)
        At least one, all of one size.
    duration_ms : int
        Time for each frame in milliseconds, at least 10; GIF keeps hundredths of a second.
    provenance : mapping, optional
        How the frames were made, as in `save_photo`; it becomes the GIF's comment.

    Raises
    ------
    InputError
        If the suffix is another, there is no frame, sizes differ or the time is too short.
    FileAccessError
        If the file cannot be written; nothing half-written is left.
    """
    if Path(path).suffix.lower() != ".gif":
        raise InputError(f"got {path}, expected a file name that ends in .gif; rename it")
    if duration_ms < 10:
        raise InputError(f"got {duration_ms} ms a frame, expected at least 10; use 80")
    checked = [check_image(frame) for frame in frames]
    sizes = sorted({frame.shape[:2] for frame in checked})
    if len(sizes) != 1:
        raise InputError(
            f"got frames of sizes {sizes}, expected at least one frame and one size; resize them"
        )
    # an own palette for each frame: 256 colours for all of them would show bands in skin
    pictures = [Image.fromarray(frame).quantize(256) for frame in checked]
    comment = {}
    if provenance is not None:
        comment["comment"] = provenance_text({"digital_source_type": COMPOSITE, **provenance})
    stream = io.BytesIO()
    pictures[0].save(
        stream,
        format="GIF",
        save_all=True,
        append_images=pictures[1:],
        duration=duration_ms,
        loop=0,
        **comment,
    )
    atomic_write(path, stream.getvalue())


def _encoded(image: np.ndarray, name: str) -> bytes:
    stream = io.BytesIO()
    options = {"quality": 95, "subsampling": "4:4:4"} if name == "JPEG" else {}
    Image.fromarray(image).save(stream, format=name, **options)
    return stream.getvalue()


def _format(suffix: str, shown: object) -> str:
    name = _FORMAT_OF_SUFFIX.get(suffix.lower())
    if name is None:
        raise InputError(f"got {shown}, expected one of {', '.join(_FORMAT_OF_SUFFIX)}; use .png")
    return name
