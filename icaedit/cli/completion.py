"""icaedit completion: the script by which a shell completes commands, options and names."""

import click

from icaedit.cli.options import shared_options

__all__ = ["VARIABLE", "command", "completion_script"]

VARIABLE = "_ICAEDIT_COMPLETE"
"""Through which a shell asks; click answers before anything else is run."""

_ADDED = "COMPREPLY+=($value)"


@click.command("completion", short_help="Print what makes the shell complete words.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@shared_options
def command(shell: str, device: str, seed: int, quiet: bool) -> None:
    """Print the script that lets a SHELL complete commands, options, names and files.

    For bash put `eval "$(icaedit completion bash)"` into ~/.bashrc, for zsh the
    same with zsh into ~/.zshrc after compinit. For fish the script goes to
    ~/.config/fish/completions/icaedit.fish.

    \b
    Example:
      icaedit completion fish > icaedit.fish
      eval "$(icaedit completion bash)"
    """
    click.echo(completion_script(shell), nl=False)


def completion_script(shell: str) -> str:
    """Return click's script for a shell.

    In bash no space is put after ``happy=``, where the strength follows.

    Parameters
    ----------
    shell : {"bash", "zsh", "fish"}

    Examples
    --------
    >>> "complete -o nosort -F _icaedit_completion icaedit" in completion_script("bash")
    True
    """
    from click.shell_completion import get_completion_class

    from icaedit.cli.main import cli

    found = get_completion_class(shell)
    assert found is not None
    # the template and not source(), which starts bash to learn its version
    made = found(cli, {}, "icaedit", VARIABLE)
    script = made.source_template % made.source_vars()
    return script.replace(_ADDED, f"{_ADDED}; [[ $value == *= ]] && compopt -o nospace")
