"""A face that was encoded once, to be edited again and again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from icaedit.editor.latents import moved_latents, needed_strengths, present_strengths
from icaedit.editor.provenance import edit_provenance
from icaedit.editor.results import EditResult
from icaedit.errors import InputError
from icaedit.faces import BLENDS, PreparedFace, paste_back

if TYPE_CHECKING:
    from icaedit.artifacts import Directions
    from icaedit.editor.editor import Editor
    from icaedit.models import LatentModel

__all__ = ["EncodedFace", "edit_encoded", "encode_face", "present_in", "put_back"]


@dataclass(frozen=True, eq=False)
class EncodedFace:
    """One face of a photo with its latents, as `encode_face` makes it.

    Attributes
    ----------
    photo : ndarray of shape (H, W, 3), uint8 RGB
        The whole photo, into which edits go back.
    face : PreparedFace
        Which face of it.
    latents : ndarray of shape (L, C), float32
        As the encoder gives them.
    reconstruction : ndarray of shape (size, size, 3), uint8 RGB
        What the generator makes of them.
    """

    photo: np.ndarray
    face: PreparedFace
    latents: np.ndarray
    reconstruction: np.ndarray


def encode_face(photo: np.ndarray, face: PreparedFace, model: "LatentModel") -> EncodedFace:
    """Encode a face of a photo and reconstruct it.

    Parameters
    ----------
    photo : ndarray of shape (H, W, 3), uint8 RGB
    face : PreparedFace
        One of `icaedit.faces.prepare_faces` of the photo.
    model : LatentModel

    Raises
    ------
    InputError
        If the model has no encoder.

    Examples
    --------
    >>> from icaedit.faces import prepare_face
    >>> from icaedit.models import tiny_model
    >>> drawing = np.full((32, 32, 3), 200, np.uint8)
    >>> encode_face(drawing, prepare_face(drawing), tiny_model()).latents.shape
    (6, 8)
    """
    latents = model.encode(face.image[None])[0]
    return EncodedFace(photo, face, latents, model.synthesize(latents)[0])


def edit_encoded(
    encoded: EncodedFace,
    editor: "Editor",
    *,
    add: Mapping[str, float] | None = None,
    set: Mapping[str, float] | None = None,
    neutralize: bool = False,
    blend: str | None = None,
) -> EditResult:
    """Edit a face that was encoded before: what `Editor.edit` gives, bit for bit.

    Only the generator runs.

    Parameters
    ----------
    encoded : EncodedFace
        Of the editor's model.
    editor : Editor
    add, set, neutralize, blend
        As in `Editor.edit`, whose `strengths` are `add`.

    Raises
    ------
    InputError
        As `Editor.edit`.
    """
    if blend is not None and blend not in BLENDS:
        raise InputError(f"got blend {blend!r}, expected {' or '.join(BLENDS)}; use residual")
    start, face = encoded.latents, encoded.face
    amounts = needed_strengths(
        start, editor.directions, add=add, set=set, neutralize=neutralize
    )
    latents = moved_latents(start, editor.directions, amounts)
    edited = editor.model.synthesize(latents)[0]
    return EditResult(
        put_back(encoded.photo, edited, encoded.reconstruction, face.quad, blend),
        face.image,
        encoded.reconstruction,
        edited,
        latents,
        start.copy(),
        amounts,
        present_in(start, editor.directions),
        face,
        provenance=edit_provenance(
            editor.model,
            editor.directions,
            face=face.number,
            strengths=amounts,
            whole=face.quad is None and blend is None,
        ),
    )


def present_in(latents: np.ndarray, directions: "Directions") -> dict[str, float]:
    """Return the strengths present in a face; none where the directions do not record neutral."""
    try:
        found = present_strengths(latents, directions)
    except InputError:  # not recorded; nothing that was asked for needs it
        return {}
    return {emotion: float(strength) for emotion, strength in found.items()}


def put_back(
    photo: np.ndarray,
    edited: np.ndarray,
    reconstruction: np.ndarray,
    quad: np.ndarray | None,
    blend: str | None,
) -> np.ndarray:
    """Return the whole photo with an edited face; an edit that changes nothing leaves it be."""
    if quad is None and blend is None:
        return edited
    if np.array_equal(edited, reconstruction):
        return photo.copy()
    if quad is None:  # the square picture itself, from edge to edge
        end = len(photo) - 0.5
        quad = np.array([(-0.5, -0.5), (-0.5, end), (end, end), (end, -0.5)])
    return paste_back(photo, edited, reconstruction, quad, blend=blend or BLENDS[0])
