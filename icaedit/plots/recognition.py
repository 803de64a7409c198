"""What a recogniser confuses with what, and whether it is right as often as it is sure."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.errors import InputError
from icaedit.plots.figures import COLOURS, FAINT, INK, TEXT, ink_on, new_figure, plain_axes
from icaedit.statistics import wilson_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["confusion_plot", "reliability_plot"]

_SHADES = "Blues"
_EMPTY = "#eeeeee"
_NO_FACE = "no face"


def confusion_plot(
    counts: Sequence[ArrayLike],
    emotions: Sequence[str],
    *,
    titles: Sequence[str] | None = None,
    columns: int = 2,
    normalised: bool = True,
) -> "Figure":
    """Draw confusion matrices side by side, such as without and with latents.

    The paper's Figures 8 and 9. Normalised rows give shares of the faces that show an emotion, so
    the diagonal is recall, which the paper calls precision.

    Parameters
    ----------
    counts : sequence of array_like of int, each (E, E) or (E, E + 1)
        Rows are the truth, columns what was read; a further column holds pictures in which no
        face was found, and is drawn if there is any.
    emotions : sequence of str, length E
    titles : sequence of str, optional
        One for each matrix.
    columns : int
        Matrices in a row of the figure.
    normalised : bool
        Whether cells are percent of their row, or faces; shades always are shares of the row.

    Returns
    -------
    matplotlib.figure.Figure
        An axes for each matrix, with a text in each cell that is not 0, and that of the shades.
        Rows without faces are grey.

    Raises
    ------
    InputError
        If a matrix is of another shape, negative or without faces, or the numbers do not fit.

    Examples
    --------
    >>> figure = confusion_plot([[[3, 1], [0, 2]]], ["happy", "sad"], titles=["DAN"])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['75', '25', '100']
    """
    matrices = _checked(counts, emotions)
    names = [""] * len(matrices) if titles is None else list(titles)
    if len(names) != len(matrices) or columns < 1:
        raise InputError(
            f"got {len(names)} titles and {columns} columns for {len(matrices)} matrices, expected "
            "one title each and 1 or more columns; correct them"
        )
    some_missed = any(matrix[:, -1].any() for matrix in matrices)
    n = len(emotions)
    shown = [matrix if some_missed else matrix[:, :n] for matrix in matrices]
    columns = min(columns, len(matrices))
    rows = -(-len(matrices) // columns)
    cell = 0.36  # inches
    figure = new_figure(
        2.3 + columns * (cell * (n + some_missed) + 0.1), 1.2 + rows * (cell * n + 0.35)
    )
    figure.set_layout_engine("compressed")  # no gaps beside squares
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    for place, (panel, name, matrix) in enumerate(zip(panels.ravel(), names, shown, strict=False)):
        image = _draw_matrix(panel, matrix, normalised=normalised)
        panel.set_title(name, loc="left", fontsize=TEXT, color=INK)
        if place % columns == 0:
            panel.set_ylabel("shown")
        panel.tick_params(axis="x", rotation=90)
        if place + columns >= len(matrices):
            panel.set_xlabel("read")
            panel.tick_params(axis="x", labelbottom=True)
    for panel in panels.ravel()[len(matrices) :]:
        panel.set_visible(False)
    read = [*emotions, _NO_FACE] if some_missed else list(emotions)
    panels[0, 0].set_xticks(range(len(read)), read)
    panels[0, 0].set_yticks(range(n), list(emotions))
    bar = figure.colorbar(image, ax=panels, aspect=30, fraction=0.05, pad=0.02, format="{x:.0%}")
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=TEXT - 1, color=FAINT, labelcolor=INK)
    bar.set_label("share of the row", size=TEXT, color=INK)
    return figure


def reliability_plot(
    curves: Mapping[str, tuple[ArrayLike, ArrayLike, ArrayLike]], *, level: float = 0.95
) -> "Figure":
    """Draw how often recognisers were right against how sure they were.

    Parameters
    ----------
    curves : mapping of str to (confidence, accuracy, faces), each array_like of (bins,)
        By title, such as ``"DAN, ECE 0.08"``: the means and the number of faces in each bin of
        confidence, NaN in empty ones; as in `icaedit.recognition.Calibration`.
    level : float in (0, 1)
        Of Wilson's intervals around each accuracy, as if faces were independent.

    Returns
    -------
    matplotlib.figure.Figure
        For each curve an axes of accuracy by confidence with an error bar for each bin that has
        faces, and then for each an axes of the shares of faces.

    Raises
    ------
    InputError
        If there is nothing to draw, or the arrays do not fit together.

    Examples
    --------
    >>> figure = reliability_plot({"DAN": ([0.4, 0.9], [0.5, 0.8], [10, 30])})
    >>> figure.axes[0].get_title(loc="left"), len(figure.axes)
    ('DAN', 2)
    """
    if not curves:
        raise InputError("got no curves, expected one or more to draw; give some")
    figure = new_figure(0.6 + 2.5 * len(curves), 3.4)
    panels = figure.subplots(
        2, len(curves), squeeze=False, sharex=True, sharey="row", height_ratios=(3, 1)
    )
    for (upper, lower), (title, curve) in zip(panels.T, curves.items(), strict=True):
        confidence, accuracy, faces = _checked_curve(title, curve)
        used = faces > 0
        ends = np.array(
            [
                wilson_interval(round(share * n), int(n), level=level)[1:]
                for share, n in zip(accuracy[used], faces[used], strict=True)
            ]
        ).T
        marks = accuracy[used]
        # rounding may put an end past the mark by an ulp
        reach = np.maximum([marks - ends[0], ends[1] - marks], 0)
        upper.plot([0, 1], [0, 1], color=FAINT, linewidth=1, linestyle=(0, (4, 2)), zorder=0)
        upper.errorbar(
            confidence[used], marks, yerr=reach, fmt="o-", color=COLOURS[0], markersize=4,
            linewidth=1.2, elinewidth=1, capsize=0, clip_on=False,
        )  # fmt: skip
        share = faces / faces.sum()
        lower.vlines(confidence[used], 0, share[used], color=COLOURS[0], linewidth=3)
        upper.set_title(title, loc="left", fontsize=TEXT, color=INK)
        lower.set_xlabel("confidence")
        for panel in (upper, lower):
            plain_axes(panel)
        upper.set(xlim=(0, 1), ylim=(0, 1))
        lower.set_ylim(bottom=0)
        lower.yaxis.set_major_formatter("{x:.0%}")
        lower.yaxis.set_major_locator(_few_ticks())
    panels[0, 0].set_ylabel("accuracy")
    panels[1, 0].set_ylabel("faces")
    figure.align_ylabels(panels[:, 0])
    return figure


def _few_ticks():
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=2)


def _draw_matrix(panel: "Axes", matrix: NDArray, *, normalised: bool):
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    faces = matrix.sum(axis=1, keepdims=True)
    share = np.divide(matrix, faces, out=np.full(matrix.shape, np.nan), where=faces > 0)
    shades = colormaps[_SHADES].with_extremes(bad=_EMPTY)
    image = panel.imshow(np.ma.masked_invalid(share), cmap=shades, vmin=0, vmax=1)
    for row, column in np.argwhere(matrix > 0):
        text = f"{100 * share[row, column]:.0f}" if normalised else str(matrix[row, column])
        colour = ink_on(to_hex(shades(share[row, column])))
        panel.text(column, row, text, ha="center", va="center", fontsize=TEXT - 2, color=colour)
    plain_axes(panel, keep=())
    panel.tick_params(length=0)
    return image


def _checked(counts: Sequence[ArrayLike], emotions: Sequence[str]) -> list[NDArray[np.int64]]:
    """Return the matrices, each (E, E + 1)."""
    n = len(emotions)
    matrices = []
    for matrix in counts:
        given = np.asarray(matrix)
        if given.shape not in ((n, n), (n, n + 1)) or not n or given.dtype.kind not in "iu":
            raise InputError(
                f"got a confusion matrix of {given.dtype} {given.shape} for {n} emotions, expected "
                f"whole numbers ({n}, {n}) or ({n}, {n + 1}); give counts of faces"
            )
        if (given < 0).any() or not given.any():
            raise InputError(
                "got a confusion matrix with negative counts or without faces, expected counts "
                "from 0 and one face or more; count again"
            )
        matrices.append(np.pad(given, ((0, 0), (0, n + 1 - given.shape[1]))))
    if not matrices:
        raise InputError("got no confusion matrix, expected one or more to draw; give some")
    return matrices


def _checked_curve(
    title: str, curve: tuple[ArrayLike, ArrayLike, ArrayLike]
) -> tuple[NDArray[np.float64], ...]:
    confidence, accuracy, faces = (np.asarray(values, dtype=np.float64) for values in curve)
    used = faces > 0
    if (
        not confidence.shape == accuracy.shape == faces.shape
        or faces.ndim != 1
        or not used.any()
        or not np.isfinite(confidence[used] + accuracy[used]).all()
        or (np.abs(np.stack([confidence, accuracy])[:, used] - 0.5) > 0.5 + 1e-9).any()
    ):
        raise InputError(
            f"got {title!r} with confidence {confidence.shape}, accuracy {accuracy.shape} and "
            f"faces {faces.shape}, expected one of each a bin, from 0 to 1 where there are faces, "
            "and some faces; give those of a calibration"
        )
    return confidence, accuracy, faces
