"""Where directions came from, as they remember it."""

from importlib.metadata import PackageNotFoundError, version

import numpy as np
from numpy.typing import NDArray

__all__ = ["neutral_scores", "versions"]

_PACKAGES = ("icaedit", "numpy", "scipy", "scikit-learn")


def versions() -> dict[str, str]:
    """Return the versions of the packages that a fit depends on."""
    return {name: _installed_version(name) for name in _PACKAGES}


def neutral_scores(
    neutral: NDArray[np.float64], emotions: tuple[str, ...], vectors: NDArray[np.float32]
) -> dict[str, float]:
    """Return how far along each direction the mean neutral face lies already.

    Parameters
    ----------
    neutral : ndarray of float64, (L, C)
    emotions : tuple of str, (E - 1,)
    vectors : ndarray of float32, (E - 1, L, C)
        One unit of strength each; an empty direction scores 0.
    """
    return {
        emotion: _score(neutral, vector)
        for emotion, vector in zip(emotions, vectors, strict=True)
    }


def _score(latent: NDArray[np.float64], vector: NDArray[np.float32]) -> float:
    direction = vector.astype(np.float64)
    power = float((direction**2).sum())
    return float((latent * direction).sum()) / power if power > 0 else 0.0


def _installed_version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"  # a checkout that was never installed
