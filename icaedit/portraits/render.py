"""Putting a portrait together, back to front, in linear light."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from icaedit.errors import InputError
from icaedit.portraits import features, head, palette, surroundings
from icaedit.portraits.canvas import Canvas, bump, cover, line, make_canvas, ripple
from icaedit.portraits.expressions import ACTION_UNITS
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
    """

    images: np.ndarray
    features: np.ndarray


def _over(below: Tensor, colour: Tensor, alpha: Tensor) -> Tensor:
    a = alpha[:, None]
    return below * (1 - a) + colour * a


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
    values = torch.as_tensor(parameters.values, dtype=torch.float32)
    with torch.inference_mode():
        for start in range(0, n, batch_size):
            rows = slice(start, min(start + batch_size, n))
            picture, window = render_tensors(values[rows].to(device), size)
            picture = (picture * 255).round().clamp(0, 255).to(torch.uint8)
            images[rows] = picture.permute(0, 2, 3, 1).cpu().numpy()
            windows[rows] = (window * 255).round().to(torch.uint8).cpu().numpy()
    return Rendering(images, windows)


def render_tensors(values: Tensor, size: int) -> tuple[Tensor, Tensor]:
    """Render values (N, F) into pictures (N, 3, H, W) and feature windows (N, H, W), in 0..1."""
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
    hair = surroundings.hair_layers(c, p, outline)
    skin = palette.skin_colour(p["skin_tone"], p["skin_red"])

    picture = surroundings.backdrop(c, p)
    picture = _over(picture, hair.colour * 0.62, hair.back)
    chin = p["face_length"] + p["shift_y"] + features.JAW_DROP * whole["AU26"]
    picture = _over(picture, *surroundings.neck(c, p, skin, chin))
    picture = _over(picture, *surroundings.clothes(c, p))
    long_lock = (
        hair.back
        * torch.sigmoid((p["hair_length"] - 0.55) / 0.05)
        * cover(c.plane_x.abs() - 0.36, c.pixel, 0.03)
    )
    picture = _over(picture, hair.colour * 0.8, long_lock)
    picture = _over(picture, *surroundings.ears(c, p, skin))
    face = _face(c, p, au, skin, eye, brow, mouth, hair.shadow)
    picture = _over(picture, face, cover(outline, c.pixel, 0.003))
    picture = _over(picture, hair.colour, hair.front)
    window = torch.maximum(torch.maximum(eye.window, 0.8 * brow.window), mouth.window)
    return palette.to_srgb(picture), window.clamp(0, 1)


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
    albedo = _complexion(c, p, au, skin, eye, mouth)
    dark = head.folds(c, p, au, eye, brow, mouth)
    fold_tint = torch.tensor([0.62, 0.80, 0.86], device=c.x.device)[:, None, None]
    albedo = albedo * torch.exp(-0.95 * dark[:, None] * fold_tint)
    shine = gloss * (1 - 0.4 * p["skin_tone"])
    face = albedo * light + shine[:, None]
    face = _nostrils(c, p, au, face)
    face = face * (1 - 0.40 * hair_shadow[:, None])
    face = _paint_mouth(c, p, au, skin, light, gloss, mouth, face)
    face = _paint_eyes(c, p, au, light, eye, face)
    hair = palette.hair_colour(p["hair_colour"], p["age"])
    ink = 0.72 * hair + 0.10 * skin
    ink = ink * (0.16 / ink.amax(1, keepdim=True)).clamp(max=1) * light
    fibre = 0.94 + 0.06 * ripple(95 * c.x.abs() + 40 * c.y, 95, c.pixel)
    return _over(face, ink, (brow.hair * 0.90 * fibre).clamp(0, 1))


