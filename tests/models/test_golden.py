"""The classes compute what the public reference implementations computed (tests/golden)."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch

from icaedit.models.config import EncoderConfig, GeneratorConfig
from icaedit.models.encoder import WPlusEncoder
from icaedit.models.foreign import rename_e4e_encoder, rename_nvidia, rename_rosinality
from icaedit.models.generator import StyleGAN2Generator

GOLDEN = Path(__file__).parents[1] / "golden"
TOLERANCE = 1e-4
_spec = importlib.util.spec_from_file_location("weights_by_name", GOLDEN / "weights_by_name.py")
weights_by_name = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(weights_by_name)

WIDTHS = {"rosinality": (32, 32, 32, 16, 16), "nvidia": (32, 32, 32, 32, 16)}


def _tensors(state):
    return {name: torch.tensor(array) for name, array in state.items()}


@pytest.fixture(scope="module", params=["rosinality", "nvidia"])
def case(request):
    """Return the loaded generator, the case's arrays, and its truncation."""
    case, arrays = weights_by_name.load_case(GOLDEN, f"stylegan2_{request.param}_64")
    weights = weights_by_name.fill(case["weights"], case["salt"])
    config = GeneratorConfig(
        size=64, n_channels=32, z_dim=32, n_mapping=4, widths=WIDTHS[request.param]
    )
    if request.param == "rosinality":
        state = rename_rosinality(weights, config=config, latent_avg=arrays["latent_avg"])
    else:
        state = rename_nvidia(weights, config=config)
    generator = StyleGAN2Generator(config)
    generator.load_state_dict(_tensors(state))
    return generator.eval(), {k: torch.tensor(v) for k, v in arrays.items()}, case["truncation"]


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
def test_the_ffhq_encoder_gives_the_reference_codes():
    case, arrays = weights_by_name.load_case(GOLDEN, "e4e_encoder_1024")
    image = weights_by_name.fill(case["inputs"], case["salt"])["input:image"]
    config = EncoderConfig.ffhq()
    state = rename_e4e_encoder(
        weights_by_name.fill(case["weights"], case["salt"]),
        config=config,
        latent_avg=arrays["latent_avg"],
    )
    with torch.device("meta"):
        encoder = WPlusEncoder(config)
    encoder.load_state_dict(_tensors(state), assign=True)
    with torch.no_grad():
        codes = encoder.eval()(torch.tensor(image))
    np.testing.assert_allclose(codes.numpy(), arrays["w_plus"], rtol=0, atol=TOLERANCE)
