"""Sums over people, a block at a time, from which directions are fitted without all latents.

Group ICA of the cells (n_cells, D) needs their inner products, which do not fit in memory for ten
thousand people. It needs them for the leading right singular vectors of the person-centred
cells; those are eigenvectors of the second moment (D, D), and that is a sum over people. So are
the least-squares emotion effects, paired t-values, and scores. Everything here is exact: with the
same seed, the directions are those of the fit in memory up to rounding.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.linalg
from numpy.typing import NDArray
from scipy.linalg.blas import dsymv, dsyrk
from scipy.sparse.linalg import LinearOperator, eigsh

from icaedit.analysis.centring import check_links

__all__ = [
    "Block",
    "Moments",
    "Outer",
    "Sums",
    "block_rows",
    "cells_of",
    "first_pass",
    "leading_directions",
]

Sums = dict[str, NDArray[np.float64]]
"""Named arrays that are added up over blocks, and over processes."""

LEADING = 24
"""Eigenvalues looked at one by one where there are too many for all."""

DENSE = 2048
"""Size up to which eigenvectors come from a full decomposition."""


class Block(NamedTuple):
    """Some people's pictures, all of each person.

    Attributes
    ----------
    latents : ndarray of float, (m, D)
    person : ndarray of int, (m,)
    emotion : ndarray of int, (m,)
        0 is neutral.
    """

    latents: NDArray
    person: NDArray[np.int64]
    emotion: NDArray[np.int64]


class BlockCells(NamedTuple):
    """The cells of a block, person by person.

    Attributes
    ----------
    centred : ndarray of float64, (c, D)
        Cell means minus the mean of the person's cells.
    person, emotion, counts : ndarray of int, (c,)
        Person as numbered in the block from 0; images per cell.
    presence : ndarray of float64, (c, E)
        1 / n_p at the emotions the person shows, else 0.
    person_mean : ndarray of float64, (p, D)
    images : ndarray of float64, (m, D)
        Sorted by cell.
    image_cell : ndarray of int, (m,)
    """

    centred: NDArray[np.float64]
    person: NDArray[np.int64]
    emotion: NDArray[np.int64]
    counts: NDArray[np.int64]
    presence: NDArray[np.float64]
    person_mean: NDArray[np.float64]
    images: NDArray[np.float64]
    image_cell: NDArray[np.int64]

    def pairs(self, emotion: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Cells (posed, neutral) of the people who show both."""
        grid = np.full((len(self.person_mean), self.presence.shape[1]), -1)
        grid[self.person, self.emotion] = np.arange(len(self.person))
        both = (grid[:, emotion] >= 0) & (grid[:, 0] >= 0)
        return grid[both, emotion], grid[both, 0]


def cells_of(block: Block, n_emotions: int) -> BlockCells:
    """Average a block's pictures by person and emotion, and take the people out.

    Examples
    --------
    >>> block = Block(np.array([[1.0], [3.0], [9.0]]), np.array([4, 4, 4]), np.array([0, 0, 1]))
    >>> cells_of(block, 2).centred.tolist()
    [[-3.5], [3.5]]
    """
    person = np.unique(block.person, return_inverse=True)[1]
    key = person * n_emotions + block.emotion
    order = np.argsort(key, kind="stable")
    images = block.latents[order].astype(np.float64)
    cells, first, counts = np.unique(key[order], return_index=True, return_counts=True)
    means = np.add.reduceat(images, first, axis=0) / counts[:, None]
    owner, emotion = cells // n_emotions, cells % n_emotions
    _, begin, n_cells = np.unique(owner, return_index=True, return_counts=True)
    person_mean = np.add.reduceat(means, begin, axis=0) / n_cells[:, None]
    have = np.zeros((len(n_cells), n_emotions))
    have[owner, emotion] = 1.0
    return BlockCells(
        means - person_mean[owner],
        owner,
        emotion,
        counts,
        (have / n_cells[:, None])[owner],
        person_mean,
        images,
        np.repeat(np.arange(len(cells)), counts),
    )


