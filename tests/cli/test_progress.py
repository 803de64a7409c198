"""The progress bar."""

import io
import sys

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
