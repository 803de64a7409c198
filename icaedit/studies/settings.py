"""How large a study is, and how its networks are trained."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from icaedit.errors import InputError
from icaedit.recognition import (
    BACKBONES,
    Augmentation,
    TrainingSettings,
    published_settings,
)
from icaedit.studies.hard_portraits import PEOPLE, SHOTS
from icaedit.studies.heads import HeadSettings

__all__ = ["SIZES", "StudySettings", "study_settings"]

SIZES = ("quick", "published", "paper")
"""Seconds, to see that it runs; what docs/recognition-results.md shows; as the networks' authors
trained them, for a GPU."""


@dataclass(frozen=True, kw_only=True)
class StudySettings:
    """Everything that a study depends on but its faces and the model.

    Parameters
    ----------
    backbones : sequence of str
        Names that `icaedit.recognition.load_backbone` knows.
    seeds : sequence of int
        Of first weights and of the order of the pictures, one training each.
    image_size : int, optional
        Side of a network's input in pixels; as published where absent.
    trunk : path, optional
        Weights of a ResNet-18 that knows faces, such as ``resnet18_msceleb.pth``, from which the
        networks start; from scratch where absent.
    training : mapping of str to TrainingSettings
        For each backbone; of the network alone with its own last layer and loss.
    head : HeadSettings
        Of the layers after the concatenation.
    along : sequence of str
        Backbones that are trained along with the fusion as well, under the conditions of
        `icaedit.studies.running.ALONG`.
    along_epochs : int
        Of that, going on from the network that was trained alone.
    people, shots : mapping of str to int
        Of the rendered portraits.
    resumed : bool
        Whether a training that was stopped goes on in its middle, and not from its start; that
        takes writing all its weights after every epoch.
    n_bootstrap : int
        Resamplings of people behind each interval.
    """

    backbones: Sequence[str] = BACKBONES
    seeds: Sequence[int] = (0, 1, 2)
    image_size: int | None = None
    trunk: str | os.PathLike | None = None
    training: Mapping[str, TrainingSettings]
    head: HeadSettings = field(default_factory=HeadSettings)
    along: Sequence[str] = ()
    along_epochs: int = 5
    people: Mapping[str, int] = field(default_factory=lambda: dict(PEOPLE))
    shots: Mapping[str, int] = field(default_factory=lambda: dict(SHOTS))
    resumed: bool = True
    n_bootstrap: int = 2000


def study_settings(size: str = "published") -> StudySettings:
    """Return one of the known sizes; change what is needed with `dataclasses.replace`.

    Parameters
    ----------
    size : {"quick", "published", "paper"}
        See `SIZES`.

    Raises
    ------
    InputError
        If there is no such size.

    Examples
    --------
    >>> study_settings("quick").seeds
    (0,)
    """
    if size not in SIZES:
        raise InputError(f"got size {size!r}, expected one of {', '.join(SIZES)}; choose one")
    if size == "paper":
        return StudySettings(training={name: published_settings(name) for name in BACKBONES})
    training = TrainingSettings(
        head="own",
        epochs=20,
        batch_size=16,
        optimizer="adamw",
        learning_rate=5e-4,
        weight_decay=1e-2,
        schedule="cosine",
        precision="bfloat16",
        augmentation=Augmentation(flip=0.5, shift=0.06),
    )
    published = StudySettings(
        image_size=64,
        training={name: training for name in BACKBONES},
        along=("dan",),
        resumed=False,
    )
    if size == "published":
        return published
    return replace(
        published,
        seeds=(0,),
        backbones=("dacl",),
        image_size=32,
        training={"dacl": replace(training, epochs=1, batch_size=8)},
        head=HeadSettings(hidden=16, epochs=2, weight_decays=(1e-2,)),
        along=("dacl",),
        along_epochs=1,
        people={"train": 2, "validation": 1, "test": 3},
        shots={"train": 1, "validation": 1, "test": 1},
        n_bootstrap=100,
    )
