"""Faces at several strengths, with what was read in them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.errors import InputError
from icaedit.images import check_image
from icaedit.plots.figures import COLOURS, FAINT, INK, TEXT, finite, new_figure, plain_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["sweep_grid", "sweep_plot"]

_CELL = 0.95  # inches: the side of a picture


def sweep_grid(
    images: Sequence[Sequence[np.ndarray]],
    strengths: ArrayLike,
    *,
    row_labels: Sequence[str],
    scores: ArrayLike | None = None,
    score_label: str = "",
) -> "Figure":
    """Draw faces in rows at increasing strengths, each with its score below.

    The paper's Figure 13.

    Parameters
    ----------
    images : sequence of sequences of ndarray of shape (H, W, 3), uint8 RGB
        Row by row: R rows of S pictures.
    strengths : array_like of float, (S,)
        Column labels.
    row_labels : sequence of str, length R
        Such as the emotions.
    scores : array_like of float, (R, S), optional
        Such as the probability of the row's emotion.
    score_label : str
        What the scores are.

    Returns
    -------
    matplotlib.figure.Figure
        R x S axes, row by row, each with one picture.

    Raises
    ------
    InputError
        If numbers do not fit together or a picture is not uint8 RGB.

    Examples
    --------
    >>> faces = np.full((2, 3, 16, 16, 3), 120, np.uint8)
    >>> figure = sweep_grid(faces, [0, 1.5, 3], row_labels=["happy", "sad"], scores=np.eye(2, 3))
    >>> [axes.get_xlabel() for axes in figure.axes[:3]]
    ['1.00', '0.00', '0.00']
    """
    steps = finite(strengths, "strengths", 1)
    rows = [[check_image(image) for image in row] for row in images]
    if not rows or {len(row) for row in rows} != {len(steps)} or len(row_labels) != len(rows):
        raise InputError(
            f"got rows of {[len(row) for row in rows]} pictures for {len(steps)} strengths and "
            f"{len(row_labels)} labels, expected a picture for each strength in every row; "
            "complete them"
        )
    values = None if scores is None else finite(scores, "scores", 2)
    if values is not None and values.shape != (len(rows), len(steps)):
        raise InputError(
            f"got scores of shape {values.shape}, expected {(len(rows), len(steps))}; give one "
            "for each picture"
        )
    below = 0.0 if values is None else 0.2
    figure = new_figure(1.0 + _CELL * len(steps), 0.6 + (_CELL + below) * len(rows))
    grid = figure.subplots(len(rows), len(steps), squeeze=False)
    for (row, column), axes in np.ndenumerate(grid):
        _picture(axes, rows[row][column])
        if row == 0:
            axes.set_title(_strength(steps[column]), fontsize=TEXT, color=INK)
        if column == 0:
            axes.set_ylabel(row_labels[row], rotation=0, ha="right", va="center", fontsize=TEXT,
                            color=INK)  # fmt: skip
        if values is not None:
            axes.set_xlabel(f"{values[row, column]:.2f}", fontsize=TEXT - 1, color=INK, labelpad=2)
    note = "strength above" + (f", {score_label or 'score'} below" if values is not None else "")
    figure.supxlabel(note, fontsize=TEXT - 1, color=INK)
    return figure


def sweep_plot(
    images: Sequence[np.ndarray], strengths: ArrayLike, scores: Mapping[str, ArrayLike]
) -> "Figure":
    """Draw one face at increasing strengths, and what is read in it as curves below.

    Parameters
    ----------
    images : sequence of ndarray of shape (H, W, 3), uint8 RGB
        S pictures.
    strengths : array_like of float, (S,)
        Increasing.
    scores : mapping of str to array_like of float, (S,)
        Curves by name, 8 at most; the first is drawn strongest.

    Returns
    -------
    matplotlib.figure.Figure
        S axes with a picture, then the axes of the curves, each named at its end.

    Raises
    ------
    InputError
        If numbers do not fit together or a picture is not uint8 RGB.

    Examples
    --------
    >>> faces = np.full((3, 16, 16, 3), 120, np.uint8)
    >>> figure = sweep_plot(faces, [0, 1, 2], {"happy": [0.1, 0.5, 0.9]})
    >>> figure.axes[-1].lines[0].get_ydata().tolist()
    [0.1, 0.5, 0.9]
    """
    steps = finite(strengths, "strengths", 1)
    curves = {name: finite(values, name, 1) for name, values in scores.items()}
    sizes = {len(images), len(steps), *(len(values) for values in curves.values())}
    if len(sizes) != 1 or not 1 <= len(curves) <= len(COLOURS) or (np.diff(steps) <= 0).any():
        raise InputError(
            f"got {len(images)} pictures, {len(steps)} strengths and {len(curves)} curves, "
            f"expected as many pictures as increasing strengths and 1 to {len(COLOURS)} curves "
            "of that length; complete them"
        )
    figure = new_figure(1.6 + _CELL * len(steps), 3.0)
    # without gaps between the columns, a curve's points lie right below the pictures
    figure.get_layout_engine().set(w_pad=0.02, wspace=0.0)
    cells = figure.add_gridspec(2, len(steps), height_ratios=[1, 1.7])
    for column, image in enumerate(images):
        axes = figure.add_subplot(cells[0, column])
        _picture(axes, check_image(image))
        axes.set_title(_strength(steps[column]), fontsize=TEXT, color=INK)
    axes = figure.add_subplot(cells[1, :])
    # the curves' points stand below their pictures, whatever the strengths
    place = np.arange(len(steps))
    every = np.concatenate(list(curves.values()))
    low, span = float(every.min()), max(float(np.ptp(every)), 1e-12)
    ends = _apart(np.array([values[-1] for values in curves.values()]), 0.09 * span, low)
    for number, (name, values) in enumerate(curves.items()):
        axes.plot(
            place, values, color=COLOURS[number], linewidth=2.2 if number == 0 else 1.3,
            marker="o", markersize=4, label=name, zorder=3 if number == 0 else 2,
        )  # fmt: skip
        axes.annotate(
            name, (len(steps) - 0.5, ends[number]), xytext=(4, 0), textcoords="offset points",
            va="center", fontsize=TEXT - 1, color=COLOURS[number], annotation_clip=False,
        )  # fmt: skip
    axes.set_xlim(-0.5, len(steps) - 0.5)
    axes.set_xticks(place, [_strength(step) for step in steps])
    axes.set_xlabel("strength")
    axes.grid(axis="y", color=FAINT, linewidth=0.4)
    plain_axes(axes)
    return figure


def _picture(axes: "Axes", image: NDArray[np.uint8]) -> None:
    axes.imshow(image, interpolation="lanczos" if max(image.shape) > 150 else "bicubic")
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)


def _strength(value: float) -> str:
    return "0" if value == 0 else f"{value:+g}"


def _apart(heights: NDArray[np.float64], gap: float, least: float) -> NDArray[np.float64]:
    """Return heights moved until they lie a gap apart, in the same order, from `least` on."""
    order = np.argsort(heights, kind="stable")
    moved = heights[order].astype(np.float64)
    for _ in range(200):
        short = np.maximum(gap - np.diff(moved), 0) / 2
        if not (short > 1e-6 * gap).any():
            break
        moved[1:] += short
        moved[:-1] -= short
        moved = np.maximum(moved, least + gap * np.arange(len(moved)))
    result = np.empty_like(moved)
    result[order] = moved
    return result
