"""What happens when something on the page is used; what comes back is what the page shows."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from icaedit.app.commands import Request
from icaedit.app.fits import Progress
from icaedit.app.markup import (
    directions_html,
    layers_html,
    marks_html,
    moved_html,
    notice_html,
    present_html,
    scores_html,
)
from icaedit.app.sitting import Sitting, explained, face_at, outlined
from icaedit.app.studio import Edited, Studio
from icaedit.artifacts import Directions
from icaedit.errors import IcaeditError, InputError
from icaedit.images import resize
from icaedit.plots import layer_names

__all__ = ["REACH", "Fitted", "Handlers", "Opened", "View"]

REACH = 6.0
"""Strength at either end of the sliders: twice a fully posed expression."""

_LEAST_SHOWN = 256  # px; smaller pictures are enlarged smoothly for the comparison
NOTHING_OPEN = "Drop a photo or take a portrait first."


@dataclass(frozen=True, eq=False)
class View:
    """What shows an edit: pictures, and HTML made of numbers."""

    compare: tuple[np.ndarray, np.ndarray]
    edited: np.ndarray
    scores: str
    moved: str
    command: str


@dataclass(frozen=True, eq=False)
class Opened:
    """What shows a picture that was opened, or another of its faces."""

    sitting: Sitting
    outlined: np.ndarray
    picture: np.ndarray
    reconstruction: np.ndarray
    present: str
    found: str
    numbers: tuple[int, ...]
    view: View


@dataclass(frozen=True, eq=False)
class Fitted:
    """What shows other directions."""

    directions: Directions
    marks: str
    layers: str
    told: str


class Handlers:
    """The page's answers, for one studio.

    Parameters
    ----------
    studio : Studio
    folder : Path
        Where files are made that are then taken away.
    """

    def __init__(self, studio: Studio, folder: Path) -> None:
        self.studio = studio
        self.folder = folder
        self.names = layer_names(studio.model.n_layers)
        self.trusted = studio.model.name == "portraits"

    def upload(
        self,
        path: str,
        landmarks: str | None,
        request: Request,
        directions: Directions | None,
        against: str,
    ) -> Opened:
        """Open a picture that somebody brought.

        Raises
        ------
        IcaeditError
            With a line for the page.
        """
        sitting = self.studio.open(path, landmarks=landmarks)
        return self._opened(sitting, request, directions, against)

    def portrait(
        self, number: int, request: Request, directions: Directions | None, against: str
    ) -> Opened:
        """Open one of the portraits, counted from 0."""
        sitting = self.studio.open_portrait(number)
        return self._opened(sitting, request, directions, against)

    def choose(
        self,
        sitting: Sitting | None,
        number: int,
        request: Request,
        directions: Directions | None,
        against: str,
    ) -> Opened:
        """Choose another face of the picture."""
        chosen = self.studio.choose(self._open(sitting), number)
        return self._opened(chosen, request, directions, against)

    def number_at(self, sitting: Sitting | None, place: Sequence[float]) -> int:
        """Return the number of the face that was clicked."""
        number = face_at(self._open(sitting), *place[:2])
        if number is None:
            raise InputError("There is no face at that place. Click inside an outline.")
        return number

    def view(
        self,
        sitting: Sitting | None,
        request: Request,
        directions: Directions | None,
        against: str,
    ) -> View:
        """Edit the face that is open."""
        sitting = self._open(sitting)
        edited = self.studio.edit(sitting, request, self._directions(directions))
        return self._view(sitting, edited, against)

    def fit(self, method: str, threshold: str | float, progress: Progress | None) -> Fitted:
        """Get the directions of a method and a threshold."""
        directions = self.studio.fit(method, threshold, progress=progress)
        return self.fitted(directions)

    def fitted(self, directions: Directions) -> Fitted:
        """Say what directions are, and where they lie."""
        return Fitted(
            directions,
            marks_html(directions, REACH),
            layers_html(directions, self.names),
            directions_html(directions, origin=self._origin(directions)),
        )

    def present(self, sitting: Sitting, directions: Directions | None) -> str:
        """Say what is present in the face that is open, as far as directions tell it."""
        try:
            return present_html(self.studio.present(sitting, self._directions(directions)))
        except InputError:
            return '<p class="ie-note">These directions do not tell what is present.</p>'

    def sweep(
        self,
        sitting: Sitting | None,
        emotion: str,
        strengths: tuple[float, float, int],
        directions: Directions | None,
        *,
        neutralize: bool,
    ) -> tuple[str, str, str]:
        """Return the files of a strip and an animation, and the command of the strip."""
        swept = self.studio.sweep(
            self._open(sitting),
            emotion,
            strengths,
            self._directions(directions),
            neutralize=neutralize,
            folder=self._new_folder(),
        )
        return str(swept.strip), str(swept.animation), swept.command

    def save(
        self, sitting: Sitting | None, request: Request, directions: Directions | None
    ) -> list[str]:
        """Return the files of an edit."""
        paths = self.studio.save(
            self._open(sitting),
            request,
            self._directions(directions),
            folder=self._new_folder(),
        )
        return [str(path) for path in paths]

    def told(self, err: IcaeditError) -> str:
        """Return an error as the page shows it."""
        return notice_html(explained(err))

    def _opened(
        self,
        sitting: Sitting,
        request: Request,
        directions: Directions | None,
        against: str,
    ) -> Opened:
        edited = self.studio.edit(sitting, request, self._directions(directions))
        return Opened(
            sitting,
            outlined(sitting),
            edited.result.aligned,
            edited.result.reconstruction,
            self.present(sitting, directions),
            f'<p class="ie-note">{escape(_found(sitting))}</p>',
            tuple(face.number for face in sitting.faces),
            self._view(sitting, edited, against),
        )

    def _view(self, sitting: Sitting, edited: Edited, against: str) -> View:
        return View(
            _compared(sitting, edited, against),
            edited.result.edited,
            scores_html(edited.scores, strangers=self.studio.strangers, trusted=self.trusted),
            moved_html(edited.moved, self.names),
            f"{sitting.origin}\n{edited.command}" if sitting.origin else edited.command,
        )

    def _origin(self, directions: Directions) -> str:
        people = directions.provenance.get("n_identities")
        if "rethresholded_from" in directions.provenance:
            return "The mask is taken anew; the length of a unit is that of the file."
        return f"Fitted on pictures of {people} people." if people else ""

    def _directions(self, directions: Directions | None) -> Directions:
        return self.studio.directions if directions is None else directions

    def _new_folder(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self.folder))

    @staticmethod
    def _open(sitting: Sitting | None) -> Sitting:
        if sitting is None:
            raise InputError(NOTHING_OPEN)
        return sitting


def answered(answer: Callable[[], Any], told: Callable[[IcaeditError], str]) -> tuple[Any, str]:
    """Return an answer and no complaint, or None and the complaint."""
    try:
        return answer(), ""
    except IcaeditError as err:
        return None, told(err)


def _found(sitting: Sitting) -> str:
    """Say what was found in a picture."""
    n_faces, number = len(sitting.faces), sitting.encoded.face.number
    if sitting.is_aligned:
        looked = sitting.faces[0].box is not None
        why = "an aligned face" if looked else "an aligned face for its shape; none was found in it"
        return f"{sitting.name}: taken as it is, as {why}."
    terms = (
        ""
        if sitting.landmarks is not None
        else " If the landmarks come from face_recognition_models, their terms exclude commercial "
        "use."
    )
    if n_faces == 1:
        return f"{sitting.name}: one face found.{terms}"
    return (
        f"{sitting.name}: {n_faces} faces found, face {number} is chosen. Click another to choose "
        f"it.{terms}"
    )


def _compared(sitting: Sitting, edited: Edited, against: str) -> tuple[np.ndarray, np.ndarray]:
    """Return two pictures of one size: what was, and the edit."""
    result = edited.result
    if against == "reconstruction":
        pair = result.reconstruction, result.edited
    elif sitting.is_aligned:
        pair = result.aligned, result.edited
    else:
        return sitting.preview.photo, result.image
    side = max(_LEAST_SHOWN, *(len(picture) for picture in pair))
    return tuple(resize(picture, min(side, 720)) for picture in pair)
