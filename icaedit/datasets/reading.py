"""Reading a folder of pictures as a dataset, whatever its layout."""

import os
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from icaedit.datasets.contents import check_contents
from icaedit.datasets.folders import read_folders
from icaedit.datasets.kdef import is_kdef_name, read_kdef
from icaedit.datasets.manifest import is_manifest, read_manifest
from icaedit.datasets.records import Dataset, Problem, Record
from icaedit.datasets.searching import search_folder
from icaedit.errors import DatasetError, FileAccessError, InputError
from icaedit.schema import EMOTIONS, VIEWS, parse_views

__all__ = ["LAYOUTS", "read_dataset"]

LAYOUTS = ("auto", "kdef", "manifest", "folders")
_EXPECTED = (
    "expected pictures named as in KDEF (AF01/AF01HAS.JPG), a CSV table with path, identity and "
    "emotion, or folders named by emotion (happy/F01.png)"
)


def read_dataset(
    root: str | os.PathLike,
    *,
    layout: str = "auto",
    views: str | Iterable[str] | None = None,
    manifest: str | os.PathLike | None = None,
    check: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Dataset:
    """Find the pictures of a dataset, and whom and what each shows.

    Parameters
    ----------
    root : path
        The dataset's folder, searched at any depth; or its CSV table. Names that start with a
        dot, and the ``__MACOSX`` folders of archives, are passed over.
    layout : {"auto", "kdef", "manifest", "folders"}
        ``"kdef"``: by file names. ``"manifest"``: by a CSV table. ``"folders"``: by folders
        named by emotion. ``"auto"`` takes the first of these that fits.
    views : str or iterable of str, optional
        Camera angles to keep. Pictures whose angle is not known are kept always.
    manifest : path, optional
        The table, if it is not the only one in `root`. Its paths are relative to `root`.
    check : bool
        Whether to open every picture, to find unreadable, near-black and duplicate ones.
    progress : callable, optional
        Called with (done, total) while the pictures are opened.

    Returns
    -------
    Dataset
        The usable pictures in a fixed order; `problems` lists everything else.

    Raises
    ------
    FileAccessError
        If the folder or the table is missing.
    DatasetError
        If it holds no picture that can be used, or the layout does not fit.
    InputError
        If the layout or a view is unknown.

    Examples
    --------
    >>> import tempfile
    >>> root = Path(tempfile.mkdtemp())
    >>> for name in ("AF01NES.JPG", "BF01HAS.JPG"):
    ...     (root / name).touch()
    >>> dataset = read_dataset(root, check=False)
    >>> [(record.identity, record.take, record.emotion) for record in dataset]
    [('F01', 'A', 'neutral'), ('F01', 'B', 'happy')]
    """
    if layout not in LAYOUTS:
        raise InputError(f"got layout {layout!r}, expected one of {', '.join(LAYOUTS)}; use auto")
    wanted = None if views is None else parse_views(views)
    folder, table = _places(Path(os.path.abspath(root)), manifest)
    files, others, problems = search_folder(folder)
    if table is None and layout in ("auto", "manifest"):
        table = _find_table(folder, files, layout)
    if table is not None and layout in ("kdef", "folders"):
        raise InputError(f"got layout {layout!r} and a table {table}, expected one; drop the other")
    if table is not None:
        layout = "manifest"
        records, found = read_manifest(table, folder)
    elif not files:
        raise DatasetError(f"got {root} with {_contents(others)}, {_EXPECTED}; name such a folder")
    else:
        if layout == "auto":
            layout = "kdef" if _looks_like_kdef(files) else "folders"
        records, found = (read_kdef if layout == "kdef" else read_folders)(files)
    problems += found
    if wanted is not None:
        records = _of_views(root, records, wanted)
    if check:
        records, found = check_contents(records, progress=progress)
        problems += found
    used = tuple(record for record in records if not record.excluded)
    if not used:
        raise DatasetError(
            f"got {root} with {_faults(records, problems)}, {_EXPECTED}; name another folder"
        )
    problems += _missing_cells(records)
    excluded = tuple(record for record in records if record.excluded)
    return Dataset(folder, layout, used, excluded, tuple(problems))


def _places(root: Path, manifest: str | os.PathLike | None) -> tuple[Path, Path | None]:
    if not root.exists():
        raise FileAccessError(
            f"got {root}, which does not exist, expected a folder of pictures; check the path"
        )
    if root.is_file():
        if root.suffix.lower() not in (".csv", ".tsv"):
            raise DatasetError(
                f"got {root}, which is a file, expected a folder of pictures or a CSV table; name "
                "its folder"
            )
        return root.parent, root
    return root, None if manifest is None else Path(os.path.abspath(manifest))


def _find_table(folder: Path, files: list[Record], layout: str) -> Path | None:
    if layout == "auto" and _looks_like_kdef(files):
        return None
    tables = [path for path in sorted(folder.glob("*.csv")) if is_manifest(path)]
    if len(tables) > 1:
        raise DatasetError(
            f"got {len(tables)} tables in {folder} ({', '.join(path.name for path in tables)}), "
            "expected one; name it as the manifest"
        )
    if not tables and layout == "manifest":
        raise DatasetError(
            f"got {folder} without a CSV table that has the columns path, identity and emotion, "
            "expected one; add it or choose another layout"
        )
    return tables[0] if tables else None


def _looks_like_kdef(files: list[Record]) -> bool:
    return 2 * sum(is_kdef_name(file.name) for file in files) > len(files)


def _missing_cells(records: list[Record]) -> list[Problem]:
    known = [record for record in records if record.identity]
    emotions = {record.emotion for record in known}
    cells = {(record.identity, record.emotion) for record in known if not record.excluded}
    return [
        Problem("missing-cell", identity, f"no usable picture that shows {emotion}")
        for identity in sorted({record.identity for record in known})
        for emotion in (*EMOTIONS, "contempt")
        if emotion in emotions and (identity, emotion) not in cells
    ]


def _contents(others: list[str]) -> str:
    if not others:
        return "nothing in it"
    return f"no picture but {len(others)} other files such as {others[0]}"


def _faults(records: list[Record], problems: list[Problem]) -> str:
    kinds = Counter(problem.kind for problem in problems)
    if not kinds:
        kinds = Counter(record.excluded for record in records)
    faults = ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items()))
    first = f", such as {problems[0].path}: {problems[0].detail}" if problems else ""
    return f"no picture that can be used ({faults or 'no row'}{first})"


def _of_views(
    root: str | os.PathLike, records: list[Record], wanted: tuple[str, ...]
) -> list[Record]:
    kept = [record for record in records if record.view in wanted or record.view not in VIEWS]
    if records and not kept:
        there = ", ".join(view for view in VIEWS if any(r.view == view for r in records))
        raise DatasetError(
            f"got {root} with pictures of views {there} only, expected {', '.join(wanted)}; "
            "choose other views"
        )
    return kept
