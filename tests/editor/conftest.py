"""A tiny model, directions in its latents, and a face to edit."""

import numpy as np
import pytest

from icaedit.artifacts import Directions
from icaedit.models import tiny_model

EMOTIONS = ("happy", "sad", "angry")


@pytest.fixture(scope="session")
def model():
    return tiny_model()


@pytest.fixture
def make_directions(model):
    """Return a function that makes three overlapping sparse directions."""

    def make(**changes):
        rng = np.random.default_rng(0)
        patterns = rng.normal(size=(3, model.n_layers, model.n_channels)).astype(np.float32)
        patterns += rng.normal(size=patterns.shape[1:]).astype(np.float32)  # what they share
        masks = np.abs(patterns) > 0.3
        given = {
            "masks": masks,
            "patterns": patterns,
            "posed_strength": dict.fromkeys(EMOTIONS, 3.0),
            "method": "mean-difference",
            "threshold": "mean",
            "model_fingerprint": model.fingerprint,
        } | changes
        return Directions(EMOTIONS, patterns * masks * 0.1, **given)

    return make


@pytest.fixture
def directions(make_directions):
    return make_directions()


@pytest.fixture
def face():
    return np.random.default_rng(1).integers(0, 256, (32, 32, 3), dtype=np.uint8)
