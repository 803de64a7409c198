"""Small datasets whose true directions are known."""

from dataclasses import dataclass

import numpy as np
import pytest

from icaedit.schema import EMOTIONS


@dataclass(frozen=True)
class Planted:
    latents: np.ndarray
    identity: np.ndarray
    emotion: np.ndarray
    truth: np.ndarray  # (E - 1, D), unit rows

    def take(self, rows):
        return self.latents[rows], self.identity[rows], self.emotion[rows]


def plant(
    *, people=16, size=600, noise=0.3, emotions=EMOTIONS, kind="sparse", takes=1, seed=0
) -> Planted:
    """Each person's latent plus a unit emotion direction, plus noise of a given length."""
    rng = np.random.default_rng(seed)
    shape = (len(emotions) - 1, size)
    truth = rng.laplace(size=shape)
    if kind == "sparse":
        truth *= rng.random(shape) < 0.2
    elif kind == "gauss":
        truth = rng.normal(size=shape)
    truth /= np.linalg.norm(truth, axis=1, keepdims=True)
    posed = np.concatenate([np.zeros((1, size)), truth])
    identity_part = 3 * rng.normal(size=(people, 1, 1, size)) / np.sqrt(size)
    grid = identity_part + posed[:, None]
    grid = grid + noise * rng.normal(size=(people, len(emotions), takes, size)) / np.sqrt(size)
    cells = people * len(emotions) * takes
    return Planted(
        latents=grid.reshape(cells, size).astype(np.float32),
        identity=np.repeat([f"P{i:02d}" for i in range(people)], len(emotions) * takes),
        emotion=np.tile(np.repeat(emotions, takes), people),
        truth=truth,
    )


@pytest.fixture
def planted():
    return plant


@pytest.fixture
def cosines():
    def row_cosines(a, b):
        a, b = (np.asarray(x, dtype=np.float64).reshape(len(x), -1) for x in (a, b))
        return np.einsum("ed,ed->e", a, b) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)

    return row_cosines
