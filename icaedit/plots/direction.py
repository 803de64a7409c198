"""A direction before and after its threshold, and where in the latent it lies."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.errors import InputError
from icaedit.plots.figures import (
    COLOURS,
    DIVERGING,
    FAINT,
    INK,
    TEXT,
    finite,
    new_figure,
    plain_axes,
)
from icaedit.plots.layer_map import layer_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["direction_map", "threshold_plot"]


def threshold_plot(
    pattern: ArrayLike, mask: ArrayLike, *, title: str = "", threshold: float | None = None
) -> "Figure":
    """Draw a direction coordinate by coordinate, before and after the threshold.

    The paper's Figure 12.

    Parameters
    ----------
    pattern : array_like of float, (L, C) or (D,)
        Before the threshold, in latent units, as in ``Directions.patterns``.
    mask : array_like of bool, of the same shape
        What the threshold keeps.
    title : str
        Such as the emotion.
    threshold : float, optional
        Its height, drawn as lines; where absent, that of the smallest kept coordinate.

    Returns
    -------
    matplotlib.figure.Figure
        Two axes; in each, one line collection with a line for every coordinate that is not 0.

    Raises
    ------
    InputError
        If the shapes differ or a value is not finite.

    Examples
    --------
    >>> figure = threshold_plot([[0.5, -2.0], [0.1, 1.0]], [[False, True], [False, True]])
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['before: 4 coordinates', 'after: 2 kept (50.0 %)']
    """
    values, kept = _checked(pattern, mask)
    n_layers = values.shape[0] if values.ndim == 2 else 1
    values, kept = values.ravel(), kept.ravel()
    figure = new_figure(7.2, 4.2)
    if title:
        figure.suptitle(title, fontsize=TEXT + 2, color=INK)
    upper, lower = figure.subplots(2, 1, sharex=True, sharey=True)
    after = np.where(kept, values, 0.0)
    _lines(upper, values, np.where(kept, COLOURS[0], FAINT))
    _lines(lower, after, np.full(len(values), COLOURS[0]))
    height = threshold
    if height is None and kept.any():
        height = float(np.abs(values[kept]).min())
    both_sides = bool((values[kept] < 0).any())
    for level in () if height is None else (height, -height)[: 1 + both_sides]:
        upper.axhline(level, color=COLOURS[5], linewidth=1, linestyle=(0, (4, 2)))
    upper.set_title(f"before: {len(values)} coordinates", loc="left", fontsize=TEXT, color=INK)
    lower.set_title(
        f"after: {kept.sum()} kept ({100 * kept.mean():.1f} %)", loc="left", fontsize=TEXT,
        color=INK,
    )  # fmt: skip
    lower.set_xlabel("coordinate, by style layer" if n_layers > 1 else "coordinate")
    top = 1.08 * max(float(np.abs(values).max()), 1e-12)
    upper.set(xlim=(-0.5, len(values) - 0.5), ylim=(-top, top))
    for axes in (upper, lower):
        axes.set_ylabel("latent units")
        plain_axes(axes)
        axes.axhline(0, color=FAINT, linewidth=0.6, zorder=0)
        if n_layers > 1:
            _shade_layers(axes, n_layers, len(values) // n_layers)
    return figure


def direction_map(
    pattern: ArrayLike, mask: ArrayLike | None = None, *, title: str = ""
) -> "Figure":
    """Draw a direction as a map of style layers by channels, and the mask beside it.

    Parameters
    ----------
    pattern : array_like of float, (L, C)
        In latent units.
    mask : array_like of bool, (L, C), optional
    title : str

    Returns
    -------
    matplotlib.figure.Figure
        Axes of the direction, of the mask if given, of the energy by layer, and the colour bar.
        Channels are ordered by the energy they have over all layers, the same in both maps.

    Raises
    ------
    InputError
        If a shape is another one or a value is not finite.

    Examples
    --------
    >>> figure = direction_map([[0.5, -2.0], [0.1, 1.0]])
    >>> figure.axes[0].images[0].get_array().tolist()
    [[-2.0, 0.5], [1.0, 0.1]]
    """
    values, kept = _checked(pattern, np.ones(np.shape(pattern), bool) if mask is None else mask)
    if values.ndim != 2:
        raise InputError(
            f"got a direction of shape {values.shape}, expected (L, C); keep the layers apart"
        )
    order = np.argsort(-(values**2).sum(axis=0), kind="stable")
    panels = 1 if mask is None else 2
    figure = new_figure(2.6 + 3.2 * panels, 1.5 + 0.24 * len(values))
    if title:
        figure.suptitle(title, fontsize=TEXT + 2, color=INK)
    axes = figure.subplots(1, panels + 1, sharey=True, width_ratios=[4] * panels + [1])
    limit = max(float(np.quantile(np.abs(values), 0.995)), 1e-12)
    drawn = axes[0].imshow(
        values[:, order], aspect="auto", cmap=DIVERGING, vmin=-limit, vmax=limit,
        interpolation="nearest",
    )  # fmt: skip
    axes[0].set_title("direction", loc="left", fontsize=TEXT, color=INK)
    axes[0].set_ylabel("style layer")
    if mask is not None:
        axes[1].imshow(
            kept[:, order], aspect="auto", cmap="Greys", vmin=0, vmax=1.35, interpolation="nearest"
        )
        axes[1].set_title(f"mask: {100 * kept.mean():.1f} % kept", loc="left", fontsize=TEXT,
                          color=INK)  # fmt: skip
    for panel in axes[:-1]:
        panel.set_xlabel("channel, strongest first")
        plain_axes(panel, keep=("left", "bottom", "right", "top"))
    energy = (values**2).sum(axis=1)
    share = energy / max(float(energy.sum()), 1e-300)
    axes[-1].barh(range(len(values)), share, color=COLOURS[0], height=0.7)
    axes[-1].set_title("energy", loc="left", fontsize=TEXT, color=INK)
    axes[-1].xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %")
    axes[-1].xaxis.set_major_locator(_few_ticks())
    plain_axes(axes[-1], keep=("bottom",))
    axes[-1].tick_params(axis="y", length=0)
    axes[0].set_yticks(range(len(values)), layer_names(len(values)))
    bar = figure.colorbar(drawn, ax=axes[-1], aspect=25, extend="both")
    bar.ax.tick_params(labelsize=TEXT - 1, length=2)
    bar.set_label("latent units", size=TEXT, color=INK)
    bar.outline.set_visible(False)
    return figure


def _checked(pattern: ArrayLike, mask: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    values = finite(pattern, "a direction", (1, 2))
    kept = np.asarray(mask)
    if kept.shape != values.shape or kept.dtype != np.bool_:
        raise InputError(
            f"got a mask of {kept.dtype} {kept.shape} for a direction of shape {values.shape}, "
            "expected bool of the same shape; give the direction's own mask"
        )
    return values, kept


def _lines(axes: "Axes", values: NDArray[np.float64], colours: NDArray[np.str_]) -> None:
    from matplotlib.collections import LineCollection

    shown = np.flatnonzero(values)
    ends = np.zeros((len(shown), 2, 2))
    ends[:, :, 0] = shown[:, None]
    ends[:, 1, 1] = values[shown]
    width = float(np.clip(1200 / len(values), 0.35, 3.0))
    axes.add_collection(LineCollection(ends, colors=colours[shown], linewidths=width))


def _shade_layers(axes: "Axes", n_layers: int, n_channels: int) -> None:
    for layer in range(0, n_layers, 2):
        axes.axvspan(
            layer * n_channels - 0.5, (layer + 1) * n_channels - 0.5, color="#f3f3f3", zorder=-1,
            linewidth=0,
        )  # fmt: skip
    axes.set_xticks([(layer + 0.5) * n_channels - 0.5 for layer in range(n_layers)],
                    [str(layer) for layer in range(n_layers)])  # fmt: skip
    axes.tick_params(axis="x", length=0)


def _few_ticks():
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(2, prune="lower")
