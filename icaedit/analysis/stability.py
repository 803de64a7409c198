"""Would other people have given the same directions?

People are resampled with replacement and the method is refitted. Directions are handled as
weights on cells, so their inner products come from the cells' Gram matrix. ICA that found
structure is as stable as the mean difference; ICA that rotates noise is not, however stable the
mean difference may be: hence the ratio of the two.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icaedit.analysis.centring import CentredCells, contrast_operator
from icaedit.errors import DatasetError

__all__ = ["Stability", "bootstrap_stability", "noise_per_person", "people_for_cosine"]

TARGET_COSINE = 0.95
GATE = 0.9
"""Least ratio of ICA's to the mean difference's agreement. Simulated ratios were 0.98 and more
where sources are identifiable, 0.59 and less where they are not."""

Refit = Callable[[NDArray[np.float64], np.random.Generator], dict[str, NDArray[np.float64]]]


@dataclass(frozen=True, eq=False)
class Stability:
    """Agreement between bootstrap replicates.

    Attributes
    ----------
    n_bootstrap : int
        Replicates that could be fitted.
    agreement : dict of str to ndarray of float64, (E - 1,)
        Mean cosine between two replicates' directions, for each name the refit returns and for
        ``"mean-difference"``.
    """

    n_bootstrap: int
    agreement: dict[str, NDArray[np.float64]]

    def ratio(self, name: str) -> float | None:
        """Agreement of a method over that of the mean difference; None if that is not positive."""
        reference = float(self.agreement["mean-difference"].mean())
        return float(self.agreement[name].mean()) / reference if reference > 0 else None


def bootstrap_stability(
    centred: CentredCells,
    refit: Refit,
    gram: NDArray[np.float64],
    *,
    n_bootstrap: int,
    rng: np.random.Generator,
) -> Stability | None:
    """Refit on resampled people and measure how well the replicates agree.

    Parameters
    ----------
    centred : CentredCells
    refit : callable
        ``refit(person_weights, rng)`` returns named weights (E - 1, n_cells) on cells.
    gram : ndarray of float64, (n_cells, n_cells)
        Inner products of the cells that the refit's weights apply to.
    n_bootstrap : int
        Replicates.
    rng : numpy.random.Generator

    Returns
    -------
    Stability or None
        None if fewer than two replicates could be fitted.

    Examples
    --------
    >>> from icaedit.analysis.cells import cell_means
    >>> from icaedit.analysis.centring import centre_people
    >>> cells = cell_means([[0, 0], [1, 2]] * 3, list("aabbcc"), ["NE", "HA"] * 3)
    >>> stability = bootstrap_stability(
    ...     centre_people(cells), lambda weights, rng: {}, np.eye(6),
    ...     n_bootstrap=5, rng=np.random.default_rng(0),
    ... )
    >>> stability.agreement["mean-difference"].round(12).tolist()
    [1.0]
    """
    n_people = len(centred.cells.identities)
    sums: dict[str, NDArray[np.float64]] = {}
    counts: dict[str, NDArray[np.int64]] = {}
    grams: dict[str, NDArray[np.float64]] = {}
    done = 0
    for _ in range(n_bootstrap):
        weights = rng.multinomial(n_people, np.full(n_people, 1 / n_people)).astype(np.float64)
        try:
            reference = contrast_operator(centred, weights)
            replicate = {**refit(weights, rng), "mean-difference": reference}
        except DatasetError:  # nobody in the draw links some emotion to neutral
            continue
        done += 1
        for name, rows in replicate.items():
            products = grams.setdefault(
                name, centred.gram if name == "mean-difference" else gram
            )
            norms = np.sqrt(np.maximum(_squares(rows, products), 0))
            unit = rows / np.where(norms > 0, norms, np.inf)[:, None]
            sums[name] = sums.get(name, 0) + unit
            counts[name] = counts.get(name, 0) + (norms > 0)
    if done < 2:
        return None
    agreement = {}
    for name, total in sums.items():
        count = counts[name]
        pairs = np.maximum(count * (count - 1), 1)
        agreement[name] = (_squares(total, grams[name]) - count) / pairs
    return Stability(done, agreement)


def noise_per_person(centred: CentredCells) -> NDArray[np.float64]:
    """Return v, (E - 1,): one person's squared noise over the squared length of the truth.

    From the paired differences to neutral, with the noise in their mean taken off its length;
    infinite where nothing is left, NaN with fewer than two pairs. The mean difference over n
    people then has cosine ``(1 + v / n) ** -0.5`` to the truth.
    """
    gram = centred.gram
    noise = np.full(len(centred.cells.emotions) - 1, np.nan)
    for row in range(len(noise)):
        posed, neutral = centred.cells.pairs(row + 1)
        count = len(posed)
        if count < 2:
            continue
        products = (
            gram[np.ix_(posed, posed)]
            + gram[np.ix_(neutral, neutral)]
            - gram[np.ix_(posed, neutral)]
            - gram[np.ix_(neutral, posed)]
        )
        length = products.mean()
        variance = max(np.trace(products) - count * length, 0.0) / (count - 1)
        signal = length - variance / count
        noise[row] = variance / signal if signal > 0 else np.inf
    return noise


def people_for_cosine(noise: float, cosine: float = TARGET_COSINE) -> int | None:
    """Return how many people the mean difference needs for a cosine to the truth.

    Parameters
    ----------
    noise : float
        v of `noise_per_person`.
    cosine : float in (0, 1)

    Returns
    -------
    int or None
        None where v is infinite or unknown.

    Examples
    --------
    >>> people_for_cosine(2 / 1.0**2 + 0.3**2), people_for_cosine(float("inf"))
    (20, None)
    """
    if not np.isfinite(noise):
        return None
    return max(int(np.ceil(noise / (cosine**-2 - 1))), 2)


def _squares(rows: NDArray[np.float64], gram: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.einsum("ec,ec->e", rows @ gram, rows)
