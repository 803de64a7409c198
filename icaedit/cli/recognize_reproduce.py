"""icaedit recognize reproduce: the paper's tables on rendered people, or on data sets on disk."""

from pathlib import Path

import click

from icaedit.cli.options import FILE, directions_option, model_option, shared_options

__all__ = ["command"]


@click.command("reproduce", short_help="Run the paper's Tables 1 to 5.")
@click.argument("folders", type=FILE, nargs=-1, metavar="[DIR]...")
@click.option(
    "-o",
    "--output",
    type=FILE,
    default="reproduction",
    show_default=True,
    metavar="DIR",
    help="Folder of recognition.md, the tables as CSV, scores and figures.",
)
@click.option(
    "--size",
    type=click.Choice(["quick", "published", "paper"]),
    default="published",
    show_default=True,
    help="quick: seconds, to see that it runs; published: what the documentation shows, twenty "
    "minutes of a core; paper: as the networks' authors trained them, for a GPU.",
)
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    metavar="N",
    help="Trainings of each network.  [default: 1 for quick, else 3]",
)
@click.option(
    "--trunk",
    type=FILE,
    metavar="FILE",
    help="Weights of a ResNet-18 that the networks start from, such as resnet18_msceleb.pth.  "
    "[default: none, from scratch]",
)
@directions_option
@model_option
@shared_options
def command(
    folders: tuple[Path, ...],
    output: Path,
    size: str,
    seeds: int | None,
    trunk: Path | None,
    directions: Path | None,
    model: str,
    device: str,
    seed: int,
    quiet: bool,
) -> None:
    """Run the experiment of the paper's Tables 1 to 5.

    Each DIR is RAF-DB, CK+ or KDEF; without any, people are rendered. Faces are drawn by pencil,
    three networks are trained on them without latents, with all, and with the coordinates of
    several masks, and tested on other people. The tables stand beside the paper's. A run that was
    stopped goes on.

    \b
    Example:
      icaedit recognize reproduce
    """
    from dataclasses import replace

    from icaedit.artifacts import load_directions
    from icaedit.cli.progress import progress_bar
    from icaedit.cli.results import record_run, tell
    from icaedit.editor import default_directions
    from icaedit.files import sha256_file
    from icaedit.models import load_model
    from icaedit.models.devices import resolve_device
    from icaedit.studies import (
        measure_network_costs,
        reproduce,
        study_settings,
        write_studies,
    )

    settings = replace(study_settings(size), trunk=trunk)
    if seeds is not None:
        settings = replace(settings, seeds=tuple(range(seeds)))
    latent_model = load_model(model, device=device)
    inputs = {"model": latent_model.fingerprint}
    if directions is None:
        known = default_directions(latent_model)
    else:
        known = load_directions(directions, model_fingerprint=latent_model.fingerprint)
        inputs[directions.as_posix()] = sha256_file(directions)
    if trunk is not None:
        inputs[trunk.as_posix()] = sha256_file(trunk)
    said: list[str] = []

    def say(what: str, done: int, total: int) -> None:
        if not quiet and what not in said:
            said.append(what)
            tell(f"{what}")

    with progress_bar("reproducing", quiet=quiet) as progress:

        def both(what: str, done: int, total: int) -> None:
            if progress is None:
                say(what, done, total)
            else:
                progress(done, total)

        results = reproduce(
            folders,
            output / "work",
            model=latent_model,
            directions=known,
            settings=settings,
            random_state=seed,
            device=resolve_device(device),
            progress=both,
        )
    words = ["icaedit recognize reproduce", *(path.name for path in folders), f"--size {size}"]
    words += [] if seeds is None else [f"--seeds {seeds}"]
    words += [] if trunk is None else [f"--trunk {trunk.name}"]
    written, sentences = write_studies(
        results,
        output,
        costs=measure_network_costs(latent_model, known, settings),
        command=" ".join(words),
        n_bootstrap=settings.n_bootstrap,
    )
    inputs |= {r.source.name: r.source.latents.dataset_digest for r in results}
    record_run(output, inputs=inputs, outputs=written)
    for sentence in sentences:
        click.echo(sentence)
    click.echo(f"{output}: {', '.join(path.name for path in written)}")
