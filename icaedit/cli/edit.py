"""icaedit edit: one face with another expression."""

from pathlib import Path

import click

from icaedit.cli.options import (
    EMOTION,
    FILE,
    NUMBER,
    align_option,
    directions_option,
    model_option,
    shared_options,
)

__all__ = ["command"]


@click.command("edit", short_help="Change the expression of a face.")
@click.argument("image", type=FILE)
@click.option(
    "--emotion",
    "emotions",
    type=EMOTION,
    multiple=True,
    required=True,
    metavar="E",
    help="An emotion; may be repeated, each with its own --strength.",
)
@click.option(
    "--strength",
    "strengths",
    type=NUMBER,
    multiple=True,
    required=True,
    metavar="S",
    help="How much of it: 3 is fully posed, 0 changes nothing, negative goes the other way.",
)
@click.option(
    "-o",
    "--output",
    type=FILE,
    metavar="OUT",
    help="A .png or .jpg file.  [default: named after the image, in the current folder]",
)
@directions_option
@model_option
@align_option
@click.option(
    "--remove-expression", is_flag=True, help="Bring the face to neutral first, then edit it."
)
@shared_options
def command(
    image: Path,
    emotions: tuple[str, ...],
    strengths: tuple[float, ...],
    output: Path | None,
    directions: Path | None,
    model: str,
    align: str,
    remove_expression: bool,
    device: str,
    seed: int,
    quiet: bool,
) -> None:
    """Change the expression of the face in IMAGE.

    \b
    Example:
      icaedit edit face.png --emotion happy --strength 3
      icaedit edit face.png --emotion sad --strength -2 --emotion joy --strength 1
    """
    from icaedit.cli.editing import make_editor, read_inputs, strength_text
    from icaedit.cli.results import record_run, require_parent
    from icaedit.images import read_image, save_image

    if len(emotions) != len(strengths):
        raise click.UsageError(
            f"got {len(emotions)} --emotion and {len(strengths)} --strength, expected one "
            "strength for each emotion; give them in pairs"
        )
    if len(set(emotions)) != len(emotions):
        raise click.UsageError(
            f"got {', '.join(emotions)}, expected each emotion once; add up its strengths"
        )
    edits = dict(zip(emotions, strengths, strict=True))
    if output is None:
        done = "-".join(f"{emotion}{strength_text(s)}" for emotion, s in edits.items())
        output = Path(f"{image.stem}-{done}.png")
    require_parent(output)
    picture = read_image(image)
    editor = make_editor(model, directions, device=device)
    result = editor.edit(picture, edits, align=align, remove_expression=remove_expression)
    save_image(output, result.image)
    record_run(output, inputs=read_inputs(image, editor, directions))
    wording = ", ".join(f"{emotion} {strength_text(s)}" for emotion, s in edits.items())
    click.echo(f"{output}: {image} with {wording}")
