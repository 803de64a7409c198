"""What an edit gives back."""

from dataclasses import dataclass

import numpy as np

from icaedit.editor.refinement import Refined
from icaedit.faces import PreparedFace

__all__ = ["EditResult", "GroupResult"]


@dataclass(frozen=True, eq=False)
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


@dataclass(frozen=True, eq=False)
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
