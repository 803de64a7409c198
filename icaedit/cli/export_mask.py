"""icaedit export-mask: the coordinates that directions use, for recognition."""

from pathlib import Path

import click

from icaedit.cli.options import FILE, THRESHOLD, shared_options

__all__ = ["command"]


@click.command("export-mask", short_help="Write directions' index mask.")
@click.argument("directions", type=FILE)
@click.option(
    "-o",
    "--output",
    type=FILE,
    default="mask.json",
    show_default=True,
    metavar="FILE",
    help="Where the mask goes.",
)
@click.option(
    "--threshold",
    type=THRESHOLD,
    help="mean, median, none, fdr or a number.  [default: as the directions were fitted]",
)
@shared_options
def command(
    directions: Path,
    output: Path,
    threshold: str | float | None,
    device: str,
    seed: int,
    quiet: bool,
) -> None:
    """Write the index mask of DIRECTIONS as JSON.

    \b
    Example:
      icaedit export-mask directions.safetensors -o mask.json --threshold median
    """
    from icaedit.artifacts import load_directions
    from icaedit.cli.results import record_run, require_parent
    from icaedit.files import sha256_file

    require_parent(output)
    mask = load_directions(directions).export_mask(output, threshold=threshold)
    record_run(output, inputs={directions.as_posix(): sha256_file(directions)})
    layers, channels = mask.shape
    click.echo(
        f"{output}: {len(mask.union)} of {layers * channels} coordinates, "
        f"threshold {mask.threshold}"
    )
