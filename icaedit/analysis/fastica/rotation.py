"""The engine: many white problems rotated to independence side by side.

One iteration takes ``W <- decorrelate(E[g(W z) z'] - diag(E[g'(W z)]) W)`` (Hyvarinen 1999,
equations 20 and 24). What costs time are two thin matrix products and g over D samples; they run
in the dtype of the data, on pieces short enough to stay in the processor's cache. Everything of
size K x K runs in float64, for all problems at work in one call.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icaedit.analysis.fastica.contrasts import Contrast, find_contrast
from icaedit.analysis.fastica.decorrelation import decorrelate
from icaedit.errors import InputError

__all__ = ["SETTLED", "Rotations", "rotate_many"]

SETTLED = 1e-3
"""Largest change ``1 - |w' w_old|`` in one iteration of a source that counts as settled."""

SMALLEST_TOL = {np.dtype(np.float32): 1e-6, np.dtype(np.float64): 0.0}
"""Changes smaller than this are rounding: float32 never gets below."""

AT_WORK = 8
"""Starts iterated side by side: enough to share the cost of calls, few enough for the cache."""

CACHE_BYTES = 1 << 19
"""Room for the projections of one start."""


@dataclass(frozen=True, eq=False)
class Rotations:
    """The orthogonal matrices found, the start of best contrast for each of B problems.

    Attributes
    ----------
    matrix : list of ndarray of float64, (K_b, K_b)
        ``sources = matrix @ white``.
    change : list of ndarray of float64, (K_b,)
        ``1 - |w' w_old|`` of each source in the last iteration.
    converged : ndarray of bool, (B,)
        Whether every source changed by less than the tolerance.
    n_iter : ndarray of int64, (B,)
        Iterations of the start that was kept.
    contrast : ndarray of float64, (B,)
        Approximate negentropy summed over the sources.
    """

    matrix: list[NDArray[np.float64]]
    change: list[NDArray[np.float64]]
    converged: NDArray[np.bool_]
    n_iter: NDArray[np.int64]
    contrast: NDArray[np.float64]

    def settled(self, problem: int) -> NDArray[np.bool_]:
        """Whether each source of a problem stopped moving, (K_b,).

        Gaussian sources need not: any rotation of two of them is as good as another.
        """
        if self.converged[problem]:
            return np.ones(len(self.change[problem]), dtype=bool)
        return self.change[problem] < SETTLED


@dataclass(eq=False)
class _Start:
    """One start of one problem, at work."""

    problem: int
    index: int
    white: NDArray  # (K, D)
    matrix: NDArray[np.float64]  # (K, K)
    slot: int = -1  # where its white rows lie on the bench
    n_iter: int = 0
    change: NDArray[np.float64] | None = None  # (K,)
    converged: bool = False

    @property
    def kind(self) -> tuple[int, int, np.dtype]:
        """What starts must share to be iterated together."""
        return *self.white.shape, self.white.dtype


def rotate_many(
    problems: Iterable[tuple[NDArray, NDArray[np.float64]]],
    *,
    fun: str | Callable[[NDArray], tuple[NDArray, NDArray]] = "logcosh",
    max_iter: int = 200,
    tol: float = 1e-4,
) -> Rotations:
    """Rotate white rows to independence, from several starts each.

    Parameters
    ----------
    problems : iterable of (white, starts)
        White (K, D), float32 or float64: rows of zero mean and unit variance, uncorrelated; the
        iteration runs in this dtype. Starts (S, K, K): where to begin, orthogonal or not. Taken
        one at a time, so a generator keeps few problems in memory. They may differ in K, D and S.
    fun : str or callable
        See `find_contrast`.
    max_iter : int
        Iterations of a start.
    tol : float
        A start ends early once no source changes by as much, ``1 - |w' w_old|``. At least 1e-6
        in float32, which gets no closer.

    Returns
    -------
    Rotations

    Examples
    --------
    >>> white = np.sign(np.random.default_rng(0).standard_normal((2, 400)))
    >>> found = rotate_many([(white, np.eye(2)[None])] * 3)
    >>> len(found.matrix), found.n_iter.tolist()
    (3, [1, 1, 1])
    """
    contrast = find_contrast(fun)
    best: dict[int, tuple[float, int, _Start]] = {}
    for start, value in _finished(_starts(problems), contrast, max_iter, tol):
        entry = (value, -start.index, start)
        if start.problem not in best or entry[:2] > best[start.problem][:2]:
            best[start.problem] = entry
    kept = [best[problem] for problem in range(len(best))]
    return Rotations(
        matrix=[start.matrix for *_, start in kept],
        change=[start.change for *_, start in kept],
        converged=np.array([start.converged for *_, start in kept], dtype=bool),
        n_iter=np.array([start.n_iter for *_, start in kept], dtype=np.int64),
        contrast=np.array([value for value, *_ in kept], dtype=np.float64),
    )


