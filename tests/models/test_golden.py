"""Checkpoint files give what the public reference implementations computed (tests/golden)."""

import dataclasses

import numpy as np
import pytest
import torch

from icaedit.models import load_model
from icaedit.models.config import EncoderConfig, GeneratorConfig

TOLERANCE = 1e-4


def write_generator(path, layout, weights, arrays, fabricate):
    if layout == "rosinality":
        torch.save({"g_ema": weights, "latent_avg": arrays["latent_avg"]}, path)
    else:
        networks = {"G_ema": fabricate.nvidia_tree(weights, conv_clamp=None)}
        path.write_bytes(fabricate.NvidiaPickler().dumps(networks))
    return path


@pytest.fixture(scope="module", params=["rosinality", "nvidia"])
def case(request, golden, fabricate, tmp_path_factory):
    """Return the generator loaded from a file, the case's arrays, and its truncation."""
    case, arrays, weights = golden(f"stylegan2_{request.param}_64")
    path = tmp_path_factory.mktemp("golden") / "file"
    write_generator(path, request.param, weights, arrays, fabricate)
    return load_model(path, device="cpu").generator, arrays, case["truncation"]


def test_the_numbers_of_the_generator_are_read_off_the_file(case):
    config = case[0].config
    sizes = config.size, config.n_channels, config.z_dim, config.n_mapping
    assert sizes == (64, 32, 32, 4)
    assert config.widths in [(32, 32, 32, 16, 16), (32, 32, 32, 32, 16)]
    assert config.conv_clamp is None


def test_the_picture_of_wplus_codes_is_the_reference_one(case):
    generator, arrays, _ = case
    with torch.no_grad():
        image = generator(arrays["w_plus"])
    torch.testing.assert_close(image, arrays["image"], rtol=0, atol=TOLERANCE)


def test_the_mapping_network_gives_the_reference_codes(case):
    generator, arrays, _ = case
    with torch.no_grad():
        codes = generator.mapping(arrays["z"])
    torch.testing.assert_close(codes, arrays["w_from_z"], rtol=0, atol=TOLERANCE)


def test_truncation_pulls_towards_the_average_as_in_the_reference(case):
    generator, arrays, psi = case
    with torch.no_grad():
        codes = generator.mapping(arrays["z"], psi)
        image = generator(codes[:, None].expand(-1, 10, -1))
    torch.testing.assert_close(image, arrays["image_from_z_truncated"], rtol=0, atol=TOLERANCE)


@pytest.mark.slow
def test_the_ffhq_generator_gives_the_reference_picture(golden, fabricate, tmp_path):
    _, arrays, weights = golden("stylegan2_rosinality_1024")
    arrays["latent_avg"] = torch.zeros(512)
    path = write_generator(tmp_path / "file", "rosinality", weights, arrays, fabricate)
    model = load_model(path, device="cpu")
    config = model.generator.config
    assert dataclasses.replace(config, conv_clamp=None) == GeneratorConfig.ffhq()
    with torch.inference_mode():
        image = model.generator(arrays["w_plus"])[0]
    for name, (row, column) in {"corner": (0, 0), "centre": (496, 496), "edge": (992, 341)}.items():
        patch = image[:, row : row + 32, column : column + 32]
        torch.testing.assert_close(patch, arrays[f"image_{name}"], rtol=0, atol=2e-4)
    torch.testing.assert_close(image.mean(2), arrays["image_row_mean"], rtol=0, atol=2e-4)
    torch.testing.assert_close(image.std((1, 2)), arrays["image_std"], rtol=0, atol=2e-4)


@pytest.mark.slow
def test_the_ffhq_encoder_gives_the_reference_codes(golden, fabricate, tmp_path):
    case, arrays, weights = golden("e4e_encoder_1024")
    drawn = fabricate.weights_by_name.fill(case["inputs"], case["salt"])
    _, _, decoder = golden("stylegan2_rosinality_1024")
    tree = {
        "state_dict": weights | {f"decoder.{name}": tensor for name, tensor in decoder.items()},
        "latent_avg": arrays["latent_avg"],
        "opts": {"encoder_type": "Encoder4Editing", "start_from_latent_avg": True},
    }
    path = tmp_path / "file"
    torch.save(tree, path)
    del tree, weights, decoder
    encoder = load_model(path, device="cpu").encoder
    assert encoder.config == EncoderConfig.ffhq()
    image = torch.from_numpy(drawn["input:image"])
    with torch.inference_mode():
        codes = encoder(image)
        base, offsets = encoder.split(image)
    np.testing.assert_allclose(codes, arrays["w_plus"], rtol=0, atol=TOLERANCE)
    np.testing.assert_allclose(base[:, None] + offsets, arrays["codes"], rtol=0, atol=TOLERANCE)
    # pSp has the same heads, each of which gives a whole code
    encoder.config = dataclasses.replace(encoder.config, relative=False)
    with torch.inference_mode():
        whole = encoder(image)
    expected = arrays["w_plus"] - arrays["codes"][:, :1]
    expected[:, 0] = arrays["w_plus"][:, 0]
    np.testing.assert_allclose(whole, expected, rtol=0, atol=TOLERANCE)
