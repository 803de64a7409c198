"""icaedit encode: a folder of faces to latents."""

from pathlib import Path

import click

from icaedit.cli.options import (
    FILE,
    VIEWS,
    align_option,
    landmark_model_option,
    model_option,
    shared_options,
)

__all__ = ["command"]


@click.command("encode", short_help="Encode the faces of a dataset.")
@click.argument("folder", type=FILE, metavar="DIR")
@click.option(
    "-o",
    "--output",
    type=FILE,
    default="latents.safetensors",
    show_default=True,
    metavar="FILE",
    help="Where the latents go.",
)
@model_option
@click.option("--views", type=VIEWS, help="Only these of FL, HL, S, HR, FR.  [default: all]")
@align_option
@landmark_model_option
@shared_options
def command(
    folder: Path,
    output: Path,
    model: str,
    views: tuple[str, ...] | None,
    align: str,
    landmark_model: Path | None,
    device: str,
    seed: int,
    quiet: bool,
) -> None:
    """Encode the faces of a dataset in DIR.

    A run that was stopped goes on where it was, and a finished file that is still up to date is
    left as it is. DIR is named as KDEF is, or has a folder for each emotion, or a manifest.csv.

    \b
    Example:
      icaedit encode kdef -o latents.safetensors
    """
    from icaedit.cli.datasets import encoded
    from icaedit.cli.results import record_run, require_parent
    from icaedit.models import load_model

    require_parent(output)
    latents = encoded(
        folder,
        output,
        model=lambda: load_model(model, device=device),
        views=views,
        align=align,
        landmark_model=landmark_model,
        quiet=quiet,
    )
    inputs = {folder.as_posix(): latents.dataset_digest, "model": latents.model_fingerprint}
    record_run(output, inputs=inputs)
    n, layers, channels = latents.latents.shape
    click.echo(f"{output}: {n} pictures, each {layers} layers x {channels} channels")
