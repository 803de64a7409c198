"""Normals of linear support vector machines, and their conditional form (after InterFaceGAN).

InterFaceGAN (Shen et al. 2020) separates latents that show an attribute from those that do not by a
linear SVM, and edits along the normal of the plane. Here the two sides are an emotion and neutral.
A normal says where two groups are told apart best, which is not how one turns into the other.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.svm import SVC

from icaedit.analysis.centring import CentredCells, contrast_operator
from icaedit.errors import DatasetError, InputError

__all__ = ["RawCells", "conditional_directions", "raw_cells", "svm_weights"]

PENALTY = 1.0
"""C of the soft margin; InterFaceGAN leaves it at this default."""

TOLERANCE = 1e-6
"""Of the dual's optimality conditions; the margin is 1. The default 1e-3 lets the order of the
people show in the third digit."""


@dataclass(frozen=True, eq=False)
class RawCells:
    """The cells with the people left in, as InterFaceGAN does not know them.

    Attributes
    ----------
    rows : ndarray of float64, (n_cells, D)
        The cells less the mean of all. That is for precision: the weights of a normal sum to 0.
    gram : ndarray of float64, (n_cells, n_cells)
        ``rows @ rows.T``.
    cross : ndarray of float64, (n_cells, n_cells)
        ``centred.matrix @ rows.T``.
    """

    rows: NDArray[np.float64]
    gram: NDArray[np.float64]
    cross: NDArray[np.float64]


def raw_cells(centred: CentredCells) -> RawCells:
    """Form once the products that every refit needs."""
    rows = centred.cells.means - centred.cells.means.mean(axis=0)
    return RawCells(rows, rows @ rows.T, centred.matrix @ rows.T)


def svm_weights(
    centred: CentredCells,
    raw: RawCells,
    *,
    person_weights: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Return weights (E - 1, n_cells) with direction ``weights @ raw.rows``.

    The direction of an emotion is the unit normal between its cells and the neutral ones, times
    the part of the mean difference along it, so that it points from neutral to posed.

    Parameters
    ----------
    centred : CentredCells
    raw : RawCells
        Of `raw_cells`.
    person_weights : ndarray of float64, (P,), optional
        How often each person counts; once by default.

    Raises
    ------
    DatasetError
        If an emotion has no cell with a weight, or no chain of people links it to neutral.

    Examples
    --------
    >>> from icaedit.analysis.cells import cell_means
    >>> from icaedit.analysis.centring import centre_people
    >>> latents = [[0.0, 0.0], [2.0, 0.0], [0.0, 4.0], [4.0, 4.0]]
    >>> centred = centre_people(cell_means(latents, list("aabb"), ["NE", "HA"] * 2))
    >>> raw = raw_cells(centred)
    >>> (svm_weights(centred, raw) @ raw.rows).round(2).tolist()
    [[3.0, 0.0]]
    """
    cells, gram = centred.cells, raw.gram
    if person_weights is None:
        person_weights = np.ones(len(cells.identities))
    contrast = contrast_operator(centred, person_weights)
    # the mean differences' products with the rows, (E - 1, n_cells)
    towards = contrast @ raw.cross
    scale = np.trace(gram) / len(gram)
    weights = np.zeros((len(contrast), len(gram)))
    for row in range(len(contrast)):
        used = np.isin(cells.emotion, (0, row + 1)) & (person_weights[cells.person] > 0)
        used = np.flatnonzero(used)
        posed = cells.emotion[used] == row + 1
        if posed.all() or not posed.any():
            raise DatasetError(
                f"got no cells of {cells.emotions[row + 1]} or of neutral, expected some of both; "
                "add images of them"
            )
        machine = SVC(C=PENALTY, kernel="precomputed", tol=TOLERANCE)
        machine.fit(
            gram[np.ix_(used, used)], posed, sample_weight=person_weights[cells.person[used]]
        )
        normal = np.zeros(len(gram))
        normal[used[machine.support_]] = machine.dual_coef_[0]
        power = normal @ gram @ normal
        if power > 1e-12 * scale * (normal @ normal):
            weights[row] = (towards[row] @ normal / power) * normal
    return weights


def conditional_directions(directions: ArrayLike) -> NDArray[np.float64]:
    """Take out of each direction what it shares with the others.

    InterFaceGAN's conditional manipulation with several conditions: each direction is projected
    onto the orthogonal complement of the span of all others. Its length is not restored, so that
    a direction that the others explain nearly wholly comes out short.

    Parameters
    ----------
    directions : array_like of float, (E, D) or (E, L, C)

    Returns
    -------
    ndarray of float64, of the same shape

    Raises
    ------
    InputError
        If the array has another number of axes or is not finite.

    Examples
    --------
    >>> conditional_directions([[2.0, 1.0, 0.0], [1.0, 0.0, 0.0]]).round(12).tolist()
    [[0.0, 1.0, 0.0], [0.2, -0.4, 0.0]]
    """
    rows = np.array(directions, dtype=np.float64)
    if rows.ndim not in (2, 3) or not np.isfinite(rows).all():
        raise InputError(
            f"got directions of shape {rows.shape}, expected finite ones of shape (E, D) or "
            "(E, L, C); give one row for each emotion"
        )
    flat = rows.reshape(len(rows), -1)
    result = flat.copy()
    for row in range(len(flat)):
        others = np.delete(flat, row, axis=0)
        if len(others):
            _, values, basis = np.linalg.svd(others, full_matrices=False)
            basis = basis[values > 1e-10 * max(values[0], 1e-300)]
            result[row] -= basis.T @ (basis @ flat[row])
    return result.reshape(rows.shape)
