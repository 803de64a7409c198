"""A bar on stderr for whoever is watching, and nothing for a script."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["progress_bar"]


@contextmanager
def progress_bar(label: str, *, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    """Give a ``progress(done, total)`` callback that draws a bar while the block runs.

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
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)

        def update(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield update
