"""What an edit loads: time goes into packages that are not needed."""

import os
import subprocess
import sys

import pytest

UNNEEDED = ("matplotlib", "scipy", "sklearn", "sympy", "rich", "torch._dynamo", "torch._inductor")


@pytest.fixture
def in_a_new_process(world, tmp_path):
    """Run a command in a process of its own, then a line of Python, and return what it prints."""

    def in_a_new_process(arguments: list[str], after: str, **variables: str) -> str:
        code = (
            f"import sys, os\nfrom icaedit.cli.main import main\n"
            f"assert main({arguments!r}) == 0\nprint({after})"
        )
        ran = subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=True,
        )
        return ran.stdout.splitlines()[-1]

    return in_a_new_process


def test_an_edit_loads_no_compiler_no_mathematics_and_no_plots(in_a_new_process, world):
    words = ["edit", str(world / "face.png"), "--emotion", "happy", "--strength", "3"]
    after = f"[name for name in {UNNEEDED} if name in sys.modules], 'torch' in sys.modules"
    assert in_a_new_process(words, after) == "[] True"


def test_waiting_threads_leave_the_cores_to_others(in_a_new_process):
    shown = "os.environ['OMP_WAIT_POLICY'], 'torch' in sys.modules"
    if "OMP_WAIT_POLICY" not in os.environ:
        assert in_a_new_process(["--version"], shown) == "PASSIVE False"
    assert in_a_new_process(["--version"], shown, OMP_WAIT_POLICY="active") == "active False"
