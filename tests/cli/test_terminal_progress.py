"""Long commands on a terminal and in a pipe, each in a process of its own."""

import os
import pty
import re
import subprocess
import sys

import numpy as np
import pytest

from icaedit.images import save_image

SCRIPT = """
import sys
from icaedit.cli.main import main
for words in {commands!r}:
    assert main(words) == 0
"""


@pytest.fixture
def commands(world, tmp_path):
    """Some long commands, by what their bars say."""
    (tmp_path / "in").mkdir()
    for seed in range(2):
        noise = np.random.default_rng(seed).integers(0, 256, (32, 32, 3), dtype=np.uint8)
        save_image(tmp_path / "in" / f"{seed}.png", noise)
    model = ["--model", str(world / "model.safetensors")]
    directions = ["--directions", str(world / "directions.safetensors")]
    people = str(world / "people")
    happy = ["--emotion", "happy", "--strength", "3", "--align", "none"]
    return {
        "encoding": ["encode", people, *model, "--align", "none"],
        "editing": [
            "edit", "in", "-o", "out", "--contact-sheet", "sheet.png", *happy, *model, *directions,
        ],
        "rendering": ["portraits", "faces", "--identities", "1", "--size", "32"],
        "fitting": ["fit-directions", "latents.safetensors", "--bootstrap", "30"],
        "refining": ["edit", "in", "-o", "fine", "--refine", "2", *happy, *model, *directions],
        "drawing": ["sketch", "in", "-o", "drawn"],
        "reading and checking": [
            "models", "add", str(world / "model.safetensors"), "--name", "mine", "--replace",
        ],
    }  # fmt: skip


def on_a_terminal(arguments: list[str], folder) -> str:
    """Run Python on a terminal of its own; return what that shows, without its colours."""
    theirs, ours = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=folder, env=environment, stdout=ours, stderr=ours
    )
    os.close(ours)
    shown = b""
    while True:
        try:
            part = os.read(theirs, 65536)
        except OSError:  # the other end is closed
            break
        if not part:
            break
        shown += part
    os.close(theirs)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    assert process.wait() == 0, text
    return text


def test_long_commands_show_bars_on_a_terminal(commands, tmp_path):
    shown = on_a_terminal(["-c", SCRIPT.format(commands=list(commands.values()))], tmp_path)
    labels = ("checking", "encoding", "editing", "contact sheet", *list(commands)[2:])
    for label in labels:
        assert re.search(rf"{label}[^\r\n]* ━", shown), label
    # the bar of a refinement is drawn below that of the pictures
    assert re.search(r"editing ━[^\n]*\n[^\n]*refining ━", shown)


def test_in_a_pipe_and_where_asked_for_quiet_nothing_is_shown(commands, tmp_path):
    script = SCRIPT.format(commands=[words for key, words in commands.items() if key != "refining"])
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    assert "━" not in ran.stdout + ran.stderr
    lines = [line for line in ran.stderr.splitlines() if "warning" not in line]
    assert lines == []
    quiet = ["sketch", "in", "-o", "quietly", "--quiet"]
    assert "━" not in on_a_terminal(["-c", SCRIPT.format(commands=[quiet])], tmp_path)
