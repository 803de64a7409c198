"""Which component belongs to which emotion."""

import numpy as np
import scipy.optimize
from numpy.typing import NDArray

__all__ = ["match_components"]


def match_components(
    loadings: NDArray[np.float64], *, exclusive: bool = True
) -> NDArray[np.int64]:
    """Give each emotion the component that best separates it from neutral.

    The Hungarian assignment maximises the summed score. With `exclusive` the score is
    ``|L| L^2 / sum_e L^2``: a component that moves with every emotion, such as a head pitch,
    belongs to none of them. Where there are fewer components than emotions, an emotion left over
    shares the best component of its own.

    Parameters
    ----------
    loadings : ndarray of float64, (E - 1, K)
        Contrast loadings ``A_e - A_neutral`` of unit-variance sources.
    exclusive : bool
        Whether to weigh by exclusivity.

    Returns
    -------
    ndarray of int, (E - 1,)
        Component of each emotion.

    Examples
    --------
    >>> match_components(np.array([[5.0, 3.0], [5.0, 0.5]]), exclusive=True).tolist()
    [1, 0]
    """
    score = np.abs(loadings)
    if exclusive:
        energy = loadings**2
        total = energy.sum(axis=0)
        score = score * energy / np.where(total > 0, total, 1.0)
    component = score.argmax(axis=1)
    emotions, assigned = scipy.optimize.linear_sum_assignment(score, maximize=True)
    component[emotions] = assigned
    return component
