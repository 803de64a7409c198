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
    metadata_option,
    model_option,
    neutralize_option,
    refine_options,
    shared_options,
)

if TYPE_CHECKING:
    from icaedit.editor import EditResult

__all__ = ["command"]


@click.command("edit", short_help="Change the expression of a face.")
@click.argument("images", type=FILE, nargs=-1, required=True, metavar="IMAGE|DIR...")
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
    help="A picture file, or a folder for the results of several.  [default: named after the "
    "image, in the current folder]",
)
@click.option(
    "--contact-sheet",
    type=FILE,
    metavar="FILE",
    help="Also lay out all pictures before and after, in a .png or .jpg file.",
)
@click.option(
    "--overwrite",
    is_flag=True,
    help="Make every result in the folder anew.  [default: those of the same command are kept, "
    "others in the way are an error]",
)
@click.option("--strict", is_flag=True, help="Of several pictures, fail if one has no face.")
@directions_option
@model_option
@align_option
@landmark_options
@click.option("--all-faces", is_flag=True, help="Edit every face of the photo.")
@blend_option
@refine_options
@metadata_option
@shared_options
def command(
    images: tuple[Path, ...],
    emotions: tuple[str, ...],
    strengths: tuple[float, ...],
    targets: tuple[tuple[str, float], ...],
    neutralize: bool,
    output: Path | None,
    contact_sheet: Path | None,
    overwrite: bool,
    strict: bool,
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
    no_metadata: bool,
    device: str,
    seed: int,
    quiet: bool,
) -> None:
    """Change the expression of the face in a picture, or in each of many.

    The edited face goes back into the photo, whose format, size and metadata stay. Several files,
    folders and quoted patterns go into a folder; if stopped, the same command goes on.

    \b
    Example:
      icaedit edit face.png --emotion happy --strength 3
      icaedit edit face.png --emotion sad --strength -2 --emotion joy --strength 1
      icaedit edit photo.jpg --set happy=3 --neutralize --face 2 -o edited.jpg
      icaedit edit photos --set happy=3 -o edited --contact-sheet sheet.png
      icaedit edit photo.jpg 'photos/**/*.jpg' --set happy=3 -o happier
    """
    from icaedit.cli.edit_several import edit_several, require_folder, write_contact_sheet
    from icaedit.cli.editing import (
        digests,
        make_editor,
        read_inputs,
        refining,
        require_suffix,
    )
    from icaedit.cli.folders import chosen_pictures, names_one_file
    from icaedit.cli.results import command_text, record_run, require_parent
    from icaedit.cli.wishes import read_wishes
    from icaedit.images import PHOTO_SUFFIXES, Photo, photo_suffix, read_photo, save_photo

    wishes = read_wishes(emotions, strengths, targets, neutralize=neutralize)
    if all_faces and face is not None:
        raise click.UsageError("got --face and --all-faces, expected one of them; leave one out")
    alone = names_one_file(images) and not (output is not None and output.is_dir())
    if not alone and landmarks is not None:
        raise click.UsageError(
            "got --landmarks and a folder for the results by -o, expected one picture and a file; "
            "edit each picture by itself"
        )
    if contact_sheet is not None:
        require_suffix(contact_sheet, (".png", ".jpg", ".jpeg"))
        require_parent(contact_sheet)

    def edit(photo: Photo, path: Path, result_path: Path) -> int:
        """Edit one picture into a file; return how many faces it had."""
        with refining(refine, tune=tune, seed=seed, quiet=quiet) as refinement:
            asked = {
                "set": wishes.set,
                "neutralize": neutralize,
                "align": align,
                "landmarks": landmarks,
                "blend": blend,
                "refine": refinement,
            }
            if all_faces:
                result = editor.edit_all(photo.pixels, wishes.add, **asked)
                results = result.faces
            else:
                result = editor.edit(photo.pixels, wishes.add, face=face, **asked)
                results = (result,)
        told = None if no_metadata else {**result.provenance, "command": command_text(path)}
        save_photo(result_path, photo, result.image, provenance=told)
        if not quiet:
            whose = "" if alone else f"{path}: "
            _tell_about(path, results, unsure=align == "auto", measured=bool(wishes.set), of=whose)
        return len(results)

    if alone:
        (image,) = images
        if output is not None:
            require_suffix(output, PHOTO_SUFFIXES)
        photo = read_photo(image)  # what cannot be read is told before the model is loaded
        if output is None:
            output = Path(f"{image.stem}-{wishes.name}{photo_suffix(photo)}")
        require_parent(output)
    else:
        output = require_folder(output)
        pictures = chosen_pictures(images, output, suffix=_written_suffix)
    editor = make_editor(model, directions, device=device, landmark_model=landmark_model)
    if alone:
        n_faces = edit(photo, image, output)
        results = {image: output}
        inputs = read_inputs(image, editor, directions, landmarks, landmark_model)
        line = f"{image} with {wishes.wording}" + (f" in {n_faces} faces" if all_faces else "")
    else:
        shared = {"model": editor.model.fingerprint, **digests(directions, landmark_model)}
        edited = edit_several(
            pictures,
            lambda path, result_path: edit(read_photo(path), path, result_path),
            output=output,
            inputs=shared,
            strict=strict,
            overwrite=overwrite,
            quiet=quiet,
        )
        results = edited.results
        inputs = shared | digests(*results)
        source = f" of {images[0]}" if len(images) == 1 else ""
        line = f"{edited.wording}{source} with {wishes.wording}"
    sheets = []
    if contact_sheet is not None:
        sheets = write_contact_sheet(contact_sheet, results, metadata=not no_metadata, quiet=quiet)
    record_run(output, inputs=inputs, outputs=[*results.values(), *sheets])
    click.echo(f"{output}: {line}")
    for sheet in sheets:
        click.echo(f"{sheet}: before and after")


def _tell_about(
    path: Path, results: tuple["EditResult", ...], *, unsure: bool, measured: bool, of: str
) -> None:
    """Say on stderr what was found in a picture; `of` begins the lines, where there are several."""
    from icaedit.cli.editing import tell_refined
    from icaedit.cli.results import tell
    from icaedit.cli.wishes import measured_text

    first = results[0].face
    if unsure and first.quad is None and first.box is None:
        tell(f"no face was found in {path}, which was taken as an aligned face for its shape")
    for result in results:
        tell_refined(result)
        if measured:
            number = result.face.number if len(results) > 1 else None
            tell(of + measured_text(result.present, number))


def _written_suffix(suffix: str) -> str:
    from icaedit.images import PHOTO_SUFFIXES

    return suffix if suffix.lower() in PHOTO_SUFFIXES else ".png"
