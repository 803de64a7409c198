"""What `icaedit demo` does, step by step, and the page that explains its pictures."""

import html
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from icaedit.cli.progress import progress_bar
from icaedit.cli.results import tell
from icaedit.datasets import read_dataset
from icaedit.editor import Editor, edit_latents, joined_provenance
from icaedit.encode import encode_to_file
from icaedit.files import atomic_write
from icaedit.fitting import fit_directions
from icaedit.images import read_image, save_gif, save_image
from icaedit.plots import layer_map, picture_grid
from icaedit.portraits import write_portraits
from icaedit.schema import EMOTIONS, KDEF_CODES

if TYPE_CHECKING:
    from icaedit.artifacts import Directions
    from icaedit.models import LatentModel

__all__ = ["Exhibit", "take_tour", "write_pages"]

SIZE = 256  # px of the rendered portraits
UNSEEN = 3  # people who are edited but not fitted
STRIP, ANIMATION = 9, 33  # frames from sad to happy; odd, so that neutral is one of them


@dataclass(frozen=True)
class Exhibit:
    """One picture of the tour: its file name, a title, and what there is to see."""

    name: str
    title: str
    text: str


def take_tour(
    folder: Path, model: "LatentModel", *, n_identities: int, seed: int, quiet: bool
) -> list[Exhibit]:
    """Render, encode, fit and edit, and return the pictures that were left in a folder.

    Parameters
    ----------
    folder : Path
        Where everything goes; must exist.
    model : LatentModel
        The model to edit with.
    n_identities : int
        People whose faces the directions are fitted to.
    seed : int
        Seeds the people and the fit; the people who are edited come from the next seed.
    quiet : bool
        Whether to say nothing meanwhile.
    """
    with _step(f"rendering {n_identities} people with seven expressions", quiet) as progress:
        write_portraits(
            folder / "portraits", n_identities=n_identities, size=SIZE, seed=seed, progress=progress
        )
    with _step(f"rendering {UNSEEN} people who are edited later", quiet) as progress:
        write_portraits(
            folder / "unseen", n_identities=UNSEEN, size=SIZE, seed=seed + 1, progress=progress
        )
    with _step("encoding the portraits", quiet) as progress:
        latents = encode_to_file(
            read_dataset(folder / "portraits"),
            model,
            folder / "latents.safetensors",
            align="none",
            progress=progress,
        )
    with _step("fitting directions", quiet) as progress:
        directions = fit_directions(latents, random_state=seed, progress=progress)
        directions.save(folder / "directions.safetensors")
        directions.export_mask(folder / "mask.json")
    with _step("editing faces", quiet):
        return [
            _one_person(folder),
            _six_directions(folder, Editor(model, directions), directions),
            *_sad_to_happy(folder, Editor(model, directions), directions),
            _layers(folder, directions),
        ]


def write_pages(folder: Path, exhibits: list[Exhibit]) -> None:
    """Write index.html and README.txt, which say what each picture shows."""
    text = "\n\n".join(f"{e.name}: {e.title}\n{e.text}" for e in exhibits)
    atomic_write(folder / "README.txt", f"{text}\n".encode())
    figures = "\n".join(
        f"<h2>{html.escape(e.title)}</h2>\n<p>{html.escape(e.text)}</p>\n"
        f'<img src="{html.escape(e.name)}" alt="{html.escape(e.title)}">'
        for e in exhibits
    )
    page = (
        '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>icaedit</title>\n'
        "<style>body{max-width:70rem;margin:2rem auto;font-family:sans-serif}"
        "img{max-width:100%}</style>\n<h1>icaedit: the tour</h1>\n"
        f"{figures}\n</html>\n"
    )
    atomic_write(folder / "index.html", page.encode())


@contextmanager
def _step(label: str, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    start = time.monotonic()
    with progress_bar(label, quiet=quiet) as progress:
        yield progress
    if not quiet:
        tell(f"{label}: {time.monotonic() - start:.1f} s")


def _portrait(folder: Path, person: str, emotion: str) -> np.ndarray:
    return read_image(folder / f"A{person}" / f"A{person}{KDEF_CODES[emotion]}S.JPG")


def _one_person(folder: Path) -> Exhibit:
    pictures = [_portrait(folder / "portraits", "F01", emotion) for emotion in EMOTIONS]
    grid = picture_grid(pictures, columns=len(pictures), column_labels=list(EMOTIONS))
    name = "1-portraits.png"
    save_image(folder / name, grid)
    text = "Rendered, not edited: the pictures that the directions are fitted to look like this."
    return Exhibit(name, "One person with seven expressions", text)


def _six_directions(folder: Path, editor: Editor, directions: "Directions") -> Exhibit:
    pictures, records, people = [], [], ["F01", "M01", "F02"][:UNSEEN]
    for person in people:
        neutral = _portrait(folder / "unseen", person, "neutral")
        edits = [
            editor.edit(neutral, {emotion: directions.posed_strength[emotion]}, align="none")
            for emotion in directions.emotions
        ]
        pictures += [edits[0].aligned, edits[0].reconstruction, *(edit.image for edit in edits)]
        records += [edit.provenance for edit in edits]
    labels = ["neutral face", "reconstructed", *directions.emotions]
    name = "2-directions.png"
    grid = picture_grid(pictures, columns=len(labels), column_labels=labels)
    save_image(folder / name, grid, provenance=joined_provenance(records))
    return Exhibit(
        name,
        "The emotion directions, applied to people never seen before",
        "Left the neutral picture that was given, then what the model makes of it without any "
        "edit, then one edit for each direction, as strong as the fitted people posed it.",
    )


def _sad_to_happy(folder: Path, editor: Editor, directions: "Directions") -> list[Exhibit]:
    sad_face = _portrait(folder / "unseen", "M01", "sad")
    first = editor.edit(sad_face, {"sad": 0.0}, align="none")
    start = first.start_latents
    posed = directions.posed_strength
    path = [
        {"sad": posed["sad"] * (-1 - min(place, 0.0)), "happy": posed["happy"] * max(place, 0.0)}
        for place in np.linspace(-1, 1, ANIMATION).tolist()
    ]
    moved = np.stack([edit_latents(start, directions, strengths) for strengths in path])
    frames = list(editor.model.synthesize(moved))
    chosen = frames[:: (ANIMATION - 1) // (STRIP - 1)]
    middle = [""] * (STRIP // 2 - 1)
    labels = ["sad", *middle, "neutral", *middle, "happy"]
    strip, animation = "3-sad-to-happy.png", "4-sad-to-happy.gif"
    record = {**first.provenance, "faces": [{"face": 1, "strengths": step} for step in path]}
    grid = picture_grid(chosen, columns=STRIP, column_labels=labels)
    save_image(folder / strip, grid, provenance=record)
    save_gif(folder / animation, frames + frames[-2:0:-1], provenance=record)
    return [
        Exhibit(
            strip,
            "From sad through neutral to happy",
            "A sad picture of somebody never seen before: the sadness is taken away, then "
            "happiness is added.",
        ),
        Exhibit(animation, "The same, moving", "From sad to happy and back."),
    ]


def _layers(folder: Path, directions: "Directions") -> Exhibit:
    name = "5-layers.png"
    save_image(folder / name, layer_map(directions.masks, directions.emotions))
    return Exhibit(
        name,
        "Where in the latents each emotion lies",
        "How many coordinates of each style layer the threshold keeps: early layers shape the "
        "whole face, late ones colour it.",
    )
