"""The losses against plain formulas in numpy, one image and one feature at a time."""

import math

import numpy as np
import pytest
import torch

from icaedit.errors import InputError
from icaedit.recognition import Normalisation, load_backbone
from icaedit.recognition.losses import (
    add_up_loss,
    affinity_loss,
    mix_by_uncertainty,
    new_centres,
    own_loss,
    partition_loss,
    sparse_centre_loss,
)

N, F, K = 5, 6, 4
LABELS = np.array([2, 0, 3, 2, 1])
PARTNERS = np.array([3, 2, 4, 0, 1])


@pytest.fixture
def drawn():
    """Draw float64 arrays of a shape."""
    generator = np.random.default_rng(3)
    return lambda *shape: generator.normal(size=shape)


def tensors(*arrays):
    return [torch.from_numpy(array) for array in arrays]


def cross_entropy(logits, label):
    return math.log(sum(math.exp(value) for value in logits)) - logits[label]


def test_affinity_is_the_mean_squared_distance_over_the_spread_of_the_centres(drawn):
    x, centres = drawn(N, F), drawn(K, F)
    distance = sum((x[i, j] - centres[LABELS[i], j]) ** 2 for i in range(N) for j in range(F))
    spread = sum(
        sum((centres[k, j] - sum(centres[:, j]) / K) ** 2 for k in range(K)) / (K - 1)
        for j in range(F)
    )
    loss = affinity_loss(*tensors(x, LABELS, centres))
    assert loss.item() == pytest.approx(distance / N / spread, rel=1e-12)


def test_partition_is_the_logarithm_of_heads_over_their_variance(drawn):
    heads = drawn(N, 3, F)
    variances = [
        sum((heads[i, h, j] - heads[i, :, j].mean()) ** 2 for h in range(3)) / 2
        for i in range(N)
        for j in range(F)
    ]
    expected = math.log(1 + 3 / (sum(variances) / len(variances)))
    assert partition_loss(*tensors(heads)).item() == pytest.approx(expected, rel=1e-12)


def test_partition_is_finite_for_heads_that_agree_and_nothing_for_one():
    heads = torch.zeros(2, 4, 3, requires_grad=True)
    loss = partition_loss(heads)
    loss.backward()
    assert loss.isfinite() and heads.grad.isfinite().all()
    assert partition_loss(torch.ones(2, 1, 3)) == 0


def test_the_sparse_centre_loss_weighs_each_feature(drawn):
    x, centres, attention = drawn(N, F), drawn(K, F), np.abs(drawn(N, F))
    expected = sum(
        attention[i, j] * (x[i, j] - centres[LABELS[i], j]) ** 2 for i in range(N) for j in range(F)
    ) / (2 * N)
    x, labels, centres, attention = tensors(x, LABELS, centres, attention)
    loss = sparse_centre_loss(x, labels, centres, attention=attention)
    assert loss.item() == pytest.approx(expected, rel=1e-12)


def test_features_are_mixed_by_their_uncertainty(drawn):
    x, log_var = drawn(N, F), drawn(N, F)
    u = [sum(math.exp(log_var[i, j]) for j in range(F)) / F for i in range(N)]
    expected = [
        [(u[i] * x[i, f] + u[j] * x[j, f]) / (u[i] + u[j]) for f in range(F)]
        for i, j in enumerate(PARTNERS)
    ]
    mixed = mix_by_uncertainty(*tensors(x, log_var, PARTNERS))
    np.testing.assert_allclose(mixed, expected, rtol=1e-12)


def test_mixing_bears_uncertainties_beyond_the_range_of_floats():
    x, log_var = torch.tensor([[1.0], [2.0]]), torch.tensor([[1000.0], [-1000.0]])
    mixed = mix_by_uncertainty(x, log_var, torch.tensor([1, 0]))
    assert mixed.tolist() == [[1.0], [1.0]]


def test_the_add_up_loss_wants_both_labels(drawn):
    logits = drawn(N, K)
    expected = sum(
        cross_entropy(logits[i], LABELS[i]) + cross_entropy(logits[i], LABELS[PARTNERS[i]])
        for i in range(N)
    ) / (2 * N)
    loss = add_up_loss(*tensors(logits, LABELS, PARTNERS))
    assert loss.item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("labels", [[0, 4], [-1, 0], [0], [[0, 1]], [0.0, 1.0]])
def test_labels_that_name_no_class_are_refused(labels):
    with pytest.raises(InputError, match="got labels .*, expected .*; "):
        affinity_loss(torch.zeros(2, F), torch.tensor(labels), torch.zeros(K, F))


@pytest.fixture(scope="module")
def dan():
    return load_backbone("dan").train()


def test_dan_learns_by_its_three_losses_with_its_centres(dan):
    x = torch.randn(3, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    labels, centres = torch.tensor([0, 3, 6]), new_centres(dan)
    loss = own_loss(dan, x, labels, centres=centres)
    out = dan(x)
    parts = (
        torch.nn.functional.cross_entropy(out.logits, labels),
        affinity_loss(out.maps.mean((2, 3)), labels, centres),
        partition_loss(out.heads),
    )
    torch.testing.assert_close(loss, sum(parts), rtol=1e-4, atol=0)
    loss.backward()
    assert centres.grad.abs().sum() > 0
    assert all(weights.grad is not None for weights in dan.parameters())
    with pytest.raises(InputError, match="got no centres .*; make them"):
        own_loss(dan, x, labels)


def test_centres_are_one_a_class_and_those_of_their_seed(dan):
    assert new_centres(dan).shape == (7, 512)
    assert torch.equal(new_centres(dan, random_state=4), new_centres(dan, random_state=4))
    assert not torch.equal(new_centres(dan, random_state=4), new_centres(dan, random_state=5))


def test_rul_learns_from_mixed_pairs_that_the_generator_draws():
    rul = load_backbone("rul", training_parts=True)  # without dropout, which is for training
    assert new_centres(rul) is None
    x = torch.randn(4, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    labels = torch.tensor([0, 3, 6, 1])
    out = rul(x)
    partners = torch.randperm(4, generator=torch.Generator().manual_seed(9))
    mixed = mix_by_uncertainty(out.features, out.log_var, partners)
    expected = add_up_loss(rul.network.fc(mixed), labels, partners)
    with torch.no_grad():
        loss = own_loss(rul, x, labels, generator=torch.Generator().manual_seed(9))
    torch.testing.assert_close(loss, expected.detach())


def test_the_loss_of_a_network_of_ones_own_is_cross_entropy(plain_network):
    form = Normalisation((0.5,) * 3, (0.5,) * 3, size=8)
    backbone = load_backbone(plain_network, feature_layer="1", normalisation=form)
    x, labels = torch.rand(2, 3, 8, 8), torch.tensor([0, 6])
    expected = torch.nn.functional.cross_entropy(plain_network(x), labels)
    torch.testing.assert_close(own_loss(backbone, x, labels), expected)
    assert new_centres(backbone) is None


@pytest.mark.parametrize("kind", ["dacl", "rul"])
def test_a_backbone_without_its_training_parts_says_how_to_get_them(kind):
    backbone = load_backbone(kind)
    with pytest.raises(InputError, match="training_parts=True"):
        own_loss(backbone, torch.zeros(2, 3, 224, 224), torch.tensor([0, 1]))
