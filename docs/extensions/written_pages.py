"""Pages that are made, and not written by hand, in a folder of their own."""

from collections.abc import Mapping
from pathlib import Path

__all__ = ["fill_folder"]


def fill_folder(folder: Path, pages: Mapping[str, str]) -> None:
    """Make `folder` hold these pages and no other file; one that did not change is left alone."""
    folder.mkdir(exist_ok=True)
    for stale in folder.iterdir():
        if stale.name not in pages:
            stale.unlink()
    for name, text in pages.items():
        path = folder / name
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
