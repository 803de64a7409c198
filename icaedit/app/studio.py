"""What everybody at the page shares: the model, the directions, the judge and the portraits.

A studio is not changed by what is asked of it, but for directions that it fits and keeps. What
belongs to one person is in a `Sitting`, which is handed in and handed back.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from icaedit.app.commands import Request, edit_command, sweep_command
from icaedit.app.fits import Fits, Progress
from icaedit.app.gallery import ORIGIN, Portrait
from icaedit.app.readings import Moved, Scores, move_of, scores_of, strangers_likeness
from icaedit.app.sitting import Sitting, choose_face, open_picture
from icaedit.artifacts import Directions, LatentSet
from icaedit.editor import (
    Editor,
    EditResult,
    EncodedFace,
    edit_encoded,
    joined_provenance,
    present_strengths,
)
from icaedit.errors import InputError
from icaedit.evaluation import load_judge
from icaedit.faces import save_landmarks
from icaedit.images import photo_suffix, read_image, resize, save_gif, save_image, save_photo
from icaedit.models import LatentModel
from icaedit.plots import picture_grid

__all__ = ["Edited", "Studio", "Swept"]

MOST_FRAMES = 15
_STRIP, _GIF, _LATENTS, _LANDMARKS = "sweep.png", "sweep.gif", "latents.safetensors", "points.json"


@dataclass(frozen=True, eq=False)
class Edited:
    """An edit with all that the page tells about it."""

    result: EditResult
    scores: Scores
    moved: Moved
    command: str


@dataclass(frozen=True, eq=False)
class Swept:
    """Files of a sweep, and the line that makes the strip."""

    strip: Path
    animation: Path
    command: str


class Studio:
    """Opens pictures and edits them, for any number of people.

    Parameters
    ----------
    editor : Editor
        The model, the directions and the predictor of landmarks to use.
    portraits : sequence of Portrait
        Of `icaedit.app.make_gallery`.
    latents : LatentSet or callable, optional
        As in `Fits`.
    named : dict of str to str, optional
        What `icaedit app` was started with, ``"--model"`` and so on, for the commands it shows.
    """

    def __init__(
        self,
        editor: Editor,
        *,
        portraits: tuple[Portrait, ...] = (),
        latents: LatentSet | Callable[[Progress | None], LatentSet] | None = None,
        named: dict[str, str] | None = None,
    ) -> None:
        self.model: LatentModel = editor.model
        self.fits = Fits(editor.model, editor.directions, latents=latents)
        self.portraits = tuple(portraits)
        self.judge = load_judge()
        self.strangers: float | None = None
        people = tuple(portrait.identity for portrait in self.portraits)
        if len(set(people)) > 1:
            seen = [resize(read_image(p.path), self.judge.size) for p in self.portraits]
            self.strangers = strangers_likeness(self.judge.read(np.stack(seen)), people)
        self._landmark_model = editor.landmark_model
        self._named = dict(named or {})

    @property
    def directions(self) -> Directions:
        """The directions that it was made with."""
        return self.fits.given

    def open(
        self,
        path: str | os.PathLike,
        *,
        name: str | None = None,
        landmarks: str | os.PathLike | None = None,
    ) -> Sitting:
        """Open somebody's picture; see `open_picture`."""
        return open_picture(
            path,
            self.model,
            name=name,
            landmarks=landmarks,
            landmark_model=self._landmark_model,
        )

    def open_portrait(self, number: int) -> Sitting:
        """Open one of the portraits, counted from 0."""
        portrait = self.portraits[number]
        return open_picture(portrait.path, self.model, name=portrait.name, origin=ORIGIN)

    def choose(self, sitting: Sitting, number: int) -> Sitting:
        """Choose another face of the picture; see `choose_face`."""
        return choose_face(sitting, number, self.model)

    def present(self, sitting: Sitting, directions: Directions) -> dict[str, float]:
        """Return the strengths present in the chosen face.

        Raises
        ------
        InputError
            If the directions do not record where the neutral face lies.
        """
        found = present_strengths(sitting.encoded.latents, directions)
        return {emotion: float(strength) for emotion, strength in found.items()}

    def edit(self, sitting: Sitting, request: Request, directions: Directions) -> Edited:
        """Edit the chosen face, as it is shown; only the generator and the judge run.

        Raises
        ------
        InputError
            If what is asked for cannot be had with these directions.
        """
        result = self._edit(sitting.preview, request, directions)
        command = edit_command(
            sitting.name,
            request,
            output_name(sitting),
            options=self._options(sitting, directions),
        )
        return Edited(result, scores_of(self.judge, result), move_of(result), command)

    def sweep(
        self,
        sitting: Sitting,
        emotion: str,
        strengths: tuple[float, float, int],
        directions: Directions,
        *,
        neutralize: bool,
        folder: Path,
    ) -> Swept:
        """Write a strip and an animation of one emotion at several strengths.

        Of a photo they show the preview; of an aligned picture they are what `icaedit sweep`
        writes, byte for byte.

        Parameters
        ----------
        sitting : Sitting
        emotion : str
        strengths : (float, float, int)
            The first, the last, and how many, 2 to 15.
        directions : Directions
        neutralize : bool
        folder : Path
            Where the files go.

        Raises
        ------
        InputError
            If the numbers cannot be used.
        """
        first, last, count = strengths
        if not 2 <= count <= MOST_FRAMES or first == last:
            raise InputError(
                f"got {count} frames from {first:g} to {last:g}, expected 2 to {MOST_FRAMES} "
                "between different strengths; change the numbers of the sweep"
            )
        steps = [(first * (count - 1 - i) + last * i) / (count - 1) for i in range(count)]
        results = [
            self._edit(sitting.preview, Request({emotion: step}, neutralize), directions)
            for step in steps
        ]
        frames = [result.image for result in results]
        record = joined_provenance([result.provenance for result in results])
        labels = [f"{step:g}" for step in steps]
        page = picture_grid(frames, columns=count, column_labels=labels)
        save_image(folder / _STRIP, page, provenance=record)
        save_gif(folder / _GIF, frames + frames[-2:0:-1], provenance=record)
        command = sweep_command(
            sitting.name,
            emotion,
            strengths,
            _STRIP,
            neutralize=neutralize,
            options=self._options(sitting, directions),
        )
        return Swept(folder / _STRIP, folder / _GIF, command)

    def save(
        self, sitting: Sitting, request: Request, directions: Directions, *, folder: Path
    ) -> list[Path]:
        """Write the edited picture at its own size, the latents, and what the command reads.

        Parameters
        ----------
        sitting : Sitting
        request : Request
        directions : Directions
        folder : Path
            Where the files go.

        Returns
        -------
        list of Path
            The picture, the latents of the face before and after, and, where the command needs
            them, the directions and the landmarks.
        """
        result = self._edit(sitting.encoded, request, directions)
        paths = [folder / Path(output_name(sitting)).name, folder / _LATENTS]
        save_photo(paths[0], sitting.photo, result.image, provenance=result.provenance)
        self._latents(sitting, request, directions, result).save(paths[1])
        if directions is not self.directions:
            paths.append(folder / directions_name(directions))
            directions.save(paths[-1])
        if sitting.landmarks is not None:
            paths.append(folder / _LANDMARKS)
            save_landmarks(paths[-1], list(sitting.landmarks))
        return paths

    def fit(
        self, method: str, threshold: str | float, *, progress: Progress | None = None
    ) -> Directions:
        """Return directions of a method and threshold; see `Fits.get`."""
        return self.fits.get(method, threshold, progress=progress)

    def _edit(self, encoded: EncodedFace, request: Request, directions: Directions) -> EditResult:
        editor = Editor(self.model, directions)
        return edit_encoded(encoded, editor, add=request.moves, neutralize=request.neutralize)

    def _latents(
        self, sitting: Sitting, request: Request, directions: Directions, result: EditResult
    ) -> LatentSet:
        shown = self.judge.read(np.stack([result.reconstruction, result.edited])).emotion
        return LatentSet(
            np.stack([result.start_latents, result.latents]),
            ["face", "face"],
            emotion=shown.tolist(),
            paths=[sitting.name, output_name(sitting)],
            model_fingerprint=self.model.fingerprint,
            provenance={
                "made_by": "icaedit app",
                "emotion_is": "what the judge reads",
                "face": sitting.encoded.face.number,
                "strengths": dict(request.moves),
                "neutralize": request.neutralize,
                "method": directions.method,
                "threshold": directions.threshold,
            },
        )

    def _options(self, sitting: Sitting, directions: Directions) -> list[str]:
        """Return the further words of a command that finds the same face and directions."""
        named = dict(self._named)
        if directions is not self.directions:
            named["--directions"] = directions_name(directions)
        if sitting.landmarks is not None:
            named["--landmarks"] = _LANDMARKS
            named.pop("--landmark-model", None)
        if not sitting.is_aligned:
            named["--face"] = str(sitting.encoded.face.number)
        else:
            named.pop("--landmark-model", None)
        return [word for option in named.items() for word in option]


def output_name(sitting: Sitting) -> str:
    """Return the name under which the edited picture is saved."""
    return f"{Path(sitting.name).stem}-edited{photo_suffix(sitting.photo)}"


def directions_name(directions: Directions) -> str:
    """Return the name under which directions are saved."""
    threshold = directions.threshold
    rule = threshold if isinstance(threshold, str) else f"{threshold:g}"
    return f"directions-{directions.method}-{rule}.safetensors"
