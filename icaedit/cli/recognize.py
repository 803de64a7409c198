"""icaedit recognize: emotions recognised in photographs and drawings."""

import click

from icaedit.cli.lazy_group import LazyGroup

__all__ = ["COMMANDS", "command"]

COMMANDS = {
    "train": "icaedit.cli.recognize_train",
    "evaluate": "icaedit.cli.recognize_evaluate",
    "predict": "icaedit.cli.recognize_predict",
    "reproduce": "icaedit.cli.recognize_reproduce",
}


@click.group("recognize", cls=LazyGroup, modules=COMMANDS, short_help="Recognise emotions.")
def command() -> None:
    """Train a recogniser of emotions on a dataset, and recognise emotions with it.

    \b
    Example:
      icaedit recognize train kdef -o recogniser.safetensors
      icaedit recognize predict recogniser.safetensors sketches -o predictions.csv
    """
