"""The mixtures that the benchmark unmixes: 70 people, 7 emotions, 9216 coordinates."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["KINDS", "mixtures"]

KINDS = ("laplace", "facs", "envelope")
"""Independent Laplace sources, the easy case; emotions that are sums of shared sparse atoms;
Gaussian emotions inside one variance profile, where next to nothing is independent."""

EMOTION, DEVIATION, NOISE = 0.35, 0.3, 1.0
"""Length of an emotion, where a person's own part has length 1; what differs from person to person,
and noise, as shares of it."""


def mixtures(
    kind: str, *, people: int = 70, emotions: int = 7, size: int = 9216, seed: int = 0
) -> NDArray[np.float64]:
    """Return latents, (people, emotions, size).

    Examples
    --------
    >>> mixtures("facs", people=2, size=50).shape
    (2, 7, 50)
    """
    rng = np.random.default_rng(seed)
    if kind == "laplace":
        mixing = rng.normal(size=(people, emotions, emotions))
        return mixing @ rng.laplace(size=(people, emotions, size))
    if kind == "facs":
        atoms = rng.standard_t(4, size=(13, size)) * (rng.random((13, size)) < 0.15)
        shares = (rng.random((emotions - 1, 13)) < 0.35).astype(float)
        shares[:, : emotions - 1] += np.eye(emotions - 1)  # no emotion without any
        posed = shares @ atoms
    else:
        posed = rng.normal(size=(emotions - 1, size)) * np.exp(rng.normal(size=size))
    posed /= np.linalg.norm(posed, axis=1, keepdims=True)
    posed = EMOTION * np.vstack([np.zeros((1, size)), posed])
    scatter = EMOTION * np.hypot(DEVIATION, NOISE)
    spread = rng.normal(size=(people, emotions, size)) * scatter
    return (rng.normal(size=(people, 1, size)) + spread) / np.sqrt(size) + posed
