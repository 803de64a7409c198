"""One person's picture on the page: read, searched for faces, one of them encoded once.

Records here are not changed; opening a picture or choosing another face makes a new one. So a
session holds its own, and nothing is shared between two people at the page.
"""

import os
import threading
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from icaedit.editor import EncodedFace, encode_face
from icaedit.errors import (
    FaceNotFoundError,
    FormatError,
    IcaeditError,
    InputError,
    MissingDependencyError,
    TermsWarning,
)
from icaedit.faces import PreparedFace, prepare_faces, read_landmarks
from icaedit.images import Photo, read_photo, resize
from icaedit.models import LatentModel
from icaedit.plots import numbered_faces

__all__ = [
    "LARGEST",
    "PREVIEW",
    "Sitting",
    "choose_face",
    "explained",
    "face_at",
    "open_picture",
    "outlined",
]

LARGEST = 50 * 2**20
"""Bytes of a picture's file that the page takes."""

PREVIEW = 720
"""Longer side in pixels at which a photo is shown; it is saved at its own size."""

_ALIGNED_SIZE = 256  # px, at least, as in `icaedit.editor.Editor`
_CHOSEN = (0, 114, 178)

_detecting = threading.Lock()  # dlib's detector keeps what it works on inside itself


@dataclass(frozen=True, eq=False)
class Sitting:
    """A picture that was opened, and the face of it that is edited.

    Attributes
    ----------
    name : str
        What the picture's file is called, for messages and commands.
    photo : Photo
    faces : tuple of PreparedFace
        At least one; of a picture that passed through as it is, that alone.
    encoded : EncodedFace
        The chosen face in the photo.
    preview : EncodedFace
        The same in the photo as it is shown, at most `PREVIEW` px.
    landmarks : tuple of ndarray or None
        The landmarks that were given with the picture.
    origin : str
        A command that makes the picture's file; empty for a picture that somebody brought.
    """

    name: str
    photo: Photo
    faces: tuple[PreparedFace, ...]
    encoded: EncodedFace
    preview: EncodedFace
    landmarks: tuple[np.ndarray, ...] | None = None
    origin: str = ""

    @property
    def is_aligned(self) -> bool:
        """Whether the picture passed through as it is, an aligned face."""
        return self.encoded.face.quad is None


def open_picture(
    path: str | os.PathLike,
    model: LatentModel,
    *,
    name: str | None = None,
    landmarks: str | os.PathLike | None = None,
    landmark_model: str | os.PathLike | None = None,
    origin: str = "",
) -> Sitting:
    """Read a picture, find its faces as `icaedit edit` does, and encode the first.

    Parameters
    ----------
    path : path
    model : LatentModel
    name : str, optional
        What to call the picture; the name of its file if not given.
    landmarks : path, optional
        A file of landmarks of the faces, as in `icaedit.faces.read_landmarks`.
    landmark_model : path, optional
        As in `icaedit.faces.landmarks`.
    origin : str
        As in `Sitting`.

    Raises
    ------
    IcaeditError
        With one line for the page, if the picture or the landmarks cannot be used.
    """
    name = name or Path(path).name
    n_bytes = os.path.getsize(path)
    if n_bytes > LARGEST:
        raise InputError(
            f"{name} has {n_bytes / 2**20:.0f} MB, at most {LARGEST / 2**20:.0f} MB are taken. "
            "Reduce it first, or use icaedit edit."
        )
    try:
        photo = read_photo(path)
    except FormatError as err:
        raise FormatError(
            f"{name} is no picture that can be read. Use a whole JPEG, PNG, WebP, BMP, TIFF, GIF "
            "or PPM file."
        ) from err
    except InputError as err:
        raise InputError(str(err).replace(os.fspath(path), name)) from err
    points = None if landmarks is None else tuple(read_landmarks(landmarks))
    size = max(_ALIGNED_SIZE, model.encoder.config.input_size)
    height, width = photo.pixels.shape[:2]
    try:
        with _detecting, warnings.catch_warnings():
            warnings.simplefilter("ignore", TermsWarning)  # the page tells the terms itself
            faces = prepare_faces(
                photo.pixels,
                size=size,
                landmarks=points,
                landmark_model=landmark_model,
                doubtful=True,
            )
    except FaceNotFoundError as err:
        raise FaceNotFoundError(
            f"No face was found in {name} ({width} x {height} px). Use a photo with a face seen "
            "from the front, crop the face to a square, or give its landmarks."
        ) from err
    except MissingDependencyError as err:
        raise MissingDependencyError(
            f"There is a face in {name}, but nothing here to align it by. Do pip install "
            '"icaedit[landmarks]" and start again, give 5 or 68 points of the face as landmarks, '
            "or crop it to a square as in the portraits."
        ) from err
    first = encode_face(photo.pixels, faces[0], model)
    return Sitting(name, photo, tuple(faces), first, _preview(first), points, origin)


