"""Checks of the words of commands that are not run: packages, targets, files, options."""

import configparser
import re
import shlex
import subprocess
import sys
from functools import cache

import click

from icaedit.cli.main import cli

from .reading import ROOT, Command

__all__ = ["check", "check_icaedit"]


def check(command: Command) -> None:
    """Check a command by its program.

    Raises
    ------
    AssertionError
        If a word of it means nothing.
    """
    words = shlex.split(command.text, comments=True)
    if words[0] == "pip":
        _check_pip(words, command)
    elif words[0] == "make":
        _check_make(words, command)
    elif words[0] == "icaedit":
        check_icaedit(words, str(command))
    elif words[0].endswith("python") and words[1] != "-m":
        _check_program(words, command)
    else:  # ours, or a module with folders to work on
        for word in words[3:] or words[:1]:
            assert (ROOT / word).exists(), f"{command}: no {word}"


def check_icaedit(words: list[str], where: str) -> None:
    """Check that a command of `icaedit` exists and has the options that are named."""
    context, command = click.Context(cli), cli
    rest = words[1:]
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        name, *rest = rest
        if not re.fullmatch(r"[a-z-]+", name):  # `icaedit COMMAND`
            return
        found = command.get_command(context, name)
        assert found is not None, f"{where}: no command {name!r} of {command.name or 'icaedit'}"
        command = found
    known = {option for parameter in command.params for option in parameter.opts}
    known |= {"--help", "-h"}
    for word in rest:
        option = word.split("=")[0]
        if re.fullmatch(r"--?[a-z][a-z-]*", option):
            assert option in known, f"{where}: {' '.join(words)} has no option {option}"


@cache
def extras() -> set[str]:
    """Return the extras of setup.cfg."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    return set(setup["options.extras_require"])


def check_extras(text: str, where: str) -> None:
    """Check every ``icaedit[...]`` and ``.[...]`` of a text."""
    for names in re.findall(r"(?:icaedit|\.)\[([\w, -]+)\]", text):
        for name in names.split(","):
            assert name.strip() in extras(), f"{where}: no extra {name.strip()!r} in setup.cfg"


def _check_pip(words: list[str], command: Command) -> None:
    check_extras(command.text, str(command))
    rest = words[2:]
    while rest:
        word = rest.pop(0)
        if word in ("-c", "-r", "--constraint", "--requirement"):
            assert (ROOT / rest.pop(0)).is_file(), command
        elif not word.startswith("-"):
            ours = re.fullmatch(r"(icaedit|\.)(\[.*\])?", word) or word.endswith(".whl")
            assert ours, f"{command}: {word} is not this package; list it in exceptions.py"


def _check_make(words: list[str], command: Command) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.M))
    for word in words[1:]:
        assert word in targets or "=" in word, f"{command}: no target {word!r} in the Makefile"


def _check_program(words: list[str], command: Command) -> None:
    program = ROOT / words[1]
    assert program.is_file(), f"{command}: no {words[1]}"
    options = [word.split("=")[0] for word in words[2:] if word.startswith("-")]
    if options:
        text = _help_of(words[1])
        for option in options:
            assert option in text, f"{command}: {words[1]} has no option {option}"


@cache
def _help_of(program: str) -> str:
    done = subprocess.run(
        [sys.executable, program, "--help"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
