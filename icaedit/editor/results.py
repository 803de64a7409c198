"""What an edit gives back."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from icaedit.display import html_pictures
from icaedit.editor.provenance import joined_provenance
from icaedit.editor.refinement import Refined
from icaedit.faces import PreparedFace
from icaedit.images import Photo, resize, save_photo
from icaedit.images.writing import encode_image

__all__ = ["EditResult", "GroupResult"]

_SHOWN = 480
"""Pixels: the longer side of a picture in a notebook, at most."""


@dataclass(frozen=True, eq=False, repr=False)
class EditResult:
    """An edited face and what led to it.

    Attributes
    ----------
    image : ndarray of shape (H, W, 3), uint8 RGB
        The whole photo with the edited face put back. For a picture that was aligned already,
        the model's own picture of the edit, as `edited`, unless a blend was asked for.
    aligned : ndarray of shape (S, S, 3), uint8 RGB
        The face as it was given to the encoder.
    reconstruction : ndarray of shape (size, size, 3), uint8 RGB
        What the model makes of it without any edit.
    edited : ndarray of shape (size, size, 3), uint8 RGB
        The same after the edit.
    latents : ndarray of shape (L, C), float32
        After the edit.
    start_latents : ndarray of shape (L, C), float32
        Before it: as encoded, or as refined.
    strengths : dict of str to float
        By how much the latents were moved, in units of strength.
    present : dict of str to float
        What was present in the face before, by emotion; empty where the directions do not
        record where neutral lies.
    face : PreparedFace
        Which face of the photo it is, and where.
    refined : Refined or None
        What a refinement found.
    provenance : mapping
        How the picture was made: version, model, directions and strengths, as plain JSON values.
    """

    image: np.ndarray
    aligned: np.ndarray
    reconstruction: np.ndarray
    edited: np.ndarray
    latents: np.ndarray
    start_latents: np.ndarray
    strengths: dict[str, float]
    present: dict[str, float]
    face: PreparedFace
    refined: Refined | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def save(
        self, path: str | os.PathLike, *, photo: Photo | None = None, metadata: bool = True
    ) -> None:
        """Write `image`, with the record of how it was made in it.

        Parameters
        ----------
        path : path
            Its suffix tells the format, as in `icaedit.images.save_photo`.
        photo : Photo, optional
            The photo that was edited, as `icaedit.images.read_photo` gave it, whose colours,
            settings and metadata are kept. Without it plain sRGB is written.
        metadata : bool
            Whether `provenance` is written into the file, and that an algorithm altered it.

        Raises
        ------
        InputError
            If the suffix is of no format that photos are written in.
        FileAccessError
            If the file cannot be written.
        """
        _save(path, self.image, photo, self.provenance if metadata else None)

    def __repr__(self) -> str:
        height, width = self.image.shape[:2]
        return f"EditResult({_moved(self.strengths)}; image {width} x {height} px)"

    def _repr_html_(self) -> str:
        """Return the face, its reconstruction and the edit side by side, for a notebook."""
        pictures = {
            "given": self.aligned,
            "reconstruction": self.reconstruction,
            _moved(self.strengths): self.edited,
        }
        if not np.array_equal(self.image, self.edited):
            pictures["photo, edited"] = self.image
        return html_pictures({name: _png(picture) for name, picture in pictures.items()})


@dataclass(frozen=True, eq=False, repr=False)
class GroupResult:
    """A photo with all its faces edited.

    Attributes
    ----------
    image : ndarray of shape (H, W, 3), uint8 RGB
        The whole photo with every edited face put back.
    faces : tuple of EditResult
        One for each face; the `image` of each is the photo with that face alone edited.
    """

    image: np.ndarray
    faces: tuple[EditResult, ...]

    @property
    def provenance(self) -> dict[str, Any]:
        """How the picture was made, with the strengths of each face."""
        return joined_provenance([face.provenance for face in self.faces])

    def save(
        self, path: str | os.PathLike, *, photo: Photo | None = None, metadata: bool = True
    ) -> None:
        """Write `image`, as `EditResult.save` does.

        Raises
        ------
        InputError, FileAccessError
            As `EditResult.save`.
        """
        _save(path, self.image, photo, self.provenance if metadata else None)

    def __repr__(self) -> str:
        height, width = self.image.shape[:2]
        return f"GroupResult({list(self.faces)}; image {width} x {height} px)"

    def _repr_html_(self) -> str:
        """Return the whole photo, for a notebook."""
        return html_pictures({f"{len(self.faces)} faces edited": _png(self.image)}, width=480)


def _save(
    path: str | os.PathLike,
    image: np.ndarray,
    photo: Photo | None,
    provenance: Mapping[str, Any] | None,
) -> None:
    if photo is None:
        photo = Photo(image, Image.fromarray(image), "", b"")
    save_photo(path, photo, image, provenance=provenance)


def _moved(strengths: dict[str, float]) -> str:
    moved = [f"{name} {strength:+.3g}" for name, strength in strengths.items() if strength]
    return ", ".join(moved) or "not moved"


def _png(picture: np.ndarray) -> bytes:
    """Return a picture as PNG, its longer side at most as many pixels as a notebook shows."""
    height, width = picture.shape[:2]
    scale = min(1.0, _SHOWN / max(height, width))
    if scale < 1:
        picture = resize(picture, (max(round(scale * height), 1), max(round(scale * width), 1)))
    return encode_image(picture, "png")
