"""A trained recogniser as an object: what it takes, what it gives and what it refuses."""

import numpy as np
import pytest
import torch

from icaedit.artifacts import LatentSet
from icaedit.errors import InputError, ModelMismatchError
from icaedit.recognition import FusionClassifier, Recogniser, load_backbone
from icaedit.schema import EMOTIONS


def test_probabilities_are_the_softmax_of_scores_over_temperature(trained, world):
    images = world.images()
    scores = trained.scores(images, world.latents)
    found = trained.with_temperature(2.5).predict(images, world.latents)
    exponentials = np.exp(scores.astype(np.float64) / 2.5)
    expected = exponentials / exponentials.sum(1, keepdims=True)
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert found.dtype == np.float32 and found.shape == (18, 3)


def test_the_network_alone_answers_in_the_order_of_icaedit():
    backbone = load_backbone("dacl", size=32)
    recogniser = Recogniser(backbone)
    images = np.random.default_rng(0).integers(0, 256, (2, 40, 40, 3), dtype=np.uint8)
    with torch.inference_mode():
        logits = backbone.logits(backbone.normalise(images)).numpy()
    assert recogniser.emotions == EMOTIONS and not recogniser.uses_latents
    order = [backbone.emotions.index(emotion) for emotion in EMOTIONS]
    np.testing.assert_allclose(recogniser.scores(images), logits[:, order], rtol=1e-5)


@pytest.mark.parametrize("batch_size", [1, 5, 18, 19])
def test_the_batch_size_does_not_matter(trained, world, batch_size):
    images = world.images()
    one = trained.predict(images, world.latents)
    other = trained.predict(images, world.latents, batch_size=batch_size)
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_pictures_may_have_different_sizes(trained, world):
    images = list(world.images()[:2])
    both = trained.predict([images[0], images[1][:30, :30]], world.latents.latents[:2])
    np.testing.assert_allclose(both[:1], trained.predict(images[:1], world.latents.latents[:1]),
                               atol=1e-5)  # fmt: skip
    assert trained.predict([], np.empty((0, 2, 4), np.float32)).shape == (0, 3)


def test_modes_and_weights_are_as_before(trained, world):
    trained.network.train()
    before = {name: entry.clone() for name, entry in trained.network.state_dict().items()}
    trained.predict(world.images(), world.latents)
    assert trained.network.training
    trained.network.eval()
    after = trained.network.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


def foreign(latents: LatentSet) -> LatentSet:
    return LatentSet(
        latents.latents, latents.identity, emotion=latents.emotion, model_fingerprint="b" * 64
    )


def test_latents_of_another_model_are_refused_by_name(trained, world):
    with pytest.raises(ModelMismatchError, match="latents of model bbbbbbbbbbbb.*aaaaaaaaaaaa"):
        trained.predict(world.images(), foreign(world.latents))


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda codes: codes[:, :, :3], ModelMismatchError, r"shape \(18, 2, 3\), expected"),
        (lambda codes: codes[:-1], InputError, "got 17 latents for 18 pictures"),
        (lambda codes: codes * np.nan, InputError, "expected a finite one"),
        (lambda codes: None, InputError, r"got no latents .* \(N, 2, 4\)"),
    ],
)
def test_latents_that_do_not_fit_are_refused(trained, world, change, error, message):
    with pytest.raises(error, match=message):
        trained.predict(world.images(), change(world.latents.latents))


def test_latents_for_a_network_without_use_for_them_are_refused(world):
    recogniser = Recogniser(world.backbone())
    with pytest.raises(InputError, match="leave the latents out"):
        recogniser.predict(world.images(), world.latents)


def test_a_network_whose_classes_are_not_known_is_refused(plain_network):
    from icaedit.recognition import Normalisation

    half = Normalisation((0.5,) * 3, (0.5,) * 3, size=32)
    backbone = load_backbone(plain_network, feature_layer="1", normalisation=half)
    with pytest.raises(InputError, match="does not say what its 7 classes stand for"):
        Recogniser(backbone)
    fused = Recogniser(FusionClassifier(backbone, None))  # of which only the features are used
    assert fused.predict(np.zeros((1, 32, 32, 3), np.uint8)).shape == (1, 7)


@pytest.mark.parametrize("temperature", [0, -1, float("inf"), float("nan")])
def test_a_temperature_is_above_0(trained, temperature):
    with pytest.raises(InputError, match="temperature"):
        trained.with_temperature(temperature)


def test_the_summary_tells_what_it_takes_and_how_good_it_was(trained):
    text = trained.summary()
    assert "recogniser of neutral, happy, sad" in text
    assert "3 of 8 coordinates of latents (37.5%)" in text and "model aaaaaaaaaaaa" in text
    assert "trained on 12 pictures of 4 people in 10 epochs" in text
