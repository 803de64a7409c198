"""The commands' help: what is documented, and how it is worded."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from icaedit.cli.main import COMMANDS, cli

DOCS = Path(__file__).parents[2] / "docs" / "cli"


def command_paths() -> list[tuple[str, ...]]:
    context = click.Context(cli)
    paths: list[tuple[str, ...]] = [()]
    for name in COMMANDS:
        command = cli.get_command(context, name)
        paths.append((name,))
        if isinstance(command, click.Group):
            paths += [(name, child) for child in command.list_commands(context)]
    return paths


PATHS = command_paths()
GROUPS = [(), ("models",), ("recognize",)]


@pytest.fixture
def help_of(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")

    def help_of(path: tuple[str, ...]) -> str:
        outcome = run(*path, "--help")
        assert (outcome.code, outcome.err) == (0, "")
        return outcome.out

    return help_of


def test_every_command_has_its_help_in_the_docs_and_there_is_no_other():
    names = {"-".join(["icaedit", *path]) + ".txt" for path in PATHS}
    assert {file.name for file in DOCS.glob("*.txt")} == names


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_the_docs_hold_the_help_word_for_word(path, help_of):
    stored = (DOCS / ("-".join(["icaedit", *path]) + ".txt")).read_text()
    assert help_of(path) == stored, "run `make cli-docs` if the change is meant"


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_every_help_has_an_example_and_fits_the_terminal(path, help_of):
    text = help_of(path)
    _, _, example = text.partition("Example:\n")
    assert example.strip().startswith(" ".join(["icaedit", *path]))
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("path", [p for p in PATHS if p not in GROUPS], ids=" ".join)
def test_every_command_takes_device_seed_and_quiet(path, help_of):
    text = help_of(path)
    assert all(option in text for option in ("--device [auto|cpu|cuda]", "--seed", "--quiet"))


def test_the_group_lists_every_command(help_of):
    listed = help_of(()).partition("Commands:\n")[2].splitlines()
    assert [line.split()[0] for line in listed] == list(COMMANDS)


def test_the_version_is_the_package_s(run):
    import icaedit

    assert run("--version") == (0, f"icaedit {icaedit.__version__}\n", "")


@pytest.mark.parametrize("path", GROUPS)
def test_a_group_without_a_command_says_what_there_is_and_counts_as_misuse(path, run):
    outcome = run(*path)
    assert outcome.code == 2
    assert outcome.out == ""
    assert "Commands:" in outcome.err


def test_it_also_runs_as_a_module():
    command = [sys.executable, "-m", "icaedit", "show", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: icaedit show ")
