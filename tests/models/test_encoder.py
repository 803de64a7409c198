"""The encoder: one base code, offsets, and the average latent."""

import dataclasses

import pytest
import torch
import torch.nn.functional as F

from icaedit.models.config import EncoderConfig
from icaedit.models.encoder import IRSEBlock, StyleHeads, WPlusEncoder

CONFIG = EncoderConfig(
    input_size=64, n_layers=10, n_channels=6, widths=(4, 4, 8, 8), blocks=(1, 1, 2, 1),
    head_width=4, squeeze=4,
)  # fmt: skip


@pytest.fixture(params=["batch", "group"])
def encoder(request):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2)
        made = WPlusEncoder(dataclasses.replace(CONFIG, norm=request.param))
    return made.eval().requires_grad_(False)


@pytest.fixture
def images():
    return torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_the_code_is_the_average_plus_the_base_plus_the_offsets(encoder, images):
    encoder.latent_avg.copy_(torch.arange(60.0).reshape(10, 6))
    base, offsets = encoder.split(images)
    expected = encoder.latent_avg + base[:, None] + offsets
    torch.testing.assert_close(encoder(images), expected, rtol=0, atol=0)


def test_the_base_has_no_offset_and_every_other_layer_has_one(encoder, images):
    _, offsets = encoder.split(images)
    sizes = offsets.abs().amax((0, 2))
    assert sizes[0] == 0
    assert (sizes[1:] > 0).all()


def test_heads_side_by_side_equal_heads_one_by_one():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        heads = StyleHeads(3, 5, width=4, n_out=7, side=8).requires_grad_(False)
        x = torch.randn(2, 5, 8, 8)
    for head in range(3):
        y, rows = x, slice(4 * head, 4 * head + 4)
        for conv in heads.convs:
            y = F.conv2d(y, conv.weight[rows], conv.bias[rows], stride=2, padding=1)
            y = F.leaky_relu(y, 0.01)
        expected = y.flatten(1) @ heads.weight[head].T / 4**0.5 + heads.bias[head]
        torch.testing.assert_close(heads(x)[:, head], expected)


def test_a_block_whose_gate_is_shut_passes_its_input_at_every_second_pixel():
    block = IRSEBlock(4, 4, stride=2, norm="batch", squeeze=4).eval().requires_grad_(False)
    block.norm2.weight.zero_()
    x = torch.arange(4 * 36.0).reshape(1, 4, 6, 6)
    assert torch.equal(block(x), x[:, :, ::2, ::2])


def test_the_ffhq_encoder_has_the_published_number_of_parameters():
    with torch.device("meta"):
        encoder = WPlusEncoder(EncoderConfig.ffhq())
    assert round(sum(p.numel() for p in encoder.parameters()) / 1e6, 2) == 267.14
