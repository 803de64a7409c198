"""The command `icaedit`: finds its commands when they are asked for, and words their failures."""

import os
import sys
import warnings
from collections.abc import Sequence

import click

from icaedit.cli.lazy_group import LazyGroup
from icaedit.errors import IcaeditError, IcaeditWarning

__all__ = ["cli", "main"]

COMMANDS = (
    "demo",
    "portraits",
    "fit-directions",
    "edit",
    "sweep",
    "align",
    "sketch",
    "encode",
    "show",
    "export-mask",
    "evaluate",
    "models",
    "recognize",
    "app",
    "doctor",
    "completion",
)

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130


def _print_version(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        import icaedit

        click.echo(f"icaedit {icaedit.__version__}")
        context.exit()


@click.group(
    cls=LazyGroup,
    modules={name: f"icaedit.cli.{name.replace('-', '_')}" for name in COMMANDS},
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version and exit.",
)
def cli() -> None:
    """Find emotion directions in face latents by ICA, and edit faces along them.

    \b
    Example:
      icaedit demo
      icaedit edit face.png --emotion happy --strength 3
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        The words after ``icaedit``; those of this process if absent.

    Returns
    -------
    int
        0 done; 1 failed, with one line on stderr that says what to do; 2 not understood;
        130 interrupted.

    Examples
    --------
    >>> main(["--version"])
    icaedit ...
    0
    """
    # threads of torch that wait in a loop take the core which the others need: on a busy machine
    # an edit takes several times as long; read when torch is loaded, and whoever set it knows best
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    with warnings.catch_warnings():
        warnings.simplefilter("default", IcaeditWarning)
        previous = warnings.showwarning

        def show(message, category, filename, lineno, file=None, line=None):
            if issubclass(category, IcaeditWarning):
                _complain(f"icaedit: warning: {message}")
            else:
                previous(message, category, filename, lineno, file, line)

        warnings.showwarning = show
        try:
            code = cli.main(arguments, prog_name="icaedit", standalone_mode=False)
            sys.stdout.flush()
        except click.exceptions.NoArgsIsHelpError as err:
            _complain(err.format_message())
            return USAGE
        except click.UsageError as err:
            return _misunderstood(err)
        except click.ClickException as err:
            return _failed(err.format_message())
        except IcaeditError as err:
            return _failed(str(err))
        except BrokenPipeError:
            # the reader has left; keep the interpreter from writing to it once more on exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return FAILED
        except OSError as err:
            where = f" ({err.filename})" if err.filename else ""
            return _failed(
                f"got {err.strerror or err}{where} from the system, expected to read and write "
                "there; check the path, its permissions and the free space"
            )
        except (KeyboardInterrupt, click.Abort):
            _complain("icaedit: interrupted; the same command goes on where it can")
            return INTERRUPTED
    return code if isinstance(code, int) else DONE


def _misunderstood(err: click.UsageError) -> int:
    path = err.ctx.command_path if err.ctx is not None else "icaedit"
    message = " ".join(err.format_message().split()).rstrip(".")
    _complain(f"{path}: {message}; see {path} --help")
    return USAGE


def _failed(message: str) -> int:
    _complain(f"icaedit: {' '.join(message.split())}")
    return FAILED


def _complain(line: str) -> None:
    click.echo(line, err=True)
