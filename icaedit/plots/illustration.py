"""Why independent components: the same points with their principal and independent axes."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.errors import InputError
from icaedit.plots.figures import COLOURS, FAINT, INK, TEXT, finite, new_figure, plain_axes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["pca_ica_illustration"]


def pca_ica_illustration(
    points: ArrayLike, *, principal: ArrayLike, independent: ArrayLike, spread: float = 2.5
) -> "Figure":
    """Draw points in the plane twice, with principal axes and with independent ones.

    The paper's Figure 5. Principal axes are at right angles and follow the largest variance;
    independent ones follow the sources that were mixed, at whatever angle.

    Parameters
    ----------
    points : array_like of float, (N, 2)
    principal, independent : array_like of float, (2, 2)
        One axis in each row, as long as one standard deviation along it. For ICA these are the
        columns of the mixing, not the rows of the unmixing.
    spread : float
        How many of these lengths the arrows have.

    Returns
    -------
    matplotlib.figure.Figure
        Two axes, each with the points and two arrows.

    Raises
    ------
    InputError
        If a shape is another one or a value is not finite.

    Examples
    --------
    >>> figure = pca_ica_illustration([[1, 1], [-1, 2]], principal=np.eye(2), independent=np.eye(2))
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['principal components', 'independent components']
    """
    cloud = finite(points, "points", 2)
    axes_of = {
        "principal components": finite(principal, "principal axes", 2),
        "independent components": finite(independent, "independent axes", 2),
    }
    shapes = [cloud.shape[1:], *(rows.shape for rows in axes_of.values())]
    if shapes != [(2,), (2, 2), (2, 2)]:
        raise InputError(
            f"got points and axes of shapes {[cloud.shape, *shapes[1:]]}, expected (N, 2), (2, 2) "
            "and (2, 2); give points in the plane and two axes of each kind"
        )
    centre = cloud.mean(axis=0)
    reach = float(np.quantile(np.abs(cloud - centre), 0.985)) * 1.2
    figure = new_figure(7.2, 4.2)
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    for panel, (title, rows), colour in zip(
        panels, axes_of.items(), (COLOURS[5], COLOURS[0]), strict=True
    ):
        panel.scatter(*cloud.T, s=4, color="#9a9a9a", alpha=0.45, linewidths=0, zorder=1)
        for number, row in enumerate(rows):
            _arrow(panel, centre, spread * row, colour, str(number + 1), reach)
        panel.set_title(title, loc="left", fontsize=TEXT, color=INK)
        panel.set_aspect("equal")
        panel.set_xlabel(f"angle between the axes {_angle(rows):.0f} degrees")
        plain_axes(panel, keep=("left", "bottom", "right", "top"))
        panel.axhline(centre[1], color=FAINT, linewidth=0.5, zorder=0)
        panel.axvline(centre[0], color=FAINT, linewidth=0.5, zorder=0)
        panel.tick_params(length=0, labelleft=False, labelbottom=False)
    panels[0].set(
        xlim=(centre[0] - reach, centre[0] + reach), ylim=(centre[1] - reach, centre[1] + reach)
    )
    return figure


def _arrow(panel, start: NDArray, move: NDArray, colour: str, label: str, reach: float) -> None:
    shortened = move * min(1.0, 0.86 * reach / max(float(np.abs(move).max()), 1e-300))
    panel.annotate(
        "", xy=start + shortened, xytext=start - shortened, zorder=3,
        arrowprops={"arrowstyle": "<|-|>,head_width=0.25,head_length=0.5", "color": colour,
                    "linewidth": 2, "shrinkA": 0, "shrinkB": 0},
    )  # fmt: skip
    beyond = shortened * (1 + 0.09 * reach / max(float(np.linalg.norm(shortened)), 1e-300))
    panel.text(*(start + beyond), label, color=colour, fontsize=TEXT + 1, ha="center",
               va="center", weight="bold", zorder=4)  # fmt: skip


def _angle(rows: NDArray[np.float64]) -> float:
    """Return the angle between two lines in degrees, at most 90."""
    norms = np.linalg.norm(rows, axis=1).prod()
    cosine = abs(rows[0] @ rows[1]) / norms if norms > 0 else 0.0
    return float(np.degrees(np.arccos(min(cosine, 1.0))))
