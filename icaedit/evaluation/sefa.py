"""Directions from the generator's weights alone (after SeFa), matched to emotions by a scorer.

Shen and Zhou 2021 (arXiv 2007.06600): a style moves what a layer draws most along the leading
eigenvectors of ``A^T A``, A being the layers' modulation weights. The eigenvectors have no names;
here each emotion takes the one that a scorer sees change it most on faces of the fit.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from icaedit.analysis.matching import match_components
from icaedit.evaluation.contestants import Contestant, scaled_contestant
from icaedit.evaluation.scores import Scorer
from icaedit.models import LatentModel

__all__ = ["fit_sefa", "layer_groups", "sefa_eigenvectors"]

PER_GROUP = 8
"""Leading eigenvectors tried for each group of layers."""


def layer_groups(n_layers: int) -> list[tuple[int, ...]]:
    """Return the groups of style layers that are moved together: all, and each third of them.

    Examples
    --------
    >>> layer_groups(6)
    [(0, 1, 2, 3, 4, 5), (0, 1), (2, 3), (4, 5)]
    """
    everything = tuple(range(n_layers))
    cuts = [round(third * n_layers / 3) for third in range(4)]
    thirds = [everything[a:b] for a, b in zip(cuts[:-1], cuts[1:], strict=True)]
    return [everything, *(third for third in thirds if third)]


def sefa_eigenvectors(
    model: LatentModel, layers: Sequence[int], n_vectors: int = PER_GROUP
) -> NDArray[np.float64]:
    """Return the leading unit eigenvectors of ``A^T A`` of some layers' weights, (K, C).

    Parameters
    ----------
    model : LatentModel
    layers : sequence of int
        Style layers. A is what their codes are multiplied with: the modulation weights of the
        convolutions, one below the other; of the last layer, that of the ToRGB.
    n_vectors : int

    Examples
    --------
    >>> from icaedit.models import tiny_model
    >>> vectors = sefa_eigenvectors(tiny_model(), [0, 1], 3)
    >>> bool(np.allclose(vectors @ vectors.T, np.eye(3)))
    True
    """
    synthesis = model.generator.synthesis
    convolutions = [*synthesis.convs, synthesis.to_rgbs[-1]]  # the L consumers of the L codes
    stacked = np.concatenate(
        [
            convolutions[layer].modulation.weight.detach().cpu().numpy().astype(np.float64)
            for layer in layers
        ]
    )  # (sum of input channels, C)
    _, _, vectors = np.linalg.svd(stacked, full_matrices=False)
    largest = vectors[np.arange(len(vectors)), np.abs(vectors).argmax(axis=1)]
    return (vectors * np.where(largest < 0, -1.0, 1.0)[:, None])[:n_vectors]


def fit_sefa(
    model: LatentModel,
    neutral: NDArray[np.float32],
    scorer: Scorer,
    *,
    lengths: dict[str, float],
) -> Contestant:
    """Match eigenvectors to emotions on training faces.

    Parameters
    ----------
    model : LatentModel
    neutral : ndarray of float32, (N, L, C)
        Neutral latents of the fit, a dozen.
    scorer : Scorer
    lengths : dict of str to float
        Of `posed_lengths`; candidates are tried at their median.

    Returns
    -------
    Contestant
    """
    emotions = tuple(lengths)
    step = float(np.median(list(lengths.values())))
    candidates = []
    for group in layer_groups(model.n_layers):
        for vector in sefa_eigenvectors(model, group):
            candidate = np.zeros((model.n_layers, model.n_channels))
            candidate[list(group)] = vector
            candidates.append(candidate * (step / np.linalg.norm(candidate)))
    loadings = np.empty((len(emotions), len(candidates)))
    for column, candidate in enumerate(candidates):
        up, down = (
            scorer(model.synthesize(neutral + sign * candidate.astype(np.float32)))
            for sign in (1, -1)
        )
        for row, emotion in enumerate(emotions):
            loadings[row, column] = (up.target(emotion) - down.target(emotion)).mean() / 2
    chosen = match_components(loadings, exclusive=False)
    signs = np.sign(loadings[np.arange(len(emotions)), chosen])
    vectors = signs[:, None, None] * np.stack(candidates)[chosen]
    return scaled_contestant("sefa", emotions, vectors, lengths)
