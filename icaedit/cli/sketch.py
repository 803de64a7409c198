"""icaedit sketch: pictures as pencil drawings."""

from pathlib import Path

import click

from icaedit.cli.options import FILE, shared_options
from icaedit.errors import IcaeditError, InputError

__all__ = ["command"]

_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".ppm")


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
    from icaedit.cli.progress import progress_bar
    from icaedit.cli.results import record_run, require_parent
    from icaedit.faces import pencil_sketch
    from icaedit.files import ensure_writable_folder, sha256_file
    from icaedit.images import read_image, save_image

    if not source.is_dir():
        require_suffix(output, (".png", ".jpg", ".jpeg"))
        require_parent(output)
        save_image(output, pencil_sketch(read_image(source), kernel_size))
        record_run(output, inputs={source.as_posix(): sha256_file(source)})
        click.echo(f"{output}: {source} as a pencil drawing")
        return
    pictures = _pictures(source, output)
    ensure_writable_folder(output)
    written: list[Path] = []
    failures: dict[str, IcaeditError] = {}
    with progress_bar("drawing", quiet=quiet) as progress:
        for done, (path, name) in enumerate(pictures.items(), start=1):
            try:
                drawing = pencil_sketch(read_image(path), kernel_size)
                ensure_writable_folder((output / name).parent)
                save_image(output / name, drawing)
                written.append(output / name)
            except IcaeditError as err:
                failures[path.as_posix()] = err
            if progress is not None:
                progress(done, len(pictures))
    if failures:
        raise InputError(
            f"got {len(failures)} of {len(pictures)} pictures that cannot be drawn "
            f"({', '.join(failures)}), expected readable ones; mend or remove them, the others are "
            f"drawn. The first: {next(iter(failures.values()))}"
        )
    inputs = {path.as_posix(): sha256_file(path) for path in pictures}
    record_run(output, inputs=inputs, outputs=written)
    click.echo(f"{output}: {len(written)} pictures of {source} as pencil drawings")


def _pictures(source: Path, output: Path) -> dict[Path, Path]:
    """Return the pictures below a folder, and the name of the drawing of each."""
    drawn: dict[Path, Path] = {}
    for path in sorted(source.rglob("*")):
        inside = output.resolve() in path.resolve().parents
        if path.suffix.lower() in _SUFFIXES and path.is_file() and not inside:
            name = path.relative_to(source).with_suffix(".png")
            if name in drawn.values():  # a.jpg and a.png side by side
                name = path.relative_to(source).with_name(f"{path.name}.png")
            drawn[path] = name
    if not drawn:
        raise InputError(
            f"got {source} without a picture in it, expected some of {', '.join(_SUFFIXES)}; name "
            "another folder"
        )
    return drawn
