"""Worlds in which every measure of a picture or an edit is known beforehand."""

from types import SimpleNamespace

import numpy as np
import pytest

from icaedit import schema
from icaedit.artifacts import LatentSet
from icaedit.evaluation import Faces, Reading, Scores

SIDE, GREY, STEP = 8, 100, 10
EMOTIONS = ("neutral", "happy", "sad")


class PaintingModel:
    """Paints latent i, times 10 grey levels, into row i of the picture, left half red.

    L = 2 and C = 4, so that a latent is one number a row.
    """

    size = SIDE

    def synthesize(self, latents):
        codes = np.asarray(latents).reshape(-1, SIDE)
        images = np.full((len(codes), SIDE, SIDE, 3), GREY, np.float64)
        images[:, :, : SIDE // 2, 0] += STEP * codes[:, :, None]
        return images.round().clip(0, 255).astype(np.uint8)


def read(images):
    """Rows 0 and 1 are happy and sad, neutral is what neither is; 2 is the yaw, 4 to 7 who."""
    rows = (images[:, :, 0, 0].astype(np.float64) - GREY) / STEP
    log_odds = np.column_stack([-rows[:, 0] - rows[:, 1], rows[:, 0], rows[:, 1]])
    person = rows[:, 4:] + 1e-9
    return Scores(
        EMOTIONS,
        log_odds,
        {"smile": rows[:, 0], "yaw": rows[:, 2]},
        person / np.linalg.norm(person, axis=1, keepdims=True),
        parts={"happy": ("smile",)},
    )


@pytest.fixture
def painting():
    """The model, its scorer, fitted people with a little yaw in sadness, and faces to edit."""
    rng = np.random.default_rng(0)
    posed = np.zeros((3, SIDE))
    posed[1, 0], posed[2, 1], posed[2, 2] = 6.0, 6.0, 2.0

    def people(n, prefix):
        own = np.zeros((n, 1, SIDE))
        own[:, 0, 4:] = rng.uniform(2, 5, (n, 4))
        return [f"{prefix}{i}" for i in range(n)], (own + posed).astype(np.float32)

    names, codes = people(5, "fitted")
    fitted = LatentSet(codes.reshape(15, 2, 4), np.repeat(names, 3), emotion=EMOTIONS * 5)
    names, codes = people(6, "unseen")
    codes = codes.reshape(6, 3, 2, 4)
    window = np.zeros((6, SIDE, SIDE), bool)
    window[:3, :2] = True
    window[3:, :4] = True
    faces = Faces(
        tuple(names), codes[:, 0], {"happy": codes[:, 1], "sad": codes[:, 2]}, windows=window
    )
    return SimpleNamespace(
        model=PaintingModel(), scorer=read, fitted=fitted, faces=faces, posed=posed.reshape(3, 2, 4)
    )


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
            emotions=schema.EMOTIONS,
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