def choose_face(sitting: Sitting, number: int, model: LatentModel) -> Sitting:
    """Return the sitting with another of its faces chosen and encoded.

    Raises
    ------
    InputError
        If there is no face of that number.
    """
    face = next((face for face in sitting.faces if face.number == number), None)
    if face is None:
        raise InputError(f"got face {number} of {len(sitting.faces)}, expected one of them")
    encoded = encode_face(sitting.photo.pixels, face, model)
    return replace(sitting, encoded=encoded, preview=_preview(encoded))


def face_at(sitting: Sitting, x: float, y: float) -> int | None:
    """Return the number of the face at a place of the preview, the nearest if several lie there.

    Parameters
    ----------
    sitting : Sitting
    x, y : float
        Pixels of the preview.

    Returns
    -------
    int or None
        None where no face's square is.
    """
    scale = _scale(sitting.photo.pixels)
    found = []
    for face in sitting.faces:
        if face.quad is None:
            return face.number
        quad = _scaled(face.quad, scale)
        offset = np.array([x, y]) - quad[0]
        across, down = quad[3] - quad[0], quad[1] - quad[0]
        u, v = (offset @ axis / (axis @ axis) for axis in (across, down))
        if 0 <= u <= 1 and 0 <= v <= 1:
            found.append((float(np.hypot(u - 0.5, v - 0.5)), face.number))
    return min(found)[1] if found else None


def outlined(sitting: Sitting) -> np.ndarray:
    """Return the preview with every face outlined and numbered, the chosen one in blue.

    Returns
    -------
    ndarray of shape (h, w, 3), uint8 RGB
    """
    preview, scale = sitting.preview, _scale(sitting.photo.pixels)
    faces = [_moved(face, scale) for face in sitting.faces]
    picture = Image.fromarray(numbered_faces(preview.photo, faces))
    draw = ImageDraw.Draw(picture)
    width = max(round(min(picture.size) / 120), 2)
    if not sitting.is_aligned:
        corners = [tuple(corner) for corner in preview.face.quad]
        draw.line([*corners, corners[0], corners[1]], fill=_CHOSEN, width=width, joint="curve")
    elif (box := sitting.faces[0].box) is not None:
        edges = [edge * scale - 0.5 for edge in (box.left, box.top, box.right, box.bottom)]
        draw.rectangle(edges, outline=_CHOSEN, width=width)
    return np.asarray(picture).copy()


def explained(err: IcaeditError) -> str:
    """Return an error as one line of the page."""
    line = " ".join(str(err).split())
    line = f"Got {line.removeprefix('got ')}" if line.startswith("got ") else line
    return line if line.endswith(".") else f"{line}."


def _scale(photo: np.ndarray) -> float:
    return min(1.0, PREVIEW / max(photo.shape[:2]))


def _scaled(points: np.ndarray, scale: float) -> np.ndarray:
    # 0, 0 is the middle of a pixel, whose corner is what a scaled picture keeps in place
    return (points + 0.5) * scale - 0.5


def _moved(face: PreparedFace, scale: float) -> PreparedFace:
    changed: dict[str, Any] = {
        name: _scaled(getattr(face, name), scale)
        for name in ("quad", "landmarks")
        if getattr(face, name) is not None
    }
    return replace(face, **changed)


def _preview(encoded: EncodedFace) -> EncodedFace:
    scale = _scale(encoded.photo)
    if scale == 1:
        return encoded
    height, width = (max(round(side * scale), 1) for side in encoded.photo.shape[:2])
    small = resize(encoded.photo, (height, width))
    return replace(encoded, photo=small, face=_moved(encoded.face, scale))
