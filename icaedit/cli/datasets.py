"""Reading and encoding a dataset on behalf of a command."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from icaedit.cli.progress import progress_bar
from icaedit.cli.results import tell

if TYPE_CHECKING:
    from icaedit.artifacts import LatentSet
    from icaedit.models import LatentModel

__all__ = ["encoded"]

_LISTED = 3  # problems of a kind that are told


def encoded(
    folder: Path,
    output: Path,
    *,
    model: Callable[[], "LatentModel"],
    views: tuple[str, ...] | None,
    align: str,
    landmark_model: Path | None,
    quiet: bool,
) -> "LatentSet":
    """Encode a dataset into a file, going on where an earlier run was stopped.

    Parameters
    ----------
    folder : Path
        The dataset.
    output : Path
        The file of latents.
    model : callable
        Gives the model; called once the dataset proved readable.
    views : tuple of str or None
        Camera angles; all if None.
    align : str
        ``"auto"``, ``"always"`` or ``"none"``.
    landmark_model : Path or None
        The predictor of landmarks by which faces are aligned.
    quiet : bool
        Whether to show no progress.
    """
    from icaedit.datasets import read_dataset
    from icaedit.encode import encode_to_file

    with progress_bar("checking", quiet=quiet) as progress:
        dataset = read_dataset(folder, views=views, progress=progress)
    if dataset.problems:
        tell(dataset.report(limit=_LISTED))
        tell(f"icaedit show {folder} lists everything")
    with progress_bar("encoding", quiet=quiet) as progress:
        return encode_to_file(
            dataset,
            model(),
            output,
            align=align,
            landmark_model=landmark_model,
            progress=progress,
        )
