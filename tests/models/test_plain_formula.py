"""The networks equal their formulas, written plainly in float64, at random sizes and widths."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from icaedit.models.config import EncoderConfig, GeneratorConfig
from icaedit.models.encoder import WPlusEncoder
from icaedit.models.generator import StyleGAN2Generator
from icaedit.models.latent_model import LatentModel

FEW = settings(max_examples=25, deadline=None, derandomize=True)


# --- the formulas: one picture, loops over taps, nothing shared with the package


def numbers(module):
    return {name: tensor.double().numpy() for name, tensor in module.state_dict().items()}


def convolve(x, weight, *, stride=1, pad=1):
    """Correlate (I, H, W) with (O, I, k, k), as networks do."""
    size = weight.shape[-1]
    x = np.pad(x, ((0, 0), (pad, pad), (pad, pad)))
    height, width = ((side - size) // stride + 1 for side in x.shape[1:])
    y = np.zeros((len(weight), height, width))
    for row in range(size):
        for column in range(size):
            part = x[:, row:, column:][:, : stride * height : stride, : stride * width : stride]
            y += np.tensordot(weight[:, :, row, column], part, 1)
    return y


def filtered(x, *, before, after):
    """Pad, and filter every plane with [1, 3, 3, 1] both ways, sum 4."""
    x = np.pad(x, ((0, 0), (before, after), (before, after)))
    side = x.shape[1] - 3
    taps = [1, 3, 3, 1]
    return sum(
        taps[row] * taps[column] / 16 * x[:, row : row + side, column : column + side]
        for row in range(4)
        for column in range(4)
    )


def with_zeros(x, side):
    """Put a zero between pixels."""
    wide = np.zeros((len(x), side, side))
    wide[:, ::2, ::2] = x
    return wide


def leaky(x):
    return np.where(x > 0, x, 0.2 * x) * math.sqrt(2)


def affine(state, name, code):
    weight = state[f"{name}.modulation.weight"]
    return weight @ code / math.sqrt(weight.shape[1]) + state[f"{name}.modulation.bias"]


def styled(state, name, x, code, *, up, clamp):
    weight = state[f"{name}.weight"]
    weight = weight / math.sqrt(9 * weight.shape[1]) * affine(state, name, code)[:, None, None]
    weight = weight / np.sqrt((weight**2).sum((1, 2, 3), keepdims=True) + 1e-8)
    if up:  # a transposed convolution: zeros between the pixels, and the weight turned
        wide = with_zeros(x, 2 * x.shape[1] - 1)
        y = filtered(convolve(wide, weight[:, :, ::-1, ::-1], pad=2), before=1, after=1)
    else:
        y = convolve(x, weight)
    y = y + state[f"{name}.noise"] * state[f"{name}.noise_strength"]
    y = leaky(y + state[f"{name}.bias"][:, None, None])
    return y if clamp is None else np.clip(y, -clamp, clamp)


def colours(state, name, x, code, *, clamp):
    weight = state[f"{name}.weight"]
    weight = weight / math.sqrt(weight.shape[1]) * affine(state, name, code)[:, None, None]
    y = convolve(x, weight, pad=0) + state[f"{name}.bias"][:, None, None]
    return y if clamp is None else np.clip(y, -clamp, clamp)


def picture(state, config, codes):
    """The synthesis network of StyleGAN2 (Karras et al. 2020) for codes (L, C)."""
    names, clamp = "synthesis.convs.", config.conv_clamp
    x = styled(state, names + "0", state["synthesis.input"], codes[0], up=False, clamp=clamp)
    image = colours(state, "synthesis.to_rgbs.0", x, codes[1], clamp=clamp)
    for stage in range(1, len(config.resolutions)):
        index = 2 * stage - 1
        x = styled(state, f"{names}{index}", x, codes[index], up=True, clamp=clamp)
        x = styled(state, f"{names}{index + 1}", x, codes[index + 1], up=False, clamp=clamp)
        image = filtered(with_zeros(image, 2 * image.shape[1]), before=2, after=1)
        image = image + colours(
            state, f"synthesis.to_rgbs.{stage}", x, codes[index + 2], clamp=clamp
        )
    return image


def w_of(state, config, z):
    w = z / np.sqrt((z**2).mean() + 1e-8) if config.normalize_z else z
    for layer in range(config.n_mapping):
        weight, bias = (state[f"mapping.layers.{layer}.{part}"] for part in ("weight", "bias"))
        rate = config.mapping_rate
        w = leaky(weight @ w * rate / math.sqrt(weight.shape[1]) + bias * rate)
    return w


def normed(state, name, x):
    mean, variance = state[f"{name}.running_mean"], state[f"{name}.running_var"]
    scale = state[f"{name}.weight"] / np.sqrt(variance + 1e-5)
    return (x - mean[:, None, None]) * scale[:, None, None] + state[f"{name}.bias"][:, None, None]


def prelu(state, name, x):
    return np.where(x > 0, x, x * state[f"{name}.weight"][:, None, None])


def block(state, name, x, *, stride):
    """A block of IR-SE50 (Deng et al. 2019; Hu et al. 2018)."""
    skip = x[:, ::stride, ::stride]
    if f"{name}.shortcut.0.weight" in state:
        skip = convolve(x, state[f"{name}.shortcut.0.weight"], stride=stride, pad=0)
        skip = normed(state, f"{name}.shortcut.1", skip)
    y = convolve(normed(state, f"{name}.norm1", x), state[f"{name}.conv1.weight"])
    y = convolve(prelu(state, f"{name}.act", y), state[f"{name}.conv2.weight"], stride=stride)
    y = normed(state, f"{name}.norm2", y)
    squeezed = np.maximum(state[f"{name}.gate.fc1.weight"][:, :, 0, 0] @ y.mean((1, 2)), 0)
    gate = 1 / (1 + np.exp(-state[f"{name}.gate.fc2.weight"][:, :, 0, 0] @ squeezed))
    return skip + y * gate[:, None, None]


def enlarge(x, side):
    """Bilinear, with the corners of both grids on each other."""
    places = np.linspace(0, x.shape[1] - 1, side)
    low = np.minimum(places.astype(int), x.shape[1] - 1)
    high, part = np.minimum(low + 1, x.shape[1] - 1), places - low
    rows = x[:, low] * (1 - part)[:, None] + x[:, high] * part[:, None]
    return rows[:, :, low] * (1 - part) + rows[:, :, high] * part


def encoded(state, config, image):
    """The encoder of e4e (Tov et al. 2021), or of pSp, for one image (3, h, w)."""
    x = prelu(state, "stem.2", normed(state, "stem.1", convolve(image, state["stem.0.weight"])))
    maps = []
    for stage, n_blocks in enumerate(config.blocks):
        for index in range(n_blocks):
            x = block(state, f"stages.{stage}.{index}", x, stride=1 + (index == 0))
        maps.append(x)
    pyramid = [maps[3]]
    for level, below in ((1, maps[2]), (2, maps[1])):
        bias = state[f"lateral{level}.bias"][:, None, None]
        lateral = convolve(below, state[f"lateral{level}.weight"], pad=0) + bias
        pyramid.append(enlarge(pyramid[-1], below.shape[1]) + lateral)
    codes = []
    for group, (first, last) in enumerate(config.groups):
        for head in range(last - first):
            y, rows = (
                pyramid[group],
                slice(head * config.head_width, (head + 1) * config.head_width),
            )
            for step in range(sum(f"heads.{group}.convs" in name for name in state) // 2):
                y = convolve(y, state[f"heads.{group}.convs.{step}.weight"][rows], stride=2)
                y = y + state[f"heads.{group}.convs.{step}.bias"][rows][:, None, None]
                y = np.where(y > 0, y, 0.01 * y)
            weight, bias = (state[f"heads.{group}.{part}"][head] for part in ("weight", "bias"))
            codes.append(weight @ y[:, 0, 0] / math.sqrt(config.head_width) + bias)
    codes = np.stack(codes)
    if config.relative:
        codes[1:] += codes[0]
    return codes + state["latent_avg"]


# --- the properties


@st.composite
def generators(draw):
    size = draw(st.sampled_from([8, 16, 32]))
    config = GeneratorConfig(
        size=size,
        n_channels=draw(st.integers(1, 9)),
        z_dim=draw(st.integers(1, 9)),
        n_mapping=draw(st.integers(1, 4)),
        widths=tuple(draw(st.integers(1, 9)) for _ in range(size.bit_length() - 2)),
        mapping_rate=draw(st.sampled_from([0.01, 1.0])),
        normalize_z=draw(st.booleans()),
        conv_clamp=draw(st.sampled_from([None, 0.7, 256.0])),
    )
    return randomised(StyleGAN2Generator, config, draw(st.integers(0, 2**31)))


@st.composite
def encoders(draw):
    squeeze = draw(st.integers(1, 3))
    config = EncoderConfig(
        input_size=draw(st.sampled_from([16, 32])),
        n_layers=2 * draw(st.integers(2, 5)),
        n_channels=draw(st.integers(1, 7)),
        widths=tuple(squeeze * draw(st.integers(1, 3)) for _ in range(4)),
        blocks=tuple(draw(st.integers(1, 2)) for _ in range(4)),
        head_width=draw(st.integers(1, 5)),
        squeeze=squeeze,
        relative=draw(st.booleans()),
    )
    return randomised(WPlusEncoder, config, draw(st.integers(0, 2**31)))


def randomised(kind, config, seed):
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        module = kind(config)
        for name, tensor in module.state_dict().items():
            if name.endswith("running_var"):
                tensor.uniform_(0.5, 2)
            elif tensor.ndim <= 1 and tensor.is_floating_point():
                tensor.add_(0.3 * torch.randn(tensor.shape))
    return module.eval().requires_grad_(False), torch.Generator().manual_seed(seed)


def close(result, expected):
    scale = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(result, expected, rtol=0, atol=2e-5 * scale)


@FEW
@given(generators())
def test_the_generator_equals_its_formula_and_a_batch_its_pictures(drawn):
    generator, source = drawn
    config = generator.config
    codes = torch.randn(3, config.n_layers, config.n_channels, generator=source)
    with torch.inference_mode():
        together = generator(codes)
        alone = torch.cat([generator(code[None]) for code in codes])
    state = numbers(generator)
    expected = np.stack([picture(state, config, code) for code in codes.double().numpy()])
    close(together, expected)
    close(together, alone.numpy())


@FEW
@given(generators(), st.sampled_from([0.0, 0.7, 1.0]))
def test_the_mapping_network_equals_its_formula(drawn, psi):
    generator, source = drawn
    z = torch.randn(3, generator.config.z_dim, generator=source)
    with torch.inference_mode():
        codes = generator.mapping(z, psi)
    state = numbers(generator)
    w = np.stack([w_of(state, generator.config, draw) for draw in z.double().numpy()])
    average = state["mapping.latent_avg"]
    close(codes, average + psi * (w - average))


@settings(FEW, max_examples=15)
@given(encoders())
def test_the_encoder_equals_its_formula_and_a_batch_its_pictures(drawn):
    encoder, source = drawn
    side = encoder.config.input_size
    images = torch.rand(2, 3, side, side, generator=source) * 2 - 1
    with torch.inference_mode():
        together = encoder(images)
        alone = torch.cat([encoder(image[None]) for image in images])
    state = numbers(encoder)
    expected = [encoded(state, encoder.config, image) for image in images.double().numpy()]
    close(together, np.stack(expected))
    close(together, alone.numpy())


@settings(FEW, max_examples=8)
@given(generators())
def test_the_door_gives_the_same_bytes_for_a_batch_and_for_each_picture(drawn):
    generator, source = drawn
    model = LatentModel(generator)
    shape = 3, model.n_layers, model.n_channels
    codes = torch.randn(shape, generator=source).numpy()
    together = model.synthesize(codes)
    assert together.tobytes() == np.concatenate([model.synthesize(c) for c in codes]).tobytes()


@pytest.mark.parametrize("turned", [False, True])
def test_the_formula_tells_a_turned_weight_from_the_right_one(turned):
    config = GeneratorConfig(size=16, n_channels=4, z_dim=4, n_mapping=1, widths=(4, 4, 4))
    generator, source = randomised(StyleGAN2Generator, config, 0)
    codes = torch.randn(1, 6, 4, generator=source)
    state = numbers(generator)
    if turned:
        state["synthesis.convs.1.weight"] = state["synthesis.convs.1.weight"][..., ::-1, ::-1]
    expected = picture(state, config, codes[0].double().numpy())
    difference = np.abs(generator(codes)[0].numpy() - expected).max()
    assert difference > 0.1 if turned else difference < 1e-4
