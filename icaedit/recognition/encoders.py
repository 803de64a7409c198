"""An encoder that is trained along with the network it makes latents for."""

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from icaedit.errors import InputError
from icaedit.images import to_float
from icaedit.recognition.backbones import Normalisation

__all__ = ["CollaborativeEncoder"]


class CollaborativeEncoder(nn.Module):
    """An encoder of pictures to latents, "collaboratively learned" (Lee & Yoo 2022, 3.3).

    Its batch norm keeps the statistics that it came with, also in training.

    Parameters
    ----------
    network : nn.Module
        Maps pictures (N, 3, size, size), from -1 to 1, to latents (N, L, C); such as the
        ``encoder`` of a model. `train_recogniser` trains a copy.
    size : int
        Side of its pictures in pixels.
    model_fingerprint : str
        The model that it is from.

    Raises
    ------
    InputError
        If the size is below 1.

    Examples
    --------
    >>> network = nn.Sequential(nn.Flatten(), nn.Linear(48, 6), nn.Unflatten(1, (2, 3)))
    >>> encoder = CollaborativeEncoder(network, size=4)
    >>> tuple(encoder(encoder.prepare(np.zeros((5, 8, 8, 3), np.uint8))).shape)
    (5, 2, 3)
    """

    def __init__(self, network: nn.Module, *, size: int, model_fingerprint: str = "") -> None:
        super().__init__()
        if size < 1:
            raise InputError(f"got size {size} of an encoder's pictures, expected 1 or more")
        self.network, self.size, self.model_fingerprint = network, size, model_fingerprint
        self._frame = Normalisation((0.5,) * 3, (0.5,) * 3, size=size)

    def prepare(self, images: ArrayLike) -> Tensor:
        """Return pictures, uint8 (N, H, W, 3) or a sequence of (H, W, 3), as it takes them."""
        return self.to_input(self.fit(images))

    def fit(self, images: ArrayLike) -> NDArray[np.uint8]:
        """Return pictures at its size, uint8 (N, size, size, 3)."""
        return self._frame.fit(images)

    def to_input(self, fitted: NDArray[np.uint8]) -> Tensor:
        """Return pictures of its size as float32 (N, 3, size, size) from -1 to 1."""
        return torch.from_numpy(np.ascontiguousarray(to_float(fitted).transpose(0, 3, 1, 2)))

    def forward(self, x: Tensor) -> Tensor:
        """Map pictures (N, 3, size, size) to latents (N, L, C)."""
        return self.network(x)

    def train(self, mode: bool = True) -> "CollaborativeEncoder":
        """Set the mode of all but batch norm, which stays as in evaluation."""
        super().train(mode)
        for module in self.modules():
            if isinstance(module, _BatchNorm):
                module.eval()
        return self
