"""icaedit sweep: one face at several strengths of an emotion, as a strip or an animation."""

from pathlib import Path

import click

from icaedit.cli.options import (
    EMOTION,
    FILE,
    STRENGTHS,
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

__all__ = ["command"]


@click.command("sweep", short_help="Show a face at several strengths.")
@click.argument("image", type=FILE)
@click.option("--emotion", type=EMOTION, required=True, metavar="E", help="The emotion.")
@click.option(
    "--strengths",
    type=STRENGTHS,
    default="-3:3:7",
    show_default=True,
    help="START:STOP:COUNT, or numbers separated by commas.",
)
@click.option(
    "-o",
    "--output",
    type=FILE,
    required=True,
    metavar="OUT",
    help="A .png or .jpg strip, or a .gif that goes there and back.",
)
@neutralize_option
@directions_option
@model_option
@align_option
@landmark_options
@blend_option
@refine_options
@metadata_option
@shared_options
def command(
    image: Path,
    emotion: str,
    strengths: tuple[float, ...],
    output: Path,
    neutralize: bool,
    directions: Path | None,
    model: str,
    align: str,
    face: int | None,
    landmarks: Path | None,
    landmark_model: Path | None,
    blend: str | None,
    refine: int | None,
    tune: bool,
    no_metadata: bool,
    device: str,
    seed: int,
    quiet: bool,
) -> None:
    """Show the face in IMAGE at several strengths of one emotion.

    \b
    Example:
      icaedit sweep face.png --emotion happy --strengths -3:3:7 -o sweep.png
      icaedit sweep face.png --emotion sad --strengths 0:3:16 -o sweep.gif
    """
    from icaedit.cli.editing import (
        make_editor,
        read_inputs,
        refining,
        strength_text,
        tell_refined,
    )
    from icaedit.cli.progress import progress_bar
    from icaedit.cli.results import command_text, record_run, require_parent
    from icaedit.editor import joined_provenance
    from icaedit.images import read_image, save_gif, save_image
    from icaedit.plots import picture_grid

    if output.suffix.lower() not in (".png", ".jpg", ".jpeg", ".gif"):
        raise click.BadParameter(
            f"got {output}, expected a name that ends in .png, .jpg or .gif; rename it",
            param_hint="'-o'",
        )
    require_parent(output)
    picture = read_image(image)
    editor = make_editor(model, directions, device=device, landmark_model=landmark_model)
    with (
        progress_bar(f"{len(strengths)} strengths", quiet=quiet),
        refining(refine, tune=tune, seed=seed, quiet=quiet) as refinement,
    ):
        results = editor.sweep(
            picture,
            emotion,
            strengths=list(strengths),
            neutralize=neutralize,
            align=align,
            face=face,
            landmarks=landmarks,
            blend=blend,
            refine=refinement,
        )
    if not quiet:
        tell_refined(results[0])
    frames = [result.image for result in results]
    record = None
    if not no_metadata:
        joined = joined_provenance([result.provenance for result in results])
        record = {**joined, "command": command_text(image)}
    if output.suffix.lower() == ".gif":
        save_gif(output, frames + frames[-2:0:-1], provenance=record)
    else:
        labels = [strength_text(s) for s in strengths]
        strip = picture_grid(frames, columns=len(frames), column_labels=labels)
        save_image(output, strip, provenance=record)
    record_run(output, inputs=read_inputs(image, editor, directions, landmarks, landmark_model))
    click.echo(f"{output}: {image} at {len(frames)} strengths of {emotion}")
