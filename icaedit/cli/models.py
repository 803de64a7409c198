"""icaedit models: which models there are, what is known about one, and how one is added."""

from pathlib import Path

import click

from icaedit.cli.options import FILE, MODEL, shared_options

__all__ = ["command"]


@click.group("models", short_help="List models, show one, or add one.")
def command() -> None:
    """List the models that --model can name, show one, or add a checkpoint.

    \b
    Example:
      icaedit models list
      icaedit models show portraits
      icaedit models add e4e_ffhq_encode.pt --name ffhq
    """


@command.command("list")
@shared_options
def list_models(device: str, seed: int, quiet: bool) -> None:
    """List the models of the package and those that were added.

    \b
    Example:
      icaedit models list
    """
    from icaedit.cli.model_summaries import known_models, model_line
    from icaedit.cli.results import tell
    from icaedit.errors import FormatError

    models = known_models()
    for name, path in models.items():
        try:
            click.echo(model_line(path, name))
        except FormatError as err:  # one damaged model must not hide the others
            tell(f"{name}: cannot be read: {err}")
    if not models:
        click.echo("no model comes with this installation; name a model's file with --model")


@command.command("show")
@click.argument("name", metavar="NAME", type=MODEL)
@shared_options
def show_model(name: str, device: str, seed: int, quiet: bool) -> None:
    """Show what is known about the model NAME, a name or a file.

    A checkpoint of e4e, pSp or StyleGAN2 is read as it would be when it is used.

    \b
    Example:
      icaedit models show portraits
      icaedit models show e4e_ffhq_encode.pt
    """
    from icaedit.cli.model_summaries import model_summary
    from icaedit.models.library import find_model

    click.echo(model_summary(*find_model(name)))


@command.command("add")
@click.argument("file", type=FILE)
@click.option("--name", required=True, metavar="NAME", help="What --model calls it from then on.")
@click.option("--replace", is_flag=True, help="Replace a model that has this name.")
@shared_options
def add(file: Path, name: str, replace: bool, device: str, seed: int, quiet: bool) -> None:
    """Convert the checkpoint FILE once, and keep it as the model NAME.

    Reads checkpoints of e4e and pSp, of rosinality's stylegan2-pytorch, NVIDIA's
    StyleGAN2 pickles of PyTorch, and models of icaedit. What a file is follows
    from its content, and nothing in it is executed. The model lies in the folder
    that ICAEDIT_MODELS names, by default ~/.local/share/icaedit/models.

    \b
    Example:
      icaedit models add e4e_ffhq_encode.pt --name ffhq
      icaedit fit-directions kdef --model ffhq -o ffhq.safetensors
    """
    from icaedit.cli.model_summaries import model_line
    from icaedit.cli.progress import progress_bar
    from icaedit.cli.results import record_run
    from icaedit.files import sha256_file
    from icaedit.models import add_model
    from icaedit.models.library import WEIGHTS_NAME

    with progress_bar(f"reading and checking {file.name}", quiet=quiet):
        folder = add_model(file, name, replace=replace)
    weights = folder / WEIGHTS_NAME
    record_run(folder, inputs={file.as_posix(): sha256_file(file)}, outputs=[weights])
    click.echo(f"{model_line(weights, name)}; kept in {folder}")
