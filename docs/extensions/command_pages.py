"""A page for every command, written from the commands themselves before the sources are read."""

from collections.abc import Iterator
from pathlib import Path

import click
from sphinx.application import Sphinx

from icaedit.cli.main import COMMANDS, cli

__all__ = ["setup"]


def _commands() -> Iterator[tuple[str, str]]:
    """Yield the words of each command, and where Python finds it."""
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        module = f"icaedit.cli.{name.replace('-', '_')}"
        yield name, f"{module}:command"
        if isinstance(command, click.Group):
            for child, callback in command.commands.items():
                (attribute,) = (
                    key for key, value in vars(_module(module)).items() if value is callback
                )
                yield f"{name} {child}", f"{module}:{attribute}"


def _module(name: str) -> object:
    import importlib

    return importlib.import_module(name)


def write_pages(app: Sphinx) -> None:
    """Fill docs/commands; a page that did not change is left alone."""
    folder = Path(app.srcdir) / "commands"
    folder.mkdir(exist_ok=True)
    pages = {}
    for words, place in _commands():
        name = words.replace(" ", "-") + ".rst"
        pages[name] = f".. click:: {place}\n   :prog: icaedit {words}\n   :nested: none\n"
    for stale in folder.glob("*.rst"):
        if stale.name not in pages:
            stale.unlink()
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages when the builder is ready."""
    app.connect("builder-inited", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
