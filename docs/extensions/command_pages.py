"""A page for every command, written from the commands themselves before the sources are read."""

import importlib
from collections.abc import Iterator
from pathlib import Path

import click
from sphinx.application import Sphinx
from written_pages import fill_folder

from icaedit.cli.main import cli

__all__ = ["commands", "setup", "show_examples", "table", "write_pages"]

TABLE = "table.inc"
"""What docs/commands.md includes; the ending keeps it from being a page of its own."""


def commands(group: click.Group = cli, before: str = "") -> Iterator[tuple[str, str]]:
    """Yield the words of each command, and where Python finds it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command, words = group.get_command(context, name), f"{before} {name}".strip()
        module = command.callback.__module__
        members = vars(importlib.import_module(module))
        (attribute,) = (key for key, value in members.items() if value is command)
        yield words, f"{module}:{attribute}"
        if isinstance(command, click.Group):
            yield from commands(command, words)


def table(group: click.Group = cli) -> str:
    """Return a table of the commands in Markdown: what each is for, and its page."""
    context = click.Context(group)
    lines = ["| Command | |", "|---|---|"]
    for name in group.list_commands(context):
        help_text = group.get_command(context, name).get_short_help_str(limit=100)
        lines.append(f"| [`icaedit {name}`](commands/{name}.rst) | {help_text.rstrip('.')} |")
    return "\n".join(lines) + "\n"


def write_pages(app: Sphinx) -> None:
    """Fill docs/commands; a page that did not change is left alone."""
    folder = Path(app.srcdir) / "commands"
    pages = {TABLE: table()}
    for words, place in commands():
        name = words.replace(" ", "-") + ".rst"
        pages[name] = f".. click:: {place}\n   :prog: icaedit {words}\n   :nested: none\n"
    fill_folder(folder, pages)


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
