"""Emotion directions in face latents, found by independent component analysis.

Names are imported when first used, so ``import icaedit`` loads neither torch nor any other heavy
package. ``docs/conventions.md`` says what the words and units mean.

Examples
--------
>>> import icaedit
>>> "fit_directions" in dir(icaedit)
True
"""

import importlib
from typing import Any

__all__ = [
    "Directions",
    "Editor",
    "LatentSet",
    "__version__",
    "analysis",
    "app",
    "artifacts",
    "datasets",
    "editor",
    "encode",
    "encode_dataset",
    "errors",
    "evaluation",
    "faces",
    "fit_directions",
    "fitting",
    "images",
    "load_directions",
    "load_latents",
    "load_model",
    "models",
    "plots",
    "portraits",
    "read_dataset",
    "recognition",
    "schema",
    "studies",
]

_ROOM_OF = {
    "Directions": "artifacts",
    "Editor": "editor",
    "LatentSet": "artifacts",
    "encode_dataset": "encode",
    "fit_directions": "fitting",
    "load_directions": "artifacts",
    "load_latents": "artifacts",
    "load_model": "models",
    "read_dataset": "datasets",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        value = _installed_version()
    elif name in _ROOM_OF:
        value = getattr(importlib.import_module(f"icaedit.{_ROOM_OF[name]}"), name)
    elif name in __all__:
        value = importlib.import_module(f"icaedit.{name}")
    else:
        raise AttributeError(f"module 'icaedit' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


def _installed_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("icaedit")
    except PackageNotFoundError:
        return "0+unknown"  # run from a checkout that was never installed
