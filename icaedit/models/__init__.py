"""The wall towards weights and their formats: generator, encoder, and the files they come in.

Names are imported when first used: which models there are is known without loading torch.
"""

import importlib
from typing import Any

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

_MODULE_OF = {
    "EncoderConfig": "config",
    "GeneratorConfig": "config",
    "LatentModel": "latent_model",
    "StyleGAN2Generator": "generator",
    "WPlusEncoder": "encoder",
    "add_model": "adding",
    "embedded": "config",
    "load_model": "store",
    "resolve_device": "devices",
    "save_model": "store",
    "tiny_model": "tiny",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'icaedit.models' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"icaedit.models.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
