"""Which style layers the directions of the emotions use."""

from collections.abc import Sequence

import numpy as np

from icaedit.errors import InputError

__all__ = ["layer_map", "layer_names", "layer_shares"]

_DPI = 150


def layer_shares(masks: np.ndarray) -> np.ndarray:
    """Return the share of each style layer's channels that a mask keeps.

    Parameters
    ----------
    masks : ndarray of shape (E, L, C), bool
        As in `Directions.masks`.

    Returns
    -------
    ndarray of shape (L, E), float64, 0 to 1

    Raises
    ------
    InputError
        If the masks are not three-dimensional or not bool.

    Examples
    --------
    >>> masks = np.array([[[True, False], [False, False]]])
    >>> layer_shares(masks).tolist()
    [[0.5], [0.0]]
    """
    masks = np.asarray(masks)
    if masks.ndim != 3 or masks.dtype != np.bool_ or 0 in masks.shape:
        raise InputError(
            f"got masks of {masks.dtype} {masks.shape}, expected bool (E, L, C); give the masks "
            "of directions"
        )
    return masks.mean(axis=2).T


def layer_map(masks: np.ndarray, emotions: Sequence[str]) -> np.ndarray:
    """Draw the share of coordinates kept, by style layer and emotion.

    Parameters
    ----------
    masks : ndarray of shape (E, L, C), bool
    emotions : sequence of str, length E
        Their names, drawn as column labels.

    Returns
    -------
    ndarray of shape (H, W, 3), uint8 RGB

    Raises
    ------
    InputError
        If the masks are not bool (E, L, C), or the names are not E.

    Examples
    --------
    >>> picture = layer_map(np.ones((1, 2, 4), bool), ["happy"])
    >>> picture.shape[2], picture.dtype.name
    (3, 'uint8')
    """
    shares = layer_shares(masks)
    n_layers, n_emotions = shares.shape
    if len(emotions) != n_emotions:
        raise InputError(
            f"got masks of {n_emotions} emotions for {len(emotions)} emotions, expected as many "
            "masks as names; name them all"
        )
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    size = (2.4 + 0.85 * n_emotions, 1.5 + 0.33 * n_layers)  # inches
    figure = Figure(figsize=size, dpi=_DPI, layout="constrained", facecolor="white")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    top = float(shares.max()) or 1.0
    drawn = axes.imshow(shares, aspect="auto", cmap="YlGnBu", vmin=0, vmax=top)
    for layer, emotion in np.ndindex(shares.shape):
        share = shares[layer, emotion]
        colour = "white" if share > 0.55 * top else "#2d2d2d"
        axes.text(
            emotion, layer, f"{share:.0%}", ha="center", va="center", fontsize=8, color=colour
        )
    axes.set_xticks(range(n_emotions), list(emotions))
    axes.set_yticks(range(n_layers), layer_names(n_layers))
    axes.tick_params(length=0, labelsize=9)
    axes.xaxis.tick_top()
    axes.set_ylabel("style layer", fontsize=9)
    axes.set_xlabel(f"coordinates kept: {shares.mean():.1%} of all", fontsize=9)
    for spine in axes.spines.values():
        spine.set_visible(False)
    # thin white lines between the cells
    axes.set_xticks(np.arange(1, n_emotions) - 0.5, minor=True)
    axes.set_yticks(np.arange(1, n_layers) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=1.5)
    axes.tick_params(which="minor", length=0)
    bar = figure.colorbar(drawn, ax=axes, format=lambda share, _: f"{share:.0%}", aspect=30)
    bar.ax.tick_params(labelsize=8, length=2)
    bar.outline.set_visible(False)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()


def layer_names(n_layers: int) -> list[str]:
    """Return each style layer's number and, of StyleGAN2's layers, the picture size it draws.

    Examples
    --------
    >>> layer_names(4)
    ['0  (4 px)', '1  (8 px)', '2  (8 px)', '3  (8 px)']
    """
    if n_layers % 2:
        return [str(layer) for layer in range(n_layers)]
    largest = 2 ** (n_layers // 2 + 1)
    return [
        f"{layer}  ({min(4 * 2 ** ((layer + 1) // 2), largest)} px)" for layer in range(n_layers)
    ]
