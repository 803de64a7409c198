"""The paper's method (section 3.2): one FastICA per person, emotions as mixtures.

Each person's cells (7, D) are unmixed over the coordinates, everybody's in one call. A component
is matched to each emotion by its contrast loading ``A_e - A_neutral``, weighed by how exclusively
it belongs to that emotion; the loading also gives it sign and latent units, and the contributions
are averaged over people. How components are matched and averaged is not in the paper; this rule
recovered planted directions best.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icaedit.analysis.cells import CellMeans
from icaedit.analysis.fastica.decorrelation import random_rotations
from icaedit.analysis.fastica.rotation import SETTLED, rotate_many
from icaedit.analysis.fastica.whitening import Whitening, whiten
from icaedit.analysis.matching import match_components
from icaedit.errors import DatasetError

__all__ = ["PerIdentityIca", "average_weights", "per_identity_ica"]

N_STARTS = 5
SEARCH_ITERATIONS, SEARCH_TOL = 200, 1e-4
POLISH_ITERATIONS, POLISH_TOL = 500, 1e-9
"""A second stretch, in float64, for the best start: whoever is still moving gets a longer one,
and whoever is not ends at a point in which the seed does not show."""

MOST_KEPT = 40
"""People whose components are kept."""


@dataclass(frozen=True, eq=False)
class PerIdentityIca:
    """Every person's contribution to every direction.

    Attributes
    ----------
    weights : ndarray of float64, (E - 1, n_cells)
        ``weights[:, rows] @ z[rows]`` is the contribution of the person with those rows, where z
        are the cell means minus their mean over the coordinates.
    unmixing : ndarray of float64, (at most 40, E, n_cells)
        Every component of the first people, on the same z; 0 at other people's cells, and for
        what a person has fewer.
    contributes : ndarray of bool, (P, E - 1)
        Whether the person shows neutral and the emotion.
    converged : ndarray of bool, (P,)
        False as well where there was nothing to fit.
    fitted : ndarray of bool, (P,)
    n_iter : ndarray of int, (P,)
    contrast : ndarray of float64, (P,)
    """

    weights: NDArray[np.float64]
    unmixing: NDArray[np.float64]
    contributes: NDArray[np.bool_]
    converged: NDArray[np.bool_]
    fitted: NDArray[np.bool_]
    n_iter: NDArray[np.int64]
    contrast: NDArray[np.float64]


def per_identity_ica(
    cells: CellMeans, *, n_starts: int = N_STARTS, random_state: int = 0
) -> PerIdentityIca:
    """Fit one FastICA per person who shows neutral and another emotion.

    Parameters
    ----------
    cells : CellMeans
    n_starts : int
        Starts per person; the best contrast is kept.
    random_state : int
        Seed, the same for every person, so that nobody's result depends on who else is there.

    Raises
    ------
    DatasetError
        If nobody shows both neutral and some emotion.

    Examples
    --------
    >>> from icaedit.analysis.cells import cell_means
    >>> latents = np.random.default_rng(0).laplace(size=(4, 50))
    >>> cells = cell_means(latents, list("aabb"), ["neutral", "happy"] * 2)
    >>> per_identity_ica(cells).contributes.tolist()
    [[True], [True]]
    """
    grid = cells.grid
    n_people, n_emotions = grid.shape
    weights = np.zeros((n_emotions - 1, len(cells.means)))
    contributes = np.zeros((n_people, n_emotions - 1), dtype=bool)
    converged = np.zeros(n_people, dtype=bool)
    n_iter = np.zeros(n_people, dtype=int)
    contrast = np.zeros(n_people)
    fitted = (grid[:, 0] >= 0) & ((grid >= 0).sum(axis=1) > 1)
    for person in np.flatnonzero(fitted):
        fitted[person] = np.ptp(cells.means[_rows(grid[person])], axis=1).any()
    people = np.flatnonzero(fitted)
    _check_emotions(cells, grid[people])

    whitenings: list[Whitening] = []
    search = rotate_many(
        _white_rows(cells, people, n_starts, random_state),
        max_iter=SEARCH_ITERATIONS,
        tol=SEARCH_TOL,
    )
    polished = rotate_many(
        _polish_rows(cells, people, search.matrix, whitenings),
        max_iter=POLISH_ITERATIONS,
        tol=POLISH_TOL,
    )
    components = np.zeros((min(len(people), MOST_KEPT), n_emotions, len(cells.means)))
    for number, person in enumerate(people):
        rows, whitening = _rows(grid[person]), whitenings[number]
        unmixing = polished.matrix[number] @ whitening.matrix
        mixing = whitening.inverse @ polished.matrix[number].T
        loadings = mixing[1:] - mixing[:1]
        component = match_components(loadings, exclusive=True)
        for index, emotion in enumerate(cells.emotion[rows[1:]] - 1):
            k = component[index]
            weights[emotion, rows] = loadings[index, k] * unmixing[k]
            contributes[person, emotion] = True
        if number < MOST_KEPT:
            components[number, : len(unmixing), rows] = unmixing.T
        converged[person] = polished.change[number].max() < SETTLED
        n_iter[person] = polished.n_iter[number]
        contrast[person] = polished.contrast[number]
    return PerIdentityIca(
        weights, components, contributes, converged, fitted, n_iter, contrast
    )


def average_weights(
    fit: PerIdentityIca, cells: CellMeans, person_weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Average the contributions: weights (E - 1, n_cells) with direction ``weights @ z``.

    Parameters
    ----------
    fit : PerIdentityIca
    cells : CellMeans
    person_weights : ndarray of float64, (P,), optional
        How often each person counts; once by default.
    """
    if person_weights is None:
        person_weights = np.ones(len(cells.identities))
    total = person_weights @ fit.contributes  # (E - 1,)
    return fit.weights * person_weights[cells.person] / np.maximum(total, 1.0)[:, None]


def _rows(cells_of_person: NDArray[np.int64]) -> NDArray[np.int64]:
    """The cells a person has, neutral first where there is one."""
    return cells_of_person[cells_of_person >= 0]


def _white_rows(
    cells: CellMeans, people: NDArray[np.int64], n_starts: int, random_state: int
) -> Iterator[tuple[NDArray, NDArray[np.float64]]]:
    for person in people:
        white, _ = whiten(cells.means[_rows(cells.grid[person])])
        rng = np.random.default_rng(random_state)
        yield white.astype(np.float32), random_rotations(rng, n_starts, len(white))


def _polish_rows(
    cells: CellMeans,
    people: NDArray[np.int64],
    starts: list[NDArray[np.float64]],
    whitenings: list[Whitening],
) -> Iterator[tuple[NDArray, NDArray[np.float64]]]:
    for person, start in zip(people, starts, strict=True):
        white, whitening = whiten(cells.means[_rows(cells.grid[person])])
        whitenings.append(whitening)
        yield white, start[None]


def _check_emotions(cells: CellMeans, shown: NDArray[np.int64]) -> None:
    nobody = np.flatnonzero(~(shown[:, 1:] >= 0).any(axis=0))
    if nobody.size:
        names = ", ".join(cells.emotions[e + 1] for e in nobody)
        raise DatasetError(
            f"got nobody who shows both neutral and {names}, expected at least one for the method "
            "paper; add such images or use method group-ica"
        )
