"""The combination module against its formula in numpy, and what it refuses."""

import numpy as np
import pytest
import torch

from icaedit.artifacts import IndexMask
from icaedit.errors import InputError
from icaedit.recognition import (
    FusionClassifier,
    Normalisation,
    class_weights,
    fusion_loss,
    load_backbone,
)

HALF = Normalisation((0.5,) * 3, (0.5,) * 3, size=8)
SHAPE = (3, 5)
KEPT = {"happy": [1, 6], "sad": [6, 14]}


@pytest.fixture
def backbone(plain_network):
    """A backbone of 12 features that takes images of any size."""
    return load_backbone(plain_network, feature_layer="1", normalisation=HALF)


@pytest.fixture
def mask():
    return IndexMask(SHAPE, KEPT, model="m", rule="two-sided", threshold="mean")


@pytest.fixture
def batch():
    """Six images and their latents, far from standard."""
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(6, 3, 8, 8, generator=generator)
    latents = 40 + 3 * torch.randn(6, *SHAPE, generator=generator)
    return x, latents


def standard(values):
    return (values - values.mean(0)) / np.sqrt(values.var(0) + 1e-8)


def layer(linear, values):
    return values @ linear.weight.detach().numpy().T + linear.bias.detach().numpy()


@pytest.mark.parametrize("activation", ["relu", "none"])
@pytest.mark.parametrize("reading", ["after", "projected"])
def test_scores_are_those_of_two_layers_in_either_reading(
    backbone, mask, batch, reading, activation
):
    x, latents = batch
    fused = FusionClassifier(backbone, mask, reading=reading, activation=activation, hidden=9)
    features = standard(backbone.features(x).detach().double().numpy())
    kept = standard(latents.flatten(1)[:, [1, 6, 14]].double().numpy())
    bend = (lambda v: np.maximum(v, 0)) if activation == "relu" else (lambda v: v)
    if reading == "after":
        joined = np.concatenate([features, kept], 1)
        expected = layer(fused.last, bend(layer(fused.first, joined)))
    else:
        projected = bend(layer(fused.first, kept))
        expected = layer(fused.last, np.concatenate([features, projected], 1))
    scores = fused.train()(x, latents)
    assert scores.shape == (6, 7)
    np.testing.assert_allclose(scores.detach(), expected, atol=2e-4)


def test_only_the_kept_coordinates_count(backbone, mask, batch):
    x, latents = batch
    fused = FusionClassifier(backbone, mask).eval()
    changed = latents.clone()
    changed[:, ~torch.from_numpy(mask.mask())] += 100
    assert torch.equal(fused(x, latents), fused(x, changed))
    changed = latents.clone()
    changed[:, 0, 1] += 1
    assert not torch.equal(fused(x, latents), fused(x, changed))


def test_a_mask_may_be_an_array_of_bool(backbone, mask, batch):
    one, other = FusionClassifier(backbone, mask), FusionClassifier(backbone, mask.mask())
    assert torch.equal(one.eval()(*batch), other.eval()(*batch))
    assert (one.model_fingerprint, other.model_fingerprint) == ("m", "")


@pytest.mark.parametrize("reading", ["after", "projected"])
def test_without_a_mask_the_features_stand_alone(backbone, batch, reading):
    fused = FusionClassifier(backbone, None, reading=reading).eval()
    assert fused(batch[0], None).shape == (6, 7)
    with pytest.raises(InputError, match="got latents of shape .*, expected None"):
        fused(*batch)


def test_in_use_an_image_is_standardised_by_what_training_saw(backbone, mask, batch):
    x, latents = batch
    fused = FusionClassifier(backbone, mask)
    for _ in range(300):
        fused.train()(x, latents)
    trained = fused(x, latents)
    fused.eval()
    alone = torch.cat([fused(x[i : i + 1], latents[i : i + 1]) for i in range(6)])
    torch.testing.assert_close(alone, fused(x, latents), rtol=1e-4, atol=1e-4)
    # running variances have n - 1 in the denominator, those of a batch n
    torch.testing.assert_close(alone, trained, rtol=0.2, atol=0.2)


def test_training_may_begin_with_the_means_and_variances_of_its_images(backbone, mask, batch):
    x, latents = batch
    features = backbone.features(x)
    fused = FusionClassifier(backbone, mask)
    fused.standardise_by(features, latents)
    kept = latents.flatten(1)[:, [1, 6, 14]].numpy()
    expected = (kept - kept.mean(0)) / kept.std(0, ddof=1)
    np.testing.assert_allclose(fused.eval().latent_norm(latents.flatten(1)[:, [1, 6, 14]]),
                               expected, rtol=1e-4, atol=1e-4)  # fmt: skip
    standardised = fused.feature_norm(features)
    torch.testing.assert_close(standardised.std(0), torch.ones(12), rtol=1e-3, atol=0)
    with pytest.raises(InputError, match="got 1 images to train on"):
        fused.standardise_by(features[:1], latents[:1])


