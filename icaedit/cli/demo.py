"""icaedit demo: the whole tour, from rendered portraits to an edited face."""

from pathlib import Path

import click

from icaedit.cli.options import FILE, model_option, shared_options

__all__ = ["command"]


@click.command("demo", short_help="The whole tour, on rendered faces.")
@click.argument("folder", type=FILE, metavar="[DIR]", default="icaedit-demo")
@click.option(
    "--identities",
    type=click.IntRange(2, 198),
    default=24,
    show_default=True,
    help="People the directions are fitted to.",
)
@model_option
@shared_options
def command(folder: Path, identities: int, model: str, device: str, seed: int, quiet: bool) -> None:
    """Render people, find their emotion directions, and edit faces never seen before.

    Takes a few minutes. The pictures, and a page that explains them, are left in DIR, which is
    icaedit-demo if not given.

    \b
    Example:
      icaedit demo
    """
    from icaedit.cli.results import record_run
    from icaedit.cli.tour import take_tour, write_pages
    from icaedit.files import ensure_writable_folder
    from icaedit.models import load_model

    ensure_writable_folder(folder)
    latent_model = load_model(model, device=device)
    exhibits = take_tour(folder, latent_model, n_identities=identities, seed=seed, quiet=quiet)
    write_pages(folder, exhibits)
    pictures = [folder / exhibit.name for exhibit in exhibits]
    record_run(folder, inputs={"model": latent_model.fingerprint}, outputs=pictures)
    for exhibit in exhibits:
        click.echo(f"{folder / exhibit.name}: {exhibit.title}")
    click.echo(f"{folder / 'index.html'}: the pictures explained; open it in a browser")
