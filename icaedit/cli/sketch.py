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
@click.option(
    "--steps",
    type=FILE,
    metavar="FILE",
    help="Also lay the photograph and the five steps to its drawing side by side, in a .png or "
    ".jpg file; for one IMAGE.",
)
@shared_options
def command(
    source: Path,
    output: Path,
    kernel_size: int | None,
    steps: Path | None,
    device: str,
    seed: int,
    quiet: bool,
) -> None:
    """Draw a picture, or each in a folder and its subfolders, as if by pencil.

    \b
    Example:
      icaedit sketch photo.jpg -o sketch.png --steps steps.png
      icaedit sketch kdef -o sketches
    """
    if steps is not None and (source.is_dir() or steps == output):
        raise click.UsageError("--steps takes another file than -o, for one picture")
    if source.is_dir():
        _draw_folder(source, output, kernel_size, quiet=quiet)
    else:
        _draw_picture(source, output, kernel_size, steps)


def _draw_picture(source: Path, output: Path, kernel_size: int | None, steps: Path | None) -> None:
    from icaedit.cli.editing import require_suffix
    from icaedit.cli.results import record_run, require_parent
    from icaedit.files import sha256_file
    from icaedit.images import pencil_sketch, read_image, save_image, sketch_kernel_size
    from icaedit.plots import sketch_strip

    written = [output] if steps is None else [output, steps]
    for file in written:
        require_suffix(file, (".png", ".jpg", ".jpeg"))
        require_parent(file)
    photo = read_image(source)
    if kernel_size is None:
        kernel_size = sketch_kernel_size(min(photo.shape[:2]))
    save_image(output, pencil_sketch(photo, kernel_size))
    if steps is not None:
        save_image(steps, sketch_strip(photo, kernel_size))
    inputs, settled = {source.as_posix(): sha256_file(source)}, {"kernel_size": kernel_size}
    record_run(output, inputs=inputs, outputs=written, settled=settled)
    beside = "" if steps is None else f", its steps in {steps}"
    click.echo(f"{output}: {source} as a pencil drawing, kernel {kernel_size} px{beside}")


def _draw_folder(source: Path, output: Path, kernel_size: int | None, *, quiet: bool) -> None:
    from icaedit.cli.folders import for_each_picture, pictures_in
    from icaedit.cli.results import record_run
    from icaedit.files import sha256_file
    from icaedit.images import pencil_sketch, read_image, save_image, sketch_kernel_size

    pictures = pictures_in(source, output, suffix=lambda _: ".png")
    used: dict[str, int] = {}

    def draw(picture: Path, drawing: Path) -> None:
        photo = read_image(picture)
        size = sketch_kernel_size(min(photo.shape[:2])) if kernel_size is None else kernel_size
        save_image(drawing, pencil_sketch(photo, size))
        used[drawing.as_posix()] = size

    for_each_picture(pictures, draw, label="drawing", quiet=quiet)
    inputs = {path.as_posix(): sha256_file(path) for path in pictures}
    settled = {"kernel_size": used if kernel_size is None else kernel_size}
    record_run(output, inputs=inputs, outputs=list(pictures.values()), settled=settled)
    least, most = min(used.values()), max(used.values())
    sizes = str(least) if least == most else f"{least} to {most}"
    click.echo(
        f"{output}: {len(pictures)} pictures of {source} as pencil drawings, kernel {sizes} px"
    )
