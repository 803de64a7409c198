"""Independent components: how the emotions mix them, and whether resampling finds them again."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from icaedit.errors import InputError
from icaedit.plots.figures import (
    COLOURS,
    DIVERGING,
    FAINT,
    INK,
    TEXT,
    finite,
    ink_on,
    new_figure,
    plain_axes,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["mixing_plot", "stability_dendrogram"]


def mixing_plot(
    mixing: ArrayLike, emotions: Sequence[str], *, components: Sequence[str] | None = None
) -> "Figure":
    """Draw how much of each independent component each emotion holds.

    Parameters
    ----------
    mixing : array_like of float, (E, K)
        Mean loadings, as in ``report["ica"]["mixing_by_emotion"]``.
    emotions : sequence of str, length E
    components : sequence of str, length K, optional
        Labels; numbers where absent.

    Returns
    -------
    matplotlib.figure.Figure
        Axes of the map, with a number in each cell, and the colour bar.

    Raises
    ------
    InputError
        If lengths disagree or a value is not finite.

    Examples
    --------
    >>> figure = mixing_plot([[0.5, -2.0]], ["happy"])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['0.50', '-2.00']
    """
    values = finite(mixing, "a mixing matrix", 2)
    names = [str(k) for k in range(values.shape[1])] if components is None else list(components)
    if len(emotions) != len(values) or len(names) != values.shape[1]:
        raise InputError(
            f"got a mixing matrix of shape {values.shape} for {len(emotions)} emotions and "
            f"{len(names)} components, expected a row and a column for each; name them all"
        )
    figure = new_figure(2.0 + 0.55 * values.shape[1], 1.2 + 0.38 * len(values))
    axes = figure.subplots()
    limit = max(float(np.abs(values).max()), 1e-12)
    drawn = axes.imshow(values, aspect="auto", cmap=DIVERGING, vmin=-limit, vmax=limit)
    power = int(np.floor(np.log10(limit)))
    digits = min(max(2 - power, 0), 2) if power >= 0 else min(max(1 - power, 2), 6)
    for (row, column), value in np.ndenumerate(values):
        axes.text(
            column, row, f"{value:z.{digits}f}", ha="center", va="center", fontsize=TEXT - 2,
            color="white" if abs(value) > 0.65 * limit else INK,
        )  # fmt: skip
    axes.set_yticks(range(len(values)), list(emotions))
    axes.set_xticks(range(values.shape[1]), names)
    axes.set_xlabel("independent component")
    plain_axes(axes, keep=())
    axes.tick_params(length=0)
    bar = figure.colorbar(drawn, ax=axes, aspect=25)
    bar.set_label("loading", size=TEXT, color=INK)
    bar.ax.tick_params(labelsize=TEXT - 1, length=2)
    bar.outline.set_visible(False)
    return figure


def stability_dendrogram(
    linkage: ArrayLike,
    labels: ArrayLike,
    *,
    iq: ArrayLike | None = None,
    cut: float | None = None,
    title: str = "",
) -> "Figure":
    """Draw which components of resampled fits are alike (after ICASSO, Himberg et al. 2004).

    Parameters
    ----------
    linkage : array_like of float, (R - 1, 4)
        Of R components from all resamplings, as from `scipy.cluster.hierarchy.linkage` on
        ``1 - |cosine|``; such as ``report["icasso"]["linkage"]``.
    labels : array_like of int, (R,)
        The cluster of each component.
    iq : array_like of float, (number of clusters,), optional
        Stability index of the clusters in the order of their sorted labels: near 1 where the
        components of a cluster are alike and unlike all others.
    cut : float, optional
        Height at which the clusters were cut, drawn as a line.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
        Axes of the tree, and of a strip with each cluster's colour, number and Iq.

    Raises
    ------
    InputError
        If lengths disagree or a value is not finite.

    Examples
    --------
    >>> from scipy.cluster.hierarchy import linkage
    >>> tree = linkage([[0.0], [0.1], [5.0], [5.1]], "average")
    >>> figure = stability_dendrogram(tree, [0, 0, 1, 1], iq=[0.97, 0.91])
    >>> [text.get_text() for text in figure.axes[1].texts]
    ['1\\n.91', '0\\n.97']
    """
    from matplotlib.collections import LineCollection
    from scipy.cluster.hierarchy import dendrogram

    tree = finite(linkage, "a linkage", 2)
    clusters = np.asarray(labels)
    names = np.unique(clusters)
    if tree.shape[1] != 4 or clusters.shape != (len(tree) + 1,):
        raise InputError(
            f"got a linkage of shape {tree.shape} and labels of shape {clusters.shape}, expected "
            "(R - 1, 4) and (R,); give those of one clustering"
        )
    indices = None if iq is None else finite(iq, "Iq", 1)
    if indices is not None and len(indices) != len(names):
        raise InputError(
            f"got {len(indices)} indices for {len(names)} clusters, expected as many; give one Iq "
            "for each cluster"
        )
    drawn = dendrogram(tree, no_plot=True)
    order = clusters[drawn["leaves"]]
    # colours go round in the order of the tree, so that neighbours differ
    colour_of = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(dict.fromkeys(order))}
    figure = new_figure(7.2, 3.6)
    if title:
        figure.suptitle(title, fontsize=TEXT + 2, color=INK)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[6, 1])
    segments = np.stack([np.array(drawn["icoord"]), np.array(drawn["dcoord"])], axis=2)
    # leaf i stands at 10 i + 5; a branch has the colour of its cluster where it lies within one
    spans = np.clip((segments[:, [0, 3], 0] - 5) / 10, 0, len(order) - 1)
    first, last = np.floor(spans.min(axis=1)).astype(int), np.ceil(spans.max(axis=1)).astype(int)
    colours = [
        colour_of[order[a]] if (order[a : b + 1] == order[a]).all() else INK
        for a, b in zip(first, last, strict=True)
    ]
    width = float(np.clip(150 / len(order), 0.4, 1.4))
    upper.add_collection(LineCollection(segments, colors=colours, linewidths=width))
    top = 1.05 * max(float(tree[:, 2].max()), 1e-12)
    upper.set(xlim=(0, 10 * len(order)), ylim=(0, top), ylabel="1 - |cosine|")
    if cut is not None:
        upper.axhline(cut, color=FAINT, linewidth=1, linestyle=(0, (4, 2)))
    plain_axes(upper, keep=("left",))
    upper.tick_params(axis="x", length=0, labelbottom=False)
    starts = np.flatnonzero(np.r_[True, order[1:] != order[:-1]])
    ends = np.r_[starts[1:], len(order)]
    longest = {name: 0 for name in names}
    for start, end in zip(starts, ends, strict=True):
        longest[order[start]] = max(longest[order[start]], end - start)
    for start, end in zip(starts, ends, strict=True):
        name = order[start]
        lower.barh(0, 10 * (end - start), left=10 * start, color=colour_of[name], height=1)
        # a cluster that lies in pieces is named once, on its longest
        if end - start < longest[name] or end - start < 0.025 * len(order):
            continue
        longest[name] = len(order) + 1
        text = str(name)
        if indices is not None:
            text += "\n" + f"{indices[list(names).index(name)]:.2f}".removeprefix("0")
        lower.text(5 * (start + end), 0, text, ha="center", va="center", fontsize=TEXT - 1,
                   color=ink_on(colour_of[name]), linespacing=1.1)  # fmt: skip
    lower.set(ylim=(-0.5, 0.5), yticks=[])
    note = "cluster" if indices is None else "cluster and its Iq"
    lower.set_xlabel(f"{len(order)} components of resampled fits; {note}")
    plain_axes(lower, keep=())
    lower.tick_params(length=0, labelbottom=False)
    return figure
