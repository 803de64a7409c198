"""The editor: a picture in, the same person with another expression out."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from icaedit.artifacts import Directions, load_directions
from icaedit.editor.encoded import present_in, put_back
from icaedit.editor.latents import moved_latents, needed_strengths
from icaedit.editor.provenance import edit_provenance
from icaedit.editor.refinement import Refinement, refine
from icaedit.editor.results import EditResult, GroupResult
from icaedit.errors import InputError, ModelMismatchError
from icaedit.faces import BLENDS, PreparedFace, align, prepare_face, prepare_faces
from icaedit.images import check_image, read_image
from icaedit.models import LatentModel
from icaedit.models.store import EMBEDDED_FOLDER

__all__ = ["Editor", "default_directions"]

_ALIGNED_SIZE = 256  # pixels, at least: smaller encoders then read an antialiased face
_SUPERSAMPLING = 4  # of the face that refinement compares with, as FFHQ's 4096 for 1024

Picture = np.ndarray | str | os.PathLike


@dataclass(frozen=True)
class _Wish:
    """An edit as it was asked for."""

    add: Mapping[str, float]
    set: Mapping[str, float]
    neutralize: bool


class Editor:
    """Edits faces with one model and directions fitted in its latents.

    Parameters
    ----------
    model : LatentModel
    directions : Directions, optional
        Those of `default_directions` where absent, which only the embedded model has.
    landmark_model : path, optional
        A predictor of 68 face landmarks in dlib's format; without it the one in the package
        face_recognition_models, if installed.

    Raises
    ------
    ModelMismatchError
        If the directions were fitted on another model.
    InputError
        If none are given and none are shipped with the model.

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

    def __init__(
        self,
        model: LatentModel,
        directions: Directions | None = None,
        *,
        landmark_model: str | os.PathLike | None = None,
    ) -> None:
        if directions is None:
            directions = default_directions(model)
        fitted_on = directions.model_fingerprint
        if fitted_on != model.fingerprint:
            raise ModelMismatchError(
                f"got directions fitted on model {fitted_on[:12] or 'not recorded'}, expected "
                f"model {model.fingerprint[:12]}; fit directions on this model or load the other"
            )
        self.model = model
        self.directions = directions
        self.landmark_model = landmark_model

    def edit(
        self,
        image: Picture,
        strengths: Mapping[str, float] | None = None,
        *,
        set: Mapping[str, float] | None = None,
        neutralize: bool = False,
        align: str = "auto",
        face: int | None = None,
        landmarks: Any = None,
        blend: str | None = None,
        refine: int | Refinement | None = None,
    ) -> EditResult:
        """Give a face another expression.

        Parameters
        ----------
        image : ndarray of shape (H, W, 3), uint8 RGB, or path
            An aligned face or a photo with one.
        strengths : mapping of str to float, optional
            Units of strength by emotion to add, -20 to 20; 3 is about fully posed, several add
            up.
        set : mapping of str to float, optional
            Units of strength by emotion to bring the face to, whatever it shows now; see
            `icaedit.editor.needed_strengths`.
        neutralize : bool
            Whether to take away the expression that the face has.
        align : {"auto", "always", "none"}
            As in `icaedit.faces.prepare_face`.
        face : int, optional
            Number of the face in the photo, from 1; the first, which is the largest, if not given.
        landmarks : array_like or path, optional
            Landmarks of the face or faces, as in `icaedit.faces.prepare_face`.
        blend : {"residual", "replace"}, optional
            How the face goes back into the photo, as in `icaedit.faces.paste_back`. Residual if
            not given; given for a picture that was aligned already, the edit is blended into
            that picture too, at its own size.
        refine : int or Refinement, optional
            Fit the latents to the face before the edit; a number is that of the steps.

        Returns
        -------
        EditResult

        Raises
        ------
        InputError
            If the picture, an emotion, a strength or an option cannot be used.
        FaceNotFoundError
            If the photo must be aligned and no face is found in it.
        FileAccessError, FormatError
            If a file cannot be read.
        MissingDependencyError
            If the face must be aligned and what that takes is not installed.
        """
        wishes = [_Wish(strengths or {}, set or {}, neutralize)]
        options = self._checked(wishes, blend, refine)
        photo = _pixels(image)
        found = prepare_face(
            photo, face=face, align=align, landmarks=landmarks, **self._prepared_with()
        )
        return self._edit_face(photo, found, wishes, blend, options)[0]

    def edit_all(
        self,
        image: Picture,
        strengths: Mapping[str, float] | None = None,
        *,
        set: Mapping[str, float] | None = None,
        neutralize: bool = False,
        align: str = "auto",
        landmarks: Any = None,
        blend: str | None = None,
        refine: int | Refinement | None = None,
    ) -> GroupResult:
        """Give every face of a photo another expression.

        Detections that are not sure to be faces are left out; `edit` takes them by number.

        Parameters
        ----------
        image, strengths, set, neutralize, align, landmarks, blend, refine
            As in `edit`.

        Returns
        -------
        GroupResult

        Raises
        ------
        IcaeditError
            As `edit`.
        """
        wishes = [_Wish(strengths or {}, set or {}, neutralize)]
        options = self._checked(wishes, blend, refine)
        photo = _pixels(image)
        found = prepare_faces(photo, align=align, landmarks=landmarks, **self._prepared_with())
        results = tuple(self._edit_face(photo, face, wishes, blend, options)[0] for face in found)
        whole = results[0].image
        for result in results[1:]:
            whole = put_back(whole, result.edited, result.reconstruction, result.face.quad, blend)
        return GroupResult(whole, results)

    def sweep(
        self,
        image: Picture,
        emotion: str,
        *,
        strengths: Sequence[float],
        neutralize: bool = False,
        align: str = "auto",
        face: int | None = None,
        landmarks: Any = None,
        blend: str | None = None,
        refine: int | Refinement | None = None,
    ) -> list[EditResult]:
        """Give a face one expression at several strengths.

        The same as one `edit` for each strength, bit for bit where nothing is refined; the face
        is encoded, and refined, once.

        Parameters
        ----------
        image : ndarray of shape (H, W, 3), uint8 RGB, or path
        emotion : str
        strengths : sequence of float
            One at least.
        neutralize, align, face, landmarks, blend, refine
            As in `edit`.

        Raises
        ------
        InputError
            If there are no strengths.
        IcaeditError
            As `edit`.
        """
        wishes = [_Wish({emotion: strength}, {}, neutralize) for strength in strengths]
        if not wishes:
            raise InputError("got no strengths, expected one at least; give some such as -3 0 3")
        options = self._checked(wishes, blend, refine)
        photo = _pixels(image)
        found = prepare_face(
            photo, face=face, align=align, landmarks=landmarks, **self._prepared_with()
        )
        return self._edit_face(photo, found, wishes, blend, options)

    def _checked(
        self, wishes: list[_Wish], blend: str | None, refine: int | Refinement | None
    ) -> Refinement | None:
        """Check what is asked for before the picture is looked at; return the refinement."""
        nothing = np.zeros((self.model.n_layers, self.model.n_channels), np.float32)
        for wish in wishes:
            needed_strengths(
                nothing, self.directions, add=wish.add, set=wish.set, neutralize=wish.neutralize
            )
        if blend is not None and blend not in BLENDS:
            raise InputError(f"got blend {blend!r}, expected {' or '.join(BLENDS)}; use residual")
        return refine if refine is None or isinstance(refine, Refinement) else Refinement(refine)

    def _prepared_with(self) -> dict[str, Any]:
        size = max(_ALIGNED_SIZE, self.model.encoder.config.input_size)
        return {"size": size, "landmark_model": self.landmark_model}

    def _edit_face(
        self,
        photo: np.ndarray,
        face: PreparedFace,
        wishes: list[_Wish],
        blend: str | None,
        options: Refinement | None,
    ) -> list[EditResult]:
        """Return a face edited in each of the ways wished for."""
        encoded = self.model.encode(face.image[None])[0]
        amounts = [
            # strengths are measured where directions were fitted: on the encoder's latents
            needed_strengths(
                encoded, self.directions, add=wish.add, set=wish.set, neutralize=wish.neutralize
            )
            for wish in wishes
        ]
        model, start, quad, found = self.model, encoded, face.quad, None
        if options is not None:
            target, quad = self._refined_towards(photo, face)
            found = refine(
                self.model,
                target,
                encoded,
                directions=self.directions,
                displacements=self._largest(amounts),
                options=options,
            )
            model, start = found.model, found.latents
        moved = [moved_latents(start, self.directions, amount) for amount in amounts]
        reconstruction, *pictures = model.synthesize(np.stack([start, *moved]))
        present = present_in(encoded, self.directions)
        refined = None if options is None else {"steps": options.steps, "tuned": options.tune}
        return [
            EditResult(
                put_back(photo, edited, reconstruction, quad, blend),
                face.image,
                reconstruction,
                edited,
                latents,
                start.copy(),
                amount,
                present,
                face,
                found,
                edit_provenance(
                    self.model,
                    self.directions,
                    face=face.number,
                    strengths=amount,
                    whole=quad is None and blend is None,
                    refined=refined,
                ),
            )
            for latents, edited, amount in zip(moved, pictures, amounts, strict=True)
        ]

    def _refined_towards(
        self, photo: np.ndarray, face: PreparedFace
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the face at the generator's size, finely sampled, and where it was cut out."""
        if face.landmarks is None:
            return face.image, face.quad
        size = self.model.size
        fine = align(photo, face.landmarks, size=size, transform_size=_SUPERSAMPLING * size)
        return fine.image, fine.quad

    def _largest(self, amounts: list[dict[str, float]]) -> np.ndarray:
        """Return the longest displacement asked for, shape (1, L, C), or none, (0, L, C)."""
        nothing = np.zeros(self.directions.vectors.shape[1:], np.float32)
        each = [moved_latents(nothing, self.directions, amount) for amount in amounts]
        longest = max(each, key=np.linalg.norm)
        return longest[None] if longest.any() else np.zeros((0, *nothing.shape), np.float32)


def _pixels(image: Picture) -> np.ndarray:
    return read_image(image) if isinstance(image, str | os.PathLike) else check_image(image)


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
