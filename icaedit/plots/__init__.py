"""Pictures of results: labelled grids and strips, and figures of directions and comparisons.

`picture_grid`, `picture_strip`, `contact_sheet`, `layer_map`, `numbered_faces` and `sketch_strip`
return pictures; the others return a matplotlib ``Figure`` that no global state knows of, for
`save_figure` and `figure_image`.
"""

from icaedit.plots.comparison import comparison_plot
from icaedit.plots.components import mixing_plot, stability_dendrogram
from icaedit.plots.contact_sheet import contact_sheet, edited_part
from icaedit.plots.direction import direction_map, threshold_plot
from icaedit.plots.faces import numbered_faces
from icaedit.plots.figures import figure_image, save_figure
from icaedit.plots.grid import picture_grid, picture_strip
from icaedit.plots.illustration import pca_ica_illustration
from icaedit.plots.latent_map import latent_plot
from icaedit.plots.layer_map import layer_map, layer_names, layer_shares
from icaedit.plots.recognition import confusion_plot, reliability_plot
from icaedit.plots.sketching import sketch_strip
from icaedit.plots.sweeps import sweep_grid, sweep_plot

__all__ = [
    "comparison_plot",
    "confusion_plot",
    "contact_sheet",
    "direction_map",
    "edited_part",
    "figure_image",
    "latent_plot",
    "layer_map",
    "layer_names",
    "layer_shares",
    "mixing_plot",
    "numbered_faces",
    "pca_ica_illustration",
    "picture_grid",
    "picture_strip",
    "reliability_plot",
    "save_figure",
    "sketch_strip",
    "stability_dendrogram",
    "sweep_grid",
    "sweep_plot",
    "threshold_plot",
]
