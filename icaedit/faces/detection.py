"""Finding faces, and the points on them, with dlib."""

import importlib.util
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

from icaedit.errors import FormatError, InputError, MissingDependencyError
from icaedit.images import check_image

__all__ = ["Box", "detect", "landmarks", "searched_scales"]

_LARGEST_FIRST = 1280  # longer side in pixels at which the search begins, at most
_LARGEST = 2560  # longer side in pixels up to which a picture is enlarged
_MOST_ENLARGED = 4  # the detector knows faces from 80 px: those below 20 px are not looked for
_POINTS_PACKAGE = "face_recognition_models"
_POINTS_FILE = Path("models") / "shape_predictor_68_face_landmarks.dat"


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
    >>> Box(10, 20, 50, 60, 1.5).centre
    (30.0, 40.0)
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
    def centre(self) -> tuple[float, float]:
        """Middle, x and y in pixels."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


def detect(image: np.ndarray) -> list[Box]:
    """Find frontal faces with dlib's gradient histogram detector.

    The picture is searched at a moderate size first, and enlarged until a face is found or it
    is four times its size or 2560 px large; see `searched_scales`.

    Parameters
    ----------
    image : ndarray of shape (H, W, 3), uint8 RGB

    Returns
    -------
    list of Box
        The largest face first; empty if there is none.

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
    for scale in searched_scales(image.shape[1], image.shape[0]):
        found = _detect_at(image, scale)
        if found:
            return sorted(found, key=lambda box: (-box.side, box.left, box.top))
    return []


def searched_scales(width: int, height: int) -> tuple[float, ...]:
    """Return the enlargements at which a picture of a size is searched, in order.

    Examples
    --------
    >>> searched_scales(640, 480), searched_scales(2560, 1920), searched_scales(64, 64)
    ((1.0, 2.0, 4.0), (0.5, 1.0), (1.0, 2.0, 4.0))
    """
    longer = max(width, height)
    scale = min(1.0, _LARGEST_FIRST / longer)
    scales = [scale]
    while scale * 2 <= _MOST_ENLARGED and scale * 2 * longer <= _LARGEST:
        scale *= 2
        scales.append(scale)
    return tuple(scales)


def landmarks(image: np.ndarray, box: Box) -> np.ndarray:
    """Find the 68 points of the iBUG 300-W scheme on a face.

    Parameters
    ----------
    image : ndarray of shape (H, W, 3), uint8 RGB
    box : Box
        A face found by `detect`.

    Returns
    -------
    ndarray of shape (68, 2), float64
        x, y in pixels; 0 to 16 the jaw, 36 to 41 and 42 to 47 the eyes, 48 to 67 the mouth.

    Raises
    ------
    InputError
        If the picture is not uint8 RGB.
    MissingDependencyError
        If dlib or the trained points are not installed.
    FormatError
        If the file of trained points is damaged.
    """
    image = np.ascontiguousarray(check_image(image))
    dlib = import_dlib()
    predictor = _point_predictor(str(_points_path()))
    edges = [round(edge) for edge in (box.left, box.top, box.right, box.bottom)]
    if edges[0] >= edges[2] or edges[1] >= edges[3]:
        raise InputError(f"got an empty box {box}, expected a face's; take it from faces.detect")
    shape = predictor(image, dlib.rectangle(edges[0], edges[1], edges[2] - 1, edges[3] - 1))
    return np.array([(point.x, point.y) for point in shape.parts()], dtype=np.float64)


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
            "`pip install dlib-bin`, or crop to a square and use --align none"
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


@lru_cache(maxsize=1)
def _point_predictor(path: str):
    try:
        return import_dlib().shape_predictor(path)
    except RuntimeError as err:
        raise FormatError(
            f"got {path}, which dlib cannot read ({str(err).splitlines()[0]}), expected its 68 "
            f"trained points; do `pip install --force-reinstall {_POINTS_PACKAGE}`"
        ) from err


def _points_path() -> Path:
    """Return the file of trained points, found without importing the package that carries it."""
    spec = importlib.util.find_spec(_POINTS_PACKAGE)
    folders = [] if spec is None else [Path(p) for p in spec.submodule_search_locations or ()]
    for folder in folders:
        if (folder / _POINTS_FILE).is_file():
            return folder / _POINTS_FILE
    raise MissingDependencyError(
        "got a face that must be aligned but no trained face landmarks, expected the package "
        f'{_POINTS_PACKAGE}; do `pip install "icaedit[landmarks]"` (that file\'s terms exclude '
        "commercial use), or crop the face to a square and use --align none"
    )
