"""Painting the face's parts in colour: complexion, nostrils, lips, teeth and eyes."""

import torch
from torch import Tensor

from icaedit.portraits import palette
from icaedit.portraits.beard import beard_colour, beard_cover
from icaedit.portraits.canvas import bump, cover, line, over, ripple, take
from icaedit.portraits.features import Eye, Mouth, nose_shape

__all__ = ["complexion", "paint_eyes", "paint_mouth", "paint_nostrils"]


def complexion(c, p, au, skin, eye, mouth) -> tuple[Tensor, Tensor]:
    """Return the face's albedo (N, 3, H, W) and how much of it a beard covers (N, H, W)."""
    ax = c.x.abs()
    blood = 0.30 * bump(ax - 0.33, c.y - 0.19, 0.13, 0.10) + 0.22 * bump(
        c.x, c.y - 0.23, 0.07, 0.05
    )
    blood = blood * (0.4 + 0.6 * p["skin_red"]) * (1 - 0.6 * p["skin_tone"])
    tint = torch.tensor([-0.02, 0.34, 0.38], device=c.x.device)[:, None, None]
    albedo = skin * (1 - blood[:, None] * tint)
    speck = ripple(47 * c.x + 2.2 * torch.sin(13 * c.y), 47, c.pixel) * torch.sin(
        45 * c.y + 1.9 * torch.sin(15 * c.x)
    )
    speck = torch.sigmoid((speck - 0.55) / 0.12) * bump(ax - 0.18, c.y - 0.14, 0.17, 0.07)
    amount = 0.55 * p["freckles"] ** 2 * (1 - p["skin_tone"]).clamp(min=0)
    albedo = albedo * (1 - (amount * speck)[:, None] * (1 - 0.6 * skin / skin.amax(1, True)))
    jaw = torch.sigmoid((c.y - 0.30 - 0.5 * torch.relu(0.42 - ax)) / 0.08)
    beard = torch.maximum(jaw, bump(ax - 0.09, c.y - 0.345, 0.10, 0.035))
    beard = beard * torch.sigmoid(
        (mouth.upper_edge - c.y) / 0.02 + torch.relu(c.y - mouth.lower_edge) / 0.004
    )
    hair = palette.hair_colour(p["hair_colour"], p["age"])
    share = (0.75 * p["stubble"] * beard.clamp(0, 1)).clamp(0, 0.8)
    albedo = albedo * (1 - share[:, None]) + (0.45 * hair + 0.18 * skin) * share[:, None]
    hairy = torch.zeros_like(c.x)
    grown = ((p["beard"] > 0) | (p["moustache"] > 0)).flatten()
    if grown.any():
        d, q = take(c, grown), take(p, grown)
        hairy[grown] = beard_cover(d, q, take(au, grown), take(mouth, grown))
        albedo[grown] = over(albedo[grown], beard_colour(d, q, skin[grown]), hairy[grown])
    lid = bump(eye.across, eye.down + 0.045, eye.half_width * 0.9, 0.035)
    socket = bump(ax - 0.11, c.y - p["eye_height"] + 0.02, 0.05, 0.07)
    return albedo * (1 - 0.20 * lid - 0.16 * socket)[:, None], hairy


def paint_nostrils(c, p, au, face: Tensor) -> Tensor:
    tip, wide = nose_shape(p, au)
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
    return face * (1 - (0.70 * hole + 0.34 * wing + 0.20 * under).clamp(0, 0.9)[:, None] * tint)


def paint_mouth(c, p, au, skin, light, gloss, mouth: Mouth, face: Tensor) -> Tensor:
    """Return the face with lips, teeth and what lies behind them."""
    device = face.device
    rose = torch.tensor([0.60, 0.16, 0.16], device=device)[:, None, None]
    natural = skin * torch.tensor([0.92, 0.60, 0.57], device=device)[:, None, None]
    share = (0.20 + 0.34 * p["lip_colour"] * (1 - 0.45 * p["sex"]))[:, None]
    lip = (natural * (1 - share) + rose * share) * (1 - 0.30 * p["skin_tone"])[:, None]
    # The upper lip turns away from the light towards the seam, the lower one towards it.
    rise = ((mouth.upper_edge - c.y).abs() / 0.05).clamp(0, 1)
    round_off = 1 - 0.22 * mouth.along.clamp(-1, 1) ** 4
    face = over(face, lip * light * ((0.92 - 0.26 * rise) * round_off)[:, None], mouth.upper_lip)
    middle = 0.5 * (mouth.lower_edge + mouth.centre_y)
    glow = bump(c.x - 0.02 * torch.sin(p["light_azimuth"]), c.y - middle, 0.070, 0.014)
    lower = lip * light * ((1.02 + 0.16 * glow) * round_off)[:, None]
    lower = lower + ((0.9 * gloss + 0.035 * glow) * p["light_level"])[:, None]
    face = over(face, lower, mouth.lower_lip)
    cavity = torch.tensor([0.075, 0.018, 0.018], device=device)[:, None, None].expand_as(face)
    tongue = torch.tensor([0.40, 0.12, 0.11], device=device)[:, None, None]
    cavity = cavity * (1 - mouth.tongue[:, None] * 0.8) + tongue * mouth.tongue[:, None] * 0.8
    deep = (1 - 0.60 * mouth.along**2).clamp(min=0.15)
    gaps = 1 - 0.10 * torch.exp(-0.5 * (torch.sin(c.x * 46.0) / 0.20) ** 2)
    ivory = torch.tensor([0.80, 0.77, 0.71], device=device)[:, None, None]
    white = ivory * (deep * gaps * p["light_level"])[:, None]
    cavity = over(cavity, white * 0.72, mouth.lower_teeth)
    cavity = over(cavity, white, mouth.teeth)
    face = over(face, cavity, mouth.inside)
    tint = torch.tensor([0.66, 0.90, 0.94], device=device)[:, None, None]
    seam = mouth.seam * (1 - 0.35 * mouth.along.clamp(-1, 1) ** 4)
    shade = (0.78 * seam + 0.46 * mouth.corner).clamp(0, 0.9)
    return face * (1 - shade[:, None] * tint)


