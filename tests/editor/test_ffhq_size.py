"""The whole way of a photograph through networks as large as the public ones.

Their weights are random, so the face is noise; every step, size and coordinate is real.
"""

import numpy as np
import pytest
import torch
from skimage import data

from icaedit.artifacts import Directions
from icaedit.editor import Editor
from icaedit.faces import align, save_landmarks
from icaedit.images import read_image, read_photo, save_image, save_photo
from icaedit.models import EncoderConfig, GeneratorConfig, StyleGAN2Generator, WPlusEncoder
from icaedit.models.latent_model import LatentModel

POINTS = np.array([(203, 102), (246, 103), (223, 130), (201, 140), (246, 141)], float)  # by hand


def random_model(generator, encoder):
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        parts = StyleGAN2Generator(generator), WPlusEncoder(encoder)
        parts[1].latent_avg.normal_()
    return LatentModel(*parts, name="random")


def random_directions(model):
    rng = np.random.default_rng(0)
    patterns = rng.normal(size=(2, model.n_layers, model.n_channels)).astype(np.float32)
    masks = np.abs(patterns) > 1
    return Directions(
        ["happy", "sad"],
        0.1 * patterns * masks,
        masks=masks,
        patterns=patterns,
        posed_strength={"happy": 3.0, "sad": 3.0},
        method="group-ica",
        threshold="mean",
        model_fingerprint=model.fingerprint,
        provenance={"neutral_score": {"happy": 0.0, "sad": 0.0}},
    )


@pytest.fixture(scope="module")
def large_photo():
    """The astronaut at a camera's size, with a face that is larger than the generator's."""
    photo = np.kron(data.astronaut()[:400], np.ones((6, 6, 1), np.uint8))
    return photo, POINTS * 6 + 2.5


def outside(quad, shape):
    across, down = quad[3] - quad[0], quad[1] - quad[0]
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    u = ((x - quad[0, 0]) * across[0] + (y - quad[0, 1]) * across[1]) / (across @ across)
    v = ((x - quad[0, 0]) * down[0] + (y - quad[0, 1]) * down[1]) / (down @ down)
    return (u < 0) | (u > 1) | (v < 0) | (v > 1)


def whole_way(model, photo, points, folder, size):
    save_image(folder / "photo.png", photo)
    save_landmarks(folder / "points.json", [points])
    read = read_photo(folder / "photo.png")
    editor = Editor(model, random_directions(model))
    nothing, happy = editor.sweep(
        read.pixels, "happy", strengths=[0, 5], landmarks=folder / "points.json"
    )
    assert np.array_equal(nothing.image, photo)
    assert happy.aligned.shape == (256, 256, 3)
    assert happy.edited.shape == happy.reconstruction.shape == (size, size, 3)
    assert np.array_equal(happy.aligned, align(photo, points).image)
    save_photo(folder / "edited.png", read, happy.image)
    edited = read_image(folder / "edited.png")
    kept = outside(happy.face.quad, photo.shape)
    assert 0.3 < kept.mean() < 0.97
    assert np.array_equal(edited[kept], photo[kept])
    assert (edited[~kept] != photo[~kept]).mean() > 0.3
    return editor


def test_a_photo_goes_through_a_256_pixel_ffhq_generator_and_back(large_photo, tmp_path):
    model = random_model(
        GeneratorConfig.ffhq(256, multiplier=0.25),
        EncoderConfig(256, 14, 512, widths=(4, 8, 8, 16), blocks=(1, 1, 1, 1), head_width=16),
    )
    photo, points = (large_photo[0][::3, ::3], large_photo[1] / 3)
    editor = whole_way(model, photo, points, tmp_path, 256)
    set_to = editor.edit(photo, set={"happy": 2}, neutralize=True, landmarks=points)
    assert set(set_to.strengths) == {"happy", "sad"}


@pytest.mark.slow
def test_a_photo_goes_through_the_1024_pixel_ffhq_networks_and_back(large_photo, tmp_path):
    model = random_model(GeneratorConfig.ffhq(), EncoderConfig.ffhq())
    assert (model.size, model.n_layers, model.n_channels) == (1024, 18, 512)
    whole_way(model, *large_photo, tmp_path, 1024)
