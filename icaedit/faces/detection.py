"""Finding faces with dlib."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from icaedit.errors import MissingDependencyError
from icaedit.images import check_image

__all__ = ["Box", "detect", "import_dlib", "search_description", "searched_scales"]

_LARGEST_FIRST = 1280  # longer side in pixels at which the search begins, at most
_LARGEST = 2560  # longer side in pixels up to which a picture is enlarged
_MOST_ENLARGED = 4  # the detector knows faces from 80 px: those below 20 px are not looked for
_SMALLEST_FACE = 80  # pixels, in the picture as it is searched
_SURE = 0.25  # score; true faces seen from the front have 0.5 and more
_SAME = 0.35  # overlap over union of two boxes around one face


@dataclass(frozen=True)
class Box:
    """Where a face is, in pixels of the picture; may reach beyond its edge.

    Attributes
    ----------
    left, top, right, bottom : float
        Edges in pixels, where 0, 0 is the picture's top left corner.
    score : float
        The detector's confidence, 0 being the least it reports.

    Examples
    --------
    >>> Box(10, 20, 50, 60, 1.5).centre, Box(10, 20, 50, 60, 1.5).is_sure
    ((30.0, 40.0), True)
    """

    left: float
    top: float
    right: float
    bottom: float
    score: float

    @property
    def side(self) -> float:
        """Side of the square of the same area, in pixels."""
        return float(np.sqrt((self.right - self.left) * (self.bottom - self.top)))

    @property
    def is_sure(self) -> bool:
        """Whether the score is one that true faces have; below 0.25 it may be anything."""
        return self.score >= _SURE

    @property
    def centre(self) -> tuple[float, float]:
        """Middle, x and y in pixels."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


def detect(image: np.ndarray, *, every_size: bool = False) -> list[Box]:
    """Find frontal faces with dlib's gradient histogram detector.

    The picture is searched at a moderate size first, and enlarged until a sure face is found;
    see `searched_scales`. The order of the result is how faces are numbered, from 1: sure ones
    before doubtful ones, those found early before those that only an enlargement shows, and the
    largest first. The first face is the same whether or not all sizes are searched.

    Parameters
    ----------
    image : ndarray of shape (H, W, 3), uint8 RGB
    every_size : bool
        Search every size, for the small faces beside a large one.

    Returns
    -------
    list of Box
        Empty if there is no face.

    Raises
    ------
    InputError
        If the picture is not uint8 RGB.
    MissingDependencyError
        If dlib is not installed.

    Examples
    --------
    >>> detect(np.full((64, 64, 3), 128, np.uint8))
    []
    """
    image = np.ascontiguousarray(check_image(image))
    found: list[Box] = []
    for scale in searched_scales(image.shape[1], image.shape[0]):
        here = sorted(_detect_at(image, scale), key=lambda box: (-box.side, box.left, box.top))
        # a face that was found before keeps that box
        found += [box for box in here if all(_overlap(box, other) < _SAME for other in found)]
        if not every_size and any(box.is_sure for box in found):
            break
    return sorted(found, key=lambda box: not box.is_sure)


def searched_scales(width: int, height: int) -> tuple[float, ...]:
    """Return the enlargements at which a picture of a size is searched, in order.

    From at most 1280 px on the longer side, doubled up to 2560 px or the picture's own size,
    whichever is more, and no further than to four times its size.

    Examples
    --------
    >>> searched_scales(640, 480), searched_scales(5120, 3840), searched_scales(64, 64)
    ((1.0, 2.0, 4.0), (0.25, 0.5, 1.0), (1.0, 2.0, 4.0))
    """
    longer = max(width, height)
    scale = min(1.0, _LARGEST_FIRST / longer)
    scales = [scale]
    while scale * 2 <= _MOST_ENLARGED and scale * 2 * longer <= max(_LARGEST, longer):
        scale *= 2
        scales.append(scale)
    return tuple(scales)


def search_description(width: int, height: int) -> str:
    """Say in words how a picture of a size is searched, for when nothing was found.

    Examples
    --------
    >>> search_description(120, 90)
    "dlib's frontal detector at 120 x 90, 240 x 180, 480 x 360 px, faces from 20 px"
    """
    scales = searched_scales(width, height)
    sizes = ", ".join(f"{round(width * s)} x {round(height * s)}" for s in scales)
    smallest = round(_SMALLEST_FACE / scales[-1])
    return f"dlib's frontal detector at {sizes} px, faces from {smallest} px"


def import_dlib():
    """Return the dlib module.

    Raises
    ------
    MissingDependencyError
        If it is not installed.
    """
    try:
        import dlib
    except ImportError as err:
        raise MissingDependencyError(
            "got no dlib to look for faces with, expected the package dlib-bin; do "
            "`pip install dlib-bin`, or give the face's points with --landmarks FILE"
        ) from err
    return dlib


def _detect_at(image: np.ndarray, scale: float) -> list[Box]:
    height, width = image.shape[:2]
    searched = image
    if scale != 1:
        target = max(round(width * scale), 1), max(round(height * scale), 1)
        resample = Image.Resampling.BOX if scale < 1 else Image.Resampling.BILINEAR
        searched = np.asarray(Image.fromarray(image).resize(target, resample))
    rectangles, scores, _ = _detector().run(searched, 0, 0.0)
    x, y = width / searched.shape[1], height / searched.shape[0]
    return [
        # dlib's right and bottom are the last pixel inside
        Box(r.left() * x, r.top() * y, (r.right() + 1) * x, (r.bottom() + 1) * y, float(score))
        for r, score in zip(rectangles, scores, strict=True)
    ]


@lru_cache(maxsize=1)
def _detector():
    return import_dlib().get_frontal_face_detector()


def _overlap(a: Box, b: Box) -> float:
    """Return the overlap of two boxes over their union, 0 to 1."""
    width = min(a.right, b.right) - max(a.left, b.left)
    height = min(a.bottom, b.bottom) - max(a.top, b.top)
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / (a.side**2 + b.side**2 - common)
