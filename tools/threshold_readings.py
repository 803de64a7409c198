"""How much of a latent each reading of the paper's threshold keeps, as a Markdown table.

    python tools/threshold_readings.py [--draws 20] [--people 3]

Per cell: per cent kept with h the mean / the median, over `--draws` sets of seven vectors of 9216
coordinates from a Gaussian, a Laplace and a Student t(3) distribution, and for the last column over
the directions that `method="paper"` finds for each of `--people` simulated people by themselves.
The paper keeps 1638 and 2194 of 9216: 17.8 / 23.8 %.
"""

import argparse
from collections.abc import Callable, Iterable

import numpy as np

from icaedit.analysis.cells import cell_means
from icaedit.analysis.per_identity import per_identity_ica
from icaedit.schema import EMOTIONS

SIZE = 9216
Rule = Callable[[np.ndarray], np.ndarray]  # h of each row, (7, 1)


def at_least(values: np.ndarray, level: np.ndarray) -> float:
    return float((values >= level).mean())


def positive_level(x: np.ndarray, rule: Rule) -> np.ndarray:
    """h over the positive entries of each row."""
    return np.stack([rule(row[row > 0][None])[0] for row in x])


def positive_masks(x: np.ndarray, rule: Rule) -> np.ndarray:
    return x >= positive_level(x, rule)


def absolute_masks(x: np.ndarray, rule: Rule) -> np.ndarray:
    return abs(x) >= rule(abs(x))


READINGS: dict[str, Callable[[np.ndarray, Rule], float]] = {
    "signed x, h over signed x": lambda x, rule: at_least(x, rule(x)),
    "abs x, h over abs x (here: two-sided)": lambda x, rule: absolute_masks(x, rule).mean(),
    "max(x, 0), h over all of it, zeros included": lambda x, rule: at_least(
        np.maximum(x, 0), rule(np.maximum(x, 0))
    ),
    "**signed x, h over its positive entries (here: one-sided)**": lambda x, rule: positive_masks(
        x, rule
    ).mean(),
    "signed x, h over abs x": lambda x, rule: at_least(x, rule(abs(x))),
    "x squared, h over x squared": lambda x, rule: at_least(x**2, rule(x**2)),
    "mean over emotions of abs x": lambda x, rule: at_least(
        abs(x).mean(axis=0, keepdims=True), rule(abs(x).mean(axis=0, keepdims=True))
    ),
    "largest over emotions of abs x": lambda x, rule: at_least(
        abs(x).max(axis=0, keepdims=True), rule(abs(x).max(axis=0, keepdims=True))
    ),
    "abs masks of two emotions, intersected": lambda x, rule: (
        absolute_masks(x[:2], rule).all(axis=0).mean()
    ),
    "one-sided masks, in 3 of 7 emotions or more": lambda x, rule: (
        (positive_masks(x, rule).sum(axis=0) >= 3).mean()
    ),
    "one-sided masks, union over 7 emotions": lambda x, rule: (
        positive_masks(x, rule).any(axis=0).mean()
    ),
}
RULES: tuple[Rule, ...] = (
    lambda x: x.mean(axis=1, keepdims=True),
    lambda x: np.median(x, axis=1, keepdims=True),
)


def simulated_people(n_people: int) -> Iterable[np.ndarray]:
    """Each person's own seven directions by per-identity ICA; the seventh is that of neutral."""
    rng = np.random.default_rng(0)
    posed = rng.laplace(size=(7, SIZE)) / np.sqrt(2 * SIZE)
    people = 3 * rng.normal(size=(n_people, 1, SIZE)) / np.sqrt(SIZE)
    noise = 0.3 * rng.normal(size=(n_people, 7, SIZE)) / np.sqrt(SIZE)
    latents = (people + posed + noise).reshape(-1, SIZE)
    cells = cell_means(latents, np.repeat(np.arange(n_people), 7), EMOTIONS * n_people)
    fit = per_identity_ica(cells)
    for person in range(n_people):
        rows = cells.grid[person]
        z = cells.means[rows] - cells.means[rows].mean(axis=1, keepdims=True)
        directions = fit.weights[:, rows] @ z
        yield np.concatenate([directions, -directions.mean(axis=0, keepdims=True)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--people", type=int, default=3)
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    draws = range(arguments.draws)
    columns = {
        "Gauss": [rng.normal(size=(7, SIZE)) for _ in draws],
        "Laplace": [rng.laplace(size=(7, SIZE)) for _ in draws],
        "t(3)": [rng.standard_t(3, size=(7, SIZE)) for _ in draws],
        "one person's ICA": list(simulated_people(arguments.people)),
    }
    print(f"| reading | {' | '.join(columns)} |")
    print("|---" * (len(columns) + 1) + "|")
    for name, reading in READINGS.items():
        cells = []
        for sets in columns.values():
            shares = [100 * np.mean([reading(x, rule) for x in sets]) for rule in RULES]
            cells.append(" / ".join(f"{share:.1f}" for share in shares))
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
