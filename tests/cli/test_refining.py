"""What is said about the time that a refinement takes."""

import click
import pytest

from icaedit.cli import editing


def test_the_time_is_estimated_once_from_the_first_steps(monkeypatch, capsys):
    clock = iter([100.0, 110.0, 120.0, 130.0, 140.0])
    monkeypatch.setattr(editing.time, "monotonic", lambda: next(clock))
    progress = editing._estimated()
    for done in range(1, 6):
        progress(done, 36)
    assert capsys.readouterr().err == "refining in 36 steps takes about 6 min\n"


def test_what_is_over_at_once_is_not_estimated(capsys):
    progress = editing._estimated()
    for done in range(1, 4):
        progress(done, 3)
    assert capsys.readouterr().err == ""


def test_quiet_refinement_says_nothing():
    with editing.refining(5, tune=False, seed=2, quiet=True) as refinement:
        assert (refinement.steps, refinement.seed, refinement.progress) == (5, 2, None)


def test_tuning_needs_steps():
    with pytest.raises(click.UsageError, match="--refine N"):
        with editing.refining(None, tune=True, seed=0, quiet=True):
            pass
