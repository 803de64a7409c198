"""Training a recogniser: from pictures, and latents where there are any, to a file."""

from icaedit.recognition.training.augmentation import Augmentation
from icaedit.recognition.training.processes import Processes, is_first_process
from icaedit.recognition.training.settings import TrainingSettings, published_settings
from icaedit.recognition.training.train import train_recogniser

__all__ = [
    "Augmentation",
    "Processes",
    "TrainingSettings",
    "is_first_process",
    "published_settings",
    "train_recogniser",
]
