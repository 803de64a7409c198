"""icaedit fit-directions: from a folder of faces, or latents, to emotion directions."""

import os
from pathlib import Path

import click

from icaedit import schema
from icaedit.cli.options import (
    FILE,
    THRESHOLD,
    VIEWS,
    align_option,
    landmark_model_option,
    method_option,
    model_option,
    shared_options,
)

__all__ = ["command"]

MAPPED_BYTES = 1 << 29
"""Files of latents larger than this are read as needed."""


@click.command("fit-directions", short_help="Fit one direction for each emotion.")
@click.argument("source", type=FILE, metavar="DIR")
@click.option(
    "-o",
    "--output",
    type=FILE,
    default="directions.safetensors",
    show_default=True,
    metavar="FILE",
    help="Where the directions go.",
)
@model_option
@method_option
@click.option(
    "--threshold",
    type=THRESHOLD,
    default="mean",
    show_default=True,
    help="Coordinates kept: mean, median, none, fdr or a number.",
)
@click.option(
    "--sided",
    type=click.Choice(["one", "two"]),
    default=None,
    help="Keep large positive coordinates only, or large negative ones as well. "
    "[default: one for paper, two for the others]",
)
@click.option(
    "--views",
    type=VIEWS,
    default="S",
    show_default=True,
    help="Of FL, HL, S, HR, FR, or all. Pictures of unknown view are always used.",
)
@click.option(
    "--estimand",
    type=click.Choice(["emotion", "component"]),
    default="emotion",
    show_default=True,
    help="For group-ica: all that moves with the posed emotion, or its one matched component.",
)
@click.option(
    "--components",
    type=click.IntRange(min=1),
    default=None,
    metavar="N",
    help="For group-ica: components to look among. [default: as many as stand out from noise]",
)
@click.option(
    "--bootstrap",
    type=click.IntRange(min=0),
    default=None,
    metavar="N",
    help="Resamplings of people, which tell how stable the directions are. "
    "[default: 1000, or 200 where each takes long]",
)
@click.option(
    "--stream",
    is_flag=True,
    help="Read latents in passes, a few people at a time, without a bootstrap; so done anyway "
    "beyond 6000 pictures unless --bootstrap is given.",
)
@align_option
@landmark_model_option
@shared_options
def command(
    source: Path,
    output: Path,
    model: str,
    method: str,
    threshold: str | float,
    sided: str | None,
    views: tuple[str, ...],
    estimand: str,
    components: int | None,
    bootstrap: int | None,
    stream: bool,
    align: str,
    landmark_model: Path | None,
    device: str,
    seed: int,
    quiet: bool,
) -> None:
    """Fit one direction for each emotion to the faces in DIR.

    DIR is a dataset, or a file of latents. A dataset is encoded first, into a file beside the
    output that is used again as long as it is up to date; a run that was stopped goes on.

    \b
    Example:
      icaedit fit-directions kdef -o directions.safetensors
    """
    from icaedit.artifacts import load_latents
    from icaedit.cli.datasets import encoded
    from icaedit.cli.progress import progress_bar
    from icaedit.cli.results import record_run, require_parent
    from icaedit.files import sha256_file
    from icaedit.fitting import fit_directions, fit_directions_streamed, is_large

    require_parent(output)
    if source.is_file():
        latents = load_latents(source, finite=False, mapped=source.stat().st_size > MAPPED_BYTES)
        inputs = {source.as_posix(): sha256_file(source)}
        unwanted = [view for view in schema.VIEWS if view not in views]
        wanted = [view not in unwanted for view in latents.view]
        if not all(wanted):
            latents = latents.select(wanted)
    else:
        from icaedit.models import load_model

        latents = encoded(
            source,
            output.with_name(f"{output.stem}.latents.safetensors"),
            model=lambda: load_model(model, device=device),
            views=views,
            align=align,
            landmark_model=landmark_model,
            quiet=quiet,
        )
        inputs = {source.as_posix(): latents.dataset_digest, "model": latents.model_fingerprint}
    options = {
        "method": method,
        "threshold": threshold,
        "sided": sided,
        "estimand": estimand,
        "n_components": components,
        "random_state": seed,
    }
    if stream or (is_large(latents, method) and not bootstrap):
        from icaedit.models.devices import resolve_device

        options["device"] = str(resolve_device(device))
        with progress_bar("fitting in passes", quiet=quiet):
            directions = fit_directions_streamed(latents, **options)
    else:
        with progress_bar("fitting", quiet=quiet) as progress:
            directions = fit_directions(
                latents, **options, n_bootstrap=bootstrap, progress=progress
            )
    if os.environ.get("RANK", "0") != "0":
        return  # the first of several processes writes
    directions.save(output)
    record_run(output, inputs=inputs)
    click.echo(directions.summary())
    for sentence in directions.report["sentences"]:
        click.echo(sentence)
    report = directions.report
    click.echo(
        f"{output}: fitted to {report['n_images']} pictures of {report['n_people']} people"
    )
