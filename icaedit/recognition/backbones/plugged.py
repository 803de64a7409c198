"""Any network as a backbone: one of its layers gives the features."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from icaedit.errors import InputError

__all__ = ["Plugged", "PluggedOutput"]


class PluggedOutput(NamedTuple):
    """What a plugged-in network computes of N images."""

    features: Tensor
    """(N, F), what the named layer gave."""
    logits: Tensor
    """(N, classes), what the network gave."""


class Plugged(nn.Module):
    """A network and the layer whose output, flattened, are its features.

    Parameters
    ----------
    network : nn.Module
        Maps images (N, 3, size, size) to class scores (N, classes). It is used as it is, not
        copied.
    feature_layer : str
        Name of the layer, as ``named_modules()`` lists it. What it gives must have a fixed
        length for images of one size.
    size : int
        Side in pixels of the images that it is tried on.

    Attributes
    ----------
    n_features, n_classes : int
        Found by trying.

    Raises
    ------
    InputError
        If there is no such layer, it does not run, or one of the two outputs has no row for
        every image.

    Examples
    --------
    >>> net = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(12, 7))
    >>> plugged = Plugged(net, "1", size=8)
    >>> plugged.n_features, plugged.n_classes
    (12, 7)
    """

    fixed_size = None

    def __init__(self, network: nn.Module, feature_layer: str, *, size: int) -> None:
        super().__init__()
        layers = [name for name, _ in network.named_modules() if name]
        if feature_layer not in layers:
            shown = ", ".join(layers[-8:]) or "none"
            raise InputError(
                f"got feature layer {feature_layer!r}, expected a layer of the network, the last "
                f"of which are {shown}; choose one"
            )
        self.network, self.feature_layer = network, feature_layer
        modes = {module: module.training for module in network.modules()}
        network.eval()
        try:
            with torch.no_grad():
                tried = self(torch.zeros(2, 3, size, size, device=_device(network)))
        finally:
            for module, training in modes.items():
                module.training = training
        self.n_features, self.n_classes = tried.features.shape[1], tried.logits.shape[1]

    def forward(self, x: Tensor) -> PluggedOutput:
        """Map images (N, 3, H, W) to features (N, F) and class scores (N, classes)."""
        caught: list[Tensor] = []
        layer = self.network.get_submodule(self.feature_layer)
        handle = layer.register_forward_hook(lambda module, given, made: caught.append(made))
        try:
            logits = self.network(x)
        finally:
            handle.remove()
        features = caught[-1] if caught else None
        for name, output in ((f"layer {self.feature_layer}", features), ("network", logits)):
            if not isinstance(output, Tensor) or output.ndim < 2 or len(output) != len(x):
                what = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
                raise InputError(
                    f"got {what} from the {name} for {len(x)} images, expected a tensor with a "
                    "row for each; choose another feature layer or network"
                )
        if logits.ndim != 2:
            raise InputError(
                f"got class scores of shape {tuple(logits.shape)}, expected (N, classes); use a "
                "network that classifies"
            )
        return PluggedOutput(features.flatten(1), logits)

    def features(self, x: Tensor) -> Tensor:
        """Map images (N, 3, H, W) to features (N, F)."""
        return self(x).features

    def logits(self, x: Tensor) -> Tensor:
        """Map images (N, 3, H, W) to class scores (N, classes)."""
        return self(x).logits


def _device(network: nn.Module) -> torch.device:
    return next((weights.device for weights in network.parameters()), torch.device("cpu"))
