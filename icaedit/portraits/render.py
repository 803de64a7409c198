"""Putting a portrait together, back to front, in linear light."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from icaedit.errors import InputError
from icaedit.portraits import features, head, painting, palette, surroundings
from icaedit.portraits.beard import beard_fringe
from icaedit.portraits.canvas import Canvas, cover, make_canvas, over, take
from icaedit.portraits.expressions import ACTION_UNITS
from icaedit.portraits.glasses import wear_glasses
from icaedit.portraits.hair import hair_layers
from icaedit.portraits.parameters import PARAMETERS, PortraitParameters

__all__ = ["Rendering", "render", "render_tensors"]

MIDLINE = ("AU17", "AU20", "AU23", "AU25", "AU26")
"""Units that jaw and lips carry as a whole; the others may differ between the sides."""


@dataclass(frozen=True, eq=False)
class Rendering:
    """Rendered portraits.

    Attributes
    ----------
    images : ndarray of shape (N, H, W, 3), uint8 RGB
    features : ndarray of shape (N, H, W), uint8
        255 where eyes, brows and mouth are, 0 elsewhere.
    face : ndarray of shape (N, H, W), uint8
        255 inside the outline of the face where no hair covers it, 0 elsewhere.
    """

    images: np.ndarray
    features: np.ndarray
    face: np.ndarray


def render(
    parameters: PortraitParameters,
    *,
    size: int = 256,
    batch_size: int = 8,
    device: str = "cpu",
) -> Rendering:
    """Render portraits.

    Parameters
    ----------
    parameters : PortraitParameters of length N
    size : int
        Side of the picture, at least 16 px.
    batch_size : int
        Pictures rendered together; bounds the memory, does not change the result.
    device : str
        A torch device.

    Returns
    -------
    Rendering

    Raises
    ------
    InputError
        If the size is below 16 or the parameters are not finite.

    Examples
    --------
    >>> from icaedit.portraits import sample_portraits
    >>> render(sample_portraits(2), size=32).images.shape
    (2, 32, 32, 3)
    """
    if size < 16:
        raise InputError(f"got size {size}, expected at least 16 px; use 256")
    if not np.isfinite(parameters.values).all():
        raise InputError(
            "got portrait parameters that are not finite; check the table of parameters"
        )
    n = len(parameters)
    images = np.empty((n, size, size, 3), np.uint8)
    windows = np.empty((n, size, size), np.uint8)
    faces = np.empty((n, size, size), np.uint8)
    values = torch.as_tensor(parameters.values, dtype=torch.float32)
    with torch.inference_mode():
        for start in range(0, n, batch_size):
            rows = slice(start, min(start + batch_size, n))
            picture, window, face = render_tensors(values[rows].to(device), size)
            picture = (picture * 255).round().clamp(0, 255).to(torch.uint8)
            images[rows] = picture.permute(0, 2, 3, 1).cpu().numpy()
            windows[rows] = (window * 255).round().to(torch.uint8).cpu().numpy()
            faces[rows] = (face * 255).round().to(torch.uint8).cpu().numpy()
    return Rendering(images, windows, faces)


def render_tensors(values: Tensor, size: int) -> tuple[Tensor, Tensor, Tensor]:
    """Render values (N, F) into pictures, feature windows and face windows, all in 0..1.

    Parameters
    ----------
    values : Tensor of shape (N, F), float32
        Columns as in `PARAMETERS`.
    size : int
        Side of the picture in pixels.

    Returns
    -------
    tuple of Tensor
        Pictures (N, 3, H, W), windows of eyes, brows and mouth (N, H, W), windows of the face
        without hair (N, H, W).
    """
    columns = {name: values[:, i, None, None] for i, name in enumerate(PARAMETERS)}
    c = make_canvas(columns, size)
    p = columns
    # One side of the face moves a little more than the other.
    side = torch.tanh(c.x / 0.10) * p["asymmetry"]
    whole = {name: columns[name] for name in ACTION_UNITS}
    au = {name: unit if name in MIDLINE else unit * (1 + side) for name, unit in whole.items()}

    eye = features.eye_shape(c, p, au)
    brow = features.brow_shape(c, p, au)
    mouth = features.mouth_shape(c, p, au)
    outline = head.face_outline(c, p, whole)
    hair = hair_layers(c, p)
    skin = palette.skin_colour(p["skin_tone"], p["skin_red"])

    picture = surroundings.backdrop(c, p)
    picture = over(picture, hair.colour * 0.55, hair.back)
    chin = p["face_length"] + p["shift_y"] + features.JAW_DROP * whole["AU26"]
    picture = over(picture, *surroundings.neck(c, p, skin, chin))
    picture = over(picture, *surroundings.clothes(c, p))
    picture = over(picture, hair.colour * 1.35, hair.tail)
    picture = over(picture, *surroundings.ears(c, p, skin))
    face = _face(c, p, au, skin, eye, brow, mouth, hair.shadow)
    picture = over(picture, *beard_fringe(c, p, whole, outline, skin))
    inside = cover(outline, c.pixel, 0.003)
    picture = over(picture, face, inside)
    picture = over(picture, hair.colour, hair.front)
    window = torch.maximum(torch.maximum(eye.window, 0.8 * brow.window), mouth.window)
    return palette.to_srgb(picture), window.clamp(0, 1), inside * (1 - hair.front)


def _face(
    c: Canvas,
    p: dict[str, Tensor],
    au: dict[str, Tensor],
    skin: Tensor,
    eye: features.Eye,
    brow: features.Brow,
    mouth: features.Mouth,
    hair_shadow: Tensor,
) -> Tensor:
    """Return the lit face, (N, 3, H, W), before it is cut out along the outline."""
    light, gloss = head.lit_skin(c, p, head.relief(c, p, au, eye, mouth))
    albedo, hairy = painting.complexion(c, p, au, skin, eye, mouth)
    dark = head.folds(c, p, au, eye, brow, mouth)
    fold_tint = torch.tensor([0.62, 0.80, 0.86], device=c.x.device)[:, None, None]
    albedo = albedo * torch.exp(
        -(0.90 + 0.55 * p["skin_tone"])[:, None] * dark[:, None] * fold_tint
    )
    shine = gloss * (1 - 0.4 * p["skin_tone"]) * (1 - 0.8 * hairy)
    face = albedo * light + shine[:, None]
    face = painting.paint_nostrils(c, p, au, face)
    face = face * (1 - 0.40 * hair_shadow[:, None])
    face = painting.paint_mouth(c, p, au, skin, light, gloss, mouth, face)
    face = painting.paint_eyes(c, p, au, light, eye, face)
    hair = palette.hair_colour(p["hair_colour"], p["age"])
    ink = 0.72 * hair + 0.10 * skin
    ink = ink * (0.16 / ink.amax(1, keepdim=True)).clamp(max=1) * light
    face = over(face, ink, 0.90 * brow.hair)
    worn = (p["glasses"] > 0).flatten()
    if worn.any():
        face[worn] = wear_glasses(take(c, worn), take(p, worn), face[worn], light[worn])
    return face
