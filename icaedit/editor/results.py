"""What an edit gives back."""

from dataclasses import dataclass

import numpy as np

from icaedit.display import html_pictures
from icaedit.editor.refinement import Refined
from icaedit.faces import PreparedFace
from icaedit.images import resize
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

    def __repr__(self) -> str:
        height, width = self.image.shape[:2]
        return f"GroupResult({list(self.faces)}; image {width} x {height} px)"

    def _repr_html_(self) -> str:
        """Return the whole photo, for a notebook."""
        return html_pictures({f"{len(self.faces)} faces edited": _png(self.image)}, width=480)


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
