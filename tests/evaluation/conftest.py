"""A judge that reads what is painted, and a model that keeps what it is told to keep."""

import numpy as np
import pytest

from icaedit.evaluation import Reading
from icaedit.schema import EMOTIONS


class PaintedJudge:
    """Reads the emotion off the red of a picture and the person off its green."""

    size = 64

    def read(self, images):
        emotion = images[:, 0, 0, 0].astype(int)
        person = images[:, 0, 0, 1].astype(int)
        n = len(images)
        return Reading(
            units=np.zeros((n, 1), np.float32),
            probabilities=np.eye(7, dtype=np.float32)[emotion],
            embedding=np.eye(9, dtype=np.float32)[person],
            yaw=np.zeros(n, np.float32),
            pitch=np.zeros(n, np.float32),
            light=np.zeros((n, 3), np.float32),
            emotions=EMOTIONS,
        )


class PixelModel:
    """Its latents are the pixels, less a mid grey average; its pictures are altered at will."""

    size, n_layers, n_channels, z_dim = 16, 3, 256, 4
    device = "cpu"

    def __init__(self, alter=lambda images: images):
        self.alter = alter
        self.batches = []

    @property
    def latent_avg(self):
        return np.full((3, 256), 128, np.float32)

    def encode(self, images):
        self.batches.append(len(images))
        return images.reshape(len(images), 3, 256).astype(np.float32)

    def synthesize(self, latents):
        return self.alter(latents.reshape(-1, 16, 16, 3).round().astype(np.uint8))


@pytest.fixture
def painted_judge():
    return PaintedJudge()


@pytest.fixture
def pixel_model():
    return PixelModel
