"""icaedit completion: what a shell is offered, asked as a shell asks and in a real one."""

import os
import shutil
import subprocess
import sys

import click
import pytest
from click.shell_completion import BashComplete

from icaedit.cli.completion import VARIABLE, completion_script
from icaedit.cli.main import COMMANDS, cli
from icaedit.schema import EMOTIONS, METHODS


def offered(*words: str) -> list[str]:
    """Return what is offered for the last of the words after `icaedit`."""
    *given, incomplete = words
    items = BashComplete(cli, {}, "icaedit", VARIABLE).get_completions(given, incomplete)
    return [f"{item.type}:{item.value}" if item.type != "plain" else item.value for item in items]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("e",), [name for name in COMMANDS if name.startswith("e")]),
        (("",), list(COMMANDS)),
        (("models", ""), ["add", "list", "show"]),
        (("edit", "--emotion", ""), list(EMOTIONS)),
        (("edit", "face.png", "--emotion", "S"), ["sad", "surprised"]),
        (("edit", "--set", "hap"), ["happy="]),
        (("fit-directions", "kdef", "--method", ""), list(METHODS)),
        (("fit-directions", "--threshold", "m"), ["mean", "median"]),
        (("fit-directions", "--views", "HL,S,F"), ["HL,S,FL", "HL,S,FR"]),
        (("fit-directions", "--views", "FL,F"), ["FL,FR"]),
        (("evaluate", "--against", "pca,mean"), ["pca,mean-difference"]),
        (("edit", "--model", "por"), ["file:por", "portraits"]),
        (("models", "show", "por"), ["file:por", "portraits"]),
        (("edit", "--device", "c"), ["cpu", "cuda"]),
        (("edit", "--emo"), ["--emotion"]),
        (("edit", "fa"), ["file:fa"]),
        (("show", "--output", "fa"), ["file:fa"]),
    ],
)
def test_names_are_offered_where_they_belong(words, expected):
    found = offered(*words)
    assert found == expected


def test_added_models_are_offered_too(tmp_path, monkeypatch):
    monkeypatch.setenv("ICAEDIT_MODELS", str(tmp_path))
    (tmp_path / "portable").mkdir()
    (tmp_path / "portable" / "model.safetensors").touch()
    assert offered("sweep", "--model", "por") == ["file:por", "portraits", "portable"]


def test_every_option_with_an_emotion_offers_them():
    context = click.Context(cli)
    for name in ("edit", "sweep"):
        command = cli.get_command(context, name)
        (option,) = [o for o in command.params if "--emotion" in o.opts]
        assert [item.value for item in option.shell_complete(context, "")] == list(EMOTIONS)


def test_a_shell_that_asks_is_answered_without_a_heavy_import(tmp_path):
    code = (
        "import sys\nfrom icaedit.cli.main import main\n"
        "try:\n    main([])\nexcept SystemExit as end:\n    assert not end.code\n"
        "print([n for n in ('torch', 'numpy', 'PIL') if n in sys.modules])"
    )
    asked = {VARIABLE: "bash_complete", "COMP_WORDS": "icaedit edit --model p", "COMP_CWORD": "3"}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **asked}, capture_output=True, text=True,
        check=True, cwd=tmp_path,
    )  # fmt: skip
    assert done.stdout.splitlines() == ["file,p", "plain,portraits", "[]"], done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_printed_and_names_the_variable(shell, run):
    outcome = run("completion", shell)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == completion_script(shell)
    assert f"{VARIABLE}={shell}_complete" in outcome.out
    checker = shutil.which(shell)
    if checker is not None:
        done = subprocess.run(
            [checker, "-n"], input=outcome.out, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")


def test_an_unknown_shell_is_a_misuse(run):
    outcome = run("completion", "csh")
    assert outcome.code == 2
    assert "bash" in outcome.err


@pytest.mark.parametrize(
    ("line", "replies", "space"),
    [
        ("icaedit fit-directions --threshold me", ["mean", "median"], True),
        ("icaedit edit face.png --set sur", ["surprised="], False),
        ("icaedit models sh", ["show"], True),
    ],
)
def test_bash_itself_completes_words(line, replies, space, tmp_path):
    bash = shutil.which("bash")
    program = tmp_path / "icaedit"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m icaedit "$@"\n')
    program.chmod(0o755)
    # what readline does when the tabulator is pressed; compopt works only within it
    script = f"""
compopt() {{ [[ "$1$2" == "-onospace" ]] && echo nospace; }}
eval "$(icaedit completion bash)"
complete -p icaedit | grep -q -- "-F _icaedit_completion icaedit" || exit 3
COMP_WORDS=({line}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMP_LINE="{line}"
_icaedit_completion icaedit
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [bash, "--norc", "-c", script], env={**os.environ, "PATH": path}, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    expected = replies if space else ["nospace", *replies]
    assert done.stdout.split() == expected, done.stderr
