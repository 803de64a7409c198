"""icaedit portraits: a KDEF-shaped folder of rendered faces."""

from pathlib import Path

import click

from icaedit.cli.options import FILE, VIEWS, shared_options

__all__ = ["command"]


@click.command("portraits", short_help="Render faces with seven expressions.")
@click.argument("folder", type=FILE, metavar="DIR")
@click.option(
    "--identities", type=click.IntRange(1), default=70, show_default=True, help="How many people."
)
@click.option(
    "--views", type=VIEWS, default="S", show_default=True, help="Of FL, HL, S, HR, FR, or all."
)
@click.option(
    "--takes", type=click.IntRange(1, 2), default=1, show_default=True, help="Sessions, A and B."
)
@click.option(
    "--size", type=click.IntRange(16, 2048), default=256, show_default=True, help="Side in pixels."
)
@shared_options
def command(
    folder: Path,
    identities: int,
    views: tuple[str, ...],
    takes: int,
    size: int,
    device: str,
    seed: int,
    quiet: bool,
) -> None:
    """Render faces with seven expressions into DIR, named as KDEF names them.

    Their true parameters are written to DIR/portraits.csv.

    \b
    Example:
      icaedit portraits kdef --identities 30 --seed 7
    """
    from icaedit.cli.progress import progress_bar
    from icaedit.cli.results import record_run
    from icaedit.portraits import write_portraits

    with progress_bar("rendering", quiet=quiet) as progress:
        table = write_portraits(
            folder,
            n_identities=identities,
            views=views,
            takes=takes,
            size=size,
            seed=seed,
            progress=progress,
        )
    record_run(folder, inputs={}, outputs=[table])
    pictures = identities * len(views) * takes * 7
    people = "1 person" if identities == 1 else f"{identities} people"
    click.echo(f"{folder}: {pictures} portraits of {people}; the truth is in {table}")
