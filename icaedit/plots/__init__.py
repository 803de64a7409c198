"""Pictures of results: labelled grids and strips, and maps of what directions use."""

from icaedit.plots.faces import numbered_faces
from icaedit.plots.grid import picture_grid, picture_strip
from icaedit.plots.layer_map import layer_map, layer_shares

__all__ = ["layer_map", "layer_shares", "numbered_faces", "picture_grid", "picture_strip"]
