"""How long a thousand refits on resampled people take, on one core.

    python benchmarks/bootstrap.py [--people 70] [--coordinates 9216] [--refits 1000]

Simulated latents of people showing seven emotions, in float32: sparse emotion patterns (which ICA
can tell apart) and Gaussian ones (which it cannot, so that every refit runs to its last
iteration). Printed: processor seconds of the fit, of the bootstrap and of the clustering, and what
the bootstrap found. One thread is used, whatever the machine has.
"""

import argparse
import os
import time

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np  # noqa: E402

from icaedit.analysis.cells import cell_means  # noqa: E402
from icaedit.analysis.centring import centre_people  # noqa: E402
from icaedit.analysis.icasso import cluster_components, icasso_entry  # noqa: E402
from icaedit.analysis.mean_difference import mean_difference  # noqa: E402
from icaedit.analysis.methods import FITTERS  # noqa: E402
from icaedit.analysis.stability import bootstrap_stability  # noqa: E402
from icaedit.schema import EMOTIONS  # noqa: E402


def simulate(kind: str, people: int, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return latents (7 P, D), identities and emotions; noise as long as an emotion."""
    rng = np.random.default_rng(0)
    posed = rng.normal(size=(7, size))
    if kind == "sparse":
        posed = rng.standard_t(4, size=(7, size)) * (rng.random((7, size)) < 0.15)
    posed *= 0.35 / np.linalg.norm(posed, axis=1, keepdims=True)
    posed[0] = 0
    own = 0.3 * 0.35 * rng.normal(size=(people, 7, size)) / np.sqrt(size)
    noise = 0.35 * rng.normal(size=(people, 7, size)) / np.sqrt(size)
    latents = rng.normal(size=(people, 1, size)) / np.sqrt(size) + posed + own + noise
    identity, emotion = np.repeat(np.arange(people), 7).astype(str), np.tile(EMOTIONS, people)
    return latents.reshape(-1, size).astype(np.float32), identity, emotion


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=70)
    parser.add_argument("--coordinates", type=int, default=9216)
    parser.add_argument("--refits", type=int, default=1000)
    parser.add_argument("--components", type=int, default=None)
    arguments = parser.parse_args()
    print(f"{'kind':<8} {'K':>3} {'fit s':>7} {'bootstrap s':>12} {'icasso s':>9}  found")
    for kind in ("sparse", "gauss"):
        latents = simulate(kind, arguments.people, arguments.coordinates)
        centred = centre_people(cell_means(*latents))
        times = [time.process_time()]
        fitted = FITTERS["group-ica"](
            centred, mean_difference(centred), 0, n_components=arguments.components
        )
        times.append(time.process_time())
        stability = bootstrap_stability(
            centred,
            fitted.refit_many,
            fitted.gram,
            n_bootstrap=arguments.refits,
            rng=np.random.default_rng(0),
        )
        times.append(time.process_time())
        runs, size, cells = stability.unmixing.shape
        components = stability.unmixing.reshape(-1, cells)
        clusters = cluster_components(components, centred.products, size)
        icasso_entry(clusters, runs)
        times.append(time.process_time())
        fit, bootstrap, clustering = np.diff(times)
        unsettled = int(stability.unsettled["component"].max())
        print(
            f"{kind:<8} {size:>3} {fit:>7.2f} {bootstrap:>12.2f} {clustering:>9.2f}  "
            f"agreement {stability.agreement['component'].mean():.3f} of the components, "
            f"{stability.agreement['mean-difference'].mean():.3f} of the mean difference; ratio "
            f"{stability.ratio('component'):.2f}; unsettled in up to {unsettled}; "
            f"Iq {clusters.iq.min():.2f} to {clusters.iq.max():.2f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
