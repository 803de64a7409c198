"""Deciding which face of a picture is meant, and whether it must be aligned first."""

import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from icaedit.errors import FaceNotFoundError, InputError
from icaedit.faces.detection import Box, detect, search_description
from icaedit.faces.ffhq import align as align_face
from icaedit.faces.landmark_file import check_landmarks, read_landmarks
from icaedit.faces.predictor import landmarks as predicted_landmarks
from icaedit.images import check_image

__all__ = ["ALIGN_MODES", "PreparedFace", "prepare_face", "prepare_faces"]

ALIGN_MODES = ("auto", "always", "none")

# Where the detector's box lies in a picture that FFHQ's framing made, in shares of the side.
# Measured on aligned faces: middles 0.47 to 0.54 across, 0.59 to 0.64 down, sides 0.49 to 0.70;
# a head turned by half a profile moves its box sideways by up to 0.21.
_CENTRE = (0.5, 0.605)
_SLACK = (0.22, 0.12)
_SIDE = 0.55
_SIDE_FACTOR = 1.6


@dataclass(frozen=True, eq=False)
class PreparedFace:
    """A face as models read it.

    Attributes
    ----------
    image : ndarray of shape (S, S, 3), uint8 RGB
        The aligned face: the given picture itself if `quad` is None.
    quad : ndarray of shape (4, 2), float64, or None
        Where in the photo it was cut out, as in `Aligned`; None if the picture passed through.
    number : int
        The face's number in the picture, from 1, as `detect` orders them or the landmarks are
        given.
    landmarks : ndarray of shape (5, 2) or (68, 2), float64, or None
        The points by which it was aligned.
    box : Box or None
        Where it was found; None where landmarks were given or no face was found.
    """

    image: np.ndarray
    quad: np.ndarray | None
    number: int = 1
    landmarks: np.ndarray | None = None
    box: Box | None = None


def prepare_face(
    image: np.ndarray,
    *,
    align: str = "auto",
    size: int = 256,
    transform_size: int | None = None,
    face: int | None = None,
    landmarks: Any = None,
    landmark_model: str | os.PathLike | None = None,
) -> PreparedFace:
    """Return one aligned face of a picture.

    With ``align="auto"`` a square picture passes through untouched if its first face lies where
    FFHQ's framing puts it, or if no face is found in it at all (a drawing, a profile). Any other
    picture is searched for its first face, which is cut out by its landmarks. A face or landmarks
    that were asked for by name are always aligned, as everything is with ``align="always"``.
    With ``align="none"`` a square picture passes through whatever it shows.

    Parameters
    ----------
    image : ndarray of shape (H, W, 3), uint8 RGB
    align : {"auto", "always", "none"}
    size : int
        Side in pixels of a face that is cut out.
    transform_size : int, optional
        Side at which the photo is sampled for it; `size` if not given.
    face : int, optional
        Number of the face, from 1; the first, which is the largest sure one, if not given.
    landmarks : array_like or path, optional
        Landmarks of one face or several as in `check_landmarks`, or a file of them as in
        `read_landmarks`. No face is looked for then.
    landmark_model : path, optional
        The predictor of landmarks, as in `icaedit.faces.landmarks`.

    Returns
    -------
    PreparedFace

    Raises
    ------
    InputError
        If the picture is no square and ``align="none"``, there is no face of that number, or an
        argument cannot be used.
    FaceNotFoundError
        If a face is needed and none is found; the message says what was tried.
    MissingDependencyError
        If a face must be aligned and dlib or the trained landmarks are not installed.
    FileAccessError, FormatError
        If a file of landmarks or a predictor cannot be read.

    Examples
    --------
    >>> drawing = np.full((64, 64, 3), 200, np.uint8)
    >>> prepare_face(drawing).quad is None
    True
    """
    image = check_image(image)
    given = _given_landmarks(align, face, landmarks)
    if align == "none":
        return _passed_through(image)
    sizes = {"size": size, "transform_size": transform_size or size}
    if given is not None:
        number = _require_number(1 if face is None else face, len(given), "landmarks")
        return _cut_out(image, number, given[number - 1], None, sizes)
    boxes = detect(image, every_size=face is not None and face > 1)
    if align == "auto" and face is None and _may_pass(image, boxes):
        return _passed_through(image, *boxes[:1])
    _require_faces(image, boxes)
    number = _require_number(1 if face is None else face, len(boxes), "faces")
    box = boxes[number - 1]
    points = predicted_landmarks(image, box, model=landmark_model)
    return _cut_out(image, number, points, box, sizes)


