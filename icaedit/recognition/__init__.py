"""Emotion recognition, helped by masked latents; works without `analysis` and `models`."""

from icaedit.recognition.backbones import BACKBONES, Backbone, Normalisation, load_backbone
from icaedit.recognition.encoders import CollaborativeEncoder
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
from icaedit.recognition.recogniser import Recogniser
from icaedit.recognition.recogniser_files import describe_recogniser, load_recogniser
from icaedit.recognition.training import (
    Augmentation,
    TrainingSettings,
    published_settings,
    train_recogniser,
)

__all__ = [
    "ACTIVATIONS",
    "BACKBONES",
    "LOSSES",
    "READINGS",
    "Augmentation",
    "Backbone",
    "CollaborativeEncoder",
    "FusionClassifier",
    "Normalisation",
    "Recogniser",
    "TrainingSettings",
    "class_weights",
    "describe_recogniser",
    "fusion_loss",
    "load_backbone",
    "load_recogniser",
    "match_latents",
    "new_centres",
    "own_loss",
    "published_settings",
    "train_recogniser",
]
