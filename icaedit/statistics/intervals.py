"""Confidence intervals: of a share, of a mean over people, of any statistic of sums over people."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.errors import InputError

__all__ = [
    "Interval",
    "bootstrap_interval",
    "cluster_interval",
    "cluster_sums",
    "wilson_interval",
]

_AT_ONCE = 250
"""Resamplings held in memory together."""


class Interval(NamedTuple):
    """A value with the ends of its interval; NaN where something is not known."""

    value: float
    low: float
    high: float


def wilson_interval(successes: int, n: int, *, level: float = 0.95) -> Interval:
    """Return a share and Wilson's score interval of it (Wilson 1927).

    It supposes that the n trials are independent.

    Parameters
    ----------
    successes : int
        From 0 to n.
    n : int
        Trials; with none, all three numbers are NaN.
    level : float in (0, 1)

    Raises
    ------
    InputError
        If a number is out of range.

    Examples
    --------
    >>> [round(end, 3) for end in wilson_interval(8, 10)]
    [0.8, 0.49, 0.943]
    """
    _check_level(level)
    if not 0 <= successes <= n:
        raise InputError(
            f"got {successes} of {n}, expected from 0 to as many as there are; count again"
        )
    if not n:
        return Interval(math.nan, math.nan, math.nan)
    from scipy.stats import binomtest

    ends = binomtest(int(successes), int(n)).proportion_ci(level, method="wilson")
    return Interval(successes / n, float(ends.low), float(ends.high))


def bootstrap_interval(
    values: ArrayLike, *, level: float = 0.95, n_bootstrap: int = 2000, random_state: int = 0
) -> Interval:
    """Return the mean over people and its percentile bootstrap interval.

    Parameters
    ----------
    values : array_like of float, (P,)
        One for each person; NaN are left out.
    level : float in (0, 1)
    n_bootstrap : int
        Resamplings of the people.
    random_state : int

    Returns
    -------
    Interval
        NaN if no value is left; low and high equal the mean for one person.

    Examples
    --------
    >>> mean, low, high = bootstrap_interval(np.arange(50.0))
    >>> mean, bool(19 < low < 22), bool(27 < high < 30)
    (24.5, True, True)
    """
    kept = np.asarray(values, dtype=np.float64)
    kept = kept[~np.isnan(kept)]
    if not len(kept):
        return Interval(math.nan, math.nan, math.nan)
    rng = np.random.default_rng(random_state)
    means = kept[rng.integers(0, len(kept), (n_bootstrap, len(kept)))].mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(kept.mean()), float(low), float(high))


def cluster_sums(values: ArrayLike, clusters: Sequence[str] | None) -> NDArray[np.float64]:
    """Add up the rows of each cluster, such as the faces of each person.

    Parameters
    ----------
    values : array_like of float, (n, ...)
    clusters : sequence of str, length n, or None
        Whose each row is; None makes each row a cluster of its own.

    Returns
    -------
    ndarray of float64, (P, ...)
        By the clusters' names in sorted order, or row by row.

    Raises
    ------
    InputError
        If there is not one name for each row, or a name is empty.

    Examples
    --------
    >>> cluster_sums([[1, 0], [0, 2], [3, 0]], ["b", "a", "b"]).tolist()
    [[0.0, 2.0], [4.0, 0.0]]
    """
    rows = np.asarray(values, dtype=np.float64)
    if clusters is None:
        return rows
    names = np.asarray(clusters, dtype=np.str_)
    if names.shape != rows.shape[:1] or (names == "").any():
        raise InputError(
            f"got identities of shape {names.shape}, {int((names == '').sum())} of them empty, for "
            f"{len(rows)} faces, expected one name for each; complete them, or leave them out"
        )
    found, place = np.unique(names, return_inverse=True)
    sums = np.zeros((len(found), *rows.shape[1:]))
    np.add.at(sums, place, rows)
    return sums


def cluster_interval(
    sums: ArrayLike,
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    *,
    level: float = 0.95,
    n_bootstrap: int = 2000,
    random_state: int = 0,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return a statistic of sums over clusters, and its bootstrap interval over the clusters.

    Clusters are drawn with replacement, whole. The ends are percentiles of the replicates, moved
    outwards for few clusters (the expanded percentiles of Hesterberg 2015, The American
    Statistician 69:371): for P clusters those at ``Phi(sqrt(P / (P - 1)) t)``, t being the
    quantile of Student's distribution with P - 1 degrees of freedom.

    Parameters
    ----------
    sums : array_like of float, (P, M)
        What each cluster contributes; the statistic is one of their total.
    statistic : callable
        Maps totals (B, M) to values (B, V), row by row; NaN where one is not defined.
    level : float in (0, 1)
    n_bootstrap : int
        Resamplings of the clusters, 1 at least.
    random_state : int

    Returns
    -------
    value, low, high : ndarray of float64, (V,)
        The ends are NaN for one cluster alone, which says nothing about others. Replicates in
        which a value is NaN do not count for it.

    Raises
    ------
    InputError
        If there is no cluster, or an option is out of range.

    Examples
    --------
    >>> sums = np.column_stack([np.arange(50.0), np.ones(50)])  # total and count
    >>> mean = lambda total: total[:, :1] / total[:, 1:]
    >>> value, low, high = cluster_interval(sums, mean)
    >>> value.tolist(), bool(19 < low[0] < 22), bool(27 < high[0] < 30)
    ([24.5], True, True)
    """
    from scipy.stats import norm, t

    sums = np.asarray(sums, dtype=np.float64)
    _check_level(level)
    if sums.ndim != 2 or not len(sums) or n_bootstrap < 1:
        raise InputError(
            f"got sums of shape {sums.shape} and {n_bootstrap} resamplings, expected (P, M) for "
            "one cluster or more, and 1 or more; correct them"
        )
    n = len(sums)
    value = statistic(sums.sum(axis=0)[None])[0]
    if n == 1:
        unknown = np.full_like(value, np.nan)
        return value, unknown, unknown.copy()
    rng = np.random.default_rng(random_state)
    replicates = []
    for start in range(0, n_bootstrap, _AT_ONCE):
        rows = min(_AT_ONCE, n_bootstrap - start)
        drawn = rng.integers(0, n, (rows, n)) + n * np.arange(rows)[:, None]
        times = np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n)
        replicates.append(statistic(times @ sums))
    tail = norm.cdf(math.sqrt(n / (n - 1)) * t.ppf((1 - level) / 2, n - 1))
    low, high = _quantiles(np.concatenate(replicates), (tail, 1 - tail))
    return value, low, high


def _quantiles(values: NDArray[np.float64], shares: tuple[float, float]) -> NDArray[np.float64]:
    """Return quantiles of each column, NaN left out; NaN for a column of nothing else."""
    ends = np.full((2, values.shape[1]), np.nan)
    known = ~np.isnan(values)
    whole = known.all(axis=0)
    ends[:, whole] = np.quantile(values[:, whole], shares, axis=0)
    for column in np.flatnonzero(~whole & known.any(axis=0)):
        ends[:, column] = np.quantile(values[known[:, column], column], shares)
    return ends


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise InputError(f"got a level of {level}, expected one between 0 and 1; use 0.95")