def _starts(problems: Iterable[tuple[NDArray, NDArray[np.float64]]]) -> Iterator[_Start]:
    for number, (white, starts) in enumerate(problems):
        for index, matrix in enumerate(decorrelate(np.asarray(starts, dtype=np.float64))):
            yield _Start(number, index, white, matrix)


def _finished(
    pending: Iterator[_Start], contrast: Contrast, max_iter: int, tol: float
) -> Iterator[tuple[_Start, float]]:
    """Iterate a few starts at a time, each replaced by the next once it is done."""
    upcoming = next(pending, None)
    while upcoming is not None:
        kind = upcoming.kind
        bench = _Bench(kind, contrast)
        least = max(tol, SMALLEST_TOL[kind[2]])
        at_work: list[_Start] = []
        while at_work or (upcoming is not None and upcoming.kind == kind):
            while upcoming is not None and upcoming.kind == kind and len(at_work) < AT_WORK:
                bench.place(upcoming, at_work)
                at_work.append(upcoming)
                upcoming = next(pending, None)
            at_work, done = _iterate(at_work, bench, max_iter, least)
            for start in done:
                yield start, bench.distance(start)


class _Bench:
    """Room for the starts of one kind, and the update of their matrices."""

    def __init__(self, kind: tuple, contrast: Contrast) -> None:
        self.size, self.n_samples, dtype = kind
        # thin products are up to four times faster in rows by the four
        rows = self.size + (-self.size % 4 if self.size > 2 else 0)
        self.contrast = contrast
        n_bytes = rows * self.n_samples * dtype.itemsize
        pieces = 1 if contrast.whole_rows else max(-(-n_bytes // CACHE_BYTES), 1)
        edges = np.linspace(0, self.n_samples, pieces + 1).astype(int)
        self.pieces = [slice(*ends) for ends in zip(edges[:-1], edges[1:], strict=True)]
        self.whites = np.zeros((AT_WORK, rows, self.n_samples), dtype)
        self.projected = np.empty((rows, np.diff(edges).max()), dtype)
        self.padded = np.zeros((AT_WORK, rows, rows), dtype)
        self.moments = np.empty((AT_WORK, pieces, rows, rows), dtype)
        self.slopes = np.empty((AT_WORK, pieces, rows))

    def place(self, start: _Start, at_work: list[_Start]) -> None:
        """Give a start a slot, the one of its problem if that is here already."""
        for other in at_work:
            if other.problem == start.problem:
                start.slot = other.slot
                return
        start.slot = min(set(range(AT_WORK)) - {other.slot for other in at_work})
        self.whites[start.slot, : self.size] = start.white

    def distance(self, start: _Start) -> float:
        """Return the approximate negentropy of a start's rows, summed."""
        matrix = start.matrix.astype(start.white.dtype)
        return float(self.contrast.distance(matrix @ start.white).sum(dtype=np.float64))

    def update(
        self, slots: list[int], matrices: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return ``E[g(W z) z'] - diag(E[g'(W z)]) W`` of each, (n, K, K)."""
        count, size = len(slots), self.size
        self.padded[:count, :size, :size] = matrices
        for number, slot in enumerate(slots):
            weights = self.padded[number]
            for part, columns in enumerate(self.pieces):
                piece = self.whites[slot, :, columns]
                room = self.projected[:, : piece.shape[1]]
                curve, slope = self.contrast.curve(np.matmul(weights, piece, out=room))
                np.matmul(curve, piece.T, out=self.moments[number, part])
                self.slopes[number, part] = slope
        moments = self.moments[:count, :, :size, :size].sum(axis=1, dtype=np.float64)
        slopes = self.slopes[:count, :, :size].sum(axis=1)
        return (moments - slopes[..., None] * matrices) / self.n_samples


def _iterate(
    starts: list[_Start], bench: _Bench, max_iter: int, tol: float
) -> tuple[list[_Start], list[_Start]]:
    """Take iterations until a start is done; return those still at work and those done."""
    if bench.size == 0:  # nothing to find
        for start in starts:
            start.change, start.converged = np.zeros(0), True
        return [], starts
    slots = [start.slot for start in starts]
    matrices = np.stack([start.matrix for start in starts])
    left = max_iter - max(start.n_iter for start in starts)
    for taken in range(1, left + 1):
        update = bench.update(slots, matrices)
        if not np.isfinite(update.sum()):
            raise InputError(
                "got values that are not finite while iterating, expected finite ones; check the "
                "contrast function, or scale the data to unit variance"
            )
        previous, matrices = matrices, decorrelate(update)
        change = np.abs(np.abs(np.vecdot(matrices, previous)) - 1)
        converged = change.max(axis=1) < tol
        if converged.any():
            break
    still: list[_Start] = []
    done: list[_Start] = []
    for number, start in enumerate(starts):
        start.n_iter += taken
        start.matrix, start.change = matrices[number], change[number]
        start.converged = bool(converged[number])
        over = start.converged or start.n_iter >= max_iter
        (done if over else still).append(start)
    return still, done
