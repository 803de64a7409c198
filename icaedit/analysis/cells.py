"""Images to the person x emotion grid: one mean latent per cell, with cells missing."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.errors import DatasetError, InputError
from icaedit.schema import EMOTIONS, parse_emotion

__all__ = ["CellMeans", "cell_means", "check_latents"]


@dataclass(frozen=True, eq=False)
class CellMeans:
    """Mean latents of the person x emotion cells that have images.

    Attributes
    ----------
    means : ndarray of float64, (n_cells, D)
        Mean latent of each cell, sorted by person, then emotion.
    person, emotion : ndarray of int, (n_cells,)
        Position of the cell in `identities` and `emotions`.
    identities : tuple of str, (P,)
        Person names, sorted.
    emotions : tuple of str, (E,)
        Neutral first, then the other emotions that occur, in the order of the schema.
    counts : ndarray of int, (n_cells,)
        Images per cell.
    image_rows, image_cell : ndarray of int, (N,)
        The images sorted cell by cell, and the cell of each. The order does not depend on the
        order in which the images were given.
    """

    means: NDArray[np.float64]
    person: NDArray[np.int64]
    emotion: NDArray[np.int64]
    identities: tuple[str, ...]
    emotions: tuple[str, ...]
    counts: NDArray[np.int64]
    image_rows: NDArray[np.int64]
    image_cell: NDArray[np.int64]

    @property
    def grid(self) -> NDArray[np.int64]:
        """Cell index of each person and emotion, (P, E); -1 where there is no image."""
        grid = np.full((len(self.identities), len(self.emotions)), -1)
        grid[self.person, self.emotion] = np.arange(len(self.person))
        return grid

    @property
    def missing(self) -> list[tuple[str, str]]:
        """The person and emotion of each cell without an image."""
        return [
            (self.identities[p], self.emotions[e]) for p, e in np.argwhere(self.grid < 0)
        ]

    @property
    def people_by_content(self) -> NDArray[np.int64]:
        """The people in an order that depends on their latents alone, not on their names."""
        first = self.means[np.searchsorted(self.person, np.arange(len(self.identities)))]
        width = first.shape[1]
        return np.lexsort((first[:, 0], first[:, -1], first[:, width // 2]))

    def pairs(self, emotion: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Cells (posed, neutral) of the people who show both an emotion and neutral."""
        both = (self.grid[:, emotion] >= 0) & (self.grid[:, 0] >= 0)
        return self.grid[both, emotion], self.grid[both, 0]


def check_latents(latents: ArrayLike, *, finite: bool = True) -> NDArray:
    """Return latents as an array of shape (N, ...) after checking shape, type and values.

    Parameters
    ----------
    latents : array_like of float, (N, D) or (N, L, C)
    finite : bool
        Whether every value must be finite.

    Raises
    ------
    InputError
        If the array is not of real numbers, has another number of axes, is empty, or holds NaN
        or Inf; then the first bad row is named.

    Examples
    --------
    >>> check_latents([[0, 1], [2, 3]]).shape
    (2, 2)
    """
    latents = np.asarray(latents)
    if latents.dtype.kind not in "fiu":
        raise InputError(
            f"got latents of type {latents.dtype}, expected real numbers; convert to float32"
        )
    if latents.ndim not in (2, 3) or 0 in latents.shape:
        raise InputError(
            f"got latents of shape {latents.shape}, expected (N, D) or (N, L, C) without an empty "
            "axis; give one row per image"
        )
    for row, latent in enumerate(latents if finite else ()):
        if not np.isfinite(latent).all():
            raise InputError(
                f"got NaN or infinite latents in row {row}, expected finite numbers; remove or "
                "encode that image again"
            )
    return latents


def cell_means(latents: ArrayLike, identity: ArrayLike, emotion: ArrayLike) -> CellMeans:
    """Average the latents of each person's images of each emotion.

    Parameters
    ----------
    latents : array_like of float, (N, D) or (N, L, C)
    identity : array_like of str, (N,)
    emotion : array_like of str, (N,)
        Names or aliases.

    Raises
    ------
    InputError
        If lengths disagree, a label is no emotion or a latent is not finite.
    DatasetError
        If there are fewer than two people, no neutral image or nothing but neutral.

    Examples
    --------
    >>> cells = cell_means([[0.0], [2.0], [4.0]], ["b", "b", "a"], ["neutral", "NE", "happy"])
    >>> cells.identities, cells.emotions, cells.means.ravel().tolist()
    (('a', 'b'), ('neutral', 'happy'), [4.0, 1.0])
    """
    latents = check_latents(latents)
    flat = latents.reshape(len(latents), -1)
    identity = np.asarray(identity).astype(str)
    labels = np.asarray(emotion).astype(str)
    for name, values in (("identity", identity), ("emotion", labels)):
        if values.shape != (len(flat),):
            raise InputError(
                f"got {name} of shape {values.shape}, expected ({len(flat)},); give one {name} "
                "per latent"
            )
    canonical = {label: parse_emotion(label) for label in np.unique(labels)}
    labels = np.array([canonical[label] for label in labels])
    emotions = _present_emotions(labels)
    identities, person_of = np.unique(identity, return_inverse=True)
    if len(identities) < 2:
        raise DatasetError(
            f"got images of one person only ({identities[0]}), expected at least 2; add images of "
            "other people"
        )
    emotion_of = np.array([emotions.index(label) for label in labels])
    # rows that agree in all four keys are in practice the same image, whose order is irrelevant
    rows = np.lexsort((flat[:, -1], flat[:, flat.shape[1] // 2], emotion_of, person_of))
    key = (person_of * len(emotions) + emotion_of)[rows]
    cells, first, counts = np.unique(key, return_index=True, return_counts=True)
    means = np.stack(
        [
            flat[rows[start : start + count]].mean(axis=0, dtype=np.float64)
            for start, count in zip(first, counts, strict=True)
        ]
    )
    return CellMeans(
        means=means,
        person=cells // len(emotions),
        emotion=cells % len(emotions),
        identities=tuple(identities.tolist()),
        emotions=emotions,
        counts=counts,
        image_rows=rows,
        image_cell=np.repeat(np.arange(len(cells)), counts),
    )


def _present_emotions(labels: NDArray[np.str_]) -> tuple[str, ...]:
    present = set(labels.tolist())
    emotions = tuple(emotion for emotion in (*EMOTIONS, "contempt") if emotion in present)
    if emotions[0] != "neutral":
        raise DatasetError(
            f"got images of {', '.join(emotions)} only, expected neutral ones as well; add a "
            "neutral image per person"
        )
    if len(emotions) < 2:
        raise DatasetError(
            "got neutral images only, expected at least one other emotion; add images of an "
            "emotion, labelled happy, sad, ..."
        )
    return emotions
