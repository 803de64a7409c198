"""How a recogniser is trained: everything that changes the result, in one record."""

from dataclasses import asdict, dataclass, field, replace
from math import cos, pi
from typing import Any

from icaedit.errors import InputError
from icaedit.recognition.fusion import ACTIVATIONS, LOSSES, READINGS
from icaedit.recognition.training.augmentation import Augmentation

__all__ = ["HEADS", "OPTIMIZERS", "PRECISIONS", "SCHEDULES", "TrainingSettings",
           "published_settings"]  # fmt: skip

OPTIMIZERS = ("adamw", "adam", "sgd")
SCHEDULES = ("cosine", "step", "exponential", "constant")
HEADS = ("fusion", "own")
"""Features, with latents or without, through the layers of `FusionClassifier`; or the network
alone with its own last layer and its own loss."""

PRECISIONS = ("float32", "bfloat16")
UNREADABLE = ("raise", "skip")


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """Everything that training depends on but its data.

    Parameters
    ----------
    epochs : int
        How often every picture is seen, at most.
    batch_size : int
        Pictures in a step, over all processes; at least 2.
    optimizer : {"adamw", "adam", "sgd"}
    learning_rate : float
        Of the first epoch.
    head_learning_rate : float, optional
        That of the layers after the network, and of its own last layer. As `learning_rate` where
        absent.
    centre_learning_rate : float, optional
        That of the class centres in a network's own loss. As `learning_rate` where absent.
    encoder_learning_rate : float
        That of an encoder trained along.
    momentum, weight_decay : float
        The first for "sgd".
    schedule : {"cosine", "step", "exponential", "constant"}
        How the rates go on: to 0 along half a cosine; times `gamma` every `step_epochs`; times
        `gamma` every epoch; or not at all.
    step_epochs : int
    gamma : float
    head : {"fusion", "own"}
        See `HEADS`.
    reading, hidden, activation
        Of the `FusionClassifier`.
    loss : {"mse", "cross-entropy"}
        Of the fusion, as `fusion_loss`.
    own_loss_weight : float
        How much the network's own loss counts beside that of the fusion.
    class_weights : bool
        Whether every emotion counts alike, however many pictures show it.
    train_backbone : bool
        Whether the network's weights change.
    augmentation : Augmentation
    precision : {"float32", "bfloat16"}
        Of the network in training; weights stay float32.
    patience : int, optional
        Training ends where so many epochs in a row were no better on the validation.
    validation_share : float
        Share of the people, or else pictures, set aside where the data have no validation part.
    unreadable : {"raise", "skip"}
        What happens with a picture that cannot be read: an error, or it is left out and counted.
    random_state : int
        Seeds everything random.

    Raises
    ------
    InputError
        If a value is unknown or out of range.

    Examples
    --------
    >>> TrainingSettings(epochs=3, schedule="step", step_epochs=2).rate_at(2)
    0.1
    """

    epochs: int = 30
    batch_size: int = 32
    optimizer: str = "adamw"
    learning_rate: float = 1e-3
    head_learning_rate: float | None = None
    centre_learning_rate: float | None = None
    encoder_learning_rate: float = 1e-5
    momentum: float = 0.9
    weight_decay: float = 1e-2
    schedule: str = "cosine"
    step_epochs: int = 10
    gamma: float = 0.1
    head: str = "fusion"
    reading: str = "after"
    hidden: int = 256
    activation: str = "relu"
    loss: str = "mse"
    own_loss_weight: float = 0.0
    class_weights: bool = False
    train_backbone: bool = True
    augmentation: Augmentation = field(default_factory=Augmentation)
    precision: str = "float32"
    patience: int | None = None
    validation_share: float = 0.15
    unreadable: str = "raise"
    random_state: int = 0

    def __post_init__(self) -> None:
        for name, known in (
            ("optimizer", OPTIMIZERS),
            ("schedule", SCHEDULES),
            ("head", HEADS),
            ("reading", READINGS),
            ("activation", ACTIVATIONS),
            ("loss", LOSSES),
            ("precision", PRECISIONS),
            ("unreadable", UNREADABLE),
        ):
            if getattr(self, name) not in known:
                raise InputError(
                    f"got {name} {getattr(self, name)!r}, expected one of {', '.join(known)}; "
                    "choose one"
                )
        for name, least in (("epochs", 1), ("batch_size", 2), ("step_epochs", 1), ("hidden", 1),
                            ("patience", 1), ("random_state", 0)):  # fmt: skip
            value = getattr(self, name)
            if value is not None and value < least:
                raise InputError(f"got {name} {value}, expected {least} or more; correct it")
        rates = ("learning_rate", "head_learning_rate", "centre_learning_rate",
                 "encoder_learning_rate", "gamma")  # fmt: skip
        for name in rates:
            value = getattr(self, name)
            if value is not None and not 0 < value < float("inf"):
                raise InputError(f"got {name} {value}, expected a number above 0; correct it")
        for name in ("momentum", "weight_decay", "own_loss_weight"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise InputError(
                    f"got {name} {getattr(self, name)}, expected a number of 0 or more; correct it"
                )
        if not 0 < self.validation_share < 1:
            raise InputError(
                f"got validation_share {self.validation_share}, expected a number between 0 and "
                "1; use 0.15"
            )

    def rate_at(self, epoch: int) -> float:
        """Return the share of the first epoch's rate that another has, counted from 0."""
        if self.schedule == "cosine":
            return (1 + cos(pi * epoch / self.epochs)) / 2
        if self.schedule == "step":
            return self.gamma ** (epoch // self.step_epochs)
        return self.gamma**epoch if self.schedule == "exponential" else 1.0

    def as_dict(self) -> dict[str, Any]:
        """Return all values, as JSON can hold them."""
        return asdict(self)


_PUBLISHED = {
    # Wen et al. 2021 and their code for RAF-DB
    "dan": {"epochs": 40, "batch_size": 256, "optimizer": "sgd", "learning_rate": 0.1,
            "weight_decay": 1e-4, "schedule": "step", "step_epochs": 10, "gamma": 0.1,
            "augmentation": Augmentation(flip=0.5, shift=0.14, erase=0.5)},
    # Farzaneh & Qi 2021 and the description of their code
    "dacl": {"epochs": 60, "batch_size": 64, "optimizer": "sgd", "learning_rate": 0.01,
             "centre_learning_rate": 0.5, "weight_decay": 5e-4, "schedule": "step",
             "step_epochs": 20, "gamma": 0.1,
             "augmentation": Augmentation(flip=0.5, shift=0.06, erase=0.0)},
    # Zhang, Wang & Deng 2021 and the description of their code
    "rul": {"epochs": 60, "batch_size": 64, "optimizer": "adam", "learning_rate": 2e-4,
            "head_learning_rate": 2e-3, "weight_decay": 1e-4, "schedule": "exponential",
            "gamma": 0.9, "augmentation": Augmentation(flip=0.5, shift=0.0, erase=0.5)},
}  # fmt: skip


def published_settings(backbone: str) -> TrainingSettings:
    """Return the settings that a network was published with, for training on RAF-DB.

    They suppose that training starts from a network that knows faces (`load_backbone`'s
    ``trunk``), at 224 px. Change some with `dataclasses.replace`. The pictures were cut in other
    ways than `Augmentation` knows; shifts of a like size stand for that.

    Parameters
    ----------
    backbone : {"dan", "dacl", "rul"}

    Raises
    ------
    InputError
        If there are none for a network of this name.

    Examples
    --------
    >>> published_settings("rul").learning_rate
    0.0002
    """
    if backbone not in _PUBLISHED:
        raise InputError(
            f"got backbone {backbone!r}, expected one of {', '.join(_PUBLISHED)}, of which "
            "settings are published; give your own"
        )
    return replace(TrainingSettings(), own_loss_weight=1.0, **_PUBLISHED[backbone])
