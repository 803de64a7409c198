"""Group ICA: one spatial FastICA over everybody's cells, read out per emotion.

Two-way centred cells (n_cells, D) -> leading K principal rows -> FastICA over the D coordinates
-> mixing (n_cells, K). A direction is built from columns of the mixing: the contribution
``(A_e - A_neutral)_k s_k`` of component k is in latent units and does not depend on the sign or
scale of the source. Everything is returned as weights on the person-centred cells, so that a
direction is ``weights @ matrix``. What is read out may carry a leading axis of B resamples.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from icaedit.analysis.cells import CellMeans
from icaedit.analysis.centring import (
    CentredCells,
    contrast_operator,
    two_way_gram,
    two_way_shift,
)
from icaedit.analysis.fastica.whitening import orient_rows, weighted_principal_rows
from icaedit.analysis.masks import false_discovery_mask
from icaedit.analysis.matching import match_components
from icaedit.analysis.search import Search, best_rotation

__all__ = [
    "EmotionReadout",
    "GroupIca",
    "choose_components",
    "component_weights",
    "count_components",
    "emotion_weights",
    "group_ica",
    "paired_t",
    "read_out",
]

SLACK = (2, 6)
"""Components beyond one per emotion, at least and at most: room for nuisance such as head pitch.
Without it a nuisance is mixed into the emotions; more slots fill with noise, between which
FastICA turns for ever."""

NEGLIGIBLE = 0.01
"""Share of a direction's squared length that may come from components which came to no rest."""

MOVING_RATE = 0.01
"""Share of false ones, at most, among the components said to move with an emotion."""


@dataclass(frozen=True, eq=False)
class GroupIca:
    """Components found in everybody's cells, by decreasing share in them.

    Attributes
    ----------
    unmixing : ndarray of float64, (..., K, n_cells)
        ``sources = unmixing @ centred.matrix``, of unit variance over the coordinates.
    mixing : ndarray of float64, (..., n_cells, K)
        Loadings of the two-way centred cells.
    contrasts : ndarray of float64, (..., E - 1, K)
        ``A_e - A_neutral`` by two-way least squares.
    t : ndarray of float64, (..., E - 1, K)
        Paired t of that contrast over people.
    pairs : ndarray of float64, (..., E - 1)
        How many people that t is over.
    settled : ndarray of bool, (..., K)
        Whether each source stopped moving.
    search : Search or None
        How the rotation was found; None for resamples.
    """

    unmixing: NDArray[np.float64]
    mixing: NDArray[np.float64]
    contrasts: NDArray[np.float64]
    t: NDArray[np.float64]
    pairs: NDArray[np.float64]
    settled: NDArray[np.bool_]
    search: Search | None


@dataclass(frozen=True, eq=False)
class EmotionReadout:
    """Directions of the estimand emotion.

    Attributes
    ----------
    weights : ndarray of float64, (..., E - 1, n_cells)
    used : ndarray of bool, (..., E - 1, K)
        Components summed.
    none_moves, unsettled : ndarray of bool, (..., E - 1)
        Why all of them were: no component moves with the emotion, or more than 1 % of the squared
        length would come from components that were themselves still moving.
    """

    weights: NDArray[np.float64]
    used: NDArray[np.bool_]
    none_moves: NDArray[np.bool_]
    unsettled: NDArray[np.bool_]


def choose_components(centred: CentredCells) -> int:
    """Return how many components the cells carry above noise, from E + 1 to E + 5.

    Noise of equal variance in all cells has the eigenvalues of a Wishart matrix, up to
    ``(1 + sqrt(rank / D))^2`` times its own scale (Marchenko and Pastur 1967). The scale is
    estimated by the median eigenvalue, D by the participation ratio of the coordinates'
    variances, and a quarter is left as a margin. Seven emotions get 8 to 12 components.

    Examples
    --------
    >>> from icaedit.analysis.cells import cell_means
    >>> from icaedit.analysis.centring import centre_people
    >>> latents = np.random.default_rng(0).laplace(size=(60, 500))
    >>> people = np.repeat(np.arange(30), 2)
    >>> choose_components(centre_people(cell_means(latents, people, ["NE", "HA"] * 30)))
    3
    """
    values = np.linalg.eigvalsh(two_way_gram(centred.gram, two_way_shift(centred)))[::-1]
    variance = (centred.matrix**2).sum(axis=0)
    return count_components(values, variance, len(centred.cells.emotions) - 1)


def count_components(
    values: NDArray[np.float64], variance: NDArray[np.float64], n_emotions: int
) -> int:
    """Return the `choose_components` of eigenvalues, decreasing, and coordinates' variances."""
    samples = variance.sum() ** 2 / max((variance**2).sum(), np.finfo(np.float64).tiny)
    values = values[values > 1e-10 * values[0]]
    edge = 1.25 * np.median(values) * (1 + np.sqrt(len(values) / samples)) ** 2
    fewest, most = (n_emotions + slack for slack in SLACK)
    return int(np.clip((values > edge).sum(), fewest, most))


