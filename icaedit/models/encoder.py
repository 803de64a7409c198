"""The encoder into W+ in the form of e4e (Tov et al. 2021): one base code plus offsets."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from icaedit.models.config import EncoderConfig
from icaedit.models.layers import normal_draws

__all__ = ["WPlusEncoder"]


def _norm(kind: str, width: int) -> nn.Module:
    if kind == "batch":
        return nn.BatchNorm2d(width)
    return nn.GroupNorm(max(1, width // 16), width)


class SqueezeExcite(nn.Module):
    """Scale every channel by a gate computed from the channel means (Hu et al. 2018)."""

    def __init__(self, width: int, squeeze: int) -> None:
        super().__init__()
        self.fc1 = nn.Conv2d(width, max(1, width // squeeze), 1, bias=False)
        self.fc2 = nn.Conv2d(max(1, width // squeeze), width, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, I, H, W) to the same shape."""
        gate = x.mean((2, 3), keepdim=True)
        return x * torch.sigmoid(self.fc2(F.relu(self.fc1(gate))))


class IRSEBlock(nn.Module):
    """One block of IR-SE50: norm, 3x3, PReLU, 3x3 of the given stride, norm, gate; plus shortcut.

    The shortcut is a 1x1 convolution with a norm where the width changes, otherwise the input
    itself at every `stride`-th pixel.
    """

    def __init__(self, n_in: int, n_out: int, *, stride: int, norm: str, squeeze: int) -> None:
        super().__init__()
        self.norm1 = _norm(norm, n_in)
        self.conv1 = nn.Conv2d(n_in, n_out, 3, padding=1, bias=False)
        self.act = nn.PReLU(n_out)
        self.conv2 = nn.Conv2d(n_out, n_out, 3, stride=stride, padding=1, bias=False)
        self.norm2 = _norm(norm, n_out)
        self.gate = SqueezeExcite(n_out, squeeze)
        self.stride = stride
        self.shortcut = None
        if n_in != n_out:
            self.shortcut = nn.Sequential(
                nn.Conv2d(n_in, n_out, 1, stride=stride, bias=False), _norm(norm, n_out)
            )

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, I, H, W) to (N, O, H / stride, W / stride)."""
        if self.shortcut is None:
            skip = x[:, :, :: self.stride, :: self.stride]
        else:
            skip = self.shortcut(x)
        y = self.norm2(self.conv2(self.act(self.conv1(self.norm1(x)))))
        return skip + self.gate(y)


class StyleHeads(nn.Module):
    """The heads of all style layers that read one map, run side by side.

    Each head is a chain of stride-2 convolutions with leaky ReLU down to one pixel, and a linear
    layer. The first convolutions share their input, so they are one convolution with the heads'
    outputs stacked; the further ones are grouped, one group a head.

    Parameters
    ----------
    n_heads : int
    n_in, width, n_out : int
        Channels of the map, inside the heads, and of a code.
    side : int
        Side of the map in pixels, a power of two.
    """

    def __init__(self, n_heads: int, n_in: int, *, width: int, n_out: int, side: int) -> None:
        super().__init__()
        self.n_heads = n_heads
        self.convs = nn.ModuleList()
        for step in range(max(1, int(math.log2(side)))):
            groups = 1 if step == 0 else n_heads
            depth = n_in if step == 0 else n_heads * width
            conv = nn.Conv2d(depth, n_heads * width, 3, stride=2, padding=1, groups=groups)
            self.convs.append(conv)
        self.weight = nn.Parameter(normal_draws(n_heads, n_out, width))
        self.bias = nn.Parameter(torch.zeros(n_heads, n_out))
        self.scale = 1 / math.sqrt(width)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, I, side, side) to (N, heads, C)."""
        for conv in self.convs:
            x = F.leaky_relu(conv(x), 0.01)
        x = x.reshape(len(x), self.n_heads, -1).transpose(0, 1)  # (heads, N, width)
        codes = torch.baddbmm(self.bias[:, None], x, self.weight.transpose(1, 2) * self.scale)
        return codes.transpose(0, 1)


class WPlusEncoder(nn.Module):
    """An encoder of aligned faces into W+.

    A feature pyramid over an IR-SE body gives a coarse, a middle and a fine map. One head per
    style layer reads its map: head 0 gives the base code, the others offsets from it, as in e4e;
    or every head gives the whole code of its layer, as in pSp (Richardson et al. 2021). The
    average latent, buffer `latent_avg` of shape (L, C), is added at the end.

    Parameters
    ----------
    config : EncoderConfig

    Examples
    --------
    >>> config = EncoderConfig(input_size=16, n_layers=4, n_channels=6, widths=(4, 4, 8, 8),
    ...                        blocks=(1, 1, 1, 1), head_width=4, squeeze=4)
    >>> tuple(WPlusEncoder(config)(torch.zeros(2, 3, 16, 16)).shape)
    (2, 4, 6)
    """

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.config = config
        widths, pyramid = config.widths, config.widths[-1]
        self.stem = nn.Sequential(
            nn.Conv2d(3, widths[0], 3, padding=1, bias=False),
            _norm(config.norm, widths[0]),
            nn.PReLU(widths[0]),
        )
        self.stages = nn.ModuleList()
        n_in = widths[0]
        for width, n_blocks in zip(widths, config.blocks, strict=True):
            stage = nn.Sequential()
            for block in range(n_blocks):
                stage.append(
                    IRSEBlock(
                        n_in,
                        width,
                        stride=2 if block == 0 else 1,
                        norm=config.norm,
                        squeeze=config.squeeze,
                    )
                )
                n_in = width
            self.stages.append(stage)
        self.lateral1 = nn.Conv2d(widths[2], pyramid, 1)
        self.lateral2 = nn.Conv2d(widths[1], pyramid, 1)
        self.heads = nn.ModuleList(
            StyleHeads(
                last - first,
                pyramid,
                width=config.head_width,
                n_out=config.n_channels,
                side=config.input_size // shrink,
            )
            for (first, last), shrink in zip(config.groups, (16, 8, 4), strict=True)
            if last > first
        )
        self.register_buffer("latent_avg", torch.zeros(config.n_layers, config.n_channels))

    def split(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return the base code (N, C) and the offsets (N, L, C) before the average is added.

        The offset of layer 0 is zero.
        """
        codes = self._heads(images)
        base = codes[:, 0]
        if not self.config.relative:
            return base, codes - base[:, None]
        return base, torch.cat([torch.zeros_like(codes[:, :1]), codes[:, 1:]], 1)

    def forward(self, images: Tensor) -> Tensor:
        """Map images (N, 3, H, W) in [-1, 1] to latents (N, L, C), average included."""
        if not self.config.relative:
            return self.latent_avg + self._heads(images)
        base, offsets = self.split(images)
        return self.latent_avg + base[:, None] + offsets

    def _heads(self, images: Tensor) -> Tensor:
        """Return what every head gives, (N, L, C)."""
        x = self.stem(images.contiguous(memory_format=torch.channels_last))
        fine = self.stages[1](self.stages[0](x))
        middle = self.stages[2](fine)
        coarse = self.stages[3](middle)
        maps = [coarse]
        for lateral, features in ((self.lateral1, middle), (self.lateral2, fine)):
            side = features.shape[-2:]
            above = F.interpolate(maps[-1], side, mode="bilinear", align_corners=True)
            maps.append(above + lateral(features))
        return torch.cat([head(x) for head, x in zip(self.heads, maps, strict=False)], 1)
