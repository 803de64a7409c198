"""A network that recognises expressions, with all that is needed to use it rightly."""

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from icaedit.errors import InputError
from icaedit.recognition.backbones.normalisation import Normalisation
from icaedit.schema import EMOTIONS, parse_emotion

__all__ = ["Backbone"]


class Backbone(nn.Module):
    """An expression-recognition network; make one with `load_backbone`.

    Parameters
    ----------
    network : nn.Module
        With `features`, `logits` and `forward`, as those of `icaedit.recognition.backbones`.
    name : str
        What messages call it.
    kind : str
        The name that `load_backbone` knows it by; empty for a network of one's own.
    n_classes : int
    normalisation : Normalisation
    emotions : tuple of str, optional
        What the classes stand for; None if that is not known.

    Attributes
    ----------
    n_features : int
        F, the length of its features.
    """

    def __init__(
        self,
        network: nn.Module,
        *,
        name: str,
        kind: str = "",
        n_classes: int,
        normalisation: Normalisation,
        emotions: tuple[str, ...] | None,
    ) -> None:
        super().__init__()
        if emotions is not None and len(emotions) != n_classes:
            raise InputError(
                f"got {name} with {n_classes} classes and the label order {', '.join(emotions)}, "
                f"expected one of {n_classes} emotions; give the order it was trained with"
            )
        self.network, self.name, self.kind, self.n_classes = network, name, kind, n_classes
        self.normalisation, self.emotions = normalisation, emotions
        self.n_features: int = network.n_features

    def normalise(self, images: ArrayLike) -> Tensor:
        """Return pictures (N, H, W, 3), uint8 RGB, as `features` and `logits` take them."""
        return self.normalisation.apply(images)

    def features(self, x: Tensor) -> Tensor:
        """Map normalised images to features.

        Parameters
        ----------
        x : Tensor of shape (N, 3, H, W)
            As `normalise` gives them.

        Returns
        -------
        Tensor of shape (N, F)

        Raises
        ------
        InputError
            If the shape is another, or there is one image only while batch norm is in training.
        """
        return self.network.features(self._checked(x))

    def logits(self, x: Tensor) -> Tensor:
        """Map normalised images (N, 3, H, W) to class scores (N, classes), by class."""
        return self.network.logits(self._checked(x))

    def forward(self, x: Tensor) -> Any:
        """Map normalised images (N, 3, H, W) to all that the network's own loss needs."""
        return self.network(self._checked(x))

    def scores(self, x: Tensor, emotions: Sequence[str] = EMOTIONS) -> Tensor:
        """Map normalised images (N, 3, H, W) to scores (N, E) of emotions in a given order.

        Raises
        ------
        InputError
            If the classes of the network are not known, or lack one of the emotions.
        """
        return self.logits(x)[:, self.classes_of(emotions)]

    def classes_of(self, emotions: Sequence[str] = EMOTIONS) -> list[int]:
        """Return which class of the network stands for each emotion.

        Raises
        ------
        InputError
            If the classes of the network are not known, or lack one of the emotions.
        """
        if self.emotions is None:
            raise InputError(
                f"got {self.name}, which does not say what its {self.n_classes} classes stand for, "
                "expected a label order; load it with labels, such as labels='raf-db'"
            )
        wanted = [parse_emotion(emotion) for emotion in emotions]
        lacking = [emotion for emotion in wanted if emotion not in self.emotions]
        if lacking:
            raise InputError(
                f"got {self.name}, which has no class {', '.join(lacking)}, expected one for every "
                f"emotion; ask for some of {', '.join(self.emotions)}"
            )
        return [self.emotions.index(emotion) for emotion in wanted]

    def _checked(self, x: Tensor) -> Tensor:
        fixed = self.network.fixed_size
        shaped = isinstance(x, Tensor) and x.ndim == 4 and x.shape[1] == 3
        if shaped and fixed is not None:
            shaped = tuple(x.shape[2:]) == (fixed, fixed)
        if not shaped or not x.is_floating_point():
            what = f"{x.dtype} {tuple(x.shape)}" if isinstance(x, Tensor) else type(x).__name__
            sides = "H, W" if fixed is None else f"{fixed}, {fixed}"
            raise InputError(
                f"got {what} for {self.name}, expected floating point (N, 3, {sides}); use its "
                "`normalise`"
            )
        if len(x) == 1 and any(
            isinstance(module, _BatchNorm) and module.training for module in self.modules()
        ):
            raise InputError(
                f"got one image in a batch while {self.name} is trained, expected two or more, "
                "which batch norm needs; leave it out or choose another batch size"
            )
        return x
