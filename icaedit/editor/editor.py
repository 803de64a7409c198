"""The editor: a picture in, the same person with another expression out."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from icaedit.artifacts import Directions, load_directions
from icaedit.editor.latents import edit_latents, remove_expression
from icaedit.errors import InputError, ModelMismatchError
from icaedit.faces import paste_back, prepare_face
from icaedit.images import read_image
from icaedit.models import LatentModel
from icaedit.models.store import EMBEDDED_FOLDER

__all__ = ["EditResult", "Editor", "default_directions"]

_ALIGNED_SIZE = 256  # pixels, at least: smaller encoders then read an antialiased face


@dataclass(frozen=True, eq=False)
class EditResult:
    """An edited face and what led to it.

    Attributes
    ----------
    image : ndarray of shape (H, W, 3), uint8 RGB
        The whole photo with the edited face put back. For a picture that was aligned already,
        the model's own picture of the edit, as `edited`.
    aligned : ndarray of shape (S, S, 3), uint8 RGB
        The face as it was given to the encoder.
    reconstruction : ndarray of shape (size, size, 3), uint8 RGB
        What the model makes of it without any edit.
    edited : ndarray of shape (size, size, 3), uint8 RGB
        The same after the edit.
    latents : ndarray of shape (L, C), float32
        After the edit.
    start_latents : ndarray of shape (L, C), float32
        As encoded.
    """

    image: np.ndarray
    aligned: np.ndarray
    reconstruction: np.ndarray
    edited: np.ndarray
    latents: np.ndarray
    start_latents: np.ndarray


class Editor:
    """Edits faces with one model and directions fitted in its latents.

    Parameters
    ----------
    model : LatentModel
    directions : Directions

    Raises
    ------
    ModelMismatchError
        If the directions were fitted on another model.

    Examples
    --------
    >>> from icaedit.models import tiny_model
    >>> model = tiny_model()
    >>> pattern = np.ones((1, 6, 8), np.float32)
    >>> directions = Directions(["happy"], pattern, masks=pattern > 0, patterns=pattern,
    ...     posed_strength={"happy": 3.0}, method="pca", threshold="none",
    ...     model_fingerprint=model.fingerprint)
    >>> face = np.full((16, 16, 3), 120, np.uint8)
    >>> result = Editor(model, directions).edit(face, {"happy": 3})
    >>> result.image.shape, (result.latents - result.start_latents).round(3).max().item()
    ((16, 16, 3), 3.0)
    """

    def __init__(self, model: LatentModel, directions: Directions) -> None:
        fitted_on = directions.model_fingerprint
        if fitted_on != model.fingerprint:
            raise ModelMismatchError(
                f"got directions fitted on model {fitted_on[:12] or 'not recorded'}, expected "
                f"model {model.fingerprint[:12]}; fit directions on this model or load the other"
            )
        self.model = model
        self.directions = directions

    def edit(
        self,
        image: np.ndarray | str | os.PathLike,
        strengths: Mapping[str, float],
        *,
        align: str = "auto",
        remove_expression: bool = False,
    ) -> EditResult:
        """Give a face another expression.

        Parameters
        ----------
        image : ndarray of shape (H, W, 3), uint8 RGB, or path
            An aligned face or a photo with one.
        strengths : mapping of str to float
            Units of strength by emotion, -20 to 20; 3 is about fully posed, several add up.
        align : {"auto", "none"}
            As in `icaedit.faces.prepare_face`.
        remove_expression : bool
            Whether to bring the face to neutral first; see `icaedit.editor.remove_expression`.

        Returns
        -------
        EditResult

        Raises
        ------
        InputError
            If the picture, an emotion or a strength cannot be used.
        FileAccessError, FormatError
            If the picture's file cannot be read.
        MissingDependencyError
            If the face must be aligned and what that takes is not installed.
        """
        return self._edit_many(image, [strengths], align, remove_expression)[0]

    def sweep(
        self,
        image: np.ndarray | str | os.PathLike,
        emotion: str,
        *,
        strengths: Sequence[float],
        align: str = "auto",
        remove_expression: bool = False,
    ) -> list[EditResult]:
        """Give a face one expression at several strengths.

        The same as one `edit` for each strength, bit for bit; the face is encoded once.

        Parameters
        ----------
        image : ndarray of shape (H, W, 3), uint8 RGB, or path
        emotion : str
        strengths : sequence of float
            One at least.
        align, remove_expression
            As in `edit`.

        Raises
        ------
        InputError
            If there are no strengths.
        IcaeditError
            As `edit`.
        """
        many = [{emotion: strength} for strength in strengths]
        if not many:
            raise InputError("got no strengths, expected one at least; give some such as -3 0 3")
        return self._edit_many(image, many, align, remove_expression)

    def _edit_many(
        self,
        image: np.ndarray | str | os.PathLike,
        many: list[Mapping[str, float]],
        align: str,
        neutralise: bool,
    ) -> list[EditResult]:
        shape = self.model.n_layers, self.model.n_channels
        for strengths in many:  # what is asked for is checked before the picture is looked at
            edit_latents(np.zeros(shape, np.float32), self.directions, strengths)
        photo = read_image(image) if isinstance(image, str | os.PathLike) else image
        size = max(_ALIGNED_SIZE, self.model.encoder.config.input_size)
        face = prepare_face(photo, align=align, size=size)
        start = self.model.encode(face.image[None])[0]
        base = remove_expression(start, self.directions) if neutralise else start
        moved = [edit_latents(base, self.directions, strengths) for strengths in many]
        reconstruction, *pictures = self.model.synthesize(np.stack([start, *moved]))
        results = []
        for latents, edited in zip(moved, pictures, strict=True):
            whole = edited
            if face.quad is not None:
                whole = paste_back(photo, edited, reconstruction, face.quad)
            results.append(
                EditResult(whole, face.image, reconstruction, edited, latents, start.copy())
            )
        return results


def default_directions(model: LatentModel) -> Directions:
    """Return the directions that come with the embedded model.

    Parameters
    ----------
    model : LatentModel
        As from ``load_model("portraits")``.

    Raises
    ------
    InputError
        If the model is another one, or none were shipped.
    """
    path = EMBEDDED_FOLDER / "portraits.directions.safetensors"
    advice = (
        "run `icaedit fit-directions DIR` on pictures of this model and give its file by "
        "--directions"
    )
    if not path.is_file():
        raise InputError(
            f"got model {model.name!r} and no directions, expected those shipped as {path.name}, "
            f"which are missing; {advice}"
        )
    try:
        return load_directions(path, model_fingerprint=model.fingerprint)
    except ModelMismatchError as err:
        raise InputError(
            f"got model {model.name!r} and no directions, expected directions fitted on it; "
            f"{advice}"
        ) from err
