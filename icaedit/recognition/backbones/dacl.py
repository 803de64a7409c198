"""DACL, "deep attentive centre loss" (Farzaneh & Qi 2021), written from its description."""

from typing import NamedTuple

from torch import Tensor, nn

from icaedit.errors import InputError
from icaedit.recognition.backbones.resnet18 import WIDTH, ResNet18, map_side

__all__ = ["DACL", "DACLOutput"]

_HIDDEN = (3584, 512, 64)


class DACLOutput(NamedTuple):
    """What DACL computes of N images."""

    features: Tensor
    """(N, 512), the average of the last map."""
    logits: Tensor
    """(N, classes)."""
    attention: Tensor
    """(N, 512) in [0, 1]: how much each feature counts in the sparse centre loss."""


class DACL(nn.Module):
    """ResNet-18, and a network that weighs its features in the loss.

    The attention reaches neither features nor scores, and has 92 of the 103 million weights; it
    is there for training only.

    Parameters
    ----------
    n_classes : int
    attention : bool
        Whether the attention network is there. With it, `forward` takes images of `size` only.
    size : int
        Side of the images in pixels. It was published for 224.

    Examples
    --------
    >>> import torch
    >>> tuple(DACL(7, attention=False).eval().features(torch.zeros(2, 3, 64, 64)).shape)
    (2, 512)
    """

    n_features = WIDTH

    def __init__(self, n_classes: int, *, attention: bool = True, size: int = 224) -> None:
        super().__init__()
        self.trunk = ResNet18()
        self.fc = nn.Linear(WIDTH, n_classes)
        self.fixed_size = size if attention else None
        self.attention = None
        if attention:
            first, second, last = _HIDDEN
            self.attention = nn.Sequential(
                nn.Linear(WIDTH * map_side(size) ** 2, first), nn.BatchNorm1d(first), nn.ReLU(),
                nn.Linear(first, second), nn.BatchNorm1d(second), nn.ReLU(),
                nn.Linear(second, last), nn.BatchNorm1d(last), nn.Tanh(),
            )  # fmt: skip
            self.attention_heads = nn.Linear(last, 2 * WIDTH)

    def forward(self, x: Tensor) -> DACLOutput:
        """Map images (N, 3, size, size) to all that the losses need.

        Raises
        ------
        InputError
            If the attention network was left out.
        """
        if self.attention is None:
            raise InputError(
                "got a DACL without its attention network, expected one to compute its loss; load "
                "it with training_parts=True"
            )
        maps = self.trunk.maps(x)
        features = maps.mean((2, 3))
        pairs = self.attention_heads(self.attention(maps.flatten(1))).unflatten(1, (WIDTH, 2))
        return DACLOutput(features, self.fc(features), pairs.softmax(2)[..., 1])

    def features(self, x: Tensor) -> Tensor:
        """Map images (N, 3, H, W) to features (N, 512)."""
        return self.trunk.features(x)

    def logits(self, x: Tensor) -> Tensor:
        """Map images (N, 3, H, W) to class scores (N, classes)."""
        return self.fc(self.features(x))