def _complexion(c, p, au, skin, eye, mouth) -> Tensor:
    """Return the skin's albedo with blood, freckles, beard and the lids' shade."""
    ax = c.x.abs()
    blood = 0.30 * bump(ax - 0.33, c.y - 0.19, 0.13, 0.10) + 0.22 * bump(
        c.x, c.y - 0.23, 0.07, 0.05
    )
    blood = blood * (0.4 + 0.6 * p["skin_red"]) * (1 - 0.6 * p["skin_tone"])
    tint = torch.tensor([-0.02, 0.34, 0.38], device=c.x.device)[:, None, None]
    albedo = skin * (1 - blood[:, None] * tint)
    speck = torch.sin(63 * c.x + 11 * torch.sin(17 * c.y)) * torch.sin(
        59 * c.y + 9 * torch.sin(19 * c.x)
    )
    speck = torch.sigmoid((speck - 0.62) / (0.06 + 4.0 * c.pixel)) * bump(
        ax - 0.20, c.y - 0.14, 0.20, 0.09
    )
    albedo = albedo * (1 - (0.28 * p["freckles"] * (1 - p["skin_tone"]) * speck)[:, None])
    jaw = torch.sigmoid((c.y - 0.30 - 0.5 * torch.relu(0.42 - ax)) / 0.05)
    beard = torch.maximum(jaw, bump(ax - 0.09, c.y - 0.345, 0.10, 0.035))
    beard = beard * torch.sigmoid(
        (mouth.upper_edge - c.y) / 0.02 + torch.relu(c.y - mouth.lower_edge) / 0.004
    )
    grain = 0.85 + 0.15 * ripple(83 * c.x + 9 * torch.sin(31 * c.y), 110, c.pixel) * torch.sin(
        79 * c.y + 7 * torch.sin(37 * c.x)
    )
    hair = palette.hair_colour(p["hair_colour"], p["age"])
    share = (0.95 * p["stubble"] * beard.clamp(0, 1) * grain).clamp(0, 0.8)
    albedo = albedo * (1 - share[:, None]) + (0.45 * hair + 0.18 * skin) * share[:, None]
    lid = bump(eye.across, eye.down + 0.045, eye.half_width * 0.9, 0.035)
    socket = bump(ax - 0.11, c.y - p["eye_height"] + 0.02, 0.05, 0.07)
    return albedo * (1 - 0.20 * lid - 0.16 * socket)[:, None]


def _nostrils(c, p, au, face: Tensor) -> Tensor:
    tip, wide = features.nose_shape(p, au)
    ax = c.x.abs()
    hole = bump(ax - wide * 0.46, c.y - tip - 0.045 + 0.10 * (ax - wide * 0.46), 0.026, 0.0125)
    wing = line(
        torch.sqrt(((ax - wide * 0.80) / 0.9) ** 2 + (c.y - tip - 0.008) ** 2 + 1e-6) - 0.042,
        0.009,
        c.pixel,
    )
    wing = (
        wing
        * torch.sigmoid((ax - wide * 0.86) / 0.012)
        * torch.sigmoid((c.y - tip + 0.045) / 0.012)
    )
    under = bump(c.x, c.y - tip - 0.070, 0.075, 0.020)
    tint = torch.tensor([0.75, 0.92, 1.0], device=face.device)[:, None, None]
    return face * (1 - (0.78 * hole + 0.42 * wing + 0.20 * under).clamp(0, 0.9)[:, None] * tint)


