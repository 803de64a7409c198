"""A model of a few thousand random weights, for tests and examples."""

import torch

from icaedit.models.config import EncoderConfig, GeneratorConfig
from icaedit.models.encoder import WPlusEncoder
from icaedit.models.generator import StyleGAN2Generator
from icaedit.models.latent_model import LatentModel
from icaedit.schema import style_layers

__all__ = ["tiny_model"]

_CHANNELS = 8


def tiny_model(seed: int = 0, size: int = 16) -> LatentModel:
    """Return a model with random weights on the CPU.

    Its pictures mean nothing, but they lie mostly within range, and they change with the latents
    as the latents do with the pictures.

    Parameters
    ----------
    seed : int
        Seeds the weights; the same seed gives the same model.
    size : int
        Side of its pictures in pixels, a power of two of at least 16.

    Returns
    -------
    LatentModel
        L = 2 log2(size) - 2 and C = 8.

    Raises
    ------
    InputError
        If the size is no such power of two.

    Examples
    --------
    >>> tiny_model().fingerprint == tiny_model().fingerprint, tiny_model(size=32).n_layers
    (True, 8)
    """
    layers = style_layers(size)
    generator_config = GeneratorConfig(
        size=size,
        n_channels=_CHANNELS,
        z_dim=_CHANNELS,
        n_mapping=2,
        widths=(_CHANNELS,) * (layers // 2),
    )
    encoder_config = EncoderConfig(
        input_size=size,
        n_layers=layers,
        n_channels=_CHANNELS,
        widths=(4, 4, 8, 8),
        blocks=(1, 1, 1, 1),
        head_width=_CHANNELS,
        norm="group",
        squeeze=4,
    )
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        generator, encoder = StyleGAN2Generator(generator_config), WPlusEncoder(encoder_config)
        for layer in generator.synthesis.convs:
            layer.noise_strength.fill_(0.05)
            layer.bias.normal_(0, 0.1)
        for layer in generator.synthesis.to_rgbs:
            layer.weight.mul_(0.4)
        encoder.latent_avg.normal_(0, 0.5)
        generator.mapping.latent_avg.copy_(encoder.latent_avg.mean(0))
    return LatentModel(generator, encoder, name=f"tiny-{seed}")
