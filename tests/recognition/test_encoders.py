"""An encoder that is trained along: its pictures, its gradients and its batch norm."""

import numpy as np
import pytest
import torch
from torch import nn

from icaedit.errors import InputError
from icaedit.recognition import CollaborativeEncoder


@pytest.fixture
def encoder():
    network = nn.Sequential(
        nn.Conv2d(3, 2, 1), nn.BatchNorm2d(2), nn.Dropout(0.5), nn.Flatten(), nn.Linear(32, 6),
        nn.Unflatten(1, (2, 3)),
    )  # fmt: skip
    return CollaborativeEncoder(network, size=4)


def test_pictures_come_from_minus_1_to_1_at_its_size(encoder):
    pixels = np.zeros((2, 4, 4, 3), np.uint8)
    pixels[1, :, :, 1] = 255
    x = encoder.prepare(pixels)
    assert x.dtype == torch.float32 and tuple(x.shape) == (2, 3, 4, 4)
    assert (x[0] == -1).all() and (x[1, 1] == 1).all() and (x[1, 0] == -1).all()
    assert tuple(encoder.prepare([pixels[0], np.zeros((9, 7, 3), np.uint8)]).shape) == (2, 3, 4, 4)


def test_batch_norm_keeps_its_statistics_and_all_else_trains(encoder):
    encoder.train()
    norm, dropout = encoder.network[1], encoder.network[2]
    assert dropout.training and not norm.training
    before = norm.running_mean.clone()
    encoder(torch.randn(1, 3, 4, 4) + 5).sum().backward()  # also with one picture
    assert torch.equal(norm.running_mean, before)
    assert norm.weight.grad is not None and encoder.network[0].weight.grad is not None
    encoder.eval()
    assert not dropout.training


def test_a_size_below_1_is_refused():
    with pytest.raises(InputError, match="size 0"):
        CollaborativeEncoder(nn.Identity(), size=0)