def test_the_three_parts_learn_together(backbone, mask, batch):
    x, latents = batch
    encoder = torch.nn.Linear(3 * 64, 15)
    fused = FusionClassifier(load_backbone("dacl"), mask).train()
    made = encoder(x.flatten(1)).unflatten(1, SHAPE)
    images = torch.nn.functional.interpolate(x, 32)
    fusion_loss(fused(images, made), torch.tensor([0, 1, 2, 3, 4, 5])).backward()
    grads = [w.grad for part in (encoder, fused.first, fused.last) for w in part.parameters()]
    grads += [w.grad for w in fused.backbone.network.trunk.parameters()]
    assert all(grad is not None and grad.isfinite().all() for grad in grads)
    assert encoder.weight.grad[[1, 6, 14]].abs().sum() > 0
    assert encoder.weight.grad[[0, 2, 13]].abs().sum() == 0


def test_weights_are_those_of_their_seed(backbone, mask):
    def first(seed):
        return FusionClassifier(backbone, mask, random_state=seed).first.weight

    before = torch.get_rng_state()
    assert torch.equal(first(3), first(3)) and not torch.equal(first(3), first(4))
    assert torch.equal(torch.get_rng_state(), before)


def test_the_state_carries_the_mask(backbone, mask, batch):
    one = FusionClassifier(backbone, mask, random_state=1).eval()
    other = FusionClassifier(backbone, np.roll(mask.mask(), 1), random_state=2).eval()
    other.load_state_dict(one.state_dict())
    assert torch.equal(one(*batch), other(*batch))


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"reading": "both"}, "got reading 'both'"),
        ({"activation": "tanh"}, "got activation 'tanh'"),
        ({"hidden": 0}, "got 0 hidden units"),
        ({"emotions": ["happy", "joy"]}, "the emotions happy, happy"),
        ({"mask": np.zeros(SHAPE, bool)}, "keeps no coordinate"),
        ({"mask": np.ones(SHAPE)}, "got a mask of float64"),
        ({"mask": np.ones(15, bool)}, r"got a mask of bool \(15,\)"),
    ],
)
def test_options_that_cannot_be_are_refused(backbone, mask, how, message):
    with pytest.raises(InputError, match=message):
        FusionClassifier(backbone, how.pop("mask", mask), **how)


def test_latents_of_another_shape_or_number_are_refused(backbone, mask, batch):
    x, latents = batch
    fused = FusionClassifier(backbone, mask)
    with pytest.raises(InputError, match=r"got latents of shape \(6, 5, 3\), .*\(6, 3, 5\)"):
        fused(x, latents.transpose(1, 2))
    with pytest.raises(InputError, match=r"got latents of shape \(5, 3, 5\)"):
        fused(x, latents[:5])
    with pytest.raises(InputError, match="got latents None, expected shape"):
        fused(x, None)
    with pytest.raises(InputError, match="got features of shape"):
        fused.fuse(torch.zeros(6, 3), latents)
    with pytest.raises(InputError, match="got 1 images to train on, expected two"):
        fused(x[:1], latents[:1])


LABELS = np.array([2, 0, 1, 2])
WEIGHTS = np.array([0.5, 2.0, 3.0])


@pytest.mark.parametrize("weights", [None, WEIGHTS])
@pytest.mark.parametrize("kind", ["mse", "cross-entropy"])
def test_the_loss_is_its_formula(kind, weights):
    scores = np.random.default_rng(0).normal(size=(4, 3)).astype(np.float32)
    total, count = 0.0, 0.0
    for row, label in zip(scores.astype(float), LABELS, strict=True):
        p = np.exp(row) / np.exp(row).sum()
        if kind == "mse":
            loss = sum(((1.0 if k == label else 0.0) - p[k]) ** 2 for k in range(3))
        else:
            loss = -np.log(p[label])
        weight = 1.0 if weights is None else weights[label]
        total, count = total + weight * loss, count + weight
    given = None if weights is None else torch.tensor(weights)
    loss = fusion_loss(torch.tensor(scores), torch.tensor(LABELS), kind=kind, weights=given)
    assert loss.item() == pytest.approx(total / count, rel=1e-5)


def test_weights_of_classes_make_them_count_alike():
    labels = [0, 0, 0, 1, 2, 2]
    weights = class_weights(labels, ["happy", "sad", "angry"])
    sums = [weights[k] * labels.count(k) for k in range(3)]
    assert sums == pytest.approx([2, 2, 2])


@pytest.mark.parametrize(
    ("labels", "message"),
    [([0, 2], "no image that shows sad"), ([0, 3], "got labels 0 to 3"), ([-1], "got labels -1"),
     ([], "got labels"), ([0.5], "got labels float64")],
)  # fmt: skip
def test_labels_that_give_no_weights_are_refused(labels, message):
    with pytest.raises(InputError, match=message):
        class_weights(labels, ["happy", "sad", "angry"])


@pytest.mark.parametrize(
    ("labels", "how", "message"),
    [
        ([0, 7], {}, "got labels 0 to 7, expected 0 to 6"),
        ([0, -1], {}, "got labels -1 to 0"),
        ([0], {}, r"got scores \(2, 7\) and labels"),
        ([0.0, 1.0], {}, "labels torch.float32"),
        ([0, 1], {"kind": "hinge"}, "got loss 'hinge'"),
        ([0, 1], {"weights": torch.ones(6)}, "got weights of shape"),
    ],
)
def test_a_loss_that_cannot_be_is_refused(labels, how, message):
    with pytest.raises(InputError, match=message):
        fusion_loss(torch.zeros(2, 7), torch.tensor(labels), **how)
