"""Editing many pictures into a folder: what is done already, what has no face, and the sheet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from icaedit.cli.folders import for_each_picture, named
from icaedit.cli.progress import progress_bar
from icaedit.cli.results import asked_arguments, tell
from icaedit.cli.resuming import open_journal
from icaedit.errors import FaceNotFoundError, FileAccessError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Edited", "edit_several", "require_folder", "write_contact_sheet"]

_FREE = ("images", "output", "device", "contact_sheet", "overwrite", "strict")
"""Arguments that the result of a picture does not depend on."""
_SHEET_PIXELS = 512


@dataclass
class Edited:
    """What became of the pictures.

    Attributes
    ----------
    results : dict of Path to Path
        The results by their pictures, in order.
    faceless : list of Path
        Pictures without a face.
    again : int
        How many of the results are those of an earlier run.
    """

    results: dict[Path, Path] = field(default_factory=dict)
    faceless: list[Path] = field(default_factory=list)
    again: int = 0

    @property
    def wording(self) -> str:
        """How many pictures there are, and how many of them are new.

        Examples
        --------
        >>> Edited({Path("a.png"): Path("out/a.png")}, again=1).wording
        '1 picture (1 done before)'
        """
        count = len(self.results)
        before = f" ({self.again} done before)" if self.again else ""
        return f"{count} picture{'' if count == 1 else 's'}{before}"


def require_folder(output: Path | None) -> Path:
    """Return the folder for the results of several pictures.

    Raises
    ------
    UsageError
        If none was given.
    FileAccessError
        If it is a file.
    """
    if output is None:
        raise click.UsageError(
            "got several pictures or a folder, expected a folder for the results by -o; add -o OUT"
        )
    if output.exists() and not output.is_dir():
        raise FileAccessError(
            f"got {output}, which is a file, expected a folder for the results; give another by -o"
        )
    return output


def edit_several(
    pictures: Mapping[Path, Path],
    edit: Callable[[Path, Path], None],
    *,
    output: Path,
    inputs: Mapping[str, str],
    strict: bool,
    overwrite: bool,
    quiet: bool,
) -> Edited:
    """Edit each picture into its result, but for those that an earlier run has done.

    Parameters
    ----------
    pictures : mapping of Path to Path
        As from `chosen_pictures`.
    edit : callable
        Called as ``edit(picture, result)``.
    output : Path
        The folder of the results.
    inputs : mapping of str to str
        Digests of all that is read for every picture.
    strict : bool
        Whether a picture without a face is a failure.
    overwrite : bool
        Whether results that are there are made anew.
    quiet : bool
        Draw no bar.

    Raises
    ------
    InputError
        If a result is there that is not of this command, a picture cannot be used, or none has a
        face.
    """
    from icaedit.artifacts import package_versions
    from icaedit.files import ensure_writable_folder

    ensure_writable_folder(output)
    context = click.get_current_context()
    arguments = {key: value for key, value in asked_arguments().items() if key not in _FREE}
    request = {
        "command": context.info_name or "",
        "arguments": arguments,
        "seed": context.params.get("seed"),
        "inputs": dict(inputs),
        "versions": package_versions(),
    }
    journal = open_journal(output, pictures, request=request, overwrite=overwrite)
    faceless = [path for path in pictures if journal.kept.get(path.as_posix()) == ""]

    def work(picture: Path, result: Path) -> None:
        journal.begin(result)
        try:
            edit(picture, result)
        except FaceNotFoundError:
            if strict:
                raise
            journal.finish(picture, None)
            faceless.append(picture)
        else:
            journal.finish(picture, result)

    rest = {path: pictures[path] for path in pictures if path.as_posix() not in journal.kept}
    for_each_picture(rest, work, label="editing", quiet=quiet)
    journal.close()
    results = {path: result for path, result in pictures.items() if path not in faceless}
    faceless = [path for path in pictures if path not in results]
    if faceless:
        listed = named([path.as_posix() for path in faceless])
        if not results:
            raise FaceNotFoundError(
                f"got {len(faceless)} pictures without a face ({listed}), expected one at least "
                "with a face seen from the front; see `icaedit edit --help` for --landmarks"
            )
        tell(f"no face was found in {len(faceless)} of {len(pictures)} pictures: {listed}")
    return Edited(results, faceless, sum(map(bool, journal.kept.values())))


def write_contact_sheet(
    path: Path, results: Mapping[Path, Path], *, metadata: bool, quiet: bool
) -> list[Path]:
    """Write pictures before and after, on as many pages as they need, and return the files.

    A small face in a large photo is shown large: of a photo of which the edit changed a part, that
    part is shown.

    Parameters
    ----------
    path : Path
        The first page; the others are named after it, NAME-2, NAME-3, ...
    results : mapping of Path to Path
        Pictures and what was made of them.
    metadata : bool
        Whether pages say that an algorithm altered what they show.
    quiet : bool
        Draw no bar.
    """
    from icaedit.images import read_image, save_image
    from icaedit.plots import contact_sheet, edited_part
    from icaedit.plots.contact_sheet import PAIRS_ON_A_PAGE

    pages = []
    items = list(results.items())
    with progress_bar("contact sheet", quiet=quiet) as progress:
        for start in range(0, len(items), PAIRS_ON_A_PAGE):
            pairs = []
            for picture, result in items[start : start + PAIRS_ON_A_PAGE]:
                before, after = read_image(picture), read_image(result)
                if before.shape == after.shape:
                    part = edited_part(before, after)
                    before, after = before[part], after[part]
                pairs.append((picture.name, _reduced(before), _reduced(after)))
                if progress is not None:
                    progress(start + len(pairs), len(items))
            number = f"-{start // PAIRS_ON_A_PAGE + 1}" if start else ""
            pages.append(path.with_name(f"{path.stem}{number}{path.suffix}"))
            record = _record_of_sheet(items[start][1], len(pairs)) if metadata else None
            save_image(pages[-1], contact_sheet(pairs), provenance=record)
    return pages


def _record_of_sheet(result: Path, count: int) -> dict[str, Any] | None:
    """Return the record of a page, from that of one of the results on it."""
    from icaedit.images import COMPOSITE, read_provenance

    record = read_provenance(result)
    if record is None:
        return None
    kept = {key: record[key] for key in ("icaedit", "model", "directions") if key in record}
    return {**kept, "digital_source_type": COMPOSITE, "contact_sheet_of": count}


def _reduced(image: "np.ndarray") -> "np.ndarray":
    """Return a picture of moderate size: a page holds many."""
    import numpy as np
    from PIL import Image

    picture = Image.fromarray(image)
    picture.thumbnail((_SHEET_PIXELS, _SHEET_PIXELS), Image.Resampling.LANCZOS)
    return np.asarray(picture)
