"""icaedit sketch: pictures as pencil drawings."""

from pathlib import Path

import click

from icaedit.cli.options import FILE, shared_options

__all__ = ["command"]


@click.command("sketch", short_help="Draw pictures as if by pencil.")
@click.argument("source", type=FILE, metavar="IMAGE|DIR")
@click.option(
    "-o",
    "--output",
    type=FILE,
    required=True,
    metavar="OUT",
    help="A .png or .jpg file; for a DIR a folder, where each picture becomes a .png.",
)
@click.option(
    "--kernel-size",
    type=click.IntRange(min=3),
    metavar="K",
    help="Side of the Gaussian in pixels, odd; wider gives broader strokes.  [default: 4.5 % of "
    "the picture's shorter side]",
)
@shared_options
def command(
    source: Path,
    output: Path,
    kernel_size: int | None,
    device: str,
    seed: int,
    quiet: bool,
) -> None:
    """Draw a picture, or each in a folder and its subfolders, as if by pencil.

    \b
    Example:
      icaedit sketch photo.jpg -o sketch.png
      icaedit sketch kdef -o sketches
    """
    from icaedit.cli.editing import require_suffix
    from icaedit.cli.folders import for_each_picture, pictures_in
    from icaedit.cli.results import record_run, require_parent
    from icaedit.faces import pencil_sketch
    from icaedit.files import sha256_file
    from icaedit.images import read_image, save_image

    if not source.is_dir():
        require_suffix(output, (".png", ".jpg", ".jpeg"))
        require_parent(output)
        save_image(output, pencil_sketch(read_image(source), kernel_size))
        record_run(output, inputs={source.as_posix(): sha256_file(source)})
        click.echo(f"{output}: {source} as a pencil drawing")
        return
    pictures = pictures_in(source, output, suffix=lambda _: ".png")

    def draw(picture: Path, drawing: Path) -> None:
        save_image(drawing, pencil_sketch(read_image(picture), kernel_size))

    for_each_picture(pictures, draw, label="drawing", quiet=quiet)
    inputs = {path.as_posix(): sha256_file(path) for path in pictures}
    record_run(output, inputs=inputs, outputs=list(pictures.values()))
    click.echo(f"{output}: {len(pictures)} pictures of {source} as pencil drawings")
