"""icaedit edit: one face, or all of a photo's, with another expression."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from icaedit.cli.options import (
    EMOTION,
    FILE,
    NUMBER,
    TARGET,
    align_option,
    blend_option,
    directions_option,
    landmark_options,
    model_option,
    neutralize_option,
    refine_options,
    shared_options,
)

if TYPE_CHECKING:
    from icaedit.editor import EditResult

__all__ = ["command"]


@click.command("edit", short_help="Change the expression of a face.")
@click.argument("image", type=FILE, metavar="IMAGE|DIR")
@click.option(
    "--emotion",
    "emotions",
    type=EMOTION,
    multiple=True,
    metavar="E",
    help="An emotion; may be repeated, each with its own --strength.",
)
@click.option(
    "--strength",
    "strengths",
    type=NUMBER,
    multiple=True,
    metavar="S",
    help="How much of it to add: 3 is fully posed, 0 changes nothing, negative goes the other way.",
)
@click.option(
    "--set",
    "targets",
    type=TARGET,
    multiple=True,
    metavar="E=S",
    help="Bring an emotion to a strength, whatever the face shows now; may be repeated.",
)
@neutralize_option
@click.option(
    "-o",
    "--output",
    type=FILE,
    metavar="OUT",
    help="A picture file, or a folder for those of a DIR.  [default: named after the image, in "
    "the current folder]",
)
@directions_option
@model_option
@align_option
@landmark_options
@click.option("--all-faces", is_flag=True, help="Edit every face of the photo.")
@blend_option
@refine_options
@shared_options
def command(
    image: Path,
    emotions: tuple[str, ...],
    strengths: tuple[float, ...],
    targets: tuple[tuple[str, float], ...],
    neutralize: bool,
    output: Path | None,
    directions: Path | None,
    model: str,
    align: str,
    face: int | None,
    landmarks: Path | None,
    landmark_model: Path | None,
    all_faces: bool,
    blend: str | None,
    refine: int | None,
    tune: bool,
    device: str,
    seed: int,
    quiet: bool,
) -> None:
    """Change the expression of the face in a picture, or in each of a folder.

    The edited face goes back into the photo, whose format, size and metadata stay.

    \b
    Example:
      icaedit edit face.png --emotion happy --strength 3
      icaedit edit face.png --emotion sad --strength -2 --emotion joy --strength 1
      icaedit edit photo.jpg --set happy=3 --neutralize --face 2 -o edited.jpg
      icaedit edit photos --set happy=3 -o edited
    """
    from icaedit.cli.editing import make_editor, read_inputs, refining, require_suffix
    from icaedit.cli.folders import for_each_picture, pictures_in
    from icaedit.cli.results import record_run, require_parent
    from icaedit.files import sha256_file
    from icaedit.images import PHOTO_SUFFIXES, Photo, photo_suffix, read_photo, save_photo

    edits, wanted = _pairs(emotions, strengths, targets, neutralize)
    if all_faces and face is not None:
        raise click.UsageError("got --face and --all-faces, expected one of them; leave one out")
    if image.is_dir() and (output is None or landmarks is not None):
        raise click.UsageError(
            "got a folder, expected a folder for the results by -o and no --landmarks; add -o OUT"
        )
    wording = _wording(edits, wanted, neutralize)

    def edit(photo: Photo, path: Path, result_path: Path) -> int:
        """Edit one picture into a file; return how many faces it had."""
        with refining(refine, tune=tune, seed=seed, quiet=quiet) as refinement:
            asked = {
                "set": wanted,
                "neutralize": neutralize,
                "align": align,
                "landmarks": landmarks,
                "blend": blend,
                "refine": refinement,
            }
            if all_faces:
                result = editor.edit_all(photo.pixels, edits, **asked)
                results = result.faces
            else:
                result = editor.edit(photo.pixels, edits, face=face, **asked)
                results = (result,)
        save_photo(result_path, photo, result.image)
        if not quiet:
            _tell_about(path, results, unsure=align == "auto", measured=bool(wanted))
        return len(results)

    if image.is_dir():
        pictures = pictures_in(image, output, suffix=_written_suffix)
        editor = make_editor(model, directions, device=device, landmark_model=landmark_model)
        # a bar of the refinement leaves no room for one over the pictures
        for_each_picture(
            pictures,
            lambda path, result_path: edit(read_photo(path), path, result_path),
            label="editing",
            quiet=quiet or refine is not None,
        )
        read = (*pictures, directions, landmark_model)
        inputs = {path.as_posix(): sha256_file(path) for path in read if path is not None}
        inputs["model"] = editor.model.fingerprint
        record_run(output, inputs=inputs, outputs=list(pictures.values()))
        click.echo(f"{output}: {len(pictures)} pictures of {image} with {wording}")
        return
    if output is not None:
        require_suffix(output, PHOTO_SUFFIXES)
    photo = read_photo(image)  # what cannot be read is told before the model is loaded
    if output is None:
        output = Path(f"{image.stem}-{_name(edits, wanted, neutralize)}{photo_suffix(photo)}")
    require_parent(output)
    editor = make_editor(model, directions, device=device, landmark_model=landmark_model)
    n_faces = edit(photo, image, output)
    count = f" in {n_faces} faces" if all_faces else ""
    record_run(output, inputs=read_inputs(image, editor, directions, landmarks, landmark_model))
    click.echo(f"{output}: {image} with {wording}{count}")


def _tell_about(
    path: Path, results: tuple["EditResult", ...], *, unsure: bool, measured: bool
) -> None:
    """Say on stderr what was found in a picture."""
    from icaedit.cli.editing import tell_refined
    from icaedit.cli.results import tell

    first = results[0].face
    if unsure and first.quad is None and first.box is None:
        tell(f"no face was found in {path}, which was taken as an aligned face for its shape")
    for result in results:
        tell_refined(result)
        if measured:
            tell(_measured(result.present, result.face.number if len(results) > 1 else None))


def _written_suffix(suffix: str) -> str:
    from icaedit.images import PHOTO_SUFFIXES

    return suffix if suffix.lower() in PHOTO_SUFFIXES else ".png"


def _pairs(
    emotions: tuple[str, ...],
    strengths: tuple[float, ...],
    targets: tuple[tuple[str, float], ...],
    neutralize: bool,
) -> tuple[dict[str, float], dict[str, float]]:
    """Return the strengths to add and those to set, by emotion."""
    if len(emotions) != len(strengths):
        raise click.UsageError(
            f"got {len(emotions)} --emotion and {len(strengths)} --strength, expected one "
            "strength for each emotion; give them in pairs"
        )
    named = (*emotions, *(emotion for emotion, _ in targets))
    if not named and not neutralize:
        raise click.UsageError(
            "got nothing to change, expected --emotion with --strength, --set or --neutralize; "
            "add one"
        )
    if len(set(named)) != len(named):
        raise click.UsageError(
            f"got {', '.join(named)}, expected each emotion once; add up its strengths"
        )
    return dict(zip(emotions, strengths, strict=True)), dict(targets)


def _name(edits: dict[str, float], wanted: dict[str, float], neutralize: bool) -> str:
    parts = ["neutral"] if neutralize else []
    parts += [f"{emotion}{strength:g}" for emotion, strength in edits.items()]
    parts += [f"{emotion}={strength:g}" for emotion, strength in wanted.items()]
    return "-".join(parts)


def _wording(edits: dict[str, float], wanted: dict[str, float], neutralize: bool) -> str:
    parts = ["its expression removed"] if neutralize else []
    parts += [f"{emotion} {strength:g}" for emotion, strength in edits.items()]
    parts += [f"{emotion} set to {strength:g}" for emotion, strength in wanted.items()]
    return ", ".join(parts)


def _measured(present: dict[str, float], number: int | None) -> str:
    whose = "the face" if number is None else f"face {number}"
    shown = ", ".join(f"{emotion} {strength:.1f}" for emotion, strength in present.items())
    return f"{whose} had {shown}"
