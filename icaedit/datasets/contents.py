"""Looking into every picture once: can it be read, is it black, has it been seen before."""

import hashlib
import io
import struct
import warnings
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from icaedit.datasets.records import Problem, Record
from icaedit.errors import FileAccessError
from icaedit.files import read_bytes

__all__ = ["check_contents"]

NEAR_BLACK = 10.0
"""Mean grey level, of 255, below which a picture shows nothing; KDEF's placeholder has 0.61."""

# the limits and formats of icaedit.images, which a dataset may not import
SMALLEST_SIDE = 16
LARGEST_PIXELS = 100_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF", "PPM")
_DECODER_ERRORS = (
    OSError, SyntaxError, ValueError, TypeError, EOFError, IndexError, KeyError,
    OverflowError, struct.error, zlib.error,
)  # fmt: skip
_DRAFT = (96, 96)  # pixels; enough for a mean, and a JPEG decodes to it many times faster


@dataclass(frozen=True)
class _Contents:
    digest: str = ""
    size: tuple[int, int] = (0, 0)  # width, height
    level: float = 255.0  # mean grey
    fault: str = ""


def check_contents(
    records: list[Record], *, progress: Callable[[int, int], None] | None = None
) -> tuple[list[Record], list[Problem]]:
    """Open every picture that is not excluded, and exclude those that cannot be used.

    Unreadable and near-black pictures are excluded. Of pictures with the same bytes the first is
    used if they agree on person and emotion, and none if they do not. A picture whose size is
    not that of most of the others is used and reported.

    Parameters
    ----------
    records : list of Record
    progress : callable, optional
        Called with (done, total) after each picture.

    Returns
    -------
    records : list of Record
        The same, with digests and reasons filled in.
    problems : list of Problem
    """
    problems: list[Problem] = []
    checked: list[Record] = []
    sizes: dict[str, tuple[int, int]] = {}
    for done, record in enumerate(records, start=1):
        if not record.excluded:
            seen = _look(record.path)
            record = replace(record, digest=seen.digest)
            if seen.fault:
                problems.append(Problem("unreadable", record.name, f"{seen.fault}; not used"))
                record = replace(record, excluded="unreadable")
            elif seen.level < NEAR_BLACK:
                detail = f"mean grey level {seen.level:.1f} of 255; not used"
                problems.append(Problem("near-black", record.name, detail))
                record = replace(record, excluded="near-black")
            else:
                sizes[record.name] = seen.size
        checked.append(record)
        if progress is not None:
            progress(done, len(records))
    checked, duplicates = _without_duplicates(checked)
    return checked, problems + duplicates + _odd_sizes(sizes)


def _without_duplicates(records: list[Record]) -> tuple[list[Record], list[Problem]]:
    same: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        if not record.excluded:
            same[record.digest].append(record)
    details: dict[int, str] = {}
    for group in same.values():
        agree = len({(record.identity, record.emotion) for record in group}) == 1
        for record in group[1:] if agree else group if len(group) > 1 else []:
            other = group[0] if record is not group[0] else group[1]
            details[id(record)] = f"the same picture as {other.name}" + (
                "; not used" if agree else ", of another person or emotion; neither is used"
            )
    problems = [
        Problem("duplicate", record.name, details[id(record)])
        for record in records
        if id(record) in details
    ]
    kept = [
        replace(record, excluded="duplicate") if id(record) in details else record
        for record in records
    ]
    return kept, problems


def _odd_sizes(sizes: dict[str, tuple[int, int]]) -> list[Problem]:
    if not sizes:
        return []
    usual, n = Counter(sizes.values()).most_common(1)[0]
    if 2 * n <= len(sizes):
        return []
    return [
        Problem("odd-size", name, f"{size[0]}x{size[1]} pixels, most are {usual[0]}x{usual[1]}")
        for name, size in sizes.items()
        if size != usual
    ]


def _look(path: Path) -> _Contents:
    try:
        content = read_bytes(path)
    except FileAccessError as err:
        return _Contents(fault=f"cannot be opened: {getattr(err.__cause__, 'strerror', err)}")
    digest = hashlib.sha256(content).hexdigest()
    try:
        size, level, fault = _decode(content)
    except _DECODER_ERRORS as err:
        return _Contents(digest, fault=" ".join(str(err).split()) or type(err).__name__)
    return _Contents(digest, size, level, fault)


def _decode(content: bytes) -> tuple[tuple[int, int], float, str]:
    import numpy as np
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
        except Image.UnidentifiedImageError:
            return (0, 0), 255.0, "its content is no picture of a known kind"
        except Image.DecompressionBombError:
            return (0, 0), 255.0, "far too many pixels"
    with picture:
        size = picture.size
        if min(size) < SMALLEST_SIDE or size[0] * size[1] > LARGEST_PIXELS:
            return size, 255.0, f"{size[0]}x{size[1]} pixels, too small or too large"
        if picture.mode == "F":
            return size, 255.0, "floating-point pixels"
        picture.draft("RGB", _DRAFT)
        picture.load()
        if picture.mode.startswith("I"):  # 16 bits
            return size, float(np.asarray(picture).mean() / 257), ""
        if picture.has_transparency_data:
            cut_out = picture.convert("RGBA")
            white = Image.new("RGBA", cut_out.size, "white")
            return size, float(np.asarray(Image.alpha_composite(white, cut_out)).mean()), ""
        return size, float(np.asarray(picture.convert("L")).mean()), ""
