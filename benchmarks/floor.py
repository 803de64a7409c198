"""What the iteration must cost at least: its operations, its bytes, and numpy's time for them."""

import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

__all__ = ["Floor", "cpu_seconds", "measure_floor"]


class Floor(NamedTuple):
    """For one problem (K, D) of one dtype.

    Attributes
    ----------
    flops : int
        Multiplications and additions of an iteration's two matrix products and sums of squares.
    curves : int
        Values of tanh in an iteration.
    data_bytes : int
        Size of the problem, to be read at least once.
    kernels : float
        CPU seconds of numpy for these products, curves and sums, with everything in the cache.
    reading : float
        CPU seconds to read the problem from memory.
    whitening : float
        CPU seconds of the float64 Gram matrix and the product with the whitening, in the cache.
    """

    flops: int
    curves: int
    data_bytes: int
    kernels: float
    reading: float
    whitening: float


def cpu_seconds(work: Callable[[], object], *, repeats: int = 5, calls: int = 1) -> float:
    """Return the least CPU time of one call over several repeats of some calls."""
    best = np.inf
    for _ in range(repeats):
        start = time.process_time()
        for _ in range(calls):
            work()
        best = min(best, (time.process_time() - start) / calls)
    return best


def measure_floor(size: int, samples: int, dtype: type) -> Floor:
    """Count and time what no implementation on numpy can leave out."""
    rows = size + -size % 4  # the products are fastest so
    rng = np.random.default_rng(0)
    # and rows an odd number of cache lines apart
    lines = -(-samples * np.dtype(dtype).itemsize // 64) | 1
    white = np.zeros((rows, lines * 64 // np.dtype(dtype).itemsize), dtype)[:, :samples]
    white[:size] = rng.laplace(size=(size, samples))
    rotation = np.linalg.qr(rng.normal(size=(rows, rows)))[0].astype(dtype)
    room = np.empty((rows, samples), dtype)
    filled = room[:size]

    def iteration() -> None:
        np.matmul(rotation, white, out=room)
        np.tanh(filled, out=filled)
        np.vecdot(filled, filled)
        room @ white.T

    exact = np.zeros((rows + 4 * (rows == size), samples))

    def whitening() -> None:
        exact[:size] @ exact.T
        np.matmul(rotation, white, out=room)

    much = np.ones(1 << 24, dtype=np.float32)  # 64 MiB, more than any cache
    return Floor(
        flops=(4 * size + 2) * size * samples,
        curves=size * samples,
        data_bytes=size * samples * np.dtype(dtype).itemsize,
        kernels=cpu_seconds(iteration, calls=50),
        reading=cpu_seconds(much.max) * size * samples * np.dtype(dtype).itemsize / much.nbytes,
        whitening=cpu_seconds(whitening, calls=20),
    )