class Outer:
    """``sum of rows' rows`` of the blocks given, upper triangle, in place; on numpy."""

    def __init__(self, size: int) -> None:
        self._sum = np.zeros((size, size), order="F")

    def add(self, rows: NDArray[np.float64]) -> None:
        """Add the rows (m, D) of one block."""
        self._sum = dsyrk(1.0, rows.T, beta=1.0, c=self._sum, overwrite_c=1)

    def total(self) -> NDArray[np.float64]:
        """Return the sum, (D, D); what stands below the diagonal is not to be used."""
        return self._sum


def first_pass(
    blocks: Iterable[Block],
    n_emotions: int,
    size: int,
    *,
    outer: Callable[[int], Outer] | None = Outer,
) -> Sums:
    """Add up what `Moments` needs.

    Parameters
    ----------
    blocks : iterable of Block
    n_emotions : int
        E, with neutral.
    size : int
        D.
    outer : callable, optional
        Makes what adds up the second moment, which is nearly all of the work; None leaves it out.
    """
    product = None if outer is None else outer(size)
    shapes = {
        "laplacian": (n_emotions, n_emotions),
        "effects": (n_emotions, size),
        "presence_square": (n_emotions, n_emotions),
        "presence_rows": (n_emotions, size),
        "presence_means": (n_emotions,),
        "mean_rows": (size,),
        "mean_square": (1,),
        "variance": (size,),
        "changes": (n_emotions - 1, size),
        "change_squares": (n_emotions - 1, size),
        "pairs": (n_emotions - 1,),
        "people": (1,),
        "images": (1,),
        "cells": (n_emotions,),
        "neutral": (size,),
    }
    sums = {name: np.zeros(shape) for name, shape in shapes.items()}
    for block in blocks:
        cells = cells_of(block, n_emotions)
        rows, presence = cells.centred, cells.presence
        posed = np.eye(n_emotions)[cells.emotion]
        means = rows.mean(axis=1)
        sums["laplacian"] += posed.T @ (posed - presence)
        sums["effects"] += posed.T @ rows
        sums["variance"] += np.einsum("cd,cd->d", rows, rows)
        for row in range(n_emotions - 1):
            at, neutral = cells.pairs(row + 1)
            change = rows[at] - rows[neutral]
            sums["changes"][row] += change.sum(axis=0)
            sums["change_squares"][row] += np.einsum("cd,cd->d", change, change)
            sums["pairs"][row] += len(at)
        sums["people"] += len(cells.person_mean)
        sums["images"] += len(cells.images)
        sums["cells"] += posed.sum(axis=0)
        shown = cells.emotion == 0
        sums["neutral"] += (rows[shown] + cells.person_mean[cells.person[shown]]).sum(axis=0)
        rows -= means[:, None]
        sums["presence_square"] += presence.T @ presence
        sums["presence_rows"] += presence.T @ rows
        sums["presence_means"] += presence.T @ means
        sums["mean_rows"] += means @ rows
        sums["mean_square"] += means @ means
        if product is not None:
            product.add(rows)
    if product is not None:
        sums["second"] = product.total()
    return sums


