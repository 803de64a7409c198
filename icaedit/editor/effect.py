"""Whether an edit does to one face what it does to another."""

from dataclasses import dataclass

import numpy as np

from icaedit.images import resize, to_float
from icaedit.models import LatentModel

__all__ = ["Agreement", "effect_agreement"]

_SIZE = 64  # pixels: what moved by a pixel is still the same effect
_LEAST_COSINE = 0.5
_MOST_RATIO = 2.0
_NOTHING = 1e-3  # a change smaller than this, in [-1, 1], is none


@dataclass(frozen=True)
class Agreement:
    """How alike the changes are that an edit makes to two pictures.

    Attributes
    ----------
    cosine : float
        Of the two changes, -1 to 1; the least over the edits compared.
    ratio : float
        Size of the second change over that of the first; the one furthest from 1.

    Examples
    --------
    >>> Agreement(0.9, 1.2).holds, Agreement(0.9, 0.3).holds, Agreement(0.1, 1.0).holds
    (True, False, False)
    """

    cosine: float
    ratio: float

    @property
    def holds(self) -> bool:
        """Whether the edit still works: cosine of 0.5 at least, sizes within a factor of 2."""
        return self.cosine >= _LEAST_COSINE and 1 / _MOST_RATIO <= self.ratio <= _MOST_RATIO


def effect_agreement(
    first: tuple[LatentModel, np.ndarray],
    second: tuple[LatentModel, np.ndarray],
    displacements: np.ndarray,
) -> Agreement:
    """Compare what displacements of the latents do at two places.

    Parameters
    ----------
    first, second : (LatentModel, ndarray of shape (L, C))
        A model and latents to displace.
    displacements : ndarray of shape (M, L, C)
        At least one.

    Returns
    -------
    Agreement
        Over pictures reduced to 64 px; of edits that change nothing at the first place, 1 and 1.
    """
    cosines, ratios = [1.0], [1.0]
    for displacement in displacements:
        a, b = (_effect(*place, displacement) for place in (first, second))
        size_a, size_b = np.linalg.norm(a), np.linalg.norm(b)
        if size_a <= _NOTHING * np.sqrt(a.size):
            continue
        cosines.append(float(np.vdot(a, b) / max(size_a * size_b, 1e-12)))
        ratios.append(float(size_b / size_a))
    return Agreement(min(cosines), max(ratios, key=lambda r: abs(np.log(max(r, 1e-12)))))


def _effect(model: LatentModel, latents: np.ndarray, displacement: np.ndarray) -> np.ndarray:
    pictures = model.synthesize(np.stack([latents, latents + displacement]).astype(np.float32))
    size = min(_SIZE, model.size)
    before, after = (to_float(resize(picture, size)) for picture in pictures)
    return after - before
