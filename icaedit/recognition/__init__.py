"""Emotion recognition, helped by masked latents; works without `analysis` and `models`."""

from icaedit.recognition.backbones import BACKBONES, Backbone, Normalisation, load_backbone
from icaedit.recognition.fusion import (
    ACTIVATIONS,
    LOSSES,
    READINGS,
    FusionClassifier,
    class_weights,
    fusion_loss,
)
from icaedit.recognition.losses import new_centres, own_loss
from icaedit.recognition.pairing import match_latents

__all__ = [
    "ACTIVATIONS",
    "BACKBONES",
    "LOSSES",
    "READINGS",
    "Backbone",
    "FusionClassifier",
    "Normalisation",
    "class_weights",
    "fusion_loss",
    "load_backbone",
    "match_latents",
    "new_centres",
    "own_loss",
]
