"""Directions and index masks as pictures."""

from pathlib import Path

import numpy as np

from icaedit.artifacts import load_directions, load_index_mask
from icaedit.errors import InputError
from icaedit.images import save_image
from icaedit.plots import layer_map

__all__ = ["draw_layers"]


def draw_layers(file: Path, output: Path) -> None:
    """Draw which share of each style layer the directions or the mask in a file use.

    Raises
    ------
    IcaeditError
        If the file holds neither or the picture cannot be written.
    """
    if file.suffix.lower() == ".json":
        mask = load_index_mask(file)
        emotions = list(mask.emotions)
        masks = np.array([mask.mask(emotion) for emotion in emotions]).reshape(-1, *mask.shape)
    elif file.suffix.lower() == ".safetensors":
        directions = load_directions(file)
        emotions, masks = list(directions.emotions), directions.masks
    else:
        raise InputError(f"got {file} to draw, expected directions or an index mask; leave out -o")
    save_image(output, layer_map(masks, emotions))
