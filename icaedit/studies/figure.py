"""Accuracies of a study by condition, drawn with their intervals."""

from typing import TYPE_CHECKING

from icaedit.plots.figures import COLOURS, FAINT, INK, TEXT, new_figure, plain_axes
from icaedit.studies.report import Measured
from icaedit.studies.running import ALONE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["accuracy_plot"]


def accuracy_plot(study: Measured) -> "Figure":
    """Draw the accuracy of every backbone under every condition.

    Parameters
    ----------
    study : Measured

    Returns
    -------
    matplotlib.figure.Figure
        A row for each condition and a mark for each backbone, with its interval over people; a
        line at chance.
    """
    rows = study.rows("without")
    conditions = list(dict.fromkeys(row.condition for row in rows))
    names = [*study.backbones, ALONE]
    figure = new_figure(6.4, 0.9 + 0.42 * len(conditions))
    axes = figure.subplots()
    step = 0.7 / len(names)
    for place, name in enumerate(names):
        chosen = [row for row in rows if row.backbone == name]
        heights = [
            conditions.index(row.condition) + step * (place - (len(names) - 1) / 2)
            for row in chosen
        ]
        values = [100 * row.measures.accuracy.value for row in chosen]
        ends = [
            [100 * (row.measures.accuracy.value - row.measures.accuracy.low) for row in chosen],
            [100 * (row.measures.accuracy.high - row.measures.accuracy.value) for row in chosen],
        ]
        axes.errorbar(
            values, heights, xerr=ends, fmt="o", ms=4, lw=1.4, color=COLOURS[place], label=name
        )
    chance = 100 / len(rows[0].measures.emotions)
    axes.axvline(chance, color=FAINT, lw=1, zorder=0)
    axes.text(chance, -0.6, " chance", color=INK, fontsize=TEXT - 1, va="center")
    coordinates = {row.condition: row.coordinates for row in rows}
    axes.set_yticks(
        range(len(conditions)),
        [f"{c} ({coordinates[c]})" if coordinates[c] else c for c in conditions],
    )
    axes.set_ylim(len(conditions) - 0.5, -0.9)
    axes.set_xlim(0, 100)
    axes.set_xlabel("accuracy in percent, with 95 % intervals over people")
    plain_axes(axes)
    figure.legend(loc="outside upper left", ncols=len(names), frameon=False, fontsize=TEXT)
    return figure
