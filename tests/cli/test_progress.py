"""The progress bar."""

import io
import sys

import pytest
from rich.console import Console

from icaedit.cli import progress as module
from icaedit.cli.progress import progress_bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_a_bar(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar("encoding", quiet=False) as progress:
        progress(3, 7)
    assert "encoding" in terminal.getvalue()


def test_quiet_silences_a_terminal(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress_bar("encoding", quiet=True) as progress:
        assert progress is None
    assert terminal.getvalue() == ""


def test_a_script_sees_nothing(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with progress_bar("encoding", quiet=False) as progress:
        assert progress is None
    assert stream.getvalue() == ""


def drawn(bars) -> str:
    """Return what a display would draw now."""
    console = Console(file=io.StringIO(), width=100, force_terminal=False)
    console.print(bars.make_tasks_table(bars.tasks))
    return console.file.getvalue()


def test_a_bar_says_how_much_how_fast_and_how_long_still():
    bars, now = module._display(), [100.0]
    bars.get_time = lambda: now[0]
    task = bars.add_task("encoding", total=None)
    now[0] = 107.0
    assert "0:00:07" in drawn(bars)  # nothing is counted yet: the time so far
    for done in range(1, 6):
        now[0] += 4.0
        bars.update(task, completed=done, total=20)
    assert "5/20 4.0 s each" in drawn(bars)
    assert "0:01:00" in drawn(bars)


def test_a_bar_within_a_bar_is_a_line_of_it(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar("editing", quiet=False) as outer:
        outer(1, 3)
        (bars,) = module._shown
        with progress_bar("refining", quiet=False) as inner:
            inner(2, 5)
            assert [task.description for task in bars.tasks] == ["editing", "refining"]
            assert [task.completed for task in bars.tasks] == [1, 2]
        assert [task.description for task in bars.tasks] == ["editing"]
    assert module._shown == []


def test_a_failure_takes_the_bar_away(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    with pytest.raises(KeyError), progress_bar("editing", quiet=False):
        raise KeyError
    assert module._shown == []
