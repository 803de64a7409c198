"""The unit of strength: one standard deviation of the fitted people's scores."""

import numpy as np
from numpy.typing import NDArray

from icaedit.analysis.cells import CellMeans

__all__ = ["unit_of_strength"]

_CHUNK = 1024


def unit_of_strength(
    latents: NDArray,
    cells: CellMeans,
    identity_effects: NDArray[np.float64],
    masked_patterns: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scale masked patterns to one unit of strength.

    The score of an image is its latent without the identity effect, projected on the pattern's
    unit vector u. One unit of strength is ``sd(scores) u`` over all images; the posed strength is
    the mean score of the emotion's images minus that of neutral, in units of sd.

    Parameters
    ----------
    latents : ndarray of float, (N, D)
    cells : CellMeans
        Cells of those latents.
    identity_effects : ndarray of float64, (P, D)
    masked_patterns : ndarray of float64, (E - 1, D)
        Latent units, 0 outside the mask.

    Returns
    -------
    vectors : ndarray of float64, (E - 1, D)
        One unit of strength each; 0 where the pattern is.
    posed_strength : ndarray of float64, (E - 1,)
        In units of strength; 0 where the pattern is 0.

    Examples
    --------
    >>> from icaedit.analysis.cells import cell_means
    >>> latents = np.array([[0.0, 0.0], [2.0, 0.0], [5.0, 1.0], [7.0, 1.0]])
    >>> cells = cell_means(latents, list("aabb"), ["NE", "HA"] * 2)
    >>> effects = np.array([[1.0, 0.0], [6.0, 1.0]])
    >>> vectors, posed = unit_of_strength(latents, cells, effects, np.array([[2.0, 0.0]]))
    >>> vectors.tolist(), posed.tolist()
    ([[1.0, 0.0]], [2.0])
    """
    norms = np.linalg.norm(masked_patterns, axis=1, keepdims=True)
    units = masked_patterns / np.where(norms > 0, norms, 1.0)
    baseline = identity_effects @ units.T  # (P, E - 1)
    scores = np.empty((len(latents), len(units)))
    for start in range(0, len(latents), _CHUNK):
        part = slice(start, start + _CHUNK)
        rows = latents[cells.image_rows[part]].astype(np.float64)
        scores[part] = rows @ units.T - baseline[cells.person[cells.image_cell[part]]]
    deviation = scores.std(axis=0)
    shown = cells.emotion[cells.image_cell]
    neutral = scores[shown == 0].mean(axis=0)
    posed = np.array([scores[shown == e + 1, e].mean() for e in range(len(units))])
    safe = np.where(deviation > 0, deviation, 1.0)
    return deviation[:, None] * units, (posed - neutral) / safe
