"""icaedit models: which models there are, and what is known about one."""

import click

from icaedit.cli.options import shared_options

__all__ = ["command"]


@click.group("models", short_help="List models, or show one.")
def command() -> None:
    """List the models that come with the package, or show one.

    \b
    Example:
      icaedit models list
      icaedit models show portraits
    """


@command.command("list")
@shared_options
def list_models(device: str, seed: int, quiet: bool) -> None:
    """List the models that come with the package.

    \b
    Example:
      icaedit models list
    """
    from icaedit.cli.summaries import embedded_models, model_line

    models = embedded_models()
    for path in models.values():
        click.echo(model_line(path))
    if not models:
        click.echo("no model comes with this installation; name a model's file with --model")


@command.command("show")
@click.argument("name", metavar="NAME")
@shared_options
def show_model(name: str, device: str, seed: int, quiet: bool) -> None:
    """Show what is known about the model NAME, a name or a file.

    \b
    Example:
      icaedit models show portraits
    """
    from icaedit.cli.summaries import find_model, model_summary

    click.echo(model_summary(find_model(name)))
