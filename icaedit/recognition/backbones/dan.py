"""DAN, "Distract your attention" (Wen, Lin, Wang & Xu 2021, arXiv 2109.07270)."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from icaedit.recognition.backbones.resnet18 import WIDTH, ResNet18

__all__ = ["DAN", "DANOutput"]

_N_HEADS = 4
_SQUEEZED, _GATE = 256, 32


class DANOutput(NamedTuple):
    """What DAN computes of N images."""

    features: Tensor
    """(N, 512), the sum of `heads`: at most 4 ln(1/4), about -5.5, in every coordinate."""
    logits: Tensor
    """(N, classes)."""
    heads: Tensor
    """(N, 4, 512), log-softmax over the four."""
    maps: Tensor
    """(N, 512, h, w), the last map of the residual network."""


class _SpatialAttention(nn.Module):
    """Weigh the places of a map by the sum of three convolutions of different reach."""

    def __init__(self) -> None:
        super().__init__()

        def convolution(n_in: int, n_out: int, height: int, width: int) -> nn.Sequential:
            padding = height // 2, width // 2
            return nn.Sequential(
                nn.Conv2d(n_in, n_out, (height, width), padding=padding), nn.BatchNorm2d(n_out)
            )

        self.squeeze = convolution(WIDTH, _SQUEEZED, 1, 1)
        self.square = convolution(_SQUEEZED, WIDTH, 3, 3)
        self.row = convolution(_SQUEEZED, WIDTH, 1, 3)
        self.column = convolution(_SQUEEZED, WIDTH, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, 512, h, w) to the same shape."""
        y = self.squeeze(x)
        weights = F.relu(self.square(y) + self.row(y) + self.column(y)).sum(1, keepdim=True)
        return x * weights


class _CrossAttentionHead(nn.Module):
    """Spatial attention, then the average over places, gated channel by channel."""

    def __init__(self) -> None:
        super().__init__()
        self.spatial = _SpatialAttention()
        self.gate = nn.Sequential(
            nn.Linear(WIDTH, _GATE),
            nn.BatchNorm1d(_GATE),
            nn.ReLU(),
            nn.Linear(_GATE, WIDTH),
            nn.Sigmoid(),
        )
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
            elif isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, std=0.001)
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, 512, h, w) to (N, 512)."""
        pooled = self.spatial(x).mean((2, 3))
        return pooled * self.gate(pooled)


class DAN(nn.Module):
    """Four attention heads on ResNet-18, and batch norm on the class scores.

    Parameters
    ----------
    n_classes : int

    Examples
    --------
    >>> network = DAN(7).eval()
    >>> bool((network.features(torch.zeros(1, 3, 32, 32)) < -5.5).all())
    True
    """

    n_features = WIDTH
    fixed_size = None

    def __init__(self, n_classes: int) -> None:
        super().__init__()
        self.trunk = ResNet18()
        self.heads = nn.ModuleList(_CrossAttentionHead() for _ in range(_N_HEADS))
        self.fc = nn.Linear(WIDTH, n_classes)
        self.bn = nn.BatchNorm1d(n_classes)

    def forward(self, x: Tensor) -> DANOutput:
        """Map images (N, 3, H, W) to all that the losses need."""
        maps = self.trunk.maps(x)
        heads = F.log_softmax(torch.stack([head(maps) for head in self.heads], 1), dim=1)
        features = heads.sum(1)
        return DANOutput(features, self.bn(self.fc(features)), heads, maps)

    def features(self, x: Tensor) -> Tensor:
        """Map images (N, 3, H, W) to features (N, 512)."""
        return self(x).features

    def logits(self, x: Tensor) -> Tensor:
        """Map images (N, 3, H, W) to class scores (N, classes)."""
        return self(x).logits
