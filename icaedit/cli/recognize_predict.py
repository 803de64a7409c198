"""icaedit recognize predict: emotions in photographs, paintings and drawings."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from icaedit.cli.options import (
    FILE,
    align_option,
    landmark_model_option,
    model_option,
    shared_options,
)

if TYPE_CHECKING:
    from icaedit.models import LatentModel
    from icaedit.recognition import Recogniser

__all__ = ["command"]

_BATCH = 16  # pictures in memory together
_SHOWN = 20  # rows of the table in the terminal
_DIGITS = 6  # of a probability in the file


@click.command("predict", short_help="Recognise emotions in pictures.")
@click.argument("recogniser", type=FILE)
@click.argument("sources", type=FILE, metavar="IMAGE|DIR...", nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    type=FILE,
    metavar="CSV",
    help="Where a table with all probabilities goes.",
)
@model_option
@align_option
@landmark_model_option
@shared_options
def command(
    recogniser: Path,
    sources: tuple[Path, ...],
    output: Path | None,
    model: str,
    align: str,
    landmark_model: Path | None,
    device: str,
    seed: int,
    quiet: bool,
) -> None:
    """Tell the emotion in each picture, by a RECOGNISER as train writes it.

    A picture may be a photo, a painting or a drawing. The face is found and cut out as for
    `icaedit edit`, unless the picture shows it so already; drawings in which none is found are
    taken as they are if they are square. Pictures that cannot be used are counted and named.

    \b
    Example:
      icaedit recognize predict recogniser.safetensors sketches -o predictions.csv
      icaedit recognize predict recogniser.safetensors photo.jpg --align always
    """
    from icaedit.cli.progress import progress_bar
    from icaedit.cli.recognizing import open_recogniser
    from icaedit.cli.results import record_run, require_parent, tell
    from icaedit.errors import InputError
    from icaedit.files import atomic_write, sha256_file
    from icaedit.models import load_model
    from icaedit.models.devices import resolve_device

    if output is not None:
        require_parent(output)
    pictures = _pictures(sources)
    trained, latent_model = open_recogniser(recogniser, lambda: load_model(model, device=device))
    if trained.provenance.get("align") == "none" != align:
        tell(
            f"{recogniser} was trained on pictures as they are; for such as these use --align none"
        )
    place = str(resolve_device(device))
    found: dict[Path, np.ndarray] = {}
    left_out: dict[Path, str] = {}
    with progress_bar("recognising", quiet=quiet) as progress:
        for start in range(0, len(pictures), _BATCH):
            batch = pictures[start : start + _BATCH]
            faces = _faces(batch, align, landmark_model, left_out)
            if faces:
                rows = _predicted(list(faces.values()), trained, latent_model, place)
                found.update(zip(faces, rows, strict=True))
            if progress is not None:
                progress(min(start + _BATCH, len(pictures)), len(pictures))
    for path, reason in left_out.items():
        tell(f"not recognised: {path}: {reason}")
    if not found:
        raise InputError(
            f"got {len(pictures)} pictures, none of which could be used, expected a face in one; "
            "use --align none for square pictures of a face"
        )
    if output is not None:
        content = _table(pictures, found, left_out, trained.emotions)
        atomic_write(output, content.encode("utf-8"))
        inputs = {path.as_posix(): sha256_file(path) for path in (recogniser, *found)}
        record_run(output, inputs=inputs)
    for line in _lines(found, trained.emotions):
        click.echo(line)
    missed = f"; {len(left_out)} not recognised" if left_out else ""
    where = "" if output is None else f"{output}: "
    click.echo(f"{where}emotions in {len(found)} of {len(pictures)} pictures{missed}")


def _pictures(sources: Sequence[Path]) -> list[Path]:
    from icaedit.cli.folders import pictures_below
    from icaedit.errors import FileAccessError, InputError

    pictures: list[Path] = []
    for source in sources:
        if not source.exists():
            raise FileAccessError(
                f"got {source}, which does not exist, expected a picture or a folder; check the "
                "path"
            )
        below = pictures_below(source) if source.is_dir() else [source]
        if not below:
            raise InputError(
                f"got {source} without a picture in it, expected some; name another folder"
            )
        pictures += below
    return list(dict.fromkeys(pictures))


def _faces(
    batch: Sequence[Path], align: str, landmark_model: Path | None, left_out: dict[Path, str]
) -> dict[Path, np.ndarray]:
    from icaedit.cli.recognizing import FACE_SIZE
    from icaedit.errors import IcaeditError, MissingDependencyError
    from icaedit.faces import prepare_face
    from icaedit.images import read_image

    faces = {}
    for path in batch:
        try:
            face = prepare_face(
                read_image(path), align=align, size=FACE_SIZE, landmark_model=landmark_model
            )
            faces[path] = face.image
        except MissingDependencyError:
            raise
        except IcaeditError as err:
            left_out[path] = str(err)
    return faces


def _predicted(
    faces: list[np.ndarray], trained: "Recogniser", model: "LatentModel | None", place: str
) -> np.ndarray:
    from icaedit.cli.recognizing import latents_of

    return trained.predict(faces, latents_of(faces, model), device=place)


def _table(
    pictures: Sequence[Path],
    found: dict[Path, np.ndarray],
    left_out: dict[Path, str],
    emotions: Sequence[str],
) -> str:
    """Return all pictures as CSV: path, emotion, a probability for each, and why there is none."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["path", "emotion", *emotions, "not_recognised"])
    for path in pictures:
        if path in found:
            row = found[path]
            numbers = [f"{number:.{_DIGITS}f}" for number in row]
            writer.writerow([path.as_posix(), emotions[int(row.argmax())], *numbers, ""])
        else:
            writer.writerow([path.as_posix(), "", *[""] * len(emotions), left_out[path]])
    return text.getvalue()


def _lines(found: dict[Path, np.ndarray], emotions: Sequence[str]) -> list[str]:
    """Return the table for the terminal: the first pictures, in per cent."""
    shown = list(found.items())[:_SHOWN]
    width = max(len(path.name) for path, _ in shown)
    lines = [f"{'picture':<{width}}  {'emotion':<9} " + " ".join(f"{e[:9]:>9}" for e in emotions)]
    for path, row in shown:
        numbers = " ".join(f"{number:>9.1%}" for number in row)
        lines.append(f"{path.name:<{width}}  {emotions[int(row.argmax())]:<9} {numbers}")
    if len(shown) < len(found):
        lines.append(f"and {len(found) - len(shown)} more")
    return lines