def group_ica(
    centred: CentredCells,
    rng: np.random.Generator,
    *,
    n_components: int | None = None,
    person_weights: NDArray[np.float64] | None = None,
    n_starts: int = 24,
) -> GroupIca:
    """Fit group ICA.

    Parameters
    ----------
    centred : CentredCells
    rng : numpy.random.Generator
        Draws the starts.
    n_components : int, optional
        K, at most the rank of the cells; by default that of `choose_components`.
    person_weights : ndarray of float64, (P,), optional
        How often each person counts, as in a bootstrap; once by default.
    n_starts : int
        See `best_rotation`.

    Raises
    ------
    DatasetError
        If no chain of people links an emotion to neutral.

    Examples
    --------
    >>> from icaedit.analysis.cells import cell_means
    >>> from icaedit.analysis.centring import centre_people
    >>> latents = np.random.default_rng(0).laplace(size=(6, 50))
    >>> cells = cell_means(latents, list("aabbcc"), ["neutral", "happy"] * 3)
    >>> group_ica(centre_people(cells), np.random.default_rng(0)).contrasts.shape
    (1, 3)
    """
    cells, n_samples = centred.cells, centred.n_coordinates
    if person_weights is None:
        person_weights = np.ones(len(cells.identities))
    if n_components is None:
        n_components = choose_components(centred)
    contrast = contrast_operator(centred, person_weights)
    shift = two_way_shift(centred, person_weights)
    gram = two_way_gram(centred.products, shift)

    rows = weighted_principal_rows(gram, person_weights[cells.person], n_components)
    rows = rows * np.sqrt(n_samples)
    on_matrix = rows if shift is None else rows + rows @ shift
    white = on_matrix @ centred.matrix
    white -= (on_matrix @ centred.row_means)[:, None]
    signs = orient_rows(white)[:, None]
    search = best_rotation(signs * white, rng, n_starts=n_starts)

    rotation = search.matrix * signs.T
    mixing = gram @ (rotation @ rows).T / n_samples
    # the operator takes person-centred cells, not two-way centred ones
    contrasts = contrast @ centred.products @ (rotation @ on_matrix).T / n_samples
    order = np.argsort(-(person_weights[cells.person] @ mixing**2), kind="stable")
    largest = contrasts[np.abs(contrasts).argmax(axis=0), np.arange(len(rows))]
    turn = np.where(largest < 0, -1.0, 1.0)[order]
    return read_out(
        centred,
        person_weights,
        unmixing=turn[:, None] * (rotation @ on_matrix)[order],
        mixing=turn * mixing[:, order],
        contrasts=turn * contrasts[:, order],
        settled=search.settled[order],
        search=search,
    )


def read_out(
    centred: CentredCells,
    person_weights: NDArray[np.float64],
    *,
    unmixing: NDArray[np.float64],
    mixing: NDArray[np.float64],
    contrasts: NDArray[np.float64],
    settled: NDArray[np.bool_],
    search: Search | None = None,
) -> GroupIca:
    """Put a `GroupIca` together; its arguments are described there."""
    t, pairs = paired_t(mixing, centred.cells, person_weights)
    return GroupIca(unmixing, mixing, contrasts, t, pairs, settled, search)


def paired_t(
    mixing: NDArray[np.float64], cells: CellMeans, person_weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the paired t over people of each loading's change from neutral, and their number.

    Parameters
    ----------
    mixing : ndarray of float64, (..., n_cells, K)
    cells : CellMeans
    person_weights : ndarray of float64, (..., P)

    Returns
    -------
    t : ndarray of float64, (..., E - 1, K)
        Zero where fewer than two people show both.
    pairs : ndarray of float64, (..., E - 1)
    """
    shape = (*mixing.shape[:-2], len(cells.emotions) - 1)
    t = np.zeros((*shape, mixing.shape[-1]))
    pairs = np.zeros(shape)
    for row in range(shape[-1]):
        posed, neutral = cells.pairs(row + 1)
        weights = person_weights[..., cells.person[posed]]
        count = weights.sum(axis=-1)
        change = mixing[..., posed, :] - mixing[..., neutral, :]
        divisor = np.maximum(count, 2.0)[..., None]
        mean = (weights[..., None, :] @ change)[..., 0, :] / divisor
        squares = (change - mean[..., None, :]) ** 2
        variance = (weights[..., None, :] @ squares)[..., 0, :] / (divisor - 1)
        error = np.maximum(np.sqrt(variance / divisor), np.finfo(np.float64).tiny ** 0.5)
        t[..., row, :] = np.where(count[..., None] < 2, 0.0, mean / error)
        pairs[..., row] = count
    return t, pairs


def emotion_weights(fit: GroupIca) -> EmotionReadout:
    """Sum, per emotion, the contributions of the components that move with it.

    A component moves with an emotion if the paired t of its loading is a discovery at a false
    discovery rate of 1 % over all emotions and components. Where none does, or those that do were
    themselves still moving when the iteration stopped, all components are summed: that sum is the
    same however they are turned among each other.
    """
    freedom = np.maximum(fit.pairs - 1, 1)[..., None]
    p_values = 2 * stats.t.sf(np.abs(fit.t), freedom)
    tests = p_values.reshape(*p_values.shape[:-2], -1)
    moves = false_discovery_mask(tests, rate=MOVING_RATE).reshape(p_values.shape)
    energy = np.where(moves, fit.contrasts, 0.0) ** 2  # sources have unit length and no overlap
    moving = np.where(fit.settled[..., None, :], 0.0, energy).sum(axis=-1)
    unsettled = moving > NEGLIGIBLE * energy.sum(axis=-1)
    none_moves = ~moves.any(axis=-1)
    used = moves | (none_moves | unsettled)[..., None]
    weights = np.where(used, fit.contrasts, 0.0) @ fit.unmixing
    return EmotionReadout(weights, used, none_moves, unsettled)


def component_weights(
    fit: GroupIca,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Take, per emotion, the contribution of its one matched component.

    Returns
    -------
    weights : ndarray of float64, (..., E - 1, n_cells)
    used : ndarray of bool, (..., E - 1, K)
    """
    used = np.zeros(fit.contrasts.shape, dtype=bool)
    for index in np.ndindex(fit.contrasts.shape[:-2]):
        component = match_components(fit.contrasts[index])
        used[(*index, np.arange(len(component)), component)] = True
    return np.where(used, fit.contrasts, 0.0) @ fit.unmixing, used
