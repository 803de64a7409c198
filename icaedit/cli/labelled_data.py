"""Datasets to recognise emotions in, as commands are given them."""

from collections.abc import Callable
from pathlib import Path

import click

from icaedit.cli.options import FILE
from icaedit.cli.progress import progress_bar
from icaedit.cli.results import tell
from icaedit.datasets import (
    SPLITS,
    Dataset,
    read_ck48,
    read_ck_plus,
    read_class_folders,
    read_dataset,
    read_raf_db,
    read_table,
)

__all__ = ["DATASETS", "data_argument", "dataset_options", "read_labelled"]

DATASETS = ("auto", "kdef", "raf-db", "ck+", "ck48", "class-folders", "table")
_LISTED = 3  # problems of a kind that are told
_PARTS = (*SPLITS, "training", "val", "valid", "testing")

data_argument = click.argument("data", type=FILE, metavar="DATA...", nargs=-1, required=True)


def dataset_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add ``--dataset`` and ``--labels``, which say how DATA is read."""
    function = click.option(
        "--labels",
        metavar="ORDER",
        help="What folders named by numbers stand for, such as fer2013; or emotions by commas.",
    )(function)
    return click.option(
        "--dataset",
        type=click.Choice(DATASETS),
        default="auto",
        show_default=True,
        help="How DATA is laid out; auto looks.",
    )(function)


def read_labelled(
    path: Path, *, dataset: str = "auto", labels: str | None = None, quiet: bool = False
) -> Dataset:
    """Read a dataset, and tell its problems on stderr.

    ``"auto"`` takes RAF-DB and CK+ by their folders; folders with a part such as train above
    them as folders by class; and anything else as `icaedit.datasets.read_dataset` does.

    Raises
    ------
    IcaeditError
        As the reader of the dataset.
    """
    kind = _kind(path) if dataset == "auto" else dataset
    with progress_bar("checking", quiet=quiet) as progress:
        if kind == "raf-db":
            found = read_raf_db(path, progress=progress)
        elif kind == "ck+":
            found = read_ck_plus(path, progress=progress)
        elif kind == "ck48":
            found = read_ck48(path, progress=progress)
        elif kind == "class-folders":
            found = read_class_folders(path, labels=labels, progress=progress)
        elif kind == "table":
            found = read_table(path, progress=progress)
        else:
            layout = "kdef" if kind == "kdef" else "auto"
            found = read_dataset(path, layout=layout, progress=progress)
    if found.problems:
        tell(found.report(limit=_LISTED))
    return found


def _kind(path: Path) -> str:
    if not path.is_dir():
        return "auto"
    if any((folder / "EmoLabel").is_dir() for folder in (path, path / "basic")):
        return "raf-db"
    if (path / "Emotion").is_dir() and (path / "cohn-kanade-images").is_dir():
        return "ck+"
    parts = {folder.name.lower() for folder in path.iterdir() if folder.is_dir()}
    return "class-folders" if parts & set(_PARTS) else "auto"
