"""The StyleGAN2 generator (Karras et al. 2020), skip architecture, as one class for every size."""

import torch
from torch import Tensor, nn

from icaedit.errors import InputError
from icaedit.models.config import GeneratorConfig
from icaedit.models.layers import EqualLinear, StyledConv, ToRGB, normal_draws, upsample

__all__ = ["MappingNetwork", "StyleGAN2Generator", "SynthesisNetwork"]


class MappingNetwork(nn.Module):
    """The mapping network z -> w: fully connected layers with leaky ReLU.

    The buffer `latent_avg`, shape (C,), is the mean of w that truncation pulls towards.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        widths = [config.z_dim] + [config.n_channels] * config.n_mapping
        self.layers = nn.ModuleList(
            EqualLinear(n_in, n_out, rate=config.mapping_rate, activate=True)
            for n_in, n_out in zip(widths[:-1], widths[1:], strict=True)
        )
        self.normalize_z = config.normalize_z
        self.register_buffer("latent_avg", torch.zeros(config.n_channels))

    def forward(self, z: Tensor, truncation: float = 1.0) -> Tensor:
        """Map z (N, Z) to w (N, C).

        Parameters
        ----------
        z : Tensor of shape (N, Z), float32
            Standard normal draws.
        truncation : float
            Psi: 1 leaves w as it is, 0 gives the average for every z.
        """
        if self.normalize_z:
            z = z * torch.rsqrt(z.square().mean(1, keepdim=True) + 1e-8)
        for layer in self.layers:
            z = layer(z)
        return z if truncation == 1 else self.latent_avg + truncation * (z - self.latent_avg)


class SynthesisNetwork(nn.Module):
    """The synthesis network W+ -> picture.

    Style layer 0 feeds the convolution at 4 pixels, and layer 1 its ToRGB. Each further
    resolution takes layers i, i+1 for its two convolutions and i+2 for its ToRGB, with i growing
    by two: a ToRGB shares its code with the first convolution of the next resolution.
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.resolutions = config.resolutions
        shared = {"n_channels": config.n_channels, "clamp": config.conv_clamp}
        first = config.widths[0]
        self.input = nn.Parameter(normal_draws(first, 4, 4))
        self.convs = nn.ModuleList([StyledConv(first, first, side=4, up=False, **shared)])
        self.to_rgbs = nn.ModuleList([ToRGB(first, **shared)])
        steps = zip(config.widths[:-1], config.widths[1:], config.resolutions[1:], strict=True)
        for n_in, n_out, side in steps:
            self.convs.append(StyledConv(n_in, n_out, side=side, up=True, **shared))
            self.convs.append(StyledConv(n_out, n_out, side=side, up=False, **shared))
            self.to_rgbs.append(ToRGB(n_out, **shared))

    def forward(self, latents: Tensor, size: int | None = None) -> Tensor:
        """Map latents (N, L, C) to pictures (N, 3, size, size).

        Parameters
        ----------
        latents : Tensor of shape (N, L, C), float32
        size : int, optional
            A resolution to stop at, in pixels; the generator's own without it.

        Returns
        -------
        Tensor of shape (N, 3, size, size), float32
            About [-1, 1], not clipped.

        Raises
        ------
        InputError
            If `size` is not one of the generator's resolutions.
        """
        if size is not None and size not in self.resolutions:
            raise InputError(f"got size {size}, expected one of {self.resolutions}; choose one")
        n_stages = len(self.resolutions) if size is None else self.resolutions.index(size) + 1
        codes = latents.unbind(1)  # L times (N, C)
        x = self.input.expand(len(latents), -1, -1, -1)
        x = x.contiguous(memory_format=torch.channels_last)
        x = self.convs[0](x, codes[0])
        picture = self.to_rgbs[0](x, codes[1])
        for stage in range(1, n_stages):
            x = self.convs[2 * stage - 1](x, codes[2 * stage - 1])
            x = self.convs[2 * stage](x, codes[2 * stage])
            picture = upsample(picture) + self.to_rgbs[stage](x, codes[2 * stage + 1])
        return picture


class StyleGAN2Generator(nn.Module):
    """A StyleGAN2 generator: `mapping` (z -> w) and `synthesis` (W+ -> picture).

    The noise is constant, so the same latents give the same picture.

    Parameters
    ----------
    config : GeneratorConfig

    Examples
    --------
    >>> config = GeneratorConfig(size=8, n_channels=4, z_dim=3, n_mapping=1, widths=(4, 4))
    >>> generator = StyleGAN2Generator(config)
    >>> codes = generator.mapping(torch.zeros(2, 3))
    >>> tuple(generator(codes[:, None].expand(-1, 4, -1)).shape)
    (2, 3, 8, 8)
    """

    def __init__(self, config: GeneratorConfig) -> None:
        super().__init__()
        self.config = config
        self.mapping = MappingNetwork(config)
        self.synthesis = SynthesisNetwork(config)

    def forward(self, latents: Tensor) -> Tensor:
        """Map latents (N, L, C) to pictures (N, 3, H, W), unclipped."""
        return self.synthesis(latents)
