"""A page for every command, written from the commands themselves before the sources are read."""

import importlib
from collections.abc import Iterator
from pathlib import Path

import click
from sphinx.application import Sphinx

from icaedit.cli.main import COMMANDS, cli

__all__ = ["commands", "setup", "show_examples", "write_pages"]


def commands() -> Iterator[tuple[str, str]]:
    """Yield the words of each command, and where Python finds it."""
    context = click.Context(cli)
    for name in COMMANDS:
        command = cli.get_command(context, name)
        module = f"icaedit.cli.{name.replace('-', '_')}"
        yield name, f"{module}:command"
        if isinstance(command, click.Group):
            for child, callback in command.commands.items():
                (attribute,) = (
                    key
                    for key, value in vars(importlib.import_module(module)).items()
                    if value is callback
                )
                yield f"{name} {child}", f"{module}:{attribute}"


def write_pages(app: Sphinx) -> None:
    """Fill docs/commands; a page that did not change is left alone."""
    folder = Path(app.srcdir) / "commands"
    folder.mkdir(exist_ok=True)
    pages = {}
    for words, place in commands():
        name = words.replace(" ", "-") + ".rst"
        pages[name] = f".. click:: {place}\n   :prog: icaedit {words}\n   :nested: none\n"
    for stale in folder.glob("*.rst"):
        if stale.name not in pages:
            stale.unlink()
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def show_examples(app: Sphinx, context: click.Context, lines: list[str]) -> None:
    """Make the example of a help text, which arrives as a line block, a listing to be copied."""
    if "| Example:" not in lines:
        return
    start = lines.index("| Example:")
    shown = [line.removeprefix("|").strip() for line in lines[start + 1 :]]
    lines[start:] = ["Example:", "", ".. code-block:: sh", ""]
    lines += [f"   {line}" for line in shown if line]
    lines.append("")


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the pages when the builder is ready."""
    app.connect("builder-inited", write_pages)
    app.connect("sphinx-click-process-description", show_examples)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
