"""Emotion recognition, helped by masked latents; works without `analysis` and `models`."""

from icaedit.recognition.backbones import BACKBONES, Backbone, Normalisation, load_backbone

__all__ = ["BACKBONES", "Backbone", "Normalisation", "load_backbone"]
