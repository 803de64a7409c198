"""The generator's layers and the order in which it reads W+."""

import pytest
import torch
import torch.nn.functional as F

from icaedit.errors import InputError
from icaedit.models.config import EncoderConfig, GeneratorConfig
from icaedit.models.generator import StyleGAN2Generator
from icaedit.models.layers import StyledConv, normal_draws, smooth, upsample


@pytest.fixture
def generator():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        config = GeneratorConfig(size=16, n_channels=6, z_dim=5, n_mapping=2, widths=(8, 6, 4))
        return StyleGAN2Generator(config).requires_grad_(False)


@pytest.fixture
def draw():
    source = torch.Generator().manual_seed(1)
    return lambda *shape: torch.randn(*shape, generator=source)


def test_weights_are_standard_normal_draws_over_the_rate():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        expected = torch.randn(5, 7) / 0.01
        torch.manual_seed(4)
        torch.testing.assert_close(normal_draws(5, 7, rate=0.01), expected, rtol=0, atol=0)


def test_a_network_on_the_meta_device_draws_nothing():
    before = torch.random.get_rng_state()
    with torch.device("meta"):
        weight = normal_draws(5, 7)
    assert (weight.is_meta, weight.shape) == (True, (5, 7))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_modulated_convolution_equals_one_with_each_pictures_own_weight(draw):
    layer = StyledConv(4, 3, n_channels=5, side=6, up=False, clamp=None).requires_grad_(False)
    layer.bias.copy_(draw(3))
    layer.noise_strength.fill_(0.3)
    x, code = draw(2, 4, 6, 6), draw(2, 5)
    style = layer.modulation(code)
    for n in range(2):
        weight = layer.weight * style[n, None, :, None, None] / (9 * 4) ** 0.5
        weight = weight / (weight.square().sum((1, 2, 3), keepdim=True) + 1e-8).sqrt()
        y = F.conv2d(x[n : n + 1], weight, padding=1) + layer.noise * 0.3
        expected = F.leaky_relu(y + layer.bias[:, None, None], 0.2) * 2**0.5
        torch.testing.assert_close(layer(x, code)[n : n + 1], expected, rtol=1e-5, atol=1e-5)


def test_a_clamp_bounds_the_output_of_a_layer(draw):
    layer = StyledConv(4, 3, n_channels=5, side=6, up=False, clamp=0.1)
    assert layer(draw(1, 4, 6, 6), draw(1, 5)).abs().max().item() == pytest.approx(0.1)


def test_the_gradient_of_the_smoothing_filter_is_the_numerical_one(draw):
    x = draw(1, 2, 5, 5).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: smooth(x, gain=4.0, pad=1), x)
    assert torch.autograd.gradcheck(lambda x: smooth(x, pad=2), x)


def test_upsampling_equals_zero_insertion_and_the_filter(draw):
    x = draw(2, 3, 5, 5)
    wide = torch.zeros(2, 3, 10, 10)
    wide[..., ::2, ::2] = x
    expected = smooth(F.pad(wide, (1, 0, 1, 0)), gain=4.0, pad=1)
    torch.testing.assert_close(upsample(x), expected)


def test_each_style_layer_acts_first_at_its_own_resolution(generator, draw):
    latents = draw(1, 6, 6)
    plain = {side: generator.synthesis(latents, side) for side in (4, 8, 16)}
    for layer, first in enumerate((4, 4, 8, 8, 16, 16)):
        moved = latents.clone()
        moved[:, layer] += 1
        changed = {
            side for side in plain if not torch.equal(generator.synthesis(moved, side), plain[side])
        }
        # layer 1 and 3 feed a ToRGB and the first convolution of the next resolution
        assert min(changed) == first, layer


def test_a_truncated_synthesis_has_the_size_asked_for(generator, draw):
    assert generator.synthesis(draw(2, 6, 6), 8).shape == (2, 3, 8, 8)
    with pytest.raises(InputError, match="got size 12"):
        generator.synthesis(draw(2, 6, 6), 12)


def test_the_generator_is_deterministic(generator, draw):
    latents = draw(2, 6, 6)
    assert torch.equal(generator(latents), generator(latents))


def test_truncation_zero_gives_the_average_for_every_z(generator, draw):
    generator.mapping.latent_avg.copy_(draw(6))
    codes = generator.mapping(draw(3, 5), 0.0)
    assert torch.equal(codes, generator.mapping.latent_avg.expand(3, -1))


def test_normalised_z_makes_the_mapping_blind_to_its_length(generator, draw):
    z = draw(3, 5)
    torch.testing.assert_close(generator.mapping(2 * z), generator.mapping(z), rtol=1e-4, atol=1e-5)


def test_the_ffhq_generator_has_the_published_number_of_parameters():
    with torch.device("meta"):
        generator = StyleGAN2Generator(GeneratorConfig.ffhq())
    assert sum(p.numel() for p in generator.parameters()) == 30_370_060


@pytest.mark.parametrize("wrong", [{"size": 48}, {"widths": (8, 6)}, {"n_channels": 0}])
def test_numbers_that_do_not_fit_are_refused(wrong):
    good = {"size": 16, "n_channels": 6, "z_dim": 5, "n_mapping": 2, "widths": (8, 6, 4)}
    with pytest.raises(InputError, match="got"):
        GeneratorConfig(**(good | wrong))


def test_style_layers_are_split_among_the_maps_without_gap():
    groups = EncoderConfig(input_size=16, n_layers=6, n_channels=8).groups
    assert groups == ((0, 3), (3, 6), (6, 6))
