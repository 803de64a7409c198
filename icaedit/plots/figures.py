"""Making figures without matplotlib's global state, and turning them into pictures or files."""

import io
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from icaedit.errors import InputError
from icaedit.files import atomic_write

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["figure_image", "save_figure"]

DPI = 150
INK, FAINT = "#2d2d2d", "#b9b9b9"
TEXT = 9
"""Points; ticks and notes are one smaller."""

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C7A00", "#7A7A7A")
"""After Okabe and Ito, told apart by the colour-blind; yellow is replaced by one that shows."""

DIVERGING = "PuOr_r"
"""From purple (below 0) through white to orange; read alike by the colour-blind."""

_FORMATS = (".png", ".svg", ".pdf")


def new_figure(width: float, height: float) -> "Figure":
    """Return an empty white figure of a size in inches, which no other figure knows of."""
    from icaedit.plots.shown import ShownFigure

    return ShownFigure(
        figsize=(width, height), dpi=DPI, layout="constrained", facecolor="white"
    )


def plain_axes(axes: "Axes", *, keep: Sequence[str] = ("left", "bottom")) -> None:
    """Leave away the frame but for some sides, and set the sizes of the text."""
    for side, spine in axes.spines.items():
        spine.set_visible(side in keep)
        spine.set_color(FAINT)
    axes.tick_params(labelsize=TEXT - 1, color=FAINT, labelcolor=INK)
    axes.xaxis.label.set(size=TEXT, color=INK)
    axes.yaxis.label.set(size=TEXT, color=INK)


def ink_on(colour: str) -> str:
    """Return the colour of text that can be read on a colour (WCAG 2 relative luminance).

    Examples
    --------
    >>> ink_on("#0072B2"), ink_on("#E69F00")
    ('white', '#2d2d2d')
    """
    from matplotlib.colors import to_rgb

    rgb = np.asarray(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return "white" if linear @ [0.2126, 0.7152, 0.0722] < 0.25 else INK


def figure_image(figure: "Figure") -> NDArray[np.uint8]:
    """Return a figure as a picture, uint8 RGB of shape (H, W, 3), 150 pixels an inch.

    Examples
    --------
    >>> figure_image(new_figure(2.0, 1.0)).shape
    (150, 300, 3)
    """
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[..., :3].copy()


def save_figure(path: str | os.PathLike, figure: "Figure") -> None:
    """Write a figure as PNG, SVG or PDF, whole or not at all; the same figure, the same bytes.

    Parameters
    ----------
    path : path
        Its ending says the format.
    figure : matplotlib.figure.Figure

    Raises
    ------
    InputError
        If the ending is another one.
    FileAccessError
        If the file cannot be written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "empty.png"
    >>> save_figure(path, new_figure(2.0, 1.0))
    >>> path.stat().st_size > 0
    True
    """
    import matplotlib

    suffix = os.path.splitext(os.fspath(path))[1].lower()
    if suffix not in _FORMATS:
        raise InputError(
            f"got {path} for a figure, expected a name that ends in {', '.join(_FORMATS)}; "
            "rename it"
        )
    # neither the date nor the version of matplotlib, so that the bytes repeat
    metadata = {
        ".png": {"Software": None},
        ".svg": {"Date": None},
        ".pdf": {"CreationDate": None, "Producer": None, "Creator": None},
    }
    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "icaedit"}):
        figure.savefig(buffer, format=suffix[1:], metadata=metadata[suffix], facecolor="white")
    atomic_write(path, buffer.getvalue())


def finite(values: object, name: str, ndim: int | tuple[int, ...]) -> NDArray[np.float64]:
    """Return values as a float64 array after checking its axes and that it is finite, not empty.

    Raises
    ------
    InputError
        If they are not.
    """
    array = np.asarray(values, dtype=np.float64)
    allowed = (ndim,) if isinstance(ndim, int) else ndim
    if array.ndim not in allowed or not array.size or not np.isfinite(array).all():
        wanted = " or ".join(map(str, allowed))
        raise InputError(
            f"got {name} of shape {array.shape}, expected finite numbers along {wanted} axes; "
            "check what is drawn"
        )
    return array
