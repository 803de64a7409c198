"""Write docs/cli anew: what every command says to --help in a terminal of 80 columns."""

import contextlib
import io
import os
from pathlib import Path

import click

from icaedit.cli.main import COMMANDS, cli, main

__all__ = ["help_texts"]

FOLDER = Path(__file__).parents[1] / "docs" / "cli"


def help_texts() -> dict[str, str]:
    """Return the help of `icaedit` and of each command, by file name."""
    context = click.Context(cli)
    paths: list[list[str]] = [[]]
    for name in COMMANDS:
        command = cli.get_command(context, name)
        paths.append([name])
        if isinstance(command, click.Group):
            paths += [[name, child] for child in command.list_commands(context)]
    os.environ["COLUMNS"] = "80"
    texts = {}
    for path in paths:
        with contextlib.redirect_stdout(io.StringIO()) as captured:
            main([*path, "--help"])
        texts["-".join(["icaedit", *path]) + ".txt"] = captured.getvalue()
    return texts


if __name__ == "__main__":
    for stale in FOLDER.glob("*.txt"):
        stale.unlink()
    for file_name, text in help_texts().items():
        (FOLDER / file_name).write_text(text)
