"""Pictures that would spoil a fit without a word: broken, constant, doubled or wild latents."""

import hashlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree

from icaedit.analysis.cells import check_latents
from icaedit.analysis.centring import CentredCells
from icaedit.analysis.ica import principal_rows
from icaedit.errors import DatasetError, IcaeditWarning, InputError

__all__ = ["Screening", "screen_latents", "wild_coordinates"]

NEAR = 0.01
"""Two latents nearer than this share of the usual distance between two pictures of one person
count as the same picture; a new expression, a new pose or a new photograph is never that near."""

FEWEST_COORDINATES = 32
"""With fewer, different pictures come near each other by chance; only true copies count."""

WILD_LEVERAGE = 0.5
"""Least share of a coordinate in the leading components at which it is called wild."""
WILD_SIZE, WILD_SHARE = 30, 0.45
"""A coordinate is wild, too, if one cell is this many standard deviations of all numbers away from
its person and holds this share of what the coordinate ever changes."""

_CHUNK = 1024
_PROJECTIONS = 12
_SHOWN = 5


@dataclass(frozen=True, eq=False)
class Screening:
    """Which pictures can be used, and what is odd about the others.

    Attributes
    ----------
    used : ndarray of bool, (N,)
        False for every picture of a quarantined person and for constant latents.
    quarantined : tuple of str
        People with NaN or Inf in a latent, sorted.
    constant : tuple of int
        Rows left out because all their coordinates are equal.
    duplicates : tuple of (int, int)
        Rows kept that are the same picture, or almost.
    """

    used: NDArray[np.bool_]
    quarantined: tuple[str, ...]
    constant: tuple[int, ...]
    duplicates: tuple[tuple[int, int], ...]


def screen_latents(latents: ArrayLike, identity: ArrayLike, emotion: ArrayLike) -> Screening:
    """Find the pictures that a fit must leave out, and those it should be told about.

    Parameters
    ----------
    latents : array_like of float, (N, D) or (N, L, C)
    identity, emotion : array_like of str, (N,)
        Used to name pictures.

    Raises
    ------
    InputError
        If the arrays are of unusable shape or type.
    DatasetError
        If fewer than two people are left.

    Warns
    -----
    IcaeditWarning
        Naming the people or pictures: NaN or Inf, constant latents, doubled pictures.

    Examples
    --------
    >>> latents = np.random.default_rng(0).normal(size=(6, 4))
    >>> screening = screen_latents(latents, list("aabbcc"), ["neutral", "happy"] * 3)
    >>> screening.used.all(), screening.quarantined, screening.duplicates
    (np.True_, (), ())
    """
    latents = check_latents(latents, finite=False)
    flat = latents.reshape(len(latents), -1)
    identity, emotion = np.asarray(identity).astype(str), np.asarray(emotion).astype(str)
    for name, values in (("identity", identity), ("emotion", emotion)):
        if values.shape != (len(flat),):
            raise InputError(
                f"got {name} of shape {values.shape}, expected ({len(flat)},); give one {name} "
                "per latent"
            )
    finite, constant = _row_checks(flat)
    broken = np.unique(identity[~finite]).tolist()
    used = ~np.isin(identity, broken)
    constant &= used
    used &= ~constant
    people = np.unique(identity[used])
    if (broken or constant.any()) and len(people) < 2:
        raise DatasetError(
            f"got NaN, infinite or constant latents that leave {len(people)} of "
            f"{len(np.unique(identity))} people, expected at least 2; check the model and encode "
            "the pictures again"
        )
    if broken:
        _warn(
            f"got NaN or infinite latents of {_some(broken)}, expected finite numbers; "
            f"{'this person is' if len(broken) == 1 else 'these people are'} left out, encode "
            "their pictures again"
        )
    if constant.any():
        rows = np.flatnonzero(constant)
        _warn(
            f"got constant latents in {_pictures(rows, identity, emotion)}, expected codes of "
            "faces; they are left out, encode these pictures again"
        )
    rows = np.flatnonzero(used)
    pairs = [
        (int(rows[i]), int(rows[j])) for i, j in _near_pairs(flat[rows], identity[rows])
    ]
    if pairs:
        listed = [
            f"{_picture(i, identity, emotion)} = {_picture(j, identity, emotion)}"
            for i, j in pairs
        ]
        _warn(
            f"got {len(pairs)} pair{'s' * (len(pairs) > 1)} of latents that are the same or "
            f"almost, expected different pictures: {_some(listed)}; remove copies and check names "
            "and labels"
        )
    return Screening(
        used, tuple(broken), tuple(np.flatnonzero(constant).tolist()), tuple(pairs)
    )


