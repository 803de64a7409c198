"""Emotion recognition, helped by masked latents; works without `analysis` and `models`."""

from icaedit.recognition.backbones import BACKBONES, Backbone, Normalisation, load_backbone
from icaedit.recognition.evaluating import (
    Calibration,
    Difference,
    Experiment,
    Measures,
    compare_scores,
    confusion_counts,
    experiment_csv,
    experiment_markdown,
    experiment_overview,
    experiment_rows,
    fit_temperature,
    load_experiment,
    measure_calibration,
    measure_scores,
    percentage_points,
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

__all__ = [
    "ACTIVATIONS",
    "BACKBONES",
    "LOSSES",
    "READINGS",
    "Backbone",
    "Calibration",
    "Difference",
    "Experiment",
    "FusionClassifier",
    "Measures",
    "Normalisation",
    "class_weights",
    "compare_scores",
    "confusion_counts",
    "experiment_csv",
    "experiment_markdown",
    "experiment_overview",
    "experiment_rows",
    "fit_temperature",
    "fusion_loss",
    "load_backbone",
    "load_experiment",
    "match_latents",
    "measure_calibration",
    "measure_scores",
    "new_centres",
    "own_loss",
    "percentage_points",
]
