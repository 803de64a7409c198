"""The paper's method (section 3.2): one FastICA per person, emotions as mixtures.

Each person's cells (7, D) are unmixed over the coordinates. A component is matched to each
emotion by its contrast loading ``A_e - A_neutral``, which also gives it sign and latent units,
and the contributions are averaged over people. How components are matched and averaged is not in
the paper; this rule recovered planted directions best.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icaedit.analysis.cells import CellMeans
from icaedit.analysis.ica import fit_ica
from icaedit.analysis.matching import match_components
from icaedit.errors import DatasetError

__all__ = ["PerIdentityIca", "average_weights", "per_identity_ica"]


@dataclass(frozen=True, eq=False)
class PerIdentityIca:
    """Every person's contribution to every direction.

    Attributes
    ----------
    weights : ndarray of float64, (E - 1, n_cells)
        ``weights[:, rows] @ z[rows]`` is the contribution of the person with those rows, where z
        are the cell means minus their mean over the coordinates.
    contributes : ndarray of bool, (P, E - 1)
        Whether the person shows neutral and the emotion.
    converged : ndarray of bool, (P,)
        False as well where there was nothing to fit.
    fitted : ndarray of bool, (P,)
    n_iter : ndarray of int, (P,)
    contrast : ndarray of float64, (P,)
    """

    weights: NDArray[np.float64]
    contributes: NDArray[np.bool_]
    converged: NDArray[np.bool_]
    fitted: NDArray[np.bool_]
    n_iter: NDArray[np.int64]
    contrast: NDArray[np.float64]


def per_identity_ica(
    cells: CellMeans, *, n_starts: int = 3, random_state: int = 0
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
    fitted = np.zeros(n_people, dtype=bool)
    n_iter = np.zeros(n_people, dtype=int)
    contrast = np.zeros(n_people)
    for person, row in enumerate(grid):
        shown = np.flatnonzero(row >= 0)  # emotions, neutral first where there is one
        x = cells.means[row[shown]]
        if shown[0] != 0 or len(shown) < 2 or not np.ptp(x, axis=1).any():
            continue
        fit = fit_ica(x, n_starts=n_starts, random_state=random_state)
        loadings = fit.mixing[1:] - fit.mixing[:1]
        component = match_components(loadings, exclusive=False)
        for index, emotion in enumerate(shown[1:] - 1):
            k = component[index]
            weights[emotion, row[shown]] = loadings[index, k] * fit.unmixing[k]
            contributes[person, emotion] = True
        fitted[person] = True
        converged[person] = fit.converged
        n_iter[person] = fit.n_iter
        contrast[person] = fit.contrast
    nobody = np.flatnonzero(~contributes.any(axis=0))
    if nobody.size:
        names = ", ".join(cells.emotions[e + 1] for e in nobody)
        raise DatasetError(
            f"got nobody who shows both neutral and {names}, expected at least one for the method "
            "paper; add such images or use method group-ica"
        )
    return PerIdentityIca(weights, contributes, converged, fitted, n_iter, contrast)


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
