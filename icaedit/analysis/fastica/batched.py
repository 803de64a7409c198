"""Many ICA problems in one call."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.analysis.fastica.decorrelation import random_rotations
from icaedit.analysis.fastica.rotation import rotate_many
from icaedit.analysis.fastica.whitening import Whitening, whiten
from icaedit.errors import ConvergenceWarning, InputError

__all__ = ["BatchedIca", "batched_fastica"]

NAMED = 5
"""Problems named in a warning at most."""


@dataclass(frozen=True, eq=False)
class BatchedIca:
    """B linear mixture models ``x = mixing @ sources``.

    Problems may differ in size and rank. Arrays are as large as the largest problem; the rest is
    filled up with zeros: columns of `mixing` and rows of `unmixing` and `sources` from
    ``n_components_[b]`` on, rows of `mixing` and columns of `unmixing` from K_b on, columns of
    `sources` from D_b on.

    Attributes
    ----------
    mixing : ndarray of float64, (B, K, n)
        What each source contributes to each row; directions are built from its columns.
    unmixing : ndarray of float64, (B, n, K)
        ``sources = unmixing @ x``.
    sources : ndarray of float32 or float64, (B, n, D)
        Unit variance over the D samples, uncorrelated; their mean is kept.
    n_components_ : ndarray of int64, (B,)
        Sources found: the rank of x, at most what was asked for. 0 where every row is constant.
    converged : ndarray of bool, (B,)
        Whether every source of the kept start changed by less than the tolerance.
    n_iter : ndarray of int64, (B,)
        Iterations of the kept start.
    contrast : ndarray of float64, (B,)
        Its approximate negentropy, summed over the sources.
    change : ndarray of float64, (B,)
        Largest change ``1 - |w' w_old|`` of a source in its last iteration.
    """

    mixing: NDArray[np.float64]
    unmixing: NDArray[np.float64]
    sources: NDArray
    n_components_: NDArray[np.int64]
    converged: NDArray[np.bool_]
    n_iter: NDArray[np.int64]
    contrast: NDArray[np.float64]
    change: NDArray[np.float64]


def batched_fastica(
    x: ArrayLike | Sequence[ArrayLike],
    n_components: int | None = None,
    *,
    fun: str | Callable[[NDArray], tuple[NDArray, NDArray]] = "logcosh",
    n_starts: int = 3,
    max_iter: int = 200,
    tol: float = 1e-4,
    random_state: int = 0,
    w_init: ArrayLike | None = None,
) -> BatchedIca:
    """Fit FastICA to many problems, each from several starts.

    Symmetric FastICA (Hyvarinen 1999; Hyvarinen & Oja 2000, section 6) with whitening from a
    float64 Gram matrix. A problem's result does not depend on the others.

    Parameters
    ----------
    x : array_like of float, (B, K, D), or sequence of (K_b, D_b)
        Mixtures in rows; the D columns are the samples. float32 is iterated in float32,
        everything else in float64; inner products are float64 in any case. Rows may be constant,
        repeated or linearly dependent.
    n_components : int, optional
        Sources per problem at most; the rank of each by default.
    fun : str or callable
        ``"logcosh"``, ``"exp"``, ``"cube"``, or a function of y, (n, D), that returns g(y) and the
        mean of its derivative over the last axis, (n,).
    n_starts : int
        Random starts per problem; the one of best contrast is kept.
    max_iter : int
        Iterations of a start.
    tol : float
        A start ends early once no source changes by as much, ``1 - |w' w_old|``; at least 1e-8 in
        float32, which gets no closer.
    random_state : int
        Seed of the starts, the same ones for every problem of a rank.
    w_init : array_like of float, (S, n, n) or (B, S, n, n), optional
        Starts to use in place of random ones, acting on the white rows, which are ordered by
        variance and signed to have their entry of largest size positive. A problem of lower rank
        uses the upper left part.

    Returns
    -------
    BatchedIca

    Raises
    ------
    InputError
        If x is empty, not finite or not made of matrices, or an option is unusable.

    Warns
    -----
    ConvergenceWarning
        If a problem did not converge from its best start; says which, how far it was, and what
        to do.

    Examples
    --------
    >>> sources = np.random.default_rng(0).laplace(size=(2, 2, 2000))
    >>> fit = batched_fastica(np.array([[1.0, 0.5], [0.2, 1.0]]) @ sources)
    >>> fit.converged.tolist(), fit.sources.shape
    ([True, True], (2, 2, 2000))
    >>> bool(np.allclose(fit.unmixing @ fit.mixing, np.eye(2)))
    True
    """
    problems = _checked(x)
    for name, value in (("n_starts", n_starts), ("max_iter", max_iter)):
        _check_whole(name, value)
    if n_components is not None:
        _check_whole("n_components", n_components)
    whitenings: list[Whitening] = []
    given = None if w_init is None else _given_starts(w_init, len(problems))

    def white_with_starts() -> Iterator[tuple[NDArray, NDArray[np.float64]]]:
        for number, rows in enumerate(problems):
            if not (np.isfinite(rows.max()) and np.isfinite(rows.min())):
                raise InputError(
                    f"got NaN or infinity in problem {number}, expected finite mixtures; leave "
                    "that problem out"
                )
            white, whitening = whiten(rows, n_components)
            whitenings.append(whitening)
            size = len(white)
            if given is None:
                starts = random_rotations(np.random.default_rng(random_state), n_starts, size)
            elif given.shape[-1] < size:
                raise InputError(
                    f"got w_init for {given.shape[-1]} sources, expected {size} for problem "
                    f"{number}; give larger starts or n_components={given.shape[-1]}"
                )
            else:
                starts = given[number % len(given)][:, :size, :size]
            yield white, starts

    found = rotate_many(white_with_starts(), fun=fun, max_iter=max_iter, tol=tol)
    change = np.array([one.max(initial=0.0) for one in found.change])
    _warn_unconverged(found.converged, change, max_iter, tol)

    ranks = np.array([len(one) for one in found.matrix], dtype=np.int64)
    n_rows = max(len(rows) for rows in problems)
    n_samples = max(rows.shape[1] for rows in problems)
    shape = (len(problems), int(ranks.max()))
    mixing = np.zeros((shape[0], n_rows, shape[1]))
    unmixing = np.zeros((*shape, n_rows))
    sources = np.zeros((*shape, n_samples), np.result_type(*problems))
    for b, (rows, rank, whitening) in enumerate(zip(problems, ranks, whitenings, strict=True)):
        size, width = rows.shape
        mixing[b, :size, :rank] = whitening.inverse @ found.matrix[b].T
        unmixing[b, :rank, :size] = found.matrix[b] @ whitening.matrix
        np.matmul(
            unmixing[b, :rank, :size].astype(rows.dtype), rows, out=sources[b, :rank, :width]
        )
    return BatchedIca(
        mixing=mixing,
        unmixing=unmixing,
        sources=sources,
        n_components_=ranks,
        converged=found.converged,
        n_iter=found.n_iter,
        contrast=found.contrast,
        change=change,
    )


def _checked(x: ArrayLike | Sequence[ArrayLike]) -> list[NDArray]:
    problems = [np.asarray(rows) for rows in x]
    if not problems:
        raise InputError("got no problem, expected at least one (K, D) array; give some")
    checked = []
    for number, rows in enumerate(problems):
        if rows.ndim != 2 or not rows.size or rows.dtype.kind not in "fiub":
            raise InputError(
                f"got problem {number} of shape {rows.shape} and type {rows.dtype}, expected a "
                "real (K, D) array; give one row per mixture"
            )
        rows = rows if rows.dtype == np.float32 else rows.astype(np.float64, copy=False)
        checked.append(rows)
    return checked


def _check_whole(name: str, value: int) -> None:
    if not isinstance(value, int | np.integer) or value < 1:
        raise InputError(f"got {name} {value!r}, expected a whole number of at least 1; give one")


def _given_starts(w_init: ArrayLike, n_problems: int) -> NDArray[np.float64]:
    starts = np.asarray(w_init, dtype=np.float64)
    starts = starts[None] if starts.ndim == 3 else starts
    if (
        starts.ndim != 4
        or not starts.size
        or starts.shape[2] != starts.shape[3]
        or len(starts) not in (1, n_problems)
    ):
        raise InputError(
            f"got w_init of shape {np.shape(w_init)}, expected (S, n, n) or "
            f"({n_problems}, S, n, n); give square starts, the same number for each problem"
        )
    return starts


def _warn_unconverged(
    converged: NDArray[np.bool_], change: NDArray[np.float64], max_iter: int, tol: float
) -> None:
    open_ones = np.flatnonzero(~converged)
    if open_ones.size:
        names = ", ".join(str(number) for number in open_ones[:NAMED])
        more = ", ..." if open_ones.size > NAMED else ""
        warnings.warn(
            f"got a change of {change[open_ones].max():.2g} after {max_iter} iterations of the "
            f"best start, expected less than {tol:g}, in {open_ones.size} of {len(converged)} "
            f"problems ({names}{more}); raise max_iter or tol, or expect no independent sources "
            "there",
            ConvergenceWarning,
            stacklevel=3,
        )
