"""Emotion recognition, helped by masked latents; works without `analysis` and `models`."""

from icaedit.recognition.backbones import BACKBONES, Backbone, Normalisation, load_backbone
from icaedit.recognition.encoders import CollaborativeEncoder
from icaedit.recognition.evaluating import (
    Calibration,
    Costs,
    Difference,
    Experiment,
    Measures,
    compare_scores,
    confusion_counts,
    costs_csv,
    costs_markdown,
    experiment_csv,
    experiment_markdown,
    experiment_overview,
    experiment_rows,
    fit_temperature,
    load_experiment,
    measure_calibration,
    measure_costs,
    measure_scores,
    percentage_points,
    recogniser_parts,
)
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
    "Calibration",
    "CollaborativeEncoder",
    "Costs",
    "Difference",
    "Experiment",
    "FusionClassifier",
    "Measures",
    "Normalisation",
    "Recogniser",
    "TrainingSettings",
    "class_weights",
    "compare_scores",
    "confusion_counts",
    "costs_csv",
    "costs_markdown",
    "describe_recogniser",
    "experiment_csv",
    "experiment_markdown",
    "experiment_overview",
    "experiment_rows",
    "fit_temperature",
    "fusion_loss",
    "load_backbone",
    "load_experiment",
    "load_recogniser",
    "match_latents",
    "measure_calibration",
    "measure_costs",
    "measure_scores",
    "new_centres",
    "own_loss",
    "percentage_points",
    "published_settings",
    "recogniser_parts",
    "train_recogniser",
]
