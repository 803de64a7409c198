"""Finding the pictures below a folder."""

import os
from pathlib import Path

from icaedit.datasets.records import Problem, Record
from icaedit.errors import FileAccessError

__all__ = ["search_folder"]

_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp")


def search_folder(root: Path) -> tuple[list[Record], list[str], list[Problem]]:
    """Return the pictures below a folder, the other files' names, and folders not readable.

    Names that start with a dot, and the ``__MACOSX`` folders of archives, are passed over.

    Raises
    ------
    FileAccessError
        If the folder itself is missing or unreadable.
    """
    if not root.exists():
        raise FileAccessError(
            f"got {root}, which does not exist, expected a folder of pictures; check the path"
        )
    files: list[Record] = []
    others: list[str] = []
    problems: list[Problem] = []
    visited: set[str] = set()

    def note(err: OSError) -> None:
        if Path(err.filename) == root:
            raise FileAccessError(
                f"got {err.strerror} when reading {root}, expected a readable folder; change its "
                "permissions"
            ) from err
        name = os.path.relpath(err.filename, root)
        problems.append(Problem("unreadable", name, f"folder: {err.strerror}; not searched"))

    for folder, folders, names in os.walk(root, followlinks=True, onerror=note):
        real = os.path.realpath(folder)
        if real in visited:  # a link back into the tree
            folders.clear()
            continue
        visited.add(real)
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        for name in names:
            path = Path(folder, name)
            if _is_hidden(name):
                continue
            if path.suffix.lower() in _SUFFIXES:
                files.append(Record(path, path.relative_to(root).as_posix(), "", ""))
            else:
                others.append(path.relative_to(root).as_posix())
    return sorted(files, key=lambda file: file.name), sorted(others), problems


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"
