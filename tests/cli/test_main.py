"""What `icaedit` does when something goes wrong, and who hears of it."""

import subprocess
import sys
import warnings

import click
import pytest

from icaedit.cli import lazy_group
from icaedit.errors import DatasetError, FileAccessError, StabilityWarning


@pytest.fixture
def failing(monkeypatch):
    """Replace the command `show` by one that does something."""

    def failing(action):
        @click.command("show")
        def command():
            action()

        monkeypatch.setattr(lazy_group.importlib, "import_module", lambda name: _Module(command))

    return failing


class _Module:
    def __init__(self, command: click.Command) -> None:
        self.command = command


def raising(error: BaseException):
    def action():
        raise error

    return action


@pytest.mark.parametrize(
    "error", [DatasetError("got a, expected b; do c"), FileAccessError("got a, expected b; do c")]
)
def test_an_error_of_icaedit_is_one_line_and_exit_1(failing, run, error):
    failing(raising(error))
    assert run("show") == (1, "", "icaedit: got a, expected b; do c\n")


def test_an_error_of_the_system_names_the_path_and_is_exit_1(failing, run):
    failing(raising(OSError(28, "No space left on device", "/full/out.png")))
    outcome = run("show")
    assert outcome.code == 1
    assert outcome.err.startswith("icaedit: got No space left on device (/full/out.png) ")
    assert outcome.err.count("\n") == 1


def test_an_error_of_many_lines_is_told_on_one(failing, run):
    failing(raising(DatasetError("got a,\n  expected b;\n  do c")))
    assert run("show").err == "icaedit: got a, expected b; do c\n"


def test_a_bug_is_not_hidden(failing, run):
    failing(raising(KeyError("bug")))
    with pytest.raises(KeyError, match="bug"):
        run("show")


def test_an_interruption_is_exit_130(failing, run):
    failing(raising(KeyboardInterrupt()))
    outcome = run("show")
    assert outcome.code == 130
    assert "interrupted" in outcome.err


def test_a_warning_of_icaedit_is_one_line_on_stderr_and_no_failure(failing, run):
    failing(lambda: warnings.warn("got few people; add some", StabilityWarning, stacklevel=1))
    assert run("show") == (0, "", "icaedit: warning: got few people; add some\n")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("bogus",), "icaedit: No such command 'bogus'; see icaedit --help\n"),
        (("edit", "--bogus"), "icaedit edit: No such option '--bogus'; see icaedit edit --help\n"),
        (("encode",), "icaedit encode: Missing argument 'DIR'; see icaedit encode --help\n"),
    ],
)
def test_a_misuse_is_one_line_that_points_to_the_help_and_exit_2(run, arguments, line):
    assert run(*arguments) == (2, "", line)


def test_a_reader_that_leaves_early_causes_no_traceback():
    code = (
        "import sys, click\nfrom icaedit.cli import lazy_group, main as module\n"
        "@click.command('show')\n"
        "def command():\n    [click.echo('x' * 1000) for _ in range(10000)]\n"
        "lazy_group.importlib.import_module = lambda name: type('M', (), {'command': command})\n"
        "sys.exit(module.main(['show']))"
    )
    writer = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    writer.stdout.read(10)
    writer.stdout.close()
    assert writer.stderr.read() == b""
    writer.stderr.close()
    assert writer.wait() == 1
