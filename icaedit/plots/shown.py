"""A figure that a notebook shows, though pyplot knows nothing of it."""

import io

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

__all__ = ["ShownFigure"]


class ShownFigure(Figure):
    """A matplotlib figure with a canvas of its own, shown as PNG where it ends a notebook's cell.

    IPython shows the figures of pyplot only, once pyplot was imported; the figures of this
    package leave pyplot and its list of figures alone.

    Examples
    --------
    >>> ShownFigure(figsize=(1, 1))._repr_png_()[:4]
    b'\\x89PNG'
    """

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        FigureCanvasAgg(self)

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", metadata={"Software": None})
        return buffer.getvalue()
