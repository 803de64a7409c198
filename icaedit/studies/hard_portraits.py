"""Portraits that are as hard to read as drawings of real people are, with every truth known."""

import csv
import io
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from icaedit.errors import InputError
from icaedit.files import atomic_write, ensure_writable_folder
from icaedit.images import pencil_sketch, save_image
from icaedit.portraits import (
    ACTION_UNITS,
    CONTEXT,
    PortraitParameters,
    portraits_of,
    render,
    restyle,
    sample_contexts,
    sample_identities,
)
from icaedit.schema import EMOTIONS

__all__ = [
    "CIRCUMSTANCES",
    "PEOPLE",
    "SHOTS",
    "HardPortraits",
    "plan_hard_portraits",
    "write_hard_portraits",
]

PEOPLE: Mapping[str, int] = {"train": 30, "validation": 30, "test": 120}
"""People of each part, by default."""

SHOTS: Mapping[str, int] = {"train": 2, "validation": 1, "test": 1}
"""Pictures of each person with each emotion, by default."""

CIRCUMSTANCES: Mapping[str, tuple[float, float]] = {
    "yaw": (-35.0, 35.0),
    "pitch": (-10.0, 10.0),
    "roll": (-6.0, 6.0),
    "light_azimuth": (-1.4, 1.4),
    "light_elevation": (0.1, 1.0),
    "light_level": (0.65, 1.2),
}
"""Ranges, in the units of `icaedit.portraits.CONTEXT`, from which each picture draws its own."""

TABLE = "portraits.csv"

_STREAM = 51_013
"""Sets the random streams of these people apart from those of all other portraits."""

_INTENSITY = (0.35, 1.0)
_BLENDED, _SHARE = 0.5, (0.15, 0.4)
_OCCLUDED = 0.4
_KERNELS = np.arange(3, 24, 2)
_BATCH = 32


@dataclass(frozen=True, eq=False)
class HardPortraits:
    """What is going to be drawn.

    Attributes
    ----------
    names : tuple of str, length N
        File names relative to the folder.
    split, identity, emotion : tuple of str, length N
        Of a blend the emotion that has the greater share.
    parameters : PortraitParameters of length N
    intensity : ndarray of float64, (N,)
        1 is the full pose; of no meaning for neutral faces.
    second : tuple of str, length N
        The other emotion of a blend; empty where there is none.
    share : ndarray of float64, (N,)
        Its share, below a half; 0 where there is none.
    occluded : ndarray of bool, (N,)
    kernel : ndarray of int64, (N,)
        Side in pixels of the pencil's Gaussian, odd.
    """

    names: tuple[str, ...]
    split: tuple[str, ...]
    identity: tuple[str, ...]
    emotion: tuple[str, ...]
    parameters: PortraitParameters
    intensity: NDArray[np.float64]
    second: tuple[str, ...]
    share: NDArray[np.float64]
    occluded: NDArray[np.bool_]
    kernel: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.names)


def plan_hard_portraits(
    *,
    people: Mapping[str, int] = PEOPLE,
    shots: Mapping[str, int] = SHOTS,
    seed: int = 0,
) -> HardPortraits:
    """Decide who shows what, how strongly, and what makes it hard to see.

    Every picture has its own turn of the head, light and intensity. Half of those that are not
    neutral are blends: their action units are those of two emotions, in the ratio of their
    shares. People depend on the seed, their part and their number only, so that those of a small
    plan are the first of a large one.

    Parameters
    ----------
    people, shots : mapping of str to int
        For each part its people, and the pictures of each of them with each emotion.
    seed : int
        At least 0.

    Returns
    -------
    HardPortraits
        By part, person, emotion and shot.

    Raises
    ------
    InputError
        If a part is unknown or a number below 1.

    Examples
    --------
    >>> plan = plan_hard_portraits(people={"test": 2}, shots={"test": 1})
    >>> len(plan), plan.names[1]
    (14, 'test/test-001/happy-1.png')
    """
    parts = list(PEOPLE)
    if (
        seed < 0
        or not people
        or not set(people) <= set(parts)
        or any(n < 1 or shots.get(part, 0) < 1 for part, n in people.items())
    ):
        raise InputError(
            f"got people {dict(people)}, shots {dict(shots)} and seed {seed}, expected some of "
            f"{', '.join(parts)} with 1 or more of each, and a seed of at least 0; correct them"
        )
    names, labels, rows = [], [], []
    for part, n_people in people.items():
        for number in range(n_people):
            rng = np.random.default_rng([_STREAM, seed, parts.index(part), number])
            identity = f"{part}-{number + 1:03d}"
            drawn = _person(rng, number, shots[part])
            rows.append(drawn)
            for emotion in EMOTIONS:
                for shot in range(1, shots[part] + 1):
                    names.append(f"{part}/{identity}/{emotion}-{shot}.png")
                    labels.append((part, identity, emotion))
    values, intensity, second, share, occluded, kernel = (
        np.concatenate(column) for column in zip(*rows, strict=True)
    )
    return HardPortraits(
        tuple(names),
        *(tuple(column) for column in zip(*labels, strict=True)),
        parameters=PortraitParameters(values),
        intensity=intensity,
        second=tuple(second.tolist()),
        share=share,
        occluded=occluded,
        kernel=kernel,
    )


