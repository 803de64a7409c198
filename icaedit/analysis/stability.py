"""Would other people have given the same directions?

People are resampled with replacement and the method is refitted. Directions are handled as
weights on cells, so their inner products come from the cells' Gram matrix. ICA that found
structure is as stable as the mean difference; ICA that rotates noise is not, however stable the
mean difference may be: hence the ratio of the two.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from icaedit.analysis.centring import CentredCells, contrast_operator
from icaedit.errors import DatasetError

__all__ = [
    "Refit",
    "RefitMany",
    "Replicates",
    "Stability",
    "bootstrap_stability",
    "noise_per_person",
    "one_by_one",
    "people_for_cosine",
]

TARGET_COSINE = 0.95
GATE = 0.9
"""Least ratio of ICA's to the mean difference's agreement. Simulated ratios were 0.98 and more
where sources are identifiable, 0.59 and less where they are not."""

DEFAULT_BOOTSTRAP = 1000
SLOW_BOOTSTRAP = 200
"""Resamples: a thousand of 70 people take a few seconds where they are refitted together, and
two hundred where one by one."""

AT_ONCE = 25
"""Resamples refitted together."""

CLUSTERED = 40
"""Resamples whose components are clustered; the rest would add time and no insight."""

Refit = Callable[[NDArray[np.float64], np.random.Generator], dict[str, NDArray[np.float64]]]


@dataclass(frozen=True, eq=False)
class Replicates:
    """What a method makes of B resamples of the people.

    Attributes
    ----------
    weights : dict of str to ndarray of float64, (B, E - 1, n_cells)
        Directions by estimand, as weights on cells.
    unsettled : dict of str to ndarray of bool, (B, E - 1)
        Whether the ICA behind a direction was still moving; nothing for methods without ICA.
    unmixing : ndarray of float64, (B, K, n_cells), or None
        All components, for clustering.
    """

    weights: dict[str, NDArray[np.float64]]
    unsettled: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    unmixing: NDArray[np.float64] | None = None


RefitMany = Callable[
    [NDArray[np.float64], NDArray[np.float64], np.random.Generator], Replicates
]
"""Called with the people's weights (B, P), the `contrast_operator` of each resample
(B, E - 1, n_cells) and a generator."""


@dataclass(frozen=True, eq=False)
class Stability:
    """Agreement between bootstrap replicates.

    Attributes
    ----------
    n_bootstrap : int
        Replicates that could be fitted.
    agreement : dict of str to ndarray of float64, (E - 1,)
        Mean cosine between two replicates' directions, for each name the refit returns and for
        ``"mean-difference"``. Replicates whose ICA had not settled count like the others: where
        there is nothing to find, they are how it shows.
    unsettled : dict of str to ndarray of int, (E - 1,)
        In how many replicates the ICA behind a direction was still moving.
    unmixing : ndarray of float64, (B', K, n_cells), or None
        Components of the first replicates.
    """

    n_bootstrap: int
    agreement: dict[str, NDArray[np.float64]]
    unsettled: dict[str, NDArray[np.int64]] = field(default_factory=dict)
    unmixing: NDArray[np.float64] | None = None

    def ratio(self, name: str) -> float | None:
        """Agreement of a method over that of the mean difference; None if that is not positive."""
        reference = float(self.agreement["mean-difference"].mean())
        return float(self.agreement[name].mean()) / reference if reference > 0 else None


def one_by_one(refit: Refit) -> RefitMany:
    """Make a refit of many resamples from one of a single resample."""

    def refit_many(
        person_weights: NDArray[np.float64],
        contrasts: NDArray[np.float64],
        rng: np.random.Generator,
    ) -> Replicates:
        single = [refit(weights, rng) for weights in person_weights]
        return Replicates({name: np.stack([one[name] for one in single]) for name in single[0]})

    return refit_many


def bootstrap_stability(
    centred: CentredCells,
    refit_many: RefitMany,
    gram: NDArray[np.float64],
    *,
    n_bootstrap: int,
    rng: np.random.Generator,
    progress: Callable[[int, int], None] | None = None,
) -> Stability | None:
    """Refit on resampled people and measure how well the replicates agree.

    Parameters
    ----------
    centred : CentredCells
    refit_many : callable
        See `RefitMany` and `one_by_one`.
    gram : ndarray of float64, (n_cells, n_cells)
        Inner products of the cells that the refit's weights apply to.
    n_bootstrap : int
        Replicates.
    rng : numpy.random.Generator
    progress : callable, optional
        Called as ``progress(done, total)`` with the resamples that were refitted.

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
    ...     centre_people(cells), one_by_one(lambda weights, rng: {}), np.eye(6),
    ...     n_bootstrap=5, rng=np.random.default_rng(0),
    ... )
    >>> stability.agreement["mean-difference"].round(12).tolist()
    [1.0]
    """
    done = 0
    sums: dict[str, NDArray[np.float64]] = {}
    counts: dict[str, NDArray[np.int64]] = {}
    unsettled: dict[str, NDArray[np.int64]] = {}
    components: list[NDArray[np.float64]] = []
    for draws, contrasts in _draws(centred, n_bootstrap, rng):
        replicates = refit_many(draws, contrasts, rng)
        for name, rows in {**replicates.weights, "mean-difference": contrasts}.items():
            products = centred.gram if name == "mean-difference" else gram
            norms = np.sqrt(np.maximum(_squares(rows, products), 0))
            unit = rows / np.where(norms > 0, norms, np.inf)[..., None]
            sums[name] = sums.get(name, 0) + unit.sum(axis=0)
            counts[name] = counts.get(name, 0) + (norms > 0).sum(axis=0)
        for name, moving in replicates.unsettled.items():
            unsettled[name] = unsettled.get(name, 0) + moving.sum(axis=0)
        if replicates.unmixing is not None and done < CLUSTERED:
            components.append(replicates.unmixing)
        done += len(draws)
        if progress is not None:
            progress(done, n_bootstrap)
    if done < 2:
        return None
    agreement = {}
    for name, total in sums.items():
        products = centred.gram if name == "mean-difference" else gram
        pairs = np.maximum(counts[name] * (counts[name] - 1), 1)
        agreement[name] = (_squares(total, products) - counts[name]) / pairs
    unmixing = np.concatenate(components)[:CLUSTERED] if components else None
    return Stability(done, agreement, unsettled, unmixing)


def _draws(
    centred: CentredCells, n_bootstrap: int, rng: np.random.Generator
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Resamples, a few at a time: how often each person counts, and the contrasts.

    Resamples in which nobody links some emotion to neutral are left out.
    """
    n_people = len(centred.cells.identities)
    # who is drawn must not depend on what people are called
    order = centred.cells.people_by_content
    for start in range(0, n_bootstrap, AT_ONCE):
        draws, contrasts = [], []
        for _ in range(min(AT_ONCE, n_bootstrap - start)):
            weights = np.zeros(n_people)
            weights[order] = rng.multinomial(n_people, np.full(n_people, 1 / n_people))
            try:
                contrasts.append(contrast_operator(centred, weights))
            except DatasetError:
                continue
            draws.append(weights)
        if draws:
            yield np.stack(draws), np.stack(contrasts)


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
    image = rows.reshape(-1, len(gram)) @ gram
    return np.vecdot(image.reshape(rows.shape), rows)
