"""Which coordinates a direction keeps, and where in the generator they lie."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.analysis.cells import CellMeans
from icaedit.analysis.mean_difference import paired_p_values
from icaedit.errors import InputError
from icaedit.thresholds import threshold_mask

__all__ = ["direction_masks", "false_discovery_mask", "layer_counts"]

FALSE_DISCOVERY_RATE = 0.05


def direction_masks(
    patterns: NDArray[np.float64],
    threshold: str | float,
    *,
    cells: CellMeans,
    two_sided: bool = True,
) -> NDArray[np.bool_]:
    """Return the mask of each direction, (E - 1, D).

    ``"fdr"`` keeps the coordinates whose paired difference to neutral passes a false discovery
    rate of 5 % over people. It speaks about the mean difference: for a direction that is
    something else, it is a choice of coordinates without that guarantee.

    Parameters
    ----------
    patterns : ndarray of float64, (E - 1, D)
        Latent units.
    threshold : str or float
        ``"mean"``, ``"median"``, ``"none"``, ``"fdr"`` or a number.
    cells : CellMeans
        What the patterns were fitted to.
    two_sided : bool
        False keeps positive entries only, as the paper's Thresholded ReLU does.

    Raises
    ------
    InputError
        If the threshold is unknown.

    Examples
    --------
    >>> from icaedit.analysis.cells import cell_means
    >>> cells = cell_means([[0, 0, 0], [1, 2, -3]] * 2, list("aabb"), ["NE", "HA"] * 2)
    >>> direction_masks(np.array([[1.0, 2.0, -3.0]]), "mean", cells=cells).tolist()
    [[False, True, True]]
    """
    if threshold == "fdr":
        masks = np.stack(
            [
                false_discovery_mask(paired_p_values(cells, row + 1))
                for row in range(len(patterns))
            ]
        )
        return masks & ((patterns != 0) if two_sided else (patterns > 0))
    return np.stack(
        [threshold_mask(pattern, threshold, two_sided=two_sided) for pattern in patterns]
    )


def false_discovery_mask(
    p_values: ArrayLike, *, rate: float = FALSE_DISCOVERY_RATE
) -> NDArray[np.bool_]:
    """Return the discoveries at a false discovery rate (Benjamini and Hochberg 1995).

    All p-values up to the largest p_(i) with ``p_(i) <= rate i / m`` are discoveries.

    Parameters
    ----------
    p_values : array_like of float, (..., m), in [0, 1]
        The m tests of one family lie along the last axis.
    rate : float in (0, 1)

    Raises
    ------
    InputError
        If a p-value lies outside [0, 1].

    Examples
    --------
    >>> false_discovery_mask([0.001, 0.04, 0.03, 0.5]).tolist()
    [True, False, False, False]
    """
    p_values = np.asarray(p_values, dtype=np.float64)
    if not ((p_values >= 0) & (p_values <= 1)).all():
        raise InputError("got p-values outside 0 to 1, expected probabilities; check their source")
    n_tests = p_values.shape[-1]
    ordered = np.sort(p_values, axis=-1)
    below = ordered <= rate * np.arange(1, n_tests + 1) / n_tests
    last = np.where(below, ordered, -1.0).max(axis=-1, keepdims=True, initial=-1.0)
    return p_values <= last


def layer_counts(masks: ArrayLike) -> NDArray[np.int64]:
    """Return how many coordinates each style layer keeps, (E - 1, L), of masks (E - 1, L, C).

    Examples
    --------
    >>> layer_counts([[[True, False], [True, True]]]).tolist()
    [[1, 2]]
    """
    return np.asarray(masks, dtype=bool).sum(axis=-1)
