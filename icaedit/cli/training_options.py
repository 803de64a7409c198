"""The options that say which network is trained and how, and what is made of them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from icaedit.cli.options import FILE, NUMBER, with_options
from icaedit.errors import InputError

if TYPE_CHECKING:
    from icaedit.recognition import Backbone, TrainingSettings

__all__ = ["backbone_of", "network_options", "settings_of", "training_options"]

_DIRECT = {
    "head": "head",
    "reading": "reading",
    "loss": "loss",
    "own_loss": "own_loss_weight",
    "class_weights": "class_weights",
    "epochs": "epochs",
    "batch_size": "batch_size",
    "learning_rate": "learning_rate",
    "patience": "patience",
    "precision": "precision",
}
"""Options, and the setting that each is where it is given."""


def network_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add what says which network is trained and from which weights it starts."""
    return with_options(
        function,
        click.option(
            "--backbone",
            default="dan",
            show_default=True,
            metavar="NAME",
            help="dan, dacl, rul, or timm:NAME where timm is installed.",
        ),
        click.option(
            "--checkpoint",
            type=FILE,
            metavar="FILE",
            help="Start from a trained network, as its authors save it.",
        ),
        click.option(
            "--classes",
            metavar="ORDER",
            help="What the network's classes stand for: raf-db, affectnet-7, ... or emotions by "
            "commas.",
        ),
        click.option(
            "--trunk",
            type=FILE,
            metavar="FILE",
            help="Start from a ResNet-18, such as resnet18_msceleb.pth.",
        ),
        click.option(
            "--size",
            type=click.IntRange(32, 1024),
            default=224,
            show_default=True,
            metavar="PX",
            help="Side of the network's pictures; 64 is quick on a processor.",
        ),
    )


def training_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add what says how it is trained."""
    return with_options(
        function,
        click.option(
            "--recipe",
            type=click.Choice(["quick", "published"]),
            default="quick",
            show_default=True,
            help="quick: for few pictures and new weights; published: as the network's authors "
            "did on RAF-DB, with its own loss.",
        ),
        click.option(
            "--head",
            type=click.Choice(["fusion", "own"]),
            default="fusion",
            show_default=True,
            help="own: the network as published, without latents.",
        ),
        click.option(
            "--reading",
            type=click.Choice(["after", "projected"]),
            help="Both layers after the concatenation, or the first on the latents alone.  "
            "[default: after]",
        ),
        click.option(
            "--loss",
            type=click.Choice(["mse", "cross-entropy"]),
            help="Of the fusion.  [default: mse]",
        ),
        click.option(
            "--own-loss",
            type=NUMBER,
            metavar="W",
            help="Weight of the network's own loss beside it.  [default: 0; published: 1]",
        ),
        click.option("--class-weights", is_flag=True, help="Let every emotion count alike."),
        click.option("--freeze", is_flag=True, help="Leave the network's weights as they are."),
        click.option(
            "--epochs",
            type=click.IntRange(1),
            metavar="N",
            help="[default: 30, or as published]",
        ),
        click.option(
            "--batch-size",
            type=click.IntRange(2),
            metavar="N",
            help="[default: 32, or as published]",
        ),
        click.option(
            "--learning-rate",
            type=NUMBER,
            metavar="R",
            help="[default: 0.001, or as published]",
        ),
        click.option(
            "--patience",
            type=click.IntRange(1),
            metavar="N",
            help="Stop after N epochs without a better one.",
        ),
        click.option(
            "--sketch",
            type=NUMBER,
            default=0.0,
            show_default=True,
            metavar="P",
            help="Probability that a picture is drawn by pencil when it is seen.",
        ),
        click.option("--no-augmentation", is_flag=True, help="Do not vary the pictures."),
        click.option(
            "--precision",
            type=click.Choice(["float32", "bfloat16"]),
            help="Of the network in training.  [default: float32]",
        ),
    )


def settings_of(options: Mapping[str, Any], *, seed: int, skip: bool) -> "TrainingSettings":
    """Return the settings that options ask for.

    Raises
    ------
    InputError
        If a value is out of range, or nothing is published for the network.
    """
    from icaedit.recognition import Augmentation, TrainingSettings, published_settings

    settings = TrainingSettings()
    if options["recipe"] == "published":
        settings = published_settings(options["backbone"])
    augmentation = settings.augmentation
    if options["no_augmentation"]:
        augmentation = Augmentation(flip=0, shift=0, erase=0)
    chosen = {
        setting: options[option]
        for option, setting in _DIRECT.items()
        if options[option] is not None and options[option] is not False
    }
    if options["freeze"]:
        chosen |= {"train_backbone": False, "own_loss_weight": 0.0}
    return replace(
        settings,
        **chosen,
        augmentation=replace(augmentation, sketch=options["sketch"]),
        unreadable="skip" if skip else "raise",
        random_state=seed,
    )


def backbone_of(options: Mapping[str, Any], settings: "TrainingSettings") -> "Backbone":
    """Return the network that options name, with its training parts where they are used.

    Raises
    ------
    IcaeditError
        If the name is unknown, or a file does not hold its weights.
    """
    from icaedit.recognition import load_backbone

    own = settings.head == "own" or settings.own_loss_weight > 0
    if options["freeze"] and options["checkpoint"] is None and options["trunk"] is None:
        raise InputError(
            "got --freeze without weights, expected a trained network; give one by --checkpoint "
            "or --trunk"
        )
    return load_backbone(
        options["backbone"],
        options["checkpoint"],
        labels=options["classes"],
        trunk=options["trunk"],
        training_parts=own,
        size=options["size"],
        random_state=settings.random_state,
    )