def wild_coordinates(centred: CentredCells, n_components: int) -> list[tuple[int, int]]:
    """Return (coordinate, cell) where one coordinate, or one number in it, is out of all measure.

    The leverage of a coordinate is its squared length in the leading principal rows, a number in
    0 to 1 with mean K / D. ICA takes an outlier of large leverage for a source of its own. An
    outlier in a single cell may have little leverage and still spoil the mean difference. The
    cell is the one farthest from the coordinate's median.

    Parameters
    ----------
    centred : CentredCells
    n_components : int
        K, the principal rows that count as leading.

    Examples
    --------
    >>> from icaedit.analysis.cells import cell_means
    >>> from icaedit.analysis.centring import centre_people
    >>> latents = np.random.default_rng(0).normal(size=(6, 400))
    >>> latents[3, 123] = 500.0
    >>> cells = cell_means(latents, list("aabbcc"), ["neutral", "happy"] * 3)
    >>> wild_coordinates(centre_people(cells), 2)
    [(123, 3)]
    """
    matrix = centred.matrix
    rows, _ = principal_rows(centred.gram, n_components)
    leverage = ((rows @ matrix) ** 2).sum(axis=0)
    # in few coordinates one of them may well be all that an emotion is
    wild = leverage > max(WILD_LEVERAGE, 20 * leverage.mean())
    largest = np.abs(matrix).max(axis=0)
    share = largest**2 / np.maximum((matrix**2).sum(axis=0), np.finfo(np.float64).tiny)
    scale = np.sqrt(np.median((matrix**2).mean(axis=0)))
    wild |= (largest > WILD_SIZE * scale) & (share > WILD_SHARE)
    found = []
    for coordinate in np.flatnonzero(wild):
        column = centred.cells.means[:, coordinate]
        found.append((int(coordinate), int(np.abs(column - np.median(column)).argmax())))
    return found


def _row_checks(flat: NDArray) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    finite = np.empty(len(flat), dtype=bool)
    constant = np.empty(len(flat), dtype=bool)
    for start in range(0, len(flat), _CHUNK):
        part = flat[start : start + _CHUNK]
        finite[start : start + _CHUNK] = np.isfinite(part).all(axis=1)
        constant[start : start + _CHUNK] = (part == part[:, :1]).all(axis=1)
    return finite, constant & (flat.shape[1] > 1)


def _near_pairs(flat: NDArray, identity: NDArray[np.str_]) -> list[tuple[int, int]]:
    """Rows i < j closer than `NEAR` times the usual distance within a person.

    Copies are found by their bytes, each paired with the first of its kind. Random projections
    keep distances on average (Johnson and Lindenstrauss 1984), so candidates for near copies come
    from a tree in few dimensions; each is then measured.
    """
    first: dict[bytes, int] = {}
    pairs: list[tuple[int, int]] = []
    for row, latent in enumerate(flat):
        before = first.setdefault(hashlib.sha256(latent.tobytes()).digest(), row)
        if before != row:
            pairs.append((before, row))
    if flat.shape[1] >= FEWEST_COORDINATES:
        pairs += _almost_same(flat, identity, np.array(sorted(first.values())))
    return sorted(pairs)


def _almost_same(
    flat: NDArray, identity: NDArray[np.str_], originals: NDArray[np.int64]
) -> list[tuple[int, int]]:
    person = np.unique(identity, return_inverse=True)[1]
    directions = np.random.default_rng(0).standard_normal((flat.shape[1], _PROJECTIONS))
    directions /= np.sqrt(_PROJECTIONS)
    points = np.concatenate(
        [
            flat[start : start + _CHUNK].astype(np.float64) @ directions
            for start in range(0, len(flat), _CHUNK)
        ]
    )
    radius = NEAR * _usual_distance(points, person)
    tree = cKDTree(points[originals])
    pairs = []
    for i, j in originals[tree.query_pairs(3 * radius, output_type="ndarray")]:
        gap = flat[i].astype(np.float64) - flat[j].astype(np.float64)
        if np.linalg.norm(gap) <= radius:
            pairs.append((int(i), int(j)))
    return pairs


def _usual_distance(points: NDArray[np.float64], person: NDArray[np.int64]) -> float:
    counts = np.bincount(person)
    means = np.stack([np.bincount(person, column) for column in points.T], axis=1)
    spread = ((points - (means / counts[:, None])[person]) ** 2).sum(axis=1)
    several = counts > 1
    if not several.any():
        return 0.0
    variance = np.bincount(person, spread)[several] / (counts[several] - 1)
    return float(np.median(np.sqrt(2 * variance)))


def _picture(row: int, identity: NDArray[np.str_], emotion: NDArray[np.str_]) -> str:
    return f"{identity[row]} {emotion[row]} (row {row})"


def _pictures(
    rows: NDArray[np.int64], identity: NDArray[np.str_], emotion: NDArray[np.str_]
) -> str:
    return _some([_picture(row, identity, emotion) for row in rows])


def _some(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _warn(message: str) -> None:
    warnings.warn(message, IcaeditWarning, stacklevel=4)
