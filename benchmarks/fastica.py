"""Time `batched_fastica` against scikit-learn and Picard on one thread.

    pip install -e .[bench]
    python benchmarks/fastica.py -o docs/benchmarks/fastica.md

Every solver gets the same mixtures and the same starts; FastICA the same tolerance. Times are CPU
seconds, the least of several rounds in which the solvers take turns.
"""

import argparse
import datetime
import gc
import os
import platform
import time
import warnings
from collections.abc import Callable
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # before numpy is loaded

import numpy as np  # noqa: E402
import picard  # noqa: E402
import scipy  # noqa: E402
import sklearn  # noqa: E402
import threadpoolctl  # noqa: E402
from floor import measure_floor  # noqa: E402
from mixtures import KINDS, mixtures  # noqa: E402
from sklearn.decomposition import FastICA  # noqa: E402

from icaedit.analysis import batched_fastica, fit_directions  # noqa: E402
from icaedit.analysis.fastica.contrasts import negentropy  # noqa: E402
from icaedit.analysis.fastica.whitening import whiten  # noqa: E402
from icaedit.schema import EMOTIONS  # noqa: E402

TOL = 1e-4
PICARD_TOL = 1e-3
"""Of the gradient; ends at the same contrast as FastICA's."""

TARGETS = {
    "float32, of scikit-learn's default": 5.0,
    "float64, of scikit-learn's default": 2.5,
    "float32, of Picard-O": 10.0,
}

REASONS = (
    "An aim that is missed is missed for these reasons. An iteration is one and a half to two and "
    "a half times the time of its four numpy calls alone: the rest is the eigendecomposition that "
    "keeps rows orthogonal, calls of small arrays, and for few iterations the whitening. Picard-O "
    "takes fewer but dearer iterations, so it comes nearer where FastICA needs many. Starting on "
    "every second, fourth or eighth sample was tried and gained nothing."
)

Solver = Callable[[], tuple[list, int]]


def solvers(x: np.ndarray, start: np.ndarray) -> dict[str, Solver]:
    """Return functions that unmix all problems: their sources, and iterations in all."""
    single = x.astype(np.float32)
    # scikit-learn signs white rows by the first row of x, ours by their largest entry
    ours = np.stack([start * _sign_change(rows) for rows in x])[:, None]

    def loop(data: np.ndarray) -> tuple[list, int]:
        sources, count = [], 0
        for rows in data:
            ica = FastICA(w_init=start.astype(data.dtype), whiten="unit-variance", tol=TOL)
            sources.append(ica.fit_transform(rows.T).T)
            count += ica.n_iter_
        return sources, count

    def picard_loop() -> tuple[list, int]:
        sources, count = [], 0
        for rows in x:
            *_, found, n_iter = picard.picard(
                rows, ortho=True, w_init=start, tol=PICARD_TOL, return_n_iter=True
            )
            sources.append(found)
            count += n_iter
        return sources, count

    def batch(data: np.ndarray) -> tuple[list, int]:
        fit = batched_fastica(data, w_init=ours, tol=TOL)
        return list(fit.sources), int(fit.n_iter.sum())

    return {
        "scikit-learn, default (float64)": lambda: loop(x),
        "scikit-learn, float32": lambda: loop(single),
        "Picard-O": picard_loop,
        "batched_fastica, float64": lambda: batch(x),
        "batched_fastica, float32": lambda: batch(single),
    }


def _sign_change(rows: np.ndarray) -> np.ndarray:
    zero_mean = rows - rows.mean(axis=1, keepdims=True)
    left, singular, _ = np.linalg.svd(zero_mean, full_matrices=False)
    theirs = (left * np.where(left[0] < 0, -1.0, 1.0) / singular).T
    return np.sign(np.vecdot(theirs, whiten(rows)[1].matrix))


def race(x: np.ndarray, rounds: int) -> dict[str, tuple[float, int, float]]:
    """Return (CPU seconds, iterations, contrast summed over problems) by solver."""
    start = np.random.default_rng(1).normal(size=(x.shape[1], x.shape[1]))
    start = np.linalg.qr(start)[0]
    entries = solvers(x, start)
    seconds = dict.fromkeys(entries, np.inf)
    results = {}
    for _ in range(rounds):
        for name, solve in entries.items():
            gc.collect()
            begin = time.process_time()
            results[name] = solve()
            seconds[name] = min(seconds[name], time.process_time() - begin)
    return {
        name: (seconds[name], count, sum(_contrast(found) for found in sources))
        for name, (sources, count) in results.items()
    }


def _contrast(sources: np.ndarray) -> float:
    sources = np.asarray(sources, dtype=np.float64)
    sources = sources - sources.mean(axis=1, keepdims=True)
    return negentropy(sources / sources.std(axis=1, keepdims=True))


def refits(size: int, rounds: int) -> float:
    """Return CPU seconds of 1000 bootstrap refits of group ICA on 70 people x 7."""
    x = mixtures("facs", size=size)
    identity = np.repeat([f"P{i:02d}" for i in range(len(x))], len(EMOTIONS))
    emotion = np.tile(EMOTIONS, len(x))
    best = np.inf
    for _ in range(rounds):
        taken = []
        for n_bootstrap in (0, 1000):
            begin = time.process_time()
            fit_directions(
                x.reshape(-1, size), identity, emotion, n_bootstrap=n_bootstrap, random_state=0
            )
            taken.append(time.process_time() - begin)
        best = min(best, taken[1] - taken[0])
    return best


