"""How well each method recovers planted directions, as a Markdown table.

    python benchmarks/recovery.py [--people 70] [--coordinates 9216] [--noise 1.0] [--seeds 2]
        [--kinds sparse blend ...]

Simulated latents of people showing seven emotions. The length of an emotion is 0.35 of that of a
person; a person's own way of showing it adds 0.3 of its length, and each latent noise of `--noise`
times its length, unequal over the coordinates. Printed: the mean over emotions and seeds of the
cosine to the truth, and the bootstrap's ratio of agreements for single components. The truth is
what an emotion adds to a neutral face, or, where posed emotions are blends, its pure part.
"""

import argparse
import os
import warnings

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import numpy as np  # noqa: E402

from icaedit.analysis.cells import cell_means  # noqa: E402
from icaedit.analysis.centring import centre_people  # noqa: E402
from icaedit.analysis.mean_difference import mean_difference  # noqa: E402
from icaedit.analysis.methods import FITTERS  # noqa: E402
from icaedit.analysis.stability import bootstrap_stability  # noqa: E402
from icaedit.errors import IcaeditWarning  # noqa: E402
from icaedit.schema import EMOTIONS  # noqa: E402

LENGTH, OWN_WAY = 0.35, 0.3
KINDS = {
    "sparse": "15 % of the coordinates each, heavy-tailed",
    "laplace": "all coordinates, Laplace",
    "atoms": "sums of some of 13 sparse atoms, as emotions share muscles",
    "blend": "posed emotions mix sparse pure ones; truth: the pure",
    "own blend": "the same, every person with a mixture of their own",
    "pitch": "sparse, and a head pitch that differs by emotion",
    "gauss": "Gaussian",
    "envelope": "Gaussian within one envelope of layers",
}


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def sparse(rng: np.random.Generator, count: int, size: int) -> np.ndarray:
    return unit(rng.standard_t(4, size=(count, size)) * (rng.random((count, size)) < 0.15))


def blends(rng: np.random.Generator, count: int) -> np.ndarray:
    mixtures = rng.uniform(0, 0.5, size=(count, 6, 6))
    mixtures[:, range(6), range(6)] = 1
    return mixtures


def simulate(kind: str, people: int, size: int, *, noise: float, seed: int) -> tuple:
    """Return latents (P, 7, D) and the truth (6, D)."""
    rng = np.random.default_rng(seed)
    truth, mixture = sparse(rng, 6, size), np.broadcast_to(np.eye(6), (people, 6, 6))
    if kind == "laplace":
        truth = unit(rng.laplace(size=(6, size)))
    elif kind == "atoms":
        chosen = (rng.random((6, 13)) < 0.4) * rng.uniform(0.5, 1, size=(6, 13))
        truth = unit(chosen @ sparse(rng, 13, size))
    elif kind in ("gauss", "envelope"):
        truth = rng.normal(size=(6, size))
        if kind == "envelope":
            truth *= np.exp(rng.normal(size=18))[np.arange(size) * 18 // size]
        truth = unit(truth)
    elif kind == "blend":
        mixture = np.broadcast_to(blends(rng, 1), (people, 6, 6))
    elif kind == "own blend":
        mixture = blends(rng, people)
    latents = np.zeros((people, 7, size), np.float32)
    scale = np.exp(0.4 * rng.normal(size=size)) / np.sqrt(size)
    pitch, loading = sparse(rng, 1, size)[0], 0.4 * rng.normal(size=(7, 1))
    for person in range(people):
        one = rng.normal(size=size) / np.sqrt(size) + noise * LENGTH * scale * rng.normal(
            size=(7, size)
        )
        own = OWN_WAY * rng.normal(size=(6, size)) / np.sqrt(size)
        one[1:] += LENGTH * (mixture[person] @ truth + own)
        if kind == "pitch":
            one += LENGTH * (loading + 0.4 * rng.normal(size=(7, 1))) * pitch
        latents[person] = one
    return latents, truth


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=70)
    parser.add_argument("--coordinates", type=int, default=9216)
    parser.add_argument("--noise", type=float, default=1.0)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--refits", type=int, default=100)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", IcaeditWarning)
    people = arguments.people
    labels = np.repeat(np.arange(people), 7).astype(str), np.tile(EMOTIONS, people)
    columns = ("group-ica", "component", "paper", "mean-difference", "pca")
    print(f"| planted | {' | '.join(columns)} | ratio |")
    print("|---" * (len(columns) + 2) + "|")
    for kind in arguments.kinds:
        rows = []
        for seed in range(arguments.seeds):
            latents, truth = simulate(
                kind, people, arguments.coordinates, noise=arguments.noise, seed=seed
            )
            centred = centre_people(cell_means(latents.reshape(7 * people, -1), *labels))
            difference = mean_difference(centred)
            fits = {
                method: FITTERS[method](centred, difference, 0)
                for method in columns
                if method != "component"
            }
            group = fits["group-ica"]
            patterns = {name: fit.patterns["emotion"] for name, fit in fits.items()}
            patterns["component"] = group.patterns["component"]
            stability = bootstrap_stability(
                centred,
                group.refit_many,
                group.gram,
                n_bootstrap=arguments.refits,
                rng=np.random.default_rng(0),
            )
            cosines = [np.vecdot(unit(patterns[name]), truth).mean() for name in columns]
            rows.append([*cosines, stability.ratio("component")])
        means = " | ".join(f"{value:.3f}" for value in np.mean(rows, axis=0))
        print(f"| {kind}: {KINDS[kind]} | {means} |", flush=True)


if __name__ == "__main__":
    main()
