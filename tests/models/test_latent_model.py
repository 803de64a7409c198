"""The numpy door: shapes, refusals, and independence of the batch."""

import numpy as np
import pytest
import torch

from icaedit.errors import InputError
from icaedit.models import LatentModel, resolve_device, tiny_model


@pytest.fixture(scope="module")
def model():
    return tiny_model()


@pytest.fixture(scope="module")
def faces():
    return np.random.default_rng(0).integers(0, 256, (5, 20, 20, 3), dtype=np.uint8)


def test_latents_of_a_picture_do_not_depend_on_its_batch(model, faces):
    together = model.encode(faces)
    alone = np.concatenate([model.encode(face[None]) for face in faces])
    assert together.tobytes() == alone.tobytes()


def test_the_picture_of_latents_does_not_depend_on_its_batch(model, faces):
    latents = model.encode(faces)
    together = model.synthesize(latents)
    assert np.array_equal(together[3:4], model.synthesize(latents[3]))


def test_latents_keep_count_order_and_type(model, faces):
    latents = model.encode(faces)
    assert (latents.shape, latents.dtype) == ((5, 6, 8), np.float32)
    assert np.array_equal(model.encode(faces[::-1]), latents[::-1])
    assert model.encode(faces[:0]).shape == (0, 6, 8)


def test_different_faces_have_different_latents_and_pictures(model, faces):
    latents = model.encode(faces)
    assert not np.array_equal(latents[0], latents[1])
    pictures = model.synthesize(latents)
    assert (pictures.shape, pictures.dtype) == ((5, 16, 16, 3), np.uint8)
    assert not np.array_equal(pictures[0], pictures[1])


def test_the_doors_agree_with_the_networks(model, faces):
    small = faces[:, :16, :16]
    x = torch.from_numpy(small.astype(np.float32) / 127.5 - 1).permute(0, 3, 1, 2)
    latents = model.encoder(x)
    np.testing.assert_allclose(model.encode(small), latents.numpy(), atol=1e-5)
    y = model.generator(latents).permute(0, 2, 3, 1).clamp(-1, 1)
    levels = ((y + 1) * 127.5).numpy()
    assert np.abs(model.synthesize(latents.numpy()) - levels).max() < 0.51


def test_progress_counts_every_picture(model, faces):
    seen = []
    model.encode(faces, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(n, 5) for n in range(1, 6)]


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((2, 16, 16, 3), np.float32),
        np.zeros((16, 16, 3), np.uint8),
        np.zeros((1, 16, 20, 3), np.uint8),
        np.zeros((1, 16, 16, 4), np.uint8),
    ],
)
def test_pictures_of_another_form_are_refused(model, images):
    with pytest.raises(InputError, match="got images of"):
        model.encode(images)


def test_latents_of_another_model_and_nan_are_refused(model):
    with pytest.raises(InputError, match=r"expected \(N, 6, 8\)"):
        model.synthesize(np.zeros((1, 10, 256)))
    with pytest.raises(InputError, match="NaN or infinite"):
        model.synthesize(np.full((1, 6, 8), np.nan))


def test_the_fingerprint_follows_every_weight_and_nothing_else(model):
    other = tiny_model()
    assert other.fingerprint == model.fingerprint
    changed = tiny_model()
    changed.encoder.latent_avg[0, 0] += 1
    assert changed.fingerprint != model.fingerprint
    assert tiny_model(seed=1).fingerprint != model.fingerprint


def test_the_average_latent_is_a_copy(model):
    model.latent_avg[:] = 9
    assert model.latent_avg.max() < 9


def test_an_encoder_of_another_size_is_refused(model):
    with pytest.raises(InputError, match="expected the generator's"):
        LatentModel(model.generator, tiny_model(size=32).encoder)


def test_a_tiny_model_leaves_torchs_random_state_alone():
    torch.manual_seed(0)
    expected = torch.randn(2)
    torch.manual_seed(0)
    tiny_model(seed=5)
    assert torch.equal(torch.randn(2), expected)


def test_an_unknown_device_is_refused():
    with pytest.raises(InputError, match="got device 'tpu'"):
        resolve_device("tpu")


def test_auto_takes_cuda_only_where_there_is_one(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert resolve_device().type == "cpu"
    with pytest.raises(InputError, match="use cpu or auto"):
        resolve_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert resolve_device().type == "cuda"
