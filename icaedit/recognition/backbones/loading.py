"""Backbones by name, from their public checkpoints, or from any network at hand."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from icaedit.datasets import parse_label_order
from icaedit.errors import FormatError, InputError
from icaedit.recognition.backbones.backbone import Backbone
from icaedit.recognition.backbones.checkpoints import (
    class_count,
    read_network,
    read_trunk,
    read_weights,
)
from icaedit.recognition.backbones.dacl import DACL
from icaedit.recognition.backbones.dan import DAN
from icaedit.recognition.backbones.normalisation import Normalisation
from icaedit.recognition.backbones.plugged import Plugged
from icaedit.recognition.backbones.rul import RUL
from icaedit.recognition.backbones.timm_networks import TIMM, timm_network
from icaedit.schema import EMOTIONS

__all__ = ["BACKBONES", "load_backbone"]

BACKBONES = ("dan", "dacl", "rul")

_FRESH_ORDER = "raf-db"
_SMALLEST = 32  # px, of which the trunk leaves one
_IMAGENET = Normalisation((0.485, 0.456, 0.406), (0.229, 0.224, 0.225), size=224)


@dataclass(frozen=True)
class _Kind:
    """What is published of one network."""

    make: Callable[[int, bool, int], nn.Module]
    normalisation: Normalisation
    labels: str | None
    """The order of every checkpoint of it; None where it was trained with several."""


_KINDS = {
    "dan": _Kind(lambda n_classes, parts, size: DAN(n_classes), _IMAGENET, None),
    "dacl": _Kind(
        lambda n_classes, parts, size: DACL(n_classes, attention=parts, size=size),
        Normalisation(
            (0.5752, 0.4495, 0.4012), (0.2086, 0.1911, 0.1827), size=224, shorter_side=256
        ),
        None,
    ),
    "rul": _Kind(
        lambda n_classes, parts, size: RUL(n_classes, uncertainty=parts, size=size),
        _IMAGENET,
        "raf-db",
    ),
}


def load_backbone(
    network: str | nn.Module,
    checkpoint: str | os.PathLike | None = None,
    *,
    labels: str | Sequence[str] | None = None,
    trunk: str | os.PathLike | None = None,
    training_parts: bool = False,
    feature_layer: str | None = None,
    normalisation: Normalisation | None = None,
    size: int | None = None,
    random_state: int = 0,
) -> Backbone:
    """Return an expression-recognition network that gives features and class scores.

    Parameters
    ----------
    network : {"dan", "dacl", "rul"}, str or nn.Module
        A network by its name; one of the package timm, such as ``"timm:convnext_tiny"``, where
        that is installed; or one of your own, which is used as it is.
    checkpoint : path, optional
        Weights in the layout that the network was published with. Without them they are drawn;
        nothing is downloaded.
    labels : str or sequence of str, optional
        What the classes stand for: a name in `icaedit.datasets.LABEL_ORDERS`, or the emotions by
        class. Checkpoints do not say it. For "rul" it is RAF-DB's order; DAN and DACL were
        trained with several, and without `labels` the classes of their checkpoints stay without
        names. Weights that are drawn take RAF-DB's.
    trunk : path, optional
        Weights of a ResNet-18 to start training from, such as ``resnet18_msceleb.pth``; for a
        network of timm, its own weights, but for the last layer.
    training_parts : bool
        Whether to keep what only training uses: the attention of DACL (92 million weights) and
        the uncertainty of RUL.
    feature_layer : str, optional
        For a network of your own, the layer whose output are its features.
    normalisation : Normalisation, optional
        For a network of your own, how it wants its pictures.
    size : int, optional
        Side in pixels of the pictures, at least 32; by default the one that the network was
        published for. RUL, and DACL with its training parts, have layers that depend on it.
    random_state : int
        Seeds weights that are drawn.

    Returns
    -------
    Backbone
        On the processor and in evaluation mode; a network of your own where and as it was.

    Raises
    ------
    InputError
        If the name is unknown, or an option is missing or does not fit.
    FileAccessError
        If a file is missing or unreadable.
    FormatError
        If a file is damaged, of another network, or of another number of classes.

    Examples
    --------
    >>> backbone = load_backbone("dacl")
    >>> tuple(backbone.features(torch.zeros(1, 3, 64, 64)).shape), backbone.emotions[0]
    ((1, 512), 'surprised')
    >>> net = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(12, 7))
    >>> half = Normalisation((0.5, 0.5, 0.5), (0.5, 0.5, 0.5), size=32)
    >>> load_backbone(net, feature_layer="1", normalisation=half, labels="fer2013").n_features
    12
    """
    emotions = None if labels is None else parse_label_order(labels)
    if isinstance(network, nn.Module):
        return _plugged(network, feature_layer, normalisation, emotions, (checkpoint, trunk, size))
    name = str(network).lower()
    if name not in _KINDS and not name.startswith(TIMM):
        raise InputError(
            f"got backbone {network!r}, expected one of {', '.join(BACKBONES)}, {TIMM}NAME, or a "
            "network of torch; choose one"
        )
    if feature_layer is not None or normalisation is not None:
        raise InputError(
            f"got feature_layer or normalisation for {network}, expected neither, which it has by "
            "itself; leave them out"
        )
    if checkpoint is not None and trunk is not None:
        raise InputError(
            f"got checkpoint {checkpoint} and trunk {trunk}, expected one of them; drop the trunk "
            "to use a trained network"
        )
    if size is not None and size < _SMALLEST:
        raise InputError(f"got size {size}, expected {_SMALLEST} px or more; use 64")
    if checkpoint is None or name.startswith(TIMM):
        emotions = emotions or parse_label_order(_FRESH_ORDER)
    if name.startswith(TIMM):
        made, wanted = timm_network(
            name, len(emotions), checkpoint=checkpoint, trunk=trunk, size=size,
            random_state=random_state,
        )  # fmt: skip
        n_classes = len(emotions)
    else:
        kind = _KINDS[name]
        wanted = kind.normalisation if size is None else kind.normalisation.at_size(size)
        if checkpoint is None:
            made = _fresh(kind, len(emotions), training_parts, trunk, wanted.size, random_state)
        else:
            if emotions is None and kind.labels is not None:
                emotions = parse_label_order(kind.labels)
            n_classes = len(emotions or range(7))
            made = _trained(name, checkpoint, n_classes, training_parts, wanted.size)
        n_classes = made.fc.out_features
    return Backbone(
        made.eval(),
        name=name if checkpoint is None else str(checkpoint),
        kind=name,
        n_classes=n_classes,
        normalisation=wanted,
        emotions=emotions,
    ).eval()


def _fresh(
    kind: _Kind,
    n_classes: int,
    training_parts: bool,
    trunk: str | os.PathLike | None,
    size: int,
    random_state: int,
) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(random_state)
        made = kind.make(n_classes, training_parts, size)
    if trunk is not None:
        made.trunk.load_state_dict(read_trunk(read_weights(trunk), made.trunk, where=str(trunk)))
    return made


def _trained(
    name: str, path: str | os.PathLike, n_classes: int, training_parts: bool, size: int
) -> nn.Module:
    weights = read_weights(path)
    found = class_count(weights)
    if found is not None and found != n_classes:
        advice = f"give labels with the {found} emotions it was trained on"
        if found > len(EMOTIONS) + 1:
            advice = "give it as the trunk if training is to start from it"
        raise FormatError(f"got {path} with {found} classes, expected {n_classes}; {advice}")
    with torch.device("meta"):
        made = _KINDS[name].make(n_classes, training_parts, size)
    state = read_network(weights, made, name, where=str(path))
    made.load_state_dict(state, assign=True)
    return made


def _plugged(
    network: nn.Module,
    feature_layer: str | None,
    normalisation: Normalisation | None,
    emotions: tuple[str, ...] | None,
    others: tuple,
) -> Backbone:
    if feature_layer is None or normalisation is None or any(o is not None for o in others):
        raise InputError(
            "got a network of your own without feature_layer and normalisation, or with a file or "
            "a size, expected the two alone; load its weights first, and name the layer"
        )
    made = Plugged(network, feature_layer, size=normalisation.size)
    backbone = Backbone(
        made,
        name=type(network).__name__,
        n_classes=made.n_classes,
        normalisation=normalisation,
        emotions=emotions,
    )
    return backbone
