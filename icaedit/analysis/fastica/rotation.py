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

SMALLEST_TOL = {np.dtype(np.float32): 1e-8, np.dtype(np.float64): 0.0}
"""Changes smaller than this may be rounding, which never ends."""

AT_WORK = 8
"""Starts iterated side by side: enough to share the cost of calls, few enough for the cache."""

CACHE_BYTES = 1 << 19
"""Room for the projections of one start."""

LINE = 64
"""Bytes of a cache line."""

SAME = 1e-6
"""Contrasts that differ by a smaller share are of the same fixed point."""

TINY = np.finfo(np.float64).tiny


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
    white: NDArray | None  # (K, D), None once done
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
    fun: str | Contrast | Callable[[NDArray], tuple[NDArray, NDArray]] = "logcosh",
    max_iter: int = 200,
    tol: float = 1e-4,
    lead: bool = True,
) -> Rotations:
    """Rotate white rows to independence, from several starts each.

    Parameters
    ----------
    problems : iterable of (white, starts)
        White (K, D), float32 or float64: rows of zero mean and unit variance, uncorrelated; the
        iteration runs in this dtype. Starts (S, K, K): where to begin, orthogonal or not. Taken
        one at a time, so a generator keeps few problems in memory. They may differ in K, D and S.
    fun : str, Contrast or callable
        See `find_contrast`.
    max_iter : int
        Iterations of a start.
    tol : float
        A start ends early once no source changes by as much, ``1 - |w' w_old|``. At least 1e-8
        in float32, which gets no closer.
    lead : bool
        Whether float64 data, unless the contrast is a function, is led towards the fixed point in
        float32, which is faster. The iteration that meets the tolerance runs in float64.

    Returns
    -------
    Rotations

    Examples
    --------
    >>> white = np.sign(np.random.default_rng(0).standard_normal((2, 400)))
    >>> found = rotate_many([(white, np.eye(2)[None])] * 3)
    >>> len(found.matrix), found.n_iter.tolist()
    (3, [2, 2, 2])
    """
    contrast = fun if isinstance(fun, Contrast) else find_contrast(fun)
    found: dict[int, list[tuple[float, _Start]]] = {}
    for start, value in _finished(_starts(problems), contrast, max_iter, tol, lead):
        found.setdefault(start.problem, []).append((value, start))
    kept = [_best(found[problem]) for problem in range(len(found))]
    return Rotations(
        matrix=[start.matrix for _, start in kept],
        change=[start.change for _, start in kept],
        converged=np.array([start.converged for _, start in kept], dtype=bool),
        n_iter=np.array([start.n_iter for _, start in kept], dtype=np.int64),
        contrast=np.array([value for value, _ in kept], dtype=np.float64),
    )


def _best(candidates: list[tuple[float, _Start]]) -> tuple[float, _Start]:
    """Return the first start whose contrast is the largest, but for rounding."""
    most = max(value for value, _ in candidates)
    equal = [entry for entry in candidates if entry[0] >= most * (1 - SAME)]
    return min(equal, key=lambda entry: entry[1].index)


def _starts(problems: Iterable[tuple[NDArray, NDArray[np.float64]]]) -> Iterator[_Start]:
    for number, (white, starts) in enumerate(problems):
        for index, matrix in enumerate(decorrelate(np.asarray(starts, dtype=np.float64))):
            yield _Start(number, index, white, matrix)


def _finished(
    pending: Iterator[_Start], contrast: Contrast, max_iter: int, tol: float, lead: bool
) -> Iterator[tuple[_Start, float]]:
    """Iterate a few starts at a time, each replaced by the next once it is done."""
    upcoming = next(pending, None)
    while upcoming is not None:
        kind = upcoming.kind
        least = max(tol, SMALLEST_TOL[kind[2]])
        bench = _Bench(kind, contrast, lead and kind[2] == np.float64 and not contrast.whole_rows)
        while upcoming is not None and upcoming.kind == kind and len(bench.starts) < AT_WORK:
            bench.add(upcoming)
            upcoming = next(pending, None)
        while bench.starts:
            for number in bench.iterate(max_iter, least):
                done = bench.take(number)
                value = bench.distance(done)
                done.white = None
                yield done, value
                if upcoming is not None and upcoming.kind == kind:
                    bench.add(upcoming, number)
                    upcoming = next(pending, None)
            bench.close_gaps()


