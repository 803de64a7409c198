"""Methods beside each other, a panel for each measure."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from icaedit.errors import InputError
from icaedit.plots.figures import COLOURS, FAINT, INK, TEXT, new_figure, plain_axes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["comparison_plot"]

_COLUMNS = 4


def comparison_plot(
    methods: Sequence[str],
    measures: Mapping[str, ArrayLike],
    *,
    better: Mapping[str, int] | None = None,
    notes: Mapping[str, str] | None = None,
    reference: str | None = None,
    caption: str = "",
) -> "Figure":
    """Draw each measure's mean and interval by method.

    Parameters
    ----------
    methods : sequence of str, length M
        From top to bottom; the first is drawn in colour and the others against it.
    measures : mapping of str to array_like of float, (M, 3)
        By panel: mean, low end and high end of each method; NaN where there is none.
    better : mapping of str to int, optional
        1 where more is better, -1 where less is; said in the panel's title.
    notes : mapping of str to str, optional
        Added to a method's name, such as ``"5/6"``.
    reference : str, optional
        A method that is no competitor but a mark to measure by; drawn hollow, with a line.
    caption : str

    Returns
    -------
    matplotlib.figure.Figure
        One axes for each measure, with one error bar for each method that has a value.

    Raises
    ------
    InputError
        If there is nothing to draw, a shape is another one, or an interval is upside down.

    Examples
    --------
    >>> figure = comparison_plot(["ica", "pca"], {"identity": [[0.9, 0.8, 1.0], [0.5, 0.4, 0.6]]})
    >>> figure.axes[0].get_title(loc="left"), len(figure.axes[0].containers)
    ('identity', 2)
    """
    tables = {name: np.asarray(values, dtype=np.float64) for name, values in measures.items()}
    for name, table in tables.items():
        if table.shape != (len(methods), 3):
            raise InputError(
                f"got {name} of shape {table.shape} for {len(methods)} methods, expected "
                f"({len(methods)}, 3): mean, low and high of each; complete it"
            )
        known = table[~np.isnan(table).any(axis=1)]
        if (known[:, 1] > known[:, 2]).any():
            raise InputError(
                f"got {name} with a low end above the high end, expected mean, low and high in "
                "this order; reorder them"
            )
    if not tables or not len(methods):
        raise InputError("got no methods or measures, expected some to draw; give both")
    better, notes = dict(better or {}), dict(notes or {})
    columns = min(len(tables), _COLUMNS)
    rows = -(-len(tables) // columns)
    figure = new_figure(1.5 + 2.0 * columns, 0.5 + rows * (0.6 + 0.23 * len(methods)))
    panels = figure.subplots(rows, columns, sharey=True, squeeze=False).ravel()
    places = np.arange(len(methods))
    for panel, (name, table) in zip(panels, tables.items(), strict=False):
        for place, method, (mean, low, high) in zip(places, methods, table, strict=True):
            if np.isnan(mean):
                continue
            hollow = method == reference
            colour = COLOURS[5] if place == 0 else INK if not hollow else COLOURS[2]
            panel.errorbar(
                mean, place, xerr=[[max(mean - low, 0)], [max(high - mean, 0)]], fmt="o",
                color=colour, markersize=4.5, linewidth=1.4, capsize=0, label=method,
                markerfacecolor="white" if hollow else colour,
            )  # fmt: skip
            if hollow:
                panel.axvline(mean, color=colour, linewidth=0.8, linestyle=(0, (2, 2)), zorder=0)
        arrow = {1: "  (more is better)", -1: "  (less is better)"}.get(better.get(name, 0), "")
        panel.set_title(name + arrow, loc="left", fontsize=TEXT, color=INK)
        panel.grid(axis="x", color=FAINT, linewidth=0.4)
        panel.set_axisbelow(True)
        panel.locator_params(axis="x", nbins=4)
        plain_axes(panel, keep=("bottom",))
        panel.tick_params(axis="y", length=0)
    names = [f"{name}  {notes[name]}" if name in notes else name for name in methods]
    panels[0].set_yticks(places, names)
    panels[0].set_ylim(len(methods) - 0.4, -0.6)
    for panel in panels[len(tables) :]:
        panel.set_visible(False)
    if caption:
        figure.supxlabel(caption, fontsize=TEXT - 1, color=INK)
    return figure
