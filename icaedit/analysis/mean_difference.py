"""The direction every other method must be compared with: the mean difference to neutral."""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from icaedit.analysis.cells import CellMeans
from icaedit.analysis.centring import CentredCells, contrast_operator

__all__ = ["mean_difference", "paired_p_values"]


def mean_difference(centred: CentredCells) -> NDArray[np.float64]:
    """Return ``b_e - b_neutral`` of the two-way least-squares fit, (E - 1, D), latent units.

    With no cell missing this is the mean over people of posed minus neutral.

    Parameters
    ----------
    centred : CentredCells

    Raises
    ------
    DatasetError
        If no chain of people links an emotion to neutral.

    Examples
    --------
    >>> from icaedit.analysis.cells import cell_means
    >>> from icaedit.analysis.centring import centre_people
    >>> cells = cell_means([[0.0], [2.0], [5.0], [9.0]], list("aabb"), ["NE", "HA"] * 2)
    >>> mean_difference(centre_people(cells)).round(12).tolist()
    [[3.0]]
    """
    return contrast_operator(centred) @ centred.matrix


def paired_p_values(cells: CellMeans, emotion: int) -> NDArray[np.float64]:
    """Return the two-sided paired-t p-value of each coordinate over people, (D,).

    Only people who show both the emotion and neutral count; with fewer than two of them every
    p-value is 1.

    Parameters
    ----------
    cells : CellMeans
    emotion : int
        Position in ``cells.emotions``, at least 1.

    Examples
    --------
    >>> from icaedit.analysis.cells import cell_means
    >>> cells = cell_means([[0.0], [2.0], [5.0], [9.0]], list("aabb"), ["NE", "HA"] * 2)
    >>> paired_p_values(cells, 1).round(4).tolist()
    [0.2048]
    """
    posed, neutral = cells.pairs(emotion)
    if len(posed) < 2:
        return np.ones(cells.means.shape[1])
    change = cells.means[posed] - cells.means[neutral]
    mean = change.mean(axis=0)
    error = change.std(axis=0, ddof=1) / np.sqrt(len(change))
    # a coordinate that never changes is no discovery; one that always changes alike is
    t = np.where(mean == 0, 0.0, np.abs(mean) / np.maximum(error, np.finfo(np.float64).tiny))
    return 2 * stats.t.sf(t, len(change) - 1)
