"""Removing what belongs to a person: two-way additive least squares with missing cells.

A cell mean is modelled as ``x_pe = a_p + b_e + noise`` with the emotion effects b summing to
zero. Everything downstream of the person-centred cells is linear in them, so fits and their
bootstrap replicates share the products formed here once.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icaedit.analysis.cells import CellMeans
from icaedit.errors import DatasetError

__all__ = [
    "CentredCells",
    "centre_people",
    "contrast_operator",
    "effects_of_contrasts",
    "identity_effects",
    "two_way_gram",
    "two_way_shift",
]


@dataclass(frozen=True, eq=False)
class CentredCells:
    """Cell means minus each person's own mean over the cells they have.

    Attributes
    ----------
    matrix : ndarray of float64, (n_cells, D)
    gram : ndarray of float64, (n_cells, n_cells)
        Inner products of the rows of `matrix`.
    row_means : ndarray of float64, (n_cells,)
        Mean of each row over the coordinates.
    presence : ndarray of float64, (n_cells, E)
        1 / n_p at the emotions the cell's person has, else 0.
    cells : CellMeans
    """

    matrix: NDArray[np.float64]
    gram: NDArray[np.float64]
    row_means: NDArray[np.float64]
    presence: NDArray[np.float64]
    cells: CellMeans

    @property
    def n_coordinates(self) -> int:
        """D."""
        return self.matrix.shape[1]

    @property
    def products(self) -> NDArray[np.float64]:
        """Inner products of the rows of `matrix` minus their means, (n_cells, n_cells)."""
        return self.gram - self.n_coordinates * np.outer(self.row_means, self.row_means)

    @property
    def complete(self) -> bool:
        """Whether no cell is missing."""
        return bool((self.cells.grid >= 0).all())


def centre_people(cells: CellMeans) -> CentredCells:
    """Subtract each person's mean and form the inner products.

    Examples
    --------
    >>> from icaedit.analysis.cells import cell_means
    >>> cells = cell_means([[0.0], [2.0], [5.0], [9.0]], list("aabb"), ["NE", "HA"] * 2)
    >>> centre_people(cells).matrix.ravel().tolist()
    [-1.0, 1.0, -2.0, 2.0]
    """
    have = (cells.grid >= 0).astype(np.float64)  # (P, E)
    presence = (have / have.sum(axis=1, keepdims=True))[cells.person]
    matrix = cells.means.copy()
    for person in range(len(cells.identities)):
        rows = cells.person == person
        matrix[rows] -= matrix[rows].mean(axis=0)
    return CentredCells(
        matrix=matrix,
        gram=matrix @ matrix.T,
        row_means=matrix.mean(axis=1),
        presence=presence,
        cells=cells,
    )


def effect_operator(
    centred: CentredCells, person_weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return B, (E, n_cells), with ``b = B @ matrix`` the least-squares emotion effects.

    What it makes of anything but person-centred cells has no meaning.

    The normal equations after eliminating the people are ``M b = sum_p w_p (x_p - mean x_p)``
    with M the Laplacian of the graph that joins two emotions whenever a person shows both.
    """
    cells = centred.cells
    weights = person_weights[cells.person]  # (n_cells,)
    n_emotions = len(cells.emotions)
    posed = np.eye(n_emotions)[cells.emotion]  # (n_cells, E)
    if centred.complete and weights.any():  # then the effects are plain means over people
        return (posed * weights[:, None]).T / person_weights.sum()
    laplacian = posed.T @ ((posed - centred.presence) * weights[:, None])
    unlinked = _unlinked(laplacian)
    if unlinked.size:
        names = ", ".join(cells.emotions[e] for e in unlinked)
        raise DatasetError(
            f"got nobody who links {names} to neutral, expected people who show several emotions; "
            "add neutral images of the same people"
        )
    # adding J / E makes the Laplacian invertible and leaves effects that sum to zero
    return np.linalg.solve(laplacian + 1.0 / n_emotions, (posed * weights[:, None]).T)


def contrast_operator(
    centred: CentredCells, person_weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return the (E - 1, n_cells) operator that gives ``b_e - b_neutral`` for each emotion.

    Parameters
    ----------
    centred : CentredCells
    person_weights : ndarray of float64, (P,), optional
        How often each person counts; once by default.

    Raises
    ------
    DatasetError
        If no chain of people links an emotion to neutral.

    Examples
    --------
    >>> from icaedit.analysis.cells import cell_means
    >>> cells = cell_means([[0.0], [2.0], [5.0], [9.0]], list("aabb"), ["NE", "HA"] * 2)
    >>> centred = centre_people(cells)
    >>> (contrast_operator(centred) @ centred.matrix).round(12).tolist()
    [[3.0]]
    """
    operator = effect_operator(centred, _weights(centred, person_weights))
    return operator[1:] - operator[:1]


def effects_of_contrasts(contrasts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the effects that sum to zero, (..., E, n_cells), of contrasts to neutral.

    Examples
    --------
    >>> effects_of_contrasts(np.array([[3.0], [0.0]])).ravel().tolist()
    [-1.0, 2.0, -1.0]
    """
    neutral = -contrasts.sum(axis=-2, keepdims=True) / (contrasts.shape[-2] + 1)
    return np.concatenate([neutral, contrasts + neutral], axis=-2)


def identity_effects(centred: CentredCells) -> NDArray[np.float64]:
    """Return a_p, (P, D): each person's latent with the emotion effects taken out.

    Examples
    --------
    >>> from icaedit.analysis.cells import cell_means
    >>> cells = cell_means([[0.0], [2.0], [5.0], [9.0]], list("aabb"), ["NE", "HA"] * 2)
    >>> identity_effects(centre_people(cells)).round(12).ravel().tolist()
    [1.0, 7.0]
    """
    cells = centred.cells
    effects = effect_operator(centred, _weights(centred, None)) @ centred.matrix  # (E, D)
    first = np.searchsorted(cells.person, np.arange(len(cells.identities)))
    person_means = cells.means[first] - centred.matrix[first]
    return person_means - centred.presence[first] @ effects


def two_way_shift(
    centred: CentredCells, person_weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64] | None:
    """Return S with ``x_pe - a_p = (I + S) @ matrix``, or None where S is zero.

    With no cell missing a person's mean already is the identity effect.
    """
    if centred.complete:
        return None
    return centred.presence @ effect_operator(centred, _weights(centred, person_weights))


def two_way_gram(
    gram: NDArray[np.float64], shift: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """Return ``(I + S) gram (I + S)'``, the inner products of the two-way centred cells."""
    if shift is None:
        return gram
    half = shift @ gram
    return gram + half + half.T + half @ shift.T


def _weights(
    centred: CentredCells, person_weights: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    if person_weights is None:
        return np.ones(len(centred.cells.identities))
    return person_weights


def _unlinked(laplacian: NDArray[np.float64]) -> NDArray[np.int64]:
    linked = np.zeros(len(laplacian), dtype=bool)
    linked[0] = True
    adjacent = np.abs(laplacian) > 1e-9
    for _ in range(len(laplacian)):
        linked |= adjacent[linked].any(axis=0)
    return np.flatnonzero(~linked)