def paint_eyes(c, p, au, light, eye: Eye, face: Tensor) -> Tensor:
    """Return the face with eyeballs, lids and lashes."""
    device = face.device
    side = torch.tanh(c.x / 0.05)
    gaze_x = 0.16 * p["gaze_x"] * side * p["eye_width"] * 2
    gaze_y = 0.05 * p["gaze_y"]
    radius = p["eye_width"] * 0.50
    dx = eye.across - gaze_x + 0.006
    dy = eye.down - gaze_y + 0.006
    r = torch.sqrt(dx**2 + dy**2 + 1e-7)
    level = p["light_level"][:, None]
    white = torch.tensor([0.76, 0.73, 0.70], device=device)[:, None, None]
    ball = white * (0.98 - 0.34 * eye.along**2 - 2.2 * torch.relu(dy) ** 1.5)[:, None] * level
    pink = bump(eye.along + 0.98, eye.down, 0.16, 0.03)[:, None]
    ball = ball * (1 - pink * torch.tensor([0.12, 0.46, 0.46], device=device)[:, None, None])
    ball = ball * (1 - 0.22 * torch.exp(-torch.relu(r - radius) / 0.012))[:, None]
    # The iris is lit from below through the cornea, and dark at its rim.
    iris = palette.eye_colour(p["iris_colour"])
    depth = 0.62 + 0.95 * torch.sigmoid((dy - 0.008) / 0.016) * (r / radius).clamp(max=1)
    ring = 1 - 0.66 * torch.sigmoid((r - radius * 0.84) / (radius * 0.07))
    core = 1 - 0.40 * torch.exp(-0.5 * ((r / radius - 0.42) / 0.14) ** 2)
    disc = iris * (depth * ring * core * 1.35)[:, None] * level
    ball = over(ball, disc, cover(radius - r, c.pixel, 0.003))
    ball = over(ball, torch.full_like(ball, 0.006), cover(radius * 0.41 - r, c.pixel, 0.003))
    # The lid's shadow on the ball, then the catchlight above everything.
    shadow = torch.exp(-torch.relu(eye.upper_edge) / 0.020)
    ball = ball * (1 - 0.60 * shadow)[:, None]
    toward = 0.30 * torch.sin(p["light_azimuth"]) * side
    small = 0.0085 + 0.12 * c.pixel
    glint = 0.85 * bump(dx - (toward + 0.12 * side) * radius, dy + 0.40 * radius, small, small)
    glint = glint + 0.07 * bump(
        dx + (toward + 0.2 * side) * radius, dy - 0.5 * radius, 0.016, 0.012
    )
    ball = ball + (glint * torch.sigmoid((radius - r) / 0.008))[:, None]
    # Lids: a lit roll between the crease and the lashes, a wet line along the lower one.
    roll = torch.exp(-0.5 * ((eye.upper_edge + 0.024) / 0.012) ** 2) * torch.sigmoid(
        (0.95 - eye.along.abs()) / 0.10
    )
    face = face * (1 + 0.10 * roll)[:, None]
    crease = torch.tensor([0.62, 0.80, 0.86], device=device)[:, None, None]
    face = face * (1 - (0.52 * eye.crease * (1 - eye.opening))[:, None] * crease)
    face = over(face, ball, eye.opening)
    lash = torch.tensor([0.020, 0.013, 0.011], device=device)[:, None, None].expand_as(face)
    face = over(face, lash, 0.34 * eye.lower_lashes)
    return over(face, lash, (1.05 * eye.lashes).clamp(0, 1))