def write_hard_portraits(
    root: str | os.PathLike,
    plan: HardPortraits,
    *,
    size: int = 128,
    drawn: bool = True,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Draw a plan's portraits into a folder, and write the table `portraits.csv` beside them.

    What covers a face is put on the portrait before it is drawn by pencil, as if it had stood
    before the artist. The table is written last: where it stands, the folder is whole.

    Parameters
    ----------
    root : path
        Folder to write to; made if missing.
    plan : HardPortraits
    size : int
        Side of the pictures in pixels, at least 16.
    drawn : bool
        Whether by pencil; otherwise the uncovered portraits are written in colour.
    progress : callable, optional
        Called with (pictures written, pictures in all).

    Returns
    -------
    Path
        The table: path, identity, emotion and split, as `icaedit.datasets.read_table` reads them,
        and what makes each picture hard.

    Raises
    ------
    InputError
        If the size is below 16.
    FileAccessError
        If the folder cannot be written.
    """
    if size < 16:
        raise InputError(f"got size {size}, expected 16 px or more; use 128")
    root, n = ensure_writable_folder(root), len(plan)
    for start in range(0, n, _BATCH):
        rows = range(start, min(start + _BATCH, n))
        images = render(plan.parameters.rows(slice(rows.start, rows.stop)), size=size).images
        for row, image in zip(rows, images, strict=True):
            path = root / plan.names[row]
            ensure_writable_folder(path.parent)
            save_image(path, _drawing(image, plan, row) if drawn else image)
        if progress is not None:
            progress(rows.stop, n)
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    hard = ["yaw", "intensity", "second", "share", "occluded", "kernel"]
    writer.writerow(["path", "identity", "emotion", "split", *hard])
    for row in range(n):
        writer.writerow(
            [
                plan.names[row], plan.identity[row], plan.emotion[row], plan.split[row],
                f"{plan.parameters['yaw'][row]:.3f}", f"{plan.intensity[row]:.4f}",
                plan.second[row], f"{plan.share[row]:.4f}", int(plan.occluded[row]),
                plan.kernel[row] if drawn else "",
            ]
        )  # fmt: skip
    atomic_write(root / TABLE, table.getvalue().encode())
    return root / TABLE


def _person(rng: np.random.Generator, number: int, shots: int) -> tuple[NDArray, ...]:
    """Draw one person's pictures: parameters, intensity, second emotion, share, cover, kernel."""
    n = shots * len(EMOTIONS)
    emotions = np.repeat(EMOTIONS, shots)
    traits = np.repeat(sample_identities(1, random_state=rng, first=number), n, axis=0)
    contexts = sample_contexts(n, random_state=rng)
    for name, (low, high) in CIRCUMSTANCES.items():
        contexts[:, list(CONTEXT).index(name)] = rng.uniform(low, high, n)
    intensity = rng.uniform(*_INTENSITY, n)
    posed = np.array(EMOTIONS)[1:]
    others = np.array([rng.choice(posed[posed != emotion]) for emotion in emotions])
    blended = (rng.random(n) < _BLENDED) & (emotions != EMOTIONS[0])
    share = np.where(blended, rng.uniform(*_SHARE, n), 0.0)
    first, second = (
        portraits_of(traits, shown, contexts=contexts, intensity=intensity, random_state=rng)
        for shown in (emotions, others)
    )
    values = first.values.copy()
    mixed = (1 - share)[:, None] * first.action_units + share[:, None] * second.action_units
    values[:, -len(ACTION_UNITS) :] = mixed
    return (
        values,
        intensity,
        np.where(blended, others, ""),
        share,
        rng.random(n) < _OCCLUDED,
        rng.choice(_KERNELS, n),
    )


def _drawing(image: NDArray[np.uint8], plan: HardPortraits, row: int) -> NDArray[np.uint8]:
    """Cover a portrait if so planned, and draw it by pencil; by its name, not by its place."""
    if plan.occluded[row]:
        seed = [_STREAM, *plan.names[row].encode()]
        image = restyle(image[None], "occluded", random_state=np.random.default_rng(seed))[0]
    return pencil_sketch(image, int(plan.kernel[row]))
