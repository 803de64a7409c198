"""Group ICA: one spatial FastICA over everybody's cells, read out per emotion.

Two-way centred cells (n_cells, D) -> leading K principal rows -> FastICA over the D coordinates
-> mixing (n_cells, K). A direction is built from columns of the mixing: the contribution
``(A_e - A_neutral)_k s_k`` of component k is in latent units and does not depend on the sign or
scale of the source. Everything is returned as weights on the person-centred cells, so that a
direction is ``weights @ matrix``.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icaedit.analysis.cells import CellMeans
from icaedit.analysis.centring import (
    CentredCells,
    contrast_operator,
    two_way_gram,
    two_way_shift,
)
from icaedit.analysis.ica import Rotation, orient_rows, rotate_white, weighted_principal_rows
from icaedit.analysis.matching import match_components

__all__ = ["GroupIca", "component_weights", "emotion_weights", "group_ica", "paired_t"]

SLACK = 2
"""Components beyond one per emotion, room for nuisance such as head pitch. More slots fill with
noise components, between which FastICA turns for ever."""

PAIRED_T_LEVEL = 2.5
"""Least |t| over people of a component that counts towards an emotion."""


@dataclass(frozen=True, eq=False)
class GroupIca:
    """Components found in everybody's cells.

    Attributes
    ----------
    unmixing : ndarray of float64, (K, n_cells)
        ``sources = unmixing @ centred.matrix``, of unit variance over the coordinates.
    mixing : ndarray of float64, (n_cells, K)
        Loadings of the two-way centred cells.
    contrasts : ndarray of float64, (E - 1, K)
        ``A_e - A_neutral`` by two-way least squares.
    t : ndarray of float64, (E - 1, K)
        Paired t of that contrast over people.
    rotation : Rotation
    """

    unmixing: NDArray[np.float64]
    mixing: NDArray[np.float64]
    contrasts: NDArray[np.float64]
    t: NDArray[np.float64]
    rotation: Rotation


def group_ica(
    centred: CentredCells,
    rng: np.random.Generator,
    *,
    person_weights: NDArray[np.float64] | None = None,
    matrix: NDArray | None = None,
    n_starts: int = 5,
    max_iter: int = 300,
    tol: float = 1e-6,
) -> GroupIca:
    """Fit group ICA.

    Parameters
    ----------
    centred : CentredCells
    rng : numpy.random.Generator
        Draws the starts.
    person_weights : ndarray of float64, (P,), optional
        How often each person counts, as in a bootstrap; once by default.
    matrix : ndarray of float, (n_cells, D), optional
        A copy of ``centred.matrix`` in the dtype the iteration shall run in.
    n_starts, max_iter, tol
        See `rotate_white`.

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
    weights = person_weights[cells.person]
    contrast = contrast_operator(centred, person_weights)
    shift = two_way_shift(centred, person_weights)
    row_means = centred.row_means
    if shift is not None:
        row_means = row_means + shift @ row_means
    gram = two_way_gram(centred.gram, shift) - n_samples * np.outer(row_means, row_means)

    rows = weighted_principal_rows(gram, weights, len(contrast) + SLACK) * np.sqrt(n_samples)
    on_matrix = rows if shift is None else rows + rows @ shift

    matrix = centred.matrix if matrix is None else matrix
    white = on_matrix.astype(matrix.dtype) @ matrix
    white -= (on_matrix @ centred.row_means).astype(matrix.dtype)[:, None]
    signs = orient_rows(white)[:, None]
    rotation = rotate_white(
        signs.astype(matrix.dtype) * white, rng, n_starts=n_starts, max_iter=max_iter, tol=tol
    )
    mixing = gram @ (rotation.matrix @ (signs * rows)).T / n_samples
    return GroupIca(
        unmixing=rotation.matrix @ (signs * on_matrix),
        mixing=mixing,
        contrasts=contrast @ mixing,
        t=paired_t(mixing, cells, person_weights),
        rotation=rotation,
    )


def paired_t(
    mixing: NDArray[np.float64], cells: CellMeans, person_weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the paired t over people of each loading's change from neutral, (E - 1, K).

    Zero where fewer than two people show both.
    """
    t = np.zeros((len(cells.emotions) - 1, mixing.shape[1]))
    for row in range(len(t)):
        posed, neutral = cells.pairs(row + 1)
        weights = person_weights[cells.person[posed]][:, None]
        count = weights.sum()
        if count < 2:
            continue
        change = mixing[posed] - mixing[neutral]
        mean = (weights * change).sum(axis=0) / count
        variance = (weights * (change - mean) ** 2).sum(axis=0) / (count - 1)
        error = np.sqrt(variance / count)
        t[row] = mean / np.maximum(error, np.finfo(np.float64).tiny ** 0.5)
    return t


def emotion_weights(
    fit: GroupIca,
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Sum, per emotion, the contributions of the components that move with it.

    Returns
    -------
    weights : ndarray of float64, (E - 1, n_cells)
    used : ndarray of bool, (E - 1, K)
        Components summed: those of paired |t| above 2.5, or all where none is.
    fallback : ndarray of bool, (E - 1,)
        Where none was.
    """
    used = np.abs(fit.t) > PAIRED_T_LEVEL
    fallback = ~used.any(axis=1)
    used = used | fallback[:, None]
    return np.where(used, fit.contrasts, 0.0) @ fit.unmixing, used, fallback


def component_weights(
    fit: GroupIca,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Take, per emotion, the contribution of its one matched component.

    Returns
    -------
    weights : ndarray of float64, (E - 1, n_cells)
    used : ndarray of bool, (E - 1, K)
    """
    component = match_components(fit.contrasts, exclusive=True)
    used = np.zeros(fit.contrasts.shape, dtype=bool)
    used[np.arange(len(component)), component] = True
    return np.where(used, fit.contrasts, 0.0) @ fit.unmixing, used