class _Bench:
    """Room for the starts of one kind, and the update of their matrices."""

    def __init__(self, kind: tuple[int, int, np.dtype], contrast: Contrast, lead: bool) -> None:
        self.size, self.n_samples, dtype = kind
        self.contrast, self.leads = contrast, lead
        # thin products are up to four times faster in rows by the four
        rows = self.size + (-self.size % 4 if self.size > 2 else 0)
        n_bytes = rows * self.n_samples * dtype.itemsize
        n_pieces = 1 if contrast.whole_rows else max(-(-n_bytes // CACHE_BYTES), 1)
        edges = np.linspace(0, self.n_samples, n_pieces + 1).astype(int)
        columns = [slice(*ends) for ends in zip(edges[:-1], edges[1:], strict=True)]
        # for iterations in another dtype (False) and in that of the data (True)
        dtypes = {True: dtype, **({False: np.dtype(np.float32)} if lead else {})}
        self.whites, self.tools = {}, {}
        for exact, one in dtypes.items():
            # an odd number of cache lines apart, rows do not compete for the same ones
            width = (-(-self.n_samples * one.itemsize // LINE) | 1) * LINE // one.itemsize
            whites = np.zeros((AT_WORK, rows, width), one)[..., : self.n_samples]
            room = np.empty((rows, np.diff(edges).max()), one)
            rooms = [room[:, : part.stop - part.start] for part in columns]
            moments = np.empty((n_pieces, rows, rows), one)
            self.whites[exact] = whites
            # views are taken here, once: taking one costs as much as adding two small arrays
            self.tools[exact] = [
                [
                    (white[:, part], white[:, part].T, one_room, one_room[: self.size], moment)
                    for part, one_room, moment in zip(columns, rooms, moments, strict=True)
                ]
                for white in whites
            ]
        self.padded = np.zeros((AT_WORK, rows, rows))
        self.moments = np.empty((AT_WORK, rows, rows))
        self.slopes = np.empty((AT_WORK, self.size))

        # the starts at work, and their state by number
        self.starts: list[_Start | None] = []
        self.matrices = np.empty((AT_WORK, self.size, self.size))
        self.largest = np.ones(AT_WORK)
        self.n_iter = np.zeros(AT_WORK, dtype=int)
        self.exact = np.zeros(AT_WORK, dtype=bool)

    def add(self, start: _Start, number: int | None = None) -> None:
        """Put a start to work, in the place of one that was taken away."""
        others = [other for other in self.starts if other is not None]
        slots = {other.slot for other in others if other.problem == start.problem}
        if slots:
            start.slot = slots.pop()
        else:
            start.slot = min(set(range(AT_WORK)) - {other.slot for other in others})
            for whites in self.whites.values():
                whites[start.slot, : self.size] = start.white
        if number is None:
            number = len(self.starts)
            self.starts.append(start)
        self.starts[number] = start
        self.matrices[number] = start.matrix
        self.largest[number], self.n_iter[number] = 1.0, 0
        self.exact[number] = not self.leads

    def take(self, number: int) -> _Start:
        """Take a start away, with its results."""
        start = self.starts[number]
        start.matrix, start.change = self.matrices[number].copy(), self.change[number].copy()
        start.converged, start.n_iter = bool(self.converged[number]), int(self.n_iter[number])
        self.starts[number] = None
        return start

    def close_gaps(self) -> None:
        """Move the starts at work to the front."""
        if None in self.starts:
            kept = [number for number, start in enumerate(self.starts) if start is not None]
            self.starts = [self.starts[number] for number in kept]
            for name in ("matrices", "largest", "n_iter", "exact"):
                array = getattr(self, name)
                array[: len(kept)] = array[kept]

    def iterate(self, max_iter: int, tol: float) -> list[int]:
        """Take iterations until a start is done; return the numbers of those that are."""
        count = len(self.starts)
        if self.size == 0:  # nothing to find
            self.change, self.converged = np.zeros((count, 0)), np.ones(count, dtype=bool)
            return list(range(count))
        n_iter, exact = self.n_iter[:count], self.exact[:count]
        while True:
            n_iter += 1
            over = n_iter >= max_iter
            exact |= over
            previous = self.matrices[:count].copy()
            update = self.update(previous)
            if not np.isfinite(update.sum()):
                raise InputError(
                    "got values that are not finite while iterating, expected finite ones; check "
                    "the contrast function, or scale the data to unit variance"
                )
            matrices = decorrelate(update)
            self.matrices[:count] = matrices
            self.change = np.abs(np.abs(np.vecdot(matrices, previous)) - 1)
            largest = self.change.max(axis=1)
            self.converged = exact & (largest < tol)
            if self.leads:
                # will the next change be small enough? then it is the one that counts
                ratio = np.minimum(largest / np.maximum(self.largest[:count], TINY), 1.0)
                exact[:] = largest * ratio**3 < tol
                self.largest[:count] = largest
            over |= self.converged
            if over.any():
                return np.flatnonzero(over).tolist()

    def distance(self, start: _Start) -> float:
        """Return the approximate negentropy of a start's rows, summed."""
        matrix = start.matrix.astype(start.white.dtype)
        return float(self.contrast.distance(matrix @ start.white).sum())

    def update(self, matrices: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``E[g(W z) z'] - diag(E[g'(W z)]) W`` of each, (n, K, K)."""
        count, size = len(matrices), self.size
        padded = self.padded[:count]
        padded[:, :size, :size] = matrices
        weights = {exact: padded.astype(one.dtype) for exact, one in self.whites.items()}
        for number, start in enumerate(self.starts):
            as_given = bool(self.exact[number])
            matrix = weights[as_given][number]
            tools = self.tools[as_given][start.slot]
            for part, (piece, transposed, room, filled, moment) in enumerate(tools):
                np.matmul(matrix, piece, out=room)
                curve, slope = self.contrast.curve(filled)
                if curve is not filled:
                    filled[:] = curve
                np.matmul(room, transposed, out=moment)
                if part:
                    self.moments[number] += moment
                    self.slopes[number] += slope
                else:
                    self.moments[number], self.slopes[number] = moment, slope
        slopes = self.slopes[:count, :, None]
        return (self.moments[:count, :size, :size] - slopes * matrices) / self.n_samples
