"""RUL, "relative uncertainty learning" (Zhang, Wang & Deng 2021), written from its description."""

from typing import NamedTuple

from torch import Tensor, nn

from icaedit.errors import InputError
from icaedit.recognition.backbones.resnet18 import WIDTH, ResNet18, map_side

__all__ = ["RUL", "RULOutput"]

_FEATURES = 64
_DROPOUT, _EPS = 0.4, 2e-5


class RULOutput(NamedTuple):
    """What RUL computes of N images."""

    features: Tensor
    """(N, 64), the mean mu."""
    logits: Tensor
    """(N, classes) of the mean."""
    log_var: Tensor
    """(N, 64), the logarithm of the uncertainty."""


def _branch(side: int) -> nn.Sequential:
    return nn.Sequential(
        nn.BatchNorm2d(WIDTH, eps=_EPS, affine=False),
        nn.Dropout(_DROPOUT),
        nn.Flatten(),
        nn.Linear(WIDTH * side**2, _FEATURES),
        nn.BatchNorm1d(_FEATURES, eps=_EPS),
    )


class RUL(nn.Module):
    """ResNet-18 with two branches: what is seen, and how uncertain that is.

    Parameters
    ----------
    n_classes : int
    uncertainty : bool
        Whether the branch of the uncertainty, used in training only, is there.
    size : int
        Side of the images in pixels. It was published for 224.

    Examples
    --------
    >>> import torch
    >>> tuple(RUL(7, uncertainty=False).eval().features(torch.zeros(1, 3, 224, 224)).shape)
    (1, 64)
    """

    n_features = _FEATURES

    def __init__(self, n_classes: int, *, uncertainty: bool = True, size: int = 224) -> None:
        super().__init__()
        self.fixed_size = size
        self.trunk = ResNet18()
        self.mu = _branch(map_side(size))
        self.log_var = _branch(map_side(size)) if uncertainty else None
        self.fc = nn.Linear(_FEATURES, n_classes)

    def forward(self, x: Tensor) -> RULOutput:
        """Map images (N, 3, size, size) to all that the losses need.

        Raises
        ------
        InputError
            If the branch of the uncertainty was left out.
        """
        if self.log_var is None:
            raise InputError(
                "got a RUL without its uncertainty branch, expected one to compute its loss; load "
                "it with training_parts=True"
            )
        maps = self.trunk.maps(x)
        features = self.mu(maps)
        return RULOutput(features, self.fc(features), self.log_var(maps))

    def features(self, x: Tensor) -> Tensor:
        """Map images (N, 3, size, size) to features (N, 64)."""
        return self.mu(self.trunk.maps(x))

    def logits(self, x: Tensor) -> Tensor:
        """Map images (N, 3, size, size) to class scores (N, classes)."""
        return self.fc(self.features(x))
