"""What is kept on disk: latents, directions, index masks and records of runs."""

from icaedit.artifacts.directions import Directions, load_directions
from icaedit.artifacts.latents import LatentSet, load_latents
from icaedit.artifacts.mask import IndexMask, load_index_mask
from icaedit.artifacts.run_record import package_versions, write_run_record
from icaedit.artifacts.tensors import load_tensors, peek_header, save_tensors

__all__ = [
    "Directions",
    "IndexMask",
    "LatentSet",
    "load_directions",
    "load_index_mask",
    "load_latents",
    "load_tensors",
    "package_versions",
    "peek_header",
    "save_tensors",
    "write_run_record",
]
