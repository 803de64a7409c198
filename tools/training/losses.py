"""What the embedded model is trained to get right: pixels, edges, expression, and styles."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = [
    "Probe",
    "Readout",
    "agreement_loss",
    "expression_loss",
    "length_loss",
    "pixel_loss",
    "reduce_to",
]

READOUT_SIDE = 64
"""Side in pixels of the pictures that the readout looks at."""


def reduce_to(x: Tensor, side: int) -> Tensor:
    """Reduce maps (N, K, S, S) by area to `side` pixels; smaller ones stay."""
    factor = x.shape[-1] // side
    return F.avg_pool2d(x, factor) if factor > 1 else x


class Probe(nn.Module):
    """A linear readout of the renderer's parameters from the latents.

    Learnt beside the encoder: it asks that everything the renderer drew can be read off W+, of
    which small geometry would otherwise come last, because it moves few pixels. The generator
    never sees the parameters.
    """

    def __init__(self, values: np.ndarray, n_coordinates: int) -> None:
        super().__init__()
        self.head = nn.Linear(n_coordinates, values.shape[1])
        self.register_buffer("mean", torch.from_numpy(values.mean(0)))
        self.register_buffer("deviation", torch.from_numpy(values.std(0) + 1e-6))

    def loss(self, codes: Tensor, values: Tensor) -> Tensor:
        """Return the mean squared error of codes (N, L, C) in standard deviations."""
        return F.mse_loss(self.head(codes.flatten(1)), (values - self.mean) / self.deviation)


class Readout(nn.Module):
    """A plain convolutional net: picture (N, 3, 64, 64) -> action units, and its feature maps."""

    def __init__(self, n_units: int) -> None:
        super().__init__()
        widths = (3, 24, 48, 64, 64)
        self.convs = nn.ModuleList(
            nn.Conv2d(n_in, n_out, 4, stride=2, padding=1)
            for n_in, n_out in zip(widths[:-1], widths[1:], strict=True)
        )
        self.norms = nn.ModuleList(nn.GroupNorm(8, width) for width in widths[1:])
        self.head = nn.Sequential(nn.Linear(64 * 16, 128), nn.SiLU(), nn.Linear(128, n_units))

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return units (N, A) and the feature maps of the first three layers."""
        maps = []
        for conv, norm in zip(self.convs, self.norms, strict=True):
            x = F.silu(norm(conv(x)))
            maps.append(x)
        return self.head(x.flatten(1)), maps[:3]


def pixel_loss(made: Tensor, target: Tensor, windows: Tensor, *, last: bool) -> Tensor:
    """L1 + 8 MSE + L1 of edges, heavier on the face and on its features, + pooled L1.

    In the last part of the training MSE and face count three times as much.

    Parameters
    ----------
    made, target : Tensor of shape (N, 3, r, r), about [-1, 1]
    windows : Tensor of shape (N, 2, r, r), 0..1
        Of the features (six times as heavy again) and of the face (once again).
    """
    more = 3 if last else 1
    weight = 1 + 6 * windows[:, :1] + more * windows[:, 1:]
    weight = weight / weight.mean()
    gap = made - target
    loss = (weight * (gap.abs() + 8 * more * gap.square())).mean()
    edges_x = (gap[..., 1:] - gap[..., :-1]).abs() * weight[..., 1:]
    edges_y = (gap[..., 1:, :] - gap[..., :-1, :]).abs() * weight[..., 1:, :]
    return loss + 0.5 * (edges_x.mean() + edges_y.mean()) + F.avg_pool2d(gap, 4).abs().mean()


def expression_loss(readout: Readout, made: Tensor, target: Tensor) -> Tensor:
    """L1 of the readout's first three feature maps (x 0.15 each) + 0.6 MSE of its action units.

    Pictures larger than the readout's are reduced to it.
    """
    made, target = reduce_to(made, READOUT_SIDE), reduce_to(target, READOUT_SIDE)
    with torch.no_grad():
        true_units, true_maps = readout(target)
    units, maps = readout(made)
    loss = 0.6 * F.mse_loss(units, true_units) * units.shape[1] / 4
    for mine, true in zip(maps, true_maps, strict=True):
        loss = loss + 0.15 * (mine - true).abs().mean()
    return loss


def agreement_loss(styled: Tensor, clean: Tensor) -> Tensor:
    """Squared distance of latents of styled portraits to those of the clean ones, which stay.

    In units of the clean latents' variance over the batch.

    Parameters
    ----------
    styled : Tensor of shape (n, L, C)
    clean : Tensor of shape (N, L, C)
        Those of the same n portraits first, then of others.
    """
    clean = clean.detach()
    return (styled - clean[: len(styled)]).square().mean() / clean.var(0).mean().clamp(min=1e-4)


def length_loss(synthesis: nn.Module, codes: Tensor) -> Tensor:
    """Variance of the lengths of styles that may have any length, in units of their mean.

    Demodulation divides by the length of a style, so where a layer feeds only a demodulated
    convolution (the even ones) the picture does not hold it.

    Parameters
    ----------
    synthesis : Module
        The generator's synthesis network, whose ``convs`` have a ``modulation``.
    codes : Tensor of shape (N, L, C)
    """
    total = codes.new_zeros(())
    for layer in range(2, codes.shape[1], 2):
        lengths = synthesis.convs[layer].modulation(codes[:, layer]).norm(dim=1)
        total = total + (lengths / lengths.mean().detach() - 1).square().mean()
    return total
