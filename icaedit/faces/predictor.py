"""The 68 points of a face, by a trained predictor in dlib's format."""

import importlib.util
import os
import warnings
from functools import lru_cache
from pathlib import Path

import numpy as np

from icaedit.errors import (
    FileAccessError,
    FormatError,
    InputError,
    MissingDependencyError,
    TermsWarning,
)
from icaedit.faces.detection import Box, import_dlib
from icaedit.images import check_image

__all__ = ["landmarks", "package_predictor_file"]

_PACKAGE = "face_recognition_models"
_FILE = Path("models") / "shape_predictor_68_face_landmarks.dat"
_COUNT = 68


def landmarks(image: np.ndarray, box: Box, *, model: str | os.PathLike | None = None) -> np.ndarray:
    """Find the 68 points of the iBUG 300-W scheme on a face.

    Parameters
    ----------
    image : ndarray of shape (H, W, 3), uint8 RGB
    box : Box
        A face found by `detect`.
    model : path, optional
        A predictor of 68 points in dlib's format. Without it, the one in the package
        face_recognition_models, whose terms are told once.

    Returns
    -------
    ndarray of shape (68, 2), float64
        x, y in pixels; 0 to 16 the jaw, 36 to 41 and 42 to 47 the eyes, 48 to 67 the mouth.

    Raises
    ------
    InputError
        If the picture is not uint8 RGB, or the box is empty.
    MissingDependencyError
        If dlib or the trained points are not installed.
    FileAccessError
        If the file named is missing.
    FormatError
        If the file of trained points is damaged or gives other points.

    Warns
    -----
    TermsWarning
        When the package's predictor is first used.
    """
    image = np.ascontiguousarray(check_image(image))
    predictor = _package_predictor() if model is None else _predictor(os.fspath(model))
    edges = [round(edge) for edge in (box.left, box.top, box.right, box.bottom)]
    if edges[0] >= edges[2] or edges[1] >= edges[3]:
        raise InputError(f"got an empty box {box}, expected a face's; take it from faces.detect")
    rectangle = import_dlib().rectangle(edges[0], edges[1], edges[2] - 1, edges[3] - 1)
    points = predictor(image, rectangle).parts()
    if len(points) != _COUNT:
        raise FormatError(
            f"got {len(points)} points from {model}, expected {_COUNT}; name a predictor of "
            f"{_COUNT} points, as the 300-W scheme has them"
        )
    return np.array([(point.x, point.y) for point in points], dtype=np.float64)


@lru_cache(maxsize=2)
def _predictor(path: str):
    if not Path(path).is_file():
        raise FileAccessError(
            f"got {path}, which is no file, expected a landmark predictor; check --landmark-model"
        )
    try:
        return import_dlib().shape_predictor(path)
    except RuntimeError as err:
        raise FormatError(
            f"got {path}, which dlib cannot read ({str(err).splitlines()[0]}), expected a "
            f"predictor of {_COUNT} points; get it again or name another by --landmark-model"
        ) from err


@lru_cache(maxsize=1)
def _package_predictor():
    path = _package_file()
    predictor = _predictor(str(path))
    warnings.warn(
        f"got face landmarks from the package {_PACKAGE}, whose training data (iBUG 300-W) "
        "exclude commercial use, expected that this suits you; else name another predictor by "
        "--landmark-model, or give points by --landmarks",
        TermsWarning,
        stacklevel=3,
    )
    return predictor


def package_predictor_file() -> Path | None:
    """Return the file of trained points, found without importing the package that carries it.

    None if the package is not installed.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    folders = [] if spec is None else [Path(p) for p in spec.submodule_search_locations or ()]
    return next((folder / _FILE for folder in folders if (folder / _FILE).is_file()), None)


def _package_file() -> Path:
    path = package_predictor_file()
    if path is not None:
        return path
    raise MissingDependencyError(
        "got a face that must be aligned but no trained face landmarks, expected a predictor; "
        'name its file by --landmark-model, do `pip install "icaedit[landmarks]"` (whose terms '
        "exclude commercial use), give 5 or 68 points by --landmarks FILE, or crop the face to a "
        "square and use --align none"
    )
