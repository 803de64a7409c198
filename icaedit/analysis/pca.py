"""Principal components, matched to emotions: of the person-free cells, and of all as they are.

GANSpace (Harkonen et al. 2020) takes principal components of random latents. `pca_weights` takes
the people out first, without which the components describe who is shown, not how they look;
`ganspace_patterns` leaves them in, as GANSpace does.
"""

import numpy as np
from numpy.typing import NDArray

from icaedit.analysis.centring import (
    CentredCells,
    contrast_operator,
    two_way_gram,
    two_way_shift,
)
from icaedit.analysis.ica import weighted_principal_rows
from icaedit.analysis.matching import match_components

__all__ = ["ganspace_patterns", "pca_weights"]

SLACK = 2
"""Components beyond one per emotion."""

GANSPACE_COMPONENTS = 20
"""Raw components among which emotions are sought: the first ones, which GANSpace's users browse."""


def pca_weights(
    centred: CentredCells, person_weights: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Return weights (E - 1, n_cells) with direction ``weights @ centred.matrix``.

    The direction of an emotion is its matched principal component, scaled to the part of the
    mean difference that lies along it, so that it points from neutral to posed.

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
    >>> from icaedit.analysis.centring import centre_people
    >>> latents = [[0.0, 0.0], [2.0, 0.0], [5.0, 1.0], [9.0, 1.0]]
    >>> centred = centre_people(cell_means(latents, list("aabb"), ["NE", "HA"] * 2))
    >>> (pca_weights(centred) @ centred.matrix).round(12).tolist()
    [[3.0, 0.0]]
    """
    cells = centred.cells
    if person_weights is None:
        person_weights = np.ones(len(cells.identities))
    weights = person_weights[cells.person]
    contrast = contrast_operator(centred, person_weights)
    shift = two_way_shift(centred, person_weights)
    gram = two_way_gram(centred.gram, shift)

    rows = weighted_principal_rows(gram, weights, len(contrast) + SLACK)
    if shift is not None:
        rows = rows + rows @ shift
    loadings = contrast @ centred.gram @ rows.T
    component = match_components(loadings, exclusive=False)
    return loadings[np.arange(len(component)), component][:, None] * rows[component]


def ganspace_patterns(centred: CentredCells) -> NDArray[np.float64]:
    """Return each emotion's matched principal component of the raw cells, (E - 1, D).

    The components are those of the cells' deviations from the one mean of all, people included.
    Where GANSpace has somebody look at them and name them, here the emotion takes the component
    along which its mean difference is longest, scaled to that part of it.

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
    >>> latents = [[0.0, 0.0], [2.0, 0.0], [0.0, 9.0], [4.0, 9.0]]
    >>> centred = centre_people(cell_means(latents, list("aabb"), ["NE", "HA"] * 2))
    >>> ganspace_patterns(centred).round(2).tolist()
    [[2.95, -0.37]]
    """
    means = centred.cells.means
    raw = means - means.mean(axis=0)
    contrast = contrast_operator(centred)
    weights = np.ones(len(raw))
    rows = weighted_principal_rows(raw @ raw.T, weights, GANSPACE_COMPONENTS)
    components = rows @ raw
    components /= np.linalg.norm(components, axis=1, keepdims=True)
    loadings = contrast @ centred.matrix @ components.T
    component = match_components(loadings, exclusive=False)
    return loadings[np.arange(len(component)), component][:, None] * components[component]
