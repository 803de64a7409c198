"""Deciding whether a picture must be aligned before a model can read it."""

from dataclasses import dataclass

import numpy as np

from icaedit.errors import FaceNotFoundError, InputError
from icaedit.faces.detection import Box, detect, landmarks, searched_scales
from icaedit.faces.ffhq import align as align_face
from icaedit.images import check_image

__all__ = ["ALIGN_MODES", "PreparedFace", "prepare_face"]

ALIGN_MODES = ("auto", "none")

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
    """

    image: np.ndarray
    quad: np.ndarray | None


def prepare_face(
    image: np.ndarray, *, align: str = "auto", size: int = 256, transform_size: int | None = None
) -> PreparedFace:
    """Return the aligned face of a picture.

    With ``align="auto"`` a square picture passes through untouched if its largest face lies where
    FFHQ's framing puts it, or if no face is found in it at all (a drawing, a profile). Any other
    picture is searched for its largest face, which is cut out by its landmarks. With
    ``align="none"`` a square picture passes through whatever it shows.

    Parameters
    ----------
    image : ndarray of shape (H, W, 3), uint8 RGB
    align : {"auto", "none"}
    size : int
        Side in pixels of a face that is cut out.
    transform_size : int, optional
        Side at which the photo is sampled for it; `size` if not given.

    Returns
    -------
    PreparedFace

    Raises
    ------
    InputError
        If the picture is no square and ``align="none"``, or an argument cannot be used.
    FaceNotFoundError
        If a picture that is no square shows no face.
    MissingDependencyError
        If a face must be aligned and dlib or the trained landmarks are not installed.

    Examples
    --------
    >>> drawing = np.full((64, 64, 3), 200, np.uint8)
    >>> prepare_face(drawing).quad is None
    True
    """
    image = check_image(image)
    height, width = image.shape[:2]
    if align not in ALIGN_MODES:
        raise InputError(f"got align {align!r}, expected {' or '.join(ALIGN_MODES)}; use auto")
    if align == "none":
        if height != width:
            raise InputError(
                f"got a picture of {width} x {height} px that is not to be aligned, expected a "
                "square; crop the face to a square, or use --align auto"
            )
        return PreparedFace(image, None)
    faces = detect(image)
    if height == width and (not faces or _is_framed(faces[0], width)):
        return PreparedFace(image, None)
    if not faces:
        scales = ", ".join(f"{scale:g}x" for scale in searched_scales(width, height))
        raise FaceNotFoundError(
            f"got a picture of {width} x {height} px without a face (searched at {scales} its "
            "size), expected one seen from the front; crop the face to a square and use "
            "--align none"
        )
    points = landmarks(image, faces[0])
    aligned = align_face(image, points, size=size, transform_size=transform_size or size)
    return PreparedFace(aligned.image, aligned.quad)


def _is_framed(box: Box, side: int) -> bool:
    """Tell whether a face lies in a square picture as FFHQ's framing would put it."""
    x, y = (centre / side for centre in box.centre)
    in_place = abs(x - _CENTRE[0]) <= _SLACK[0] and abs(y - _CENTRE[1]) <= _SLACK[1]
    return in_place and 1 / _SIDE_FACTOR <= box.side / side / _SIDE <= _SIDE_FACTOR
