"""Commands on several pictures: which there are, where each result goes, and each in turn."""

import glob
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from icaedit.cli.progress import progress_bar
from icaedit.errors import IcaeditError, InputError, MissingDependencyError
from icaedit.files import ensure_writable_folder

__all__ = [
    "chosen_pictures",
    "for_each_picture",
    "named",
    "names_one_file",
    "pictures_below",
    "pictures_in",
]

_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".ppm")
_LISTED = 20  # names in one message


def names_one_file(sources: Sequence[Path]) -> bool:
    """Tell whether what was named is one file, and not a folder, a pattern or several.

    Examples
    --------
    >>> names_one_file([Path("face.png")]), names_one_file([Path("photos/*.png")])
    (True, False)
    """
    if len(sources) != 1:
        return False
    return sources[0].is_file() or not (sources[0].is_dir() or glob.has_magic(str(sources[0])))


def pictures_below(source: Path) -> list[Path]:
    """Return the pictures in a folder and its subfolders, sorted."""
    return [path for path in sorted(source.rglob("*")) if _is_picture(path)]


def pictures_in(
    source: Path, output: Path, *, suffix: Callable[[str], str] = str
) -> dict[Path, Path]:
    """Return the pictures below a folder, and below another the file for each result.

    Parameters
    ----------
    source, output : Path
        Folders; what lies in `output` is passed over if that is inside `source`.
    suffix : callable
        Gives a result's suffix from that of the picture; the same by default.

    Raises
    ------
    InputError
        If there is no picture.
    """
    return chosen_pictures([source], output, suffix=suffix)


def chosen_pictures(
    sources: Sequence[Path], output: Path, *, suffix: Callable[[str], str] = str
) -> dict[Path, Path]:
    """Return the pictures that were named, and below a folder the file for each result.

    A result keeps its picture's name, and below a folder that was named also the folders between.

    Parameters
    ----------
    sources : sequence of Path
        Files, folders, and patterns such as ``photos/*.jpg`` or ``photos/**/*.jpg``. A picture
        that is named twice counts once.
    output : Path
        A folder; what lies in it is passed over where a folder or a pattern is searched.
    suffix : callable
        Gives a result's suffix from that of the picture; the same by default.

    Raises
    ------
    InputError
        If a folder or a pattern has no picture, or a result would replace a picture.
    """
    found: dict[Path, Path] = {}  # picture: its path below the output
    for source in sources:
        if source.is_dir():
            below = _pictures_among(source, source.rglob("*"), output)
            found |= {path: path.relative_to(source) for path in below if path not in found}
        elif glob.has_magic(str(source)) and not source.is_file():
            matched = map(Path, glob.glob(str(source), recursive=True))
            pictures = _pictures_among(source, matched, output)
            found |= {path: Path(path.name) for path in pictures if path not in found}
        elif source not in found:
            found[source] = Path(source.name)
    results: dict[Path, Path] = {}
    owners: dict[Path, str] = {}  # the names of the pictures behind the results
    for path, below in found.items():
        results[path] = _free_name(output / below, suffix(below.suffix), owners)
        owners[results[path]] = below.name
    _require_apart(results)
    return results


def for_each_picture(
    pictures: Mapping[Path, Path],
    work: Callable[[Path, Path], None],
    *,
    label: str,
    quiet: bool,
) -> None:
    """Work on each picture, and at the end name all those that could not be used.

    Parameters
    ----------
    pictures : mapping of Path to Path
        As from `chosen_pictures`.
    work : callable
        Called as ``work(picture, result)`` to write the result, whose folder exists.
    label : str
        What is being done.
    quiet : bool
        Draw no bar.

    Raises
    ------
    InputError
        If a picture could not be used; the others are done.
    MissingDependencyError
        At once, as it would befall every picture.
    """
    failures: dict[str, IcaeditError] = {}
    with progress_bar(label, quiet=quiet) as progress:
        for done, (picture, result) in enumerate(pictures.items(), start=1):
            ensure_writable_folder(result.parent)
            try:
                work(picture, result)
            except MissingDependencyError:
                raise
            except IcaeditError as err:
                failures[picture.as_posix()] = err
            if progress is not None:
                progress(done, len(pictures))
    if failures:
        raise InputError(
            f"got {len(failures)} of {len(pictures)} pictures that cannot be used "
            f"({named(list(failures))}), expected readable ones with a face; mend or remove "
            f"them, the others are done. The first: {next(iter(failures.values()))}"
        )


def named(names: Sequence[str], *, most: int = _LISTED) -> str:
    """Return names separated by commas, and after so many of them how many more there are.

    Examples
    --------
    >>> named(["a", "b"]), named(["a", "b", "c"], most=1)
    ('a, b', 'a, and 2 more')
    """
    more = len(names) - most
    return ", ".join(names[:most]) + (f", and {more} more" if more > 0 else "")


def _pictures_among(source: Path, paths: Iterable[Path], output: Path) -> list[Path]:
    """Return the pictures among paths in order, but for results of an earlier run."""
    inside = output.resolve()
    pictures = [
        path for path in sorted(paths) if _is_picture(path) and inside not in path.resolve().parents
    ]
    if not pictures:
        raise InputError(
            f"got {source} without a picture in it, expected some of {', '.join(_SUFFIXES)}; name "
            "another folder"
        )
    return pictures


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in _SUFFIXES and path.is_file()


def _free_name(path: Path, suffix: str, owners: Mapping[Path, str]) -> Path:
    """Return a path with a suffix that no other result has."""
    free, number = path.with_suffix(suffix), 2
    if owners.get(free, path.name) != path.name:  # a.jpg and a.png side by side
        free = path.with_name(path.name + suffix)
    while free in owners:  # a.jpg of one folder and a.jpg of another
        free = path.with_name(f"{path.stem}-{number}{suffix}")
        number += 1
    return free


def _require_apart(results: Mapping[Path, Path]) -> None:
    """Check that no picture is replaced by a result."""
    own = {path.resolve() for path in results}
    replaced = [str(result) for result in results.values() if result.resolve() in own]
    if replaced:
        raise InputError(
            f"got {named(replaced)} as a result and as a picture to read, expected results "
            "elsewhere; give another folder by -o"
        )