@dataclass(frozen=True, eq=False)
class Moments:
    """What the sums over all people say.

    Attributes
    ----------
    sums : Sums
        Of `first_pass`, over all processes.
    effects : ndarray of float64, (E, D)
        Least-squares emotion effects, which sum to zero.
    """

    sums: Sums
    effects: NDArray[np.float64]

    @classmethod
    def of(cls, sums: Sums, emotions: tuple[str, ...]) -> "Moments":
        """Solve for the effects; raises DatasetError where an emotion has no link to neutral."""
        laplacian = sums["laplacian"]
        check_links(laplacian, emotions)
        return cls(sums, np.linalg.solve(laplacian + 1.0 / len(laplacian), sums["effects"]))

    @property
    def difference(self) -> NDArray[np.float64]:
        """``b_e - b_neutral``, (E - 1, D)."""
        return self.effects[1:] - self.effects[:1]

    @property
    def missing(self) -> bool:
        """Whether somebody lacks an emotion that others show."""
        return bool((self.sums["cells"] < self.sums["people"]).any())

    def source_means(self, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``vectors' @ R' m`` with R the two-way centred cells, m their row means, (K,)."""
        sums, level = self.sums, self.effects.mean(axis=1)
        rows = sums["mean_rows"].copy()
        if self.missing:
            around = self.effects - level[:, None]
            rows += level @ sums["presence_rows"] + sums["presence_means"] @ around
            rows += level @ sums["presence_square"] @ around
        return vectors @ rows

    def eigenvalues(self) -> NDArray[np.float64]:
        """Return the eigenvalues of the second moment of the two-way cells, decreasing, (D,).

        Where D is large, the leading ones, and for all others their mean.
        """
        sums, level = self.sums, self.effects.mean(axis=1)
        size = len(self.sums["second"])
        square = float(sums["mean_square"][0])
        square += 2 * level @ sums["presence_means"] + level @ sums["presence_square"] @ level
        if size <= DENSE:
            side = self.source_means(np.eye(size))
            whole = self.dense() + side[:, None] + side + square
            return np.maximum(np.linalg.eigvalsh(whole)[::-1], 0.0)
        leading, _ = leading_directions(self, LEADING)
        trace = np.trace(self.sums["second"])  # two-way centring changes it by next to nothing
        rest = max(trace - leading.sum(), 0.0) / (size - LEADING)
        return np.append(leading, np.full(size - LEADING, rest))

    def dense(self) -> NDArray[np.float64]:
        """Return the second moment of the two-way cells minus their row means, (D, D)."""
        upper = np.triu(self.sums["second"])
        whole = upper + np.triu(upper, 1).T
        if self.missing:
            around = self.effects - self.effects.mean(axis=1, keepdims=True)
            half = self.sums["presence_rows"].T @ around
            whole += half + half.T + around.T @ self.sums["presence_square"] @ around
        return whole

    def apply(self, vector: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``dense() @ vector`` without making it."""
        vector = np.ravel(vector)
        product = dsymv(1.0, self.sums["second"], vector)
        if self.missing:
            around = self.effects - self.effects.mean(axis=1, keepdims=True)
            along = around @ vector
            product += self.sums["presence_rows"].T @ along
            product += around.T @ (
                self.sums["presence_rows"] @ vector + self.sums["presence_square"] @ along
            )
        return product


def leading_directions(
    moments: Moments, n_components: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return leading eigenvalues (K,), decreasing, and eigenvectors as rows (K, D)."""
    size = len(moments.sums["second"])
    count = min(n_components, size - 1)
    if size <= DENSE:
        wanted = (size - count, size - 1)
        values, vectors = scipy.linalg.eigh(moments.dense(), subset_by_index=wanted)
    else:
        operator = LinearOperator((size, size), matvec=moments.apply, dtype=np.float64)
        start = np.random.default_rng(0).standard_normal(size)
        values, vectors = eigsh(operator, k=count, v0=start)
    order = np.argsort(-values)
    return values[order], vectors[:, order].T


def block_rows(
    person: NDArray[np.int64], *, most: int, part: tuple[int, int] = (0, 1)
) -> Iterator[NDArray[np.int64]]:
    """Go through the rows of whole people, about `most` rows at a time.

    Parameters
    ----------
    person : ndarray of int, (N,)
        Negative where a row is not wanted.
    most : int
    part : (int, int)
        Which of how many equal shares of the people.
    """
    order = np.argsort(person, kind="stable")
    order = order[np.searchsorted(person[order], 0) :]
    people, first = np.unique(person[order], return_index=True)
    edges = np.append(first, len(order))
    low, high = (len(people) * (part[0] + step) // part[1] for step in (0, 1))
    begin = low
    while begin < high:
        end = begin + 1
        while end < high and edges[end + 1] - edges[begin] <= most:
            end += 1
        yield order[edges[begin] : edges[end]]
        begin = end
