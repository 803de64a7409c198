"""The wall towards weights and their formats: generator, encoder, and the files they come in."""

from icaedit.models.adding import add_model
from icaedit.models.config import EncoderConfig, GeneratorConfig, embedded
from icaedit.models.devices import resolve_device
from icaedit.models.encoder import WPlusEncoder
from icaedit.models.generator import StyleGAN2Generator
from icaedit.models.latent_model import LatentModel
from icaedit.models.store import load_model, save_model
from icaedit.models.tiny import tiny_model

__all__ = [
    "EncoderConfig",
    "GeneratorConfig",
    "LatentModel",
    "StyleGAN2Generator",
    "WPlusEncoder",
    "add_model",
    "embedded",
    "load_model",
    "resolve_device",
    "save_model",
    "tiny_model",
]
