"""Commands on a folder of pictures: which there are, and each in turn."""

from collections.abc import Callable, Mapping
from pathlib import Path

from icaedit.cli.progress import progress_bar
from icaedit.errors import IcaeditError, InputError, MissingDependencyError
from icaedit.files import ensure_writable_folder

__all__ = ["for_each_picture", "pictures_below", "pictures_in"]

_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".ppm")


def pictures_below(source: Path) -> list[Path]:
    """Return the pictures in a folder and its subfolders, sorted."""
    return [
        path for path in sorted(source.rglob("*"))
        if path.suffix.lower() in _SUFFIXES and path.is_file()
    ]  # fmt: skip


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
    results: dict[Path, Path] = {}
    for path in pictures_below(source):
        if output.resolve() in path.resolve().parents:
            continue
        wanted = suffix(path.suffix)
        result = output / path.relative_to(source).with_suffix(wanted)
        if result in results.values():  # a.jpg and a.png side by side
            result = result.with_name(path.name + wanted)
        results[path] = result
    if not results:
        raise InputError(
            f"got {source} without a picture in it, expected some of {', '.join(_SUFFIXES)}; name "
            "another folder"
        )
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
        As from `pictures_in`.
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
            f"({', '.join(failures)}), expected readable ones with a face; mend or remove "
            f"them, the others are done. The first: {next(iter(failures.values()))}"
        )
