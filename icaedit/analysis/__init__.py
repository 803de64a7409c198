"""The standalone core: emotion directions from latents that carry a person and an emotion.

Works on numpy arrays alone; knows no files, images or networks. `FastICA` is
imported when first used, and scikit-learn with it.
"""

from typing import Any

from icaedit.analysis.cells import CellMeans, cell_means
from icaedit.analysis.fastica import BatchedIca, batched_fastica
from icaedit.analysis.fit import ESTIMANDS, DirectionFit, fit_directions
from icaedit.analysis.ica import IcaFit, fit_ica
from icaedit.analysis.masks import false_discovery_mask
from icaedit.analysis.report import report_sentences
from icaedit.analysis.svm import conditional_directions

__all__ = [
    "ESTIMANDS",
    "BatchedIca",
    "CellMeans",
    "DirectionFit",
    "FastICA",
    "IcaFit",
    "batched_fastica",
    "cell_means",
    "conditional_directions",
    "false_discovery_mask",
    "fit_directions",
    "fit_ica",
    "report_sentences",
]


def __getattr__(name: str) -> Any:
    if name != "FastICA":
        raise AttributeError(f"module 'icaedit.analysis' has no attribute {name!r}")
    from icaedit.analysis.fastica.estimator import FastICA

    globals()[name] = FastICA
    return FastICA