def _paint_mouth(c, p, au, skin, light, gloss, mouth: features.Mouth, face: Tensor) -> Tensor:
    device = face.device
    rose = torch.tensor([0.60, 0.16, 0.16], device=device)[:, None, None]
    natural = skin * torch.tensor([0.90, 0.58, 0.56], device=device)[:, None, None]
    share = (0.22 + 0.28 * p["lip_colour"] * (1 - 0.35 * p["sex"]))[:, None]
    lip = (natural * (1 - share) + rose * share) * (1 - 0.45 * p["skin_tone"])[:, None]
    creases = 0.95 + 0.05 * ripple(150 * c.x, 150, c.pixel)
    face = _over(face, lip * light * 0.80, mouth.upper_lip)
    lower = lip * light * (1.05 * creases)[:, None] + (1.2 * gloss)[:, None]
    face = _over(face, lower, mouth.lower_lip)
    cavity = torch.tensor([0.085, 0.018, 0.018], device=device)[:, None, None].expand_as(face)
    tongue = torch.tensor([0.42, 0.11, 0.11], device=device)[:, None, None]
    cavity = cavity * (1 - mouth.tongue[:, None] * 0.8) + tongue * mouth.tongue[:, None] * 0.8
    round_off = (1 - 0.55 * mouth.along**2).clamp(min=0.15)
    gaps = 1 - 0.16 * torch.exp(-0.5 * (torch.sin(c.x * 52.0) / 0.16) ** 2)
    ivory = torch.tensor([0.80, 0.77, 0.70], device=device)[:, None, None]
    white = ivory * (round_off * gaps * p["light_level"])[:, None]
    cavity = _over(cavity, white * 0.80, mouth.lower_teeth)
    cavity = _over(cavity, white, mouth.teeth)
    face = _over(face, cavity, mouth.inside)
    tint = torch.tensor([0.70, 0.95, 1.0], device=device)[:, None, None]
    shade = (0.80 * mouth.seam + 0.55 * mouth.corner).clamp(0, 0.9)
    return face * (1 - shade[:, None] * tint)


def _paint_eyes(c, p, au, light, eye: features.Eye, face: Tensor) -> Tensor:
    device = face.device
    side = torch.tanh(c.x / 0.05)
    gaze_x = 0.16 * p["gaze_x"] * side * p["eye_width"] * 2
    gaze_y = 0.05 * p["gaze_y"]
    radius = p["eye_width"] * 0.50
    dx = eye.across - gaze_x + 0.01
    dy = eye.down - gaze_y + 0.008
    r = torch.sqrt(dx**2 + dy**2 + 1e-7)
    white = torch.tensor([0.80, 0.78, 0.76], device=device)[:, None, None]
    ball = white * (0.98 - 0.30 * eye.along**2)[:, None] * p["light_level"][:, None]
    pink = bump(eye.along + 0.98, eye.down, 0.14, 0.03)[:, None]
    ball = ball * (1 - pink * torch.tensor([0.15, 0.5, 0.5], device=device)[:, None, None])
    iris = palette.eye_colour(p["iris_colour"])
    angle = torch.atan2(dy, dx)
    rays = 0.88 + 0.12 * torch.sin(11 * angle) * torch.sin(7 * angle + 1)
    depth = 0.75 + 0.45 * (r / radius) * torch.sigmoid((dy + 0.01) / 0.02) * 1.3
    ring = 1 - 0.62 * torch.sigmoid((r - radius * 0.86) / (radius * 0.06))
    ball = _over(
        ball, iris * (rays * depth * ring * 1.35)[:, None], cover(radius - r, c.pixel, 0.002)
    )
    ball = _over(ball, torch.full_like(ball, 0.006), cover(radius * 0.43 - r, c.pixel, 0.002))
    # The lid's shadow on the ball, then the catchlight above everything.
    shadow = torch.exp(-torch.relu(eye.upper_edge) / 0.022)
    ball = ball * (1 - 0.62 * shadow)[:, None]
    lx = 0.45 * radius * torch.sin(p["light_azimuth"]) * side
    glint = bump(dx - lx, dy + 0.42 * radius, 0.0125, 0.0125)
    glint = glint * torch.sigmoid((radius - r) / 0.01)
    ball = ball + (0.75 * glint)[:, None]
    face = _over(face, ball, eye.opening)
    lash = torch.tensor([0.020, 0.013, 0.011], device=device)[:, None, None].expand_as(face)
    face = face * (
        1
        - (0.55 * eye.crease * (1 - eye.opening))[:, None]
        * torch.tensor([0.7, 0.9, 0.95], device=device)[:, None, None]
    )
    face = _over(face, lash, 0.40 * eye.lower_lashes)
    return _over(face, lash, (1.05 * eye.lashes).clamp(0, 1))
