"""Networks of the package timm, by name; nothing is downloaded."""

import importlib
import os
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from icaedit.errors import FormatError, InputError, MissingDependencyError
from icaedit.recognition.backbones.checkpoints import read_weights
from icaedit.recognition.backbones.normalisation import Normalisation
from icaedit.recognition.backbones.plugged import PluggedOutput

__all__ = ["TIMM", "TimmNetwork", "timm_network"]

TIMM = "timm:"
"""What the name of such a network begins with."""


class TimmNetwork(nn.Module):
    """A network of timm: its features are what its last layer is given.

    Parameters
    ----------
    model : nn.Module
        With timm's ``forward_features`` and ``forward_head``.
    size : int
        Side in pixels of the images that it is tried on.

    Attributes
    ----------
    n_features : int
        Found by trying.
    """

    fixed_size = None

    def __init__(self, model: nn.Module, *, size: int) -> None:
        super().__init__()
        self.model = model
        with torch.no_grad():
            self.n_features = self.eval().features(torch.zeros(1, 3, size, size)).shape[1]

    def forward(self, x: Tensor) -> PluggedOutput:
        """Map images (N, 3, H, W) to features (N, F) and class scores (N, classes)."""
        maps = self.model.forward_features(x)
        features = self.model.forward_head(maps, pre_logits=True).flatten(1)
        return PluggedOutput(features, self.model.forward_head(maps))

    def features(self, x: Tensor) -> Tensor:
        """Map images (N, 3, H, W) to features (N, F)."""
        return self.model.forward_head(self.model.forward_features(x), pre_logits=True).flatten(1)

    def logits(self, x: Tensor) -> Tensor:
        """Map images (N, 3, H, W) to class scores (N, classes)."""
        return self.model(x)


def timm_network(
    name: str,
    n_classes: int,
    *,
    checkpoint: str | os.PathLike | None = None,
    trunk: str | os.PathLike | None = None,
    size: int | None = None,
    random_state: int = 0,
) -> tuple[TimmNetwork, Normalisation]:
    """Return a network of timm, and how it wants its pictures as timm tells it.

    Parameters
    ----------
    name : str
        ``"timm:"`` and timm's name, such as ``"timm:convnext_tiny"``.
    n_classes : int
    checkpoint : path, optional
        All its weights, under timm's names.
    trunk : path, optional
        Its weights, of which those of the last layer are not used.
    size : int, optional
        Side of the pictures; timm's own by default.
    random_state : int
        Seeds weights that are drawn.

    Raises
    ------
    MissingDependencyError
        If timm is not installed.
    InputError
        If timm knows no such network.
    FormatError
        If a file does not hold its weights.
    """
    timm = _timm(name)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(random_state)
        model = _created(timm, name, n_classes, size)
    config = timm.data.resolve_model_data_config(model)
    own = int(config["input_size"][-1])
    shorter = max(own, int(own / config["crop_pct"]))
    normalisation = Normalisation(
        tuple(config["mean"]), tuple(config["std"]), size=own, shorter_side=shorter
    )
    if size is not None:
        normalisation = normalisation.at_size(size)
    path = checkpoint if trunk is None else trunk
    if path is not None:
        last = str(getattr(model, "default_cfg", {}).get("classifier", "fc"))
        _load(model, path, but=None if trunk is None else last)
    return TimmNetwork(model, size=normalisation.size), normalisation


def _timm(name: str) -> ModuleType:
    try:
        importlib.import_module("timm.data")
        return importlib.import_module("timm")
    except ImportError as err:
        raise MissingDependencyError(
            f"got backbone {name} without the package timm, expected it; install timm, or use "
            "dan, dacl or rul"
        ) from err


def _created(timm: ModuleType, name: str, n_classes: int, size: int | None) -> nn.Module:
    options: dict[str, Any] = {"pretrained": False, "num_classes": n_classes}
    known = name.removeprefix(TIMM)
    if not timm.is_model(known):
        raise InputError(
            f"got backbone {name}, expected a network of timm; `timm.list_models()` lists them"
        )
    if size is not None:
        try:  # transformers are built for one size
            return timm.create_model(known, img_size=size, **options)
        except TypeError:
            pass
    return timm.create_model(known, **options)


def _load(model: nn.Module, path: str | os.PathLike, *, but: str | None) -> None:
    weights = read_weights(path)
    own = model.state_dict()
    if but is not None:
        weights = {name: own.get(name, entry) if name.startswith(f"{but}.") else entry
                   for name, entry in weights.items()}  # fmt: skip
    wrong = sorted(
        name
        for name in own.keys() | weights.keys()
        if name not in own or getattr(weights.get(name), "shape", None) != own[name].shape
    )
    if wrong:
        raise FormatError(
            f"got {path} with {wrong[0]!r} missing, too many or of another shape, expected the "
            "weights of this network of timm; give them as the trunk if only the number of "
            "classes differs"
        )
    model.load_state_dict(weights)
