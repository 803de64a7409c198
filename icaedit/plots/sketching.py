"""How a photograph becomes a pencil drawing, step by step."""

import numpy as np
from numpy.typing import ArrayLike

from icaedit.images import check_image, sketch_steps
from icaedit.plots.grid import picture_strip

__all__ = ["sketch_strip"]

_EQUATIONS = range(3, 8)


def sketch_strip(
    image: ArrayLike,
    kernel_size: int | None = None,
    *,
    arithmetic: str = "integer",
    cell: int | None = None,
) -> np.ndarray:
    """Lay a photograph and the five steps to its drawing side by side: the paper's Figure 4.

    Each step is named after its equation, 3 to 7: grey, inverted, blurred, inverted again, and
    the grey divided by this, which is the drawing.

    Parameters
    ----------
    image : ndarray of uint8, (H, W, 3)
        RGB.
    kernel_size, arithmetic
        As in `icaedit.faces.pencil_sketch`.
    cell : int, optional
        Longer side of each picture in pixels, as in `picture_grid`.

    Returns
    -------
    ndarray of shape (H, W, 3), uint8 RGB

    Raises
    ------
    InputError
        If the picture or an option cannot be used.

    Examples
    --------
    >>> sketch_strip(np.full((64, 64, 3), 128, np.uint8), cell=64).shape
    (90, 412, 3)
    """
    photo = check_image(image)
    steps = sketch_steps(photo, kernel_size, arithmetic=arithmetic)
    # the second inversion goes by its equation alone, or its name would not fit
    names = [
        f"({equation}) {name.removesuffix(' again')}"
        for equation, name in zip(_EQUATIONS, steps, strict=True)
    ]
    return picture_strip([photo, *steps.values()], labels=["photograph", *names], cell=cell)
