"""The residual network of 18 layers (He et al. 2016) that all three backbones stand on."""

import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["WIDTH", "ResNet18", "map_side"]

WIDTH = 512
"""Channels of the last map."""

_WIDTHS = (64, 128, 256, WIDTH)


def map_side(size: int) -> int:
    """Return the side of the last map for images of a size: each of five steps halves it.

    Examples
    --------
    >>> map_side(224), map_side(64), map_side(65)
    (7, 2, 3)
    """
    return -(-size // 32)


class _Block(nn.Module):
    """Two 3x3 convolutions with batch norm, added to the input or to its projection."""

    def __init__(self, n_in: int, n_out: int, *, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(n_in, n_out, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(n_out)
        self.conv2 = nn.Conv2d(n_out, n_out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(n_out)
        self.downsample = None
        if stride > 1 or n_in != n_out:
            self.downsample = nn.Sequential(
                nn.Conv2d(n_in, n_out, 1, stride=stride, bias=False), nn.BatchNorm2d(n_out)
            )

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, I, H, W) to (N, O, H / stride, W / stride)."""
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet18(nn.Module):
    """ResNet-18 whose entries have the names that checkpoints of it have everywhere.

    Parameters
    ----------
    n_classes : int, optional
        Classes of the last layer ``fc``; without it there is none, and 120 entries instead of
        122.

    Examples
    --------
    >>> import torch
    >>> network = ResNet18(7).eval()
    >>> len(network.state_dict()), tuple(network(torch.zeros(2, 3, 32, 32)).shape)
    (122, (2, 7))
    """

    def __init__(self, n_classes: int | None = None) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, _WIDTHS[0], 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(_WIDTHS[0])
        n_in = _WIDTHS[0]
        for number, width in enumerate(_WIDTHS, start=1):
            first = _Block(n_in, width, stride=1 if number == 1 else 2)
            setattr(self, f"layer{number}", nn.Sequential(first, _Block(width, width, stride=1)))
            n_in = width
        if n_classes is not None:
            self.fc = nn.Linear(WIDTH, n_classes)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):  # He et al. 2015
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def maps(self, x: Tensor) -> Tensor:
        """Map images (N, 3, H, W) to the last map (N, 512, H / 32, W / 32), rounded up."""
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.max_pool2d(x, 3, stride=2, padding=1)
        return self.layer4(self.layer3(self.layer2(self.layer1(x))))

    def features(self, x: Tensor) -> Tensor:
        """Map images (N, 3, H, W) to the average of the last map, (N, 512)."""
        return self.maps(x).mean((2, 3))

    def forward(self, x: Tensor) -> Tensor:
        """Map images (N, 3, H, W) to class scores (N, classes)."""
        return self.fc(self.features(x))