def prepare_faces(
    image: np.ndarray,
    *,
    align: str = "auto",
    size: int = 256,
    transform_size: int | None = None,
    landmarks: Any = None,
    landmark_model: str | os.PathLike | None = None,
    doubtful: bool = False,
) -> list[PreparedFace]:
    """Return every face of a picture, aligned.

    The picture is searched at every size. A square picture whose only face is aligned already
    passes through as in `prepare_face`.

    Parameters
    ----------
    image, align, size, transform_size, landmarks, landmark_model
        As in `prepare_face`.
    doubtful : bool
        Also return what the detector is not sure of, where there are sure faces.

    Returns
    -------
    list of PreparedFace
        At least one, in the order of their numbers.

    Raises
    ------
    IcaeditError
        As `prepare_face`.

    Examples
    --------
    >>> photo = np.full((200, 180, 3), 90, np.uint8)
    >>> points = np.array([(70, 80), (110, 80), (90, 100), (75, 120), (105, 120)])
    >>> [face.number for face in prepare_faces(photo, landmarks=[points, points + 9])]
    [1, 2]
    """
    image = check_image(image)
    given = _given_landmarks(align, None, landmarks)
    if align == "none":
        return [_passed_through(image)]
    sizes = {"size": size, "transform_size": transform_size or size}
    if given is not None:
        return [_cut_out(image, n, points, None, sizes) for n, points in enumerate(given, start=1)]
    boxes = detect(image, every_size=True)
    if align == "auto" and sum(box.is_sure for box in boxes) <= 1 and _may_pass(image, boxes):
        return [_passed_through(image, *boxes[:1])]
    _require_faces(image, boxes)
    wanted = [box for box in boxes if box.is_sure or doubtful] or boxes
    return [
        _cut_out(image, n, predicted_landmarks(image, box, model=landmark_model), box, sizes)
        for n, box in enumerate(wanted, start=1)
    ]


def _given_landmarks(align: str, face: int | None, landmarks: Any) -> list[np.ndarray] | None:
    """Return the landmarks that were given, once the arguments have been checked."""
    if align not in ALIGN_MODES:
        raise InputError(f"got align {align!r}, expected one of {', '.join(ALIGN_MODES)}; use auto")
    if align == "none" and (face is not None or landmarks is not None):
        raise InputError(
            "got a face's number or landmarks for a picture that is not to be aligned, expected "
            "one or the other; leave out --align none"
        )
    if landmarks is None:
        return None
    is_file = isinstance(landmarks, str | os.PathLike)
    return read_landmarks(landmarks) if is_file else check_landmarks(landmarks)


def _passed_through(image: np.ndarray, box: Box | None = None) -> PreparedFace:
    height, width = image.shape[:2]
    if height != width:
        raise InputError(
            f"got a picture of {width} x {height} px that is not to be aligned, expected a "
            "square; crop the face to a square, or use --align auto"
        )
    return PreparedFace(image, None, box=box)


def _may_pass(image: np.ndarray, boxes: list[Box]) -> bool:
    height, width = image.shape[:2]
    return height == width and (not boxes or _is_framed(boxes[0], width))


def _require_faces(image: np.ndarray, boxes: list[Box]) -> None:
    if not boxes:
        height, width = image.shape[:2]
        raise FaceNotFoundError(
            f"got a picture of {width} x {height} px without a face (searched by "
            f"{search_description(width, height)}), expected one seen from the front; give its 5 "
            "or 68 points by --landmarks FILE, or crop it to a square and use --align none"
        )


def _require_number(number: int, count: int, of: str) -> int:
    if not 1 <= number <= count:
        raise InputError(
            f"got face {number} of {count} {of}, expected 1 to {count}; see the numbers with "
            "`icaedit align IMAGE --show -o faces.png`"
        )
    return number


def _cut_out(
    image: np.ndarray, number: int, points: np.ndarray, box: Box | None, sizes: dict[str, int]
) -> PreparedFace:
    aligned = align_face(image, points, **sizes)
    return PreparedFace(aligned.image, aligned.quad, number, points, box)


def _is_framed(box: Box, side: int) -> bool:
    """Tell whether a face lies in a square picture as FFHQ's framing would put it."""
    x, y = (centre / side for centre in box.centre)
    in_place = abs(x - _CENTRE[0]) <= _SLACK[0] and abs(y - _CENTRE[1]) <= _SLACK[1]
    return in_place and 1 / _SIDE_FACTOR <= box.side / side / _SIDE <= _SIDE_FACTOR
