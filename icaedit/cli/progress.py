"""A bar on stderr for whoever is watching, and nothing for a script."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["progress_bar", "rate_text"]

_shown: list["Progress"] = []
"""The display that is open; a bar that begins meanwhile becomes a line of it."""


@contextmanager
def progress_bar(label: str, *, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Give a ``progress(done, total)`` callback that draws a bar while the block runs.

    The bar tells how much is done, how fast it goes and how long the rest takes; until the
    callback is called first, that something is going on and for how long. A bar within a bar is
    drawn below it. Nothing is left when the block ends.

    Parameters
    ----------
    label : str
        What is being done.
    quiet : bool
        Draw nothing. Nothing is drawn either where stderr is no terminal.

    Yields
    ------
    callable or None
        None where nothing is drawn.

    Examples
    --------
    >>> with progress_bar("encoding", quiet=True) as progress:
    ...     progress is None
    True
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    if _shown:
        yield from _line_of(_shown[-1], label)
        return
    with _display() as bars:
        _shown.append(bars)
        try:
            yield from _line_of(bars, label)
        finally:
            _shown.pop()


def rate_text(per_second: float | None) -> str:
    """Return how fast something goes: pieces a second, or seconds a piece if it is slow.

    Examples
    --------
    >>> rate_text(None), rate_text(1234.5), rate_text(12.34), rate_text(0.25), rate_text(1 / 200)
    ('', '1234/s', '12.3/s', '4.0 s each', '200 s each')
    """
    if not per_second:
        return ""
    if per_second >= 1:
        return f"{per_second:.0f}/s" if per_second >= 100 else f"{per_second:.1f}/s"
    seconds = 1 / per_second
    return f"{seconds:.0f} s each" if seconds >= 10 else f"{seconds:.1f} s each"


def _line_of(bars: "Progress", label: str) -> Iterator[Callable[[int, int], None]]:
    task = bars.add_task(label, total=None)

    def update(done: int, total: int) -> None:
        bars.update(task, completed=done, total=total)

    try:
        yield update
    finally:
        bars.remove_task(task)


def _display() -> "Progress":
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Counted(ProgressColumn):
        """How much of how much, and how fast; nothing where nothing is counted."""

        def render(self, task: Task) -> Text:
            if task.total is None:
                return Text("")
            speed = task.finished_speed or task.speed
            return Text(f"{task.completed:.0f}/{task.total:.0f} {rate_text(speed)}".rstrip())

    class Left(TimeRemainingColumn):
        """The time left, or, where nothing is counted, the time so far."""

        def render(self, task: Task) -> Text:
            return TimeElapsedColumn().render(task) if task.total is None else super().render(task)

    columns = (TextColumn("{task.description}"), BarColumn(), Counted(), Left())
    return Progress(*columns, console=Console(stderr=True), transient=True)
