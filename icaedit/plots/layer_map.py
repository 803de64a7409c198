"""Where in the style layers a mask lies."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.errors import InputError

__all__ = ["layer_map"]


def layer_map(
    masks: ArrayLike, emotions: Sequence[str], *, title: str = "Coordinates kept, by style layer"
) -> NDArray[np.uint8]:
    """Draw the share of coordinates kept in each style layer, one row an emotion.

    Layer 0 is the coarsest: pose and shape lie low, colour and texture high.

    Parameters
    ----------
    masks : array_like of shape (E, L, C), bool
    emotions : sequence of str, length E
    title : str

    Returns
    -------
    ndarray of shape (H, W, 3), uint8

    Raises
    ------
    InputError
        If the shapes do not fit.

    Examples
    --------
    >>> layer_map(np.ones((1, 4, 8), bool), ["happy"]).shape[2]
    3
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    masks = np.asarray(masks, bool)
    if masks.ndim != 3 or len(masks) != len(emotions):
        raise InputError(
            f"got masks of shape {masks.shape} for {len(emotions)} emotions, expected (E, L, C); "
            "give one mask each"
        )
    share = masks.mean(2)  # (E, L)
    n_emotions, n_layers = share.shape
    figure = Figure(figsize=(2.2 + 0.55 * n_layers, 1.5 + 0.42 * n_emotions), dpi=110)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    top = max(float(share.max()), 1e-9)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=top, aspect="auto")
    axes.set_title(title, fontsize=11)
    axes.set_xlabel("style layer, coarse to fine")
    axes.set_xticks(range(n_layers))
    labels = [f"{name} ({mask.mean():.0%})" for name, mask in zip(emotions, masks, strict=True)]
    axes.set_yticks(range(n_emotions), labels)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    for row in range(n_emotions):
        for column in range(n_layers):
            value = share[row, column]
            ink = "white" if value > 0.6 * top else "#303038"
            axes.text(column, row, f"{100 * value:.0f}", ha="center", va="center", color=ink,
                      fontsize=8)  # fmt: skip
    figure.tight_layout()
    canvas.draw()
    return np.array(canvas.buffer_rgba())[..., :3]
