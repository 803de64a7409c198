"""A photo with all that its file holds, so that an edit changes the face and nothing else."""

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from icaedit.errors import IcaeditWarning, InputError
from icaedit.files import atomic_write
from icaedit.images.colour import colour_change
from icaedit.images.deep import deep_png
from icaedit.images.encoding import (
    PHOTO_SUFFIXES,
    UNMARKED,
    WRITABLE,
    encoded_photo,
    photo_format,
)
from icaedit.images.pixels import check_image
from icaedit.images.provenance import with_provenance

__all__ = ["Photo", "photo_suffix", "save_photo"]

_COLOURS = {"L": "L", "LA": "L", "I;16": "L", "RGB": "RGB", "RGBA": "RGB", "CMYK": "CMYK"}


@dataclass(frozen=True, eq=False)
class Photo:
    """A photo as its file stores it, and as models see it.

    Attributes
    ----------
    pixels : ndarray of shape (H, W, 3), uint8 RGB
        Upright, in sRGB, transparency over white.
    stored : PIL.Image.Image
        Upright, in the colours of the file: mode L, LA, I;16, RGB, RGBA or CMYK.
    format : str
        What the file is, in Pillow's words: ``"JPEG"``, ``"PNG"``, ...
    content : bytes
        The file itself.
    metadata : dict
        What is carried over to an edited file: EXIF, ICC profile, resolution, compression, ...
    deep : ndarray of shape (H, W, 3) or (H, W, 4), uint16, or None
        All bits of a PNG of 16 bits a colour, of which `stored` has the upper 8.
    reduced : bool
        Whether the file holds 16 bits a colour, of which only 8 could be read.
    """

    pixels: NDArray[np.uint8]
    stored: Image.Image
    format: str
    content: bytes = field(repr=False)
    metadata: dict[str, Any] = field(default_factory=dict, repr=False)
    deep: NDArray[np.uint16] | None = field(default=None, repr=False)
    reduced: bool = False


def photo_suffix(photo: Photo) -> str:
    """Return the suffix of a file in the photo's own format, or .png if none is written in it.

    Examples
    --------
    >>> blank = Image.new("L", (2, 2))
    >>> photo_suffix(Photo(np.asarray(blank.convert("RGB")), blank, "JPEG", b""))
    '.jpg'
    """
    return next((s for s in PHOTO_SUFFIXES if photo_format(f"a{s}") == photo.format), ".png")


def save_photo(
    path: str | os.PathLike,
    photo: Photo,
    image: ArrayLike,
    *,
    provenance: Mapping[str, Any] | None = None,
) -> None:
    """Write an edited photo with the colours, depth and metadata of the photo it was.

    An unchanged photo in its own format is written byte for byte. Otherwise each pixel that
    changed is changed by as much in the colours of the file (grey, inks, 16 bits, a wide
    gamut; transparency stays), and each that did not keeps its exact stored value, which a
    lossless format gives back. EXIF, ICC profile, resolution, texts, and JPEG's quantisation
    and subsampling are carried over as far as the format that the suffix names can hold them;
    a thumbnail of the unedited face is not.

    Parameters
    ----------
    path : path
        Its suffix tells the format: .png, .jpg, .jpeg, .webp, .tif, .tiff, .bmp or .ppm.
    photo : Photo
        As `read_photo` gave it.
    image : ndarray of shape (H, W, 3), uint8
        The edited `photo.pixels`. One of another size is written as plain sRGB.
    provenance : mapping, optional
        How the picture was made, as of `EditResult.provenance`: it is written into the file, with
        IPTC's mark that an algorithm altered the picture; see `read_provenance`. An unchanged
        photo, written byte for byte, is not marked.

    Raises
    ------
    InputError
        If the image is not uint8 (H, W, 3), the suffix is another, or the provenance is no JSON.
    FileAccessError
        If the file cannot be written; nothing half-written is left.

    Warns
    -----
    IcaeditWarning
        If the photo has 16 bits a colour and comes out with 8: from TIFF, or to another format
        than PNG. If the format (.bmp, .ppm) has no place for the provenance.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from icaedit.images import read_photo
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> Image.new("L", (20, 30), 128).save(folder / "a.png", dpi=(300, 300))
    >>> photo = read_photo(folder / "a.png")
    >>> save_photo(folder / "b.png", photo, photo.pixels + np.uint8(9))
    >>> edited = read_photo(folder / "b.png")
    >>> edited.stored.mode, edited.stored.getpixel((0, 0)), round(edited.metadata["dpi"][0])
    ('L', 137, 300)
    """
    name = photo_format(path)
    if name is None:
        raise InputError(
            f"got {path}, expected a name that ends in one of {', '.join(PHOTO_SUFFIXES)}; use .png"
        )
    image = check_image(image)
    same_size = image.shape == photo.pixels.shape
    if same_size and name == photo.format and np.array_equal(image, photo.pixels):
        atomic_write(path, photo.content)
        return
    metadata = dict(photo.metadata)
    if provenance is not None:
        metadata = with_provenance(metadata, provenance, name=name)
        if name in UNMARKED:
            warnings.warn(
                f"got {path} to mark as altered, expected a format with a place for it; nothing in "
                "the file says how it was made, use .png",
                IcaeditWarning,
                stacklevel=2,
            )
    if same_size and photo.stored.mode in WRITABLE[name]:
        if photo.deep is not None and name == "PNG":
            frame = encoded_photo(photo.stored, name, metadata, from_format=photo.format)
            atomic_write(path, deep_png(_with_changes(photo, image, photo.deep), frame))
            return
        if photo.reduced or photo.deep is not None:
            warnings.warn(
                f"got a photo of 16 bits a colour, expected 8; {path} holds 8, use .png for those "
                "of a PNG",
                IcaeditWarning,
                stacklevel=2,
            )
        changed = _with_changes(photo, image, np.asarray(photo.stored))
        picture = Image.frombytes(photo.stored.mode, photo.stored.size, changed.tobytes())
    else:
        picture = Image.fromarray(image)
        metadata.pop("icc_profile", None)
    atomic_write(path, encoded_photo(picture, name, metadata, from_format=photo.format))


def _with_changes(
    photo: Photo, image: NDArray[np.uint8], stored: NDArray[np.uint8] | NDArray[np.uint16]
) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Return the stored colours with what changed in sRGB changed among them."""
    mode = photo.stored.mode
    changed = (image != photo.pixels).any(axis=2)
    if not changed.any():
        return stored
    rows, columns = (np.flatnonzero(changed.any(axis=axis)) for axis in (1, 0))
    window = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    change = colour_change(
        photo.pixels[window], image[window], _COLOURS[mode], photo.metadata.get("icc_profile")
    )
    result = np.array(stored).reshape(*changed.shape, -1)
    old = result[window]  # (h, w, channels of the file)
    n_colours = change.shape[2]
    highest = np.iinfo(stored.dtype).max
    if mode in ("LA", "RGBA"):  # what is seen is alpha times the colour
        alpha = old[..., -1:].astype(np.float64)
        change = np.where(alpha > 0, change * highest / np.maximum(alpha, 1), 0)
    elif mode == "CMYK" and not photo.metadata.get("icc_profile"):  # black dims the inks
        change[..., :3] *= 255 / np.maximum(255 - old[..., 3:].astype(np.float64), 1)
    change = change * (highest // 255)
    colours = np.clip(np.rint(old[..., :n_colours] + change), 0, highest).astype(stored.dtype)
    old[..., :n_colours] = np.where(changed[window][..., None], colours, old[..., :n_colours])
    return result.reshape(stored.shape)
