"""icaedit show: what a file holds, in plain words and as a picture."""

import sys
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
    help="Draw it into a .png instead of the terminal.",
)
@click.option("--no-picture", is_flag=True, help="Draw nothing in the terminal.")
@shared_options
def command(
    file: Path, output: Path | None, no_picture: bool, device: str, seed: int, quiet: bool
) -> None:
    """Say what FILE holds: latents, directions, a mask, a model, a recogniser, a picture, the
    record of a run, a table or a dataset.

    Most are drawn too, in a terminal that shows pictures or colours. The variable
    ICAEDIT_PICTURES says how: kitty, iterm2, sixel, blocks or none.

    \b
    Example:
      icaedit show directions.safetensors -o directions.png
      icaedit show kdef --no-picture
    """
    from icaedit.cli.summaries import summary_of

    if output is not None:
        from icaedit.cli.results import require_parent

        require_parent(output)
    click.echo(summary_of(file))
    if output is not None:
        from icaedit.cli.drawing import summary_picture
        from icaedit.cli.results import record_run
        from icaedit.files import sha256_file
        from icaedit.images import save_image

        save_image(output, summary_picture(file, device=device, seed=seed))
        record_run(output, inputs={file.as_posix(): sha256_file(file)} if file.is_file() else {})
        click.echo(f"{output}: {file} drawn")
    elif not no_picture:
        _show_in_terminal(file, device, seed)


def _show_in_terminal(file: Path, device: str, seed: int) -> None:
    from icaedit.cli.terminal import picture_protocol

    if picture_protocol(sys.stdout) is None:
        return
    from icaedit.cli.drawing import summary_picture
    from icaedit.cli.summaries import PICTURES
    from icaedit.cli.terminal import show_picture
    from icaedit.errors import IcaeditError
    from icaedit.images import read_image

    try:
        if file.suffix.lower() in PICTURES:
            show_picture(read_image(file))
        else:
            show_picture(summary_picture(file, device=device, seed=seed))
    except IcaeditError:  # not all that can be told can be drawn
        return
