"""Pictures about pictures: labelled grids of faces, and where a mask lies."""

from icaedit.plots.grid import picture_grid
from icaedit.plots.layer_map import layer_map

__all__ = ["layer_map", "picture_grid"]