def table(rows: list[list[str]]) -> str:
    """Return a Markdown table, first row the head."""
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def report(*, people: int, size: int, rounds: int, bootstrap: bool) -> str:
    """Run everything and return the page."""
    shape = f"{people} x {len(EMOTIONS)} x {size}"
    parts = [
        "# FastICA on many problems",
        f"{shape} mixtures, the same starts, tolerance {TOL:g} (Picard-O: gradient "
        f"{PICARD_TOL:g}), one thread. CPU seconds, the least of {rounds} rounds. Made by "
        "`python benchmarks/fastica.py -o docs/benchmarks/fastica.md`.",
        machine(),
    ]
    floors = {
        dtype: measure_floor(len(EMOTIONS), size, dtype) for dtype in (np.float32, np.float64)
    }
    ratios = {name: [] for name in TARGETS}
    for kind in KINDS:
        found = race(mixtures(kind, people=people, size=size), rounds)
        default = found["scikit-learn, default (float64)"]
        rows = [["", "CPU s", "x default", "iterations", "contrast, of default", "x floor"]]
        for name, (seconds, count, contrast) in found.items():
            floor = floors[np.float32 if "32" in name else np.float64]
            least = count * floor.kernels + people * (floor.whitening + floor.reading)
            rows.append(
                [
                    name,
                    f"{seconds:.3f}",
                    f"{default[0] / seconds:.1f}",
                    str(count),
                    f"{contrast / default[2]:.4f}",
                    f"{seconds / least:.1f}" if "batched" in name else "",
                ]
            )
        parts += [f"## {kind}", table(rows)]
        fast, exact = (found[f"batched_fastica, float{bits}"][0] for bits in (32, 64))
        for name, ratio in zip(
            TARGETS, (default[0] / fast, default[0] / exact, found["Picard-O"][0] / fast),
            strict=True,
        ):
            ratios[name].append(ratio)
    parts += ["## Targets", targets(ratios), REASONS, "## The floor", floor_text(floors)]
    if bootstrap:
        rows = [["D", "CPU s"]] + [[str(d), f"{refits(d, rounds):.1f}"] for d in (9216, 2560)]
        parts += [
            "## A thousand refits",
            "Group ICA refitted on 1000 bootstrap samples of 70 people, cold starts and whitening "
            "included.",
            table(rows),
        ]
    return "\n\n".join(parts) + "\n"


def targets(ratios: dict[str, list[float]]) -> str:
    """Compare with what was aimed at."""
    rows = [["", "aim", *KINDS, "met"]]
    for name, aim in TARGETS.items():
        met = "yes" if min(ratios[name]) >= aim else f"no, by {1 - min(ratios[name]) / aim:.0%}"
        rows.append([name, f"{aim:g} x", *(f"{ratio:.1f} x" for ratio in ratios[name]), met])
    return table(rows)


def floor_text(floors: dict) -> str:
    """Say what an iteration must compute, and how long numpy takes for it."""
    lines = [
        "An iteration of one problem multiplies twice by the white rows, takes tanh of the "
        "projections and sums their squares. *x floor* above is the CPU time over that of these "
        "numpy calls alone, with everything in the cache, for as many iterations, plus reading "
        "the data once from memory and, for each problem, the Gram matrix and the whitening.",
    ]
    rows = [["dtype", "Mflop", "tanh", "KB", "us, kernels", "Gflop/s", "us, reading once"]]
    for dtype, floor in floors.items():
        rows.append(
            [
                np.dtype(dtype).name,
                f"{floor.flops / 1e6:.2f}",
                str(floor.curves),
                f"{floor.data_bytes / 1e3:.0f}",
                f"{floor.kernels * 1e6:.0f}",
                f"{floor.flops / floor.kernels / 1e9:.0f}",
                f"{floor.reading * 1e6:.0f}",
            ]
        )
    lines += [
        table(rows),
        "Reading the data is a small part even of one iteration, so the solver is bound by "
        "computing, not by memory. In float64 it still does most iterations in float32, and only "
        "those that decide in float64; *x floor* may therefore be below 1.",
    ]
    return "\n\n".join(lines)


def machine() -> str:
    """Say what it ran on."""
    text = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
    models = [line.split(":")[1].strip() for line in text.splitlines() if "model name" in line]
    kernels = {info.get("architecture", "") for info in threadpoolctl.threadpool_info()} - {""}
    forced = os.environ.get("OPENBLAS_CORETYPE")
    return (
        f"{models[0] if models else platform.processor()}, {platform.system()}, Python "
        f"{platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}, "
        f"scikit-learn {sklearn.__version__}, python-picard {picard.__version__}, BLAS kernels "
        f"{', '.join(sorted(kernels))}"
        + (f" (OPENBLAS_CORETYPE={forced})" if forced else "")
        + f", {datetime.date.today():%Y-%m-%d}."
    )


def main() -> None:
    """Parse the command line, run, print and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, help="where the page goes as well")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--people", type=int, default=70)
    parser.add_argument("--size", type=int, default=9216)
    parser.add_argument("--no-bootstrap", action="store_true", help="leave out the refits")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # what did not converge shows in the iterations
    page = report(
        people=options.people,
        size=options.size,
        rounds=options.rounds,
        bootstrap=not options.no_bootstrap,
    )
    print(page)
    if options.output is not None:
        options.output.parent.mkdir(parents=True, exist_ok=True)
        options.output.write_text(page)


if __name__ == "__main__":
    main()
