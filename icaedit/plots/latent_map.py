"""Latents of many faces as points: what divides them, people or expressions."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.errors import InputError
from icaedit.plots.figures import COLOURS, FAINT, INK, TEXT, finite, new_figure, plain_axes
from icaedit.schema import EMOTIONS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["latent_plot"]

_ORDER = {emotion: number for number, emotion in enumerate(EMOTIONS)}
_MOST = 1000  # faces: more hide each other, and take long to find axes for


def latent_plot(latents: ArrayLike, emotions: Sequence[str], *, people: Sequence[str]) -> "Figure":
    """Draw faces on the first two principal axes of their latents, coloured by emotion.

    Left as they are, people and expressions together; right with each person's mean taken away
    (over the faces that are given), which leaves the expressions.

    Parameters
    ----------
    latents : array_like of float, (N, L, C)
        Beyond 1000 faces, as many evenly spaced ones are drawn.
    emotions, people : sequence of str, length N

    Returns
    -------
    matplotlib.figure.Figure
        Two axes, each with one group of points an emotion.

    Raises
    ------
    InputError
        If lengths disagree, there are fewer than two faces, or a value is not finite.

    Examples
    --------
    >>> latents = np.random.default_rng(0).normal(size=(4, 2, 3))
    >>> figure = latent_plot(latents, ["neutral", "sad"] * 2, people=["a", "a", "b", "b"])
    >>> [len(group.get_offsets()) for group in figure.axes[0].collections]
    [2, 2]
    """
    values = finite(latents, "latents", 3)
    if len(values) < 2 or not len(values) == len(emotions) == len(people):
        raise InputError(
            f"got {len(values)} latents, {len(emotions)} emotions and {len(people)} people, "
            "expected as many of each, two at least; give one for each face"
        )
    if len(values) > _MOST:
        rows = np.linspace(0, len(values) - 1, _MOST).round().astype(int)
        values = values[rows]
        emotions, people = ([names[row] for row in rows] for names in (emotions, people))
    flat = values.reshape(len(values), -1).astype(np.float64)
    of_person = np.unique(np.asarray(people), return_inverse=True)[1]
    sums = np.zeros((of_person.max() + 1, flat.shape[1]))
    np.add.at(sums, of_person, flat)
    means = sums / np.bincount(of_person)[:, None]
    figure = new_figure(9, 4.2)
    left, right = figure.subplots(1, 2)
    _scatter(left, flat, emotions, title="all faces")
    _scatter(right, flat - means[of_person], emotions, title="each person's mean taken away")
    handles, labels = left.get_legend_handles_labels()
    legend = figure.legend(
        handles, labels, loc="outside lower center", ncols=7, frameon=False, fontsize=TEXT - 1
    )
    for text in legend.get_texts():
        text.set_color(INK)
    return figure


def _scatter(
    axes: "Axes", values: NDArray[np.float64], emotions: Sequence[str], *, title: str
) -> None:
    """Draw points on their first two principal axes, found from the Gram matrix of the faces."""
    centred = values - values.mean(0)
    spread, vectors = np.linalg.eigh(centred @ centred.T)
    spread, vectors = np.maximum(spread[::-1], 0), vectors[:, ::-1]
    places = vectors[:, :2] * np.sqrt(spread[:2])
    # the sign of an axis means nothing: the farthest point is put on its positive side
    places = places * np.where(np.sign(places[np.abs(places).argmax(0), [0, 1]]) < 0, -1, 1)
    share = spread / max(spread.sum(), np.finfo(float).tiny)
    shown = sorted(set(emotions), key=lambda name: (_ORDER.get(name, len(_ORDER)), name))
    for number, emotion in enumerate(shown):
        chosen = np.asarray(emotions) == emotion
        axes.scatter(
            *places[chosen].T, s=16, linewidths=0, alpha=0.85,
            color=COLOURS[number % len(COLOURS)], label=emotion or "not given",
        )  # fmt: skip
    plain_axes(axes)
    axes.axhline(0, color=FAINT, linewidth=0.5, zorder=0)
    axes.axvline(0, color=FAINT, linewidth=0.5, zorder=0)
    axes.set_title(title, size=TEXT, color=INK)
    axes.set_xlabel(f"first axis, {share[0]:.0%} of the variance")
    axes.set_ylabel(f"second axis, {share[1]:.0%}")
