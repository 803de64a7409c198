"""icaedit show: what a file holds, in plain words."""

from pathlib import Path

import click

from icaedit.cli.options import FILE, shared_options

__all__ = ["command"]


@click.command("show", short_help="Say what a file holds.")
@click.argument("file", type=FILE)
@click.option(
    "-o",
    "--output",
    type=FILE,
    metavar="PICTURE",
    help="Draw it too, as a .png: directions and masks, layer by layer.",
)
@shared_options
def command(file: Path, output: Path | None, device: str, seed: int, quiet: bool) -> None:
    """Say what FILE holds: latents, directions, a mask, a model, a picture, a table or a dataset.

    \b
    Example:
      icaedit show directions.safetensors -o directions.png
    """
    from icaedit.cli.summaries import summary_of

    if output is not None:
        from icaedit.cli.results import require_parent

        require_parent(output)
    click.echo(summary_of(file))
    if output is not None:
        from icaedit.cli.drawing import draw_layers
        from icaedit.cli.results import record_run
        from icaedit.files import sha256_file

        draw_layers(file, output)
        record_run(output, inputs={file.as_posix(): sha256_file(file)})
        click.echo(f"{output}: {file} drawn layer by layer")
