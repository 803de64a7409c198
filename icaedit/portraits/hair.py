"""Hair: one mass around the skull with an opening for the face, from shaved to long.

Every style is a point in a few continuous parameters (length, volume, line, part, wave, fringe,
curl, tied, recede, lift), so that people between two styles are drawable too.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from icaedit.portraits import palette
from icaedit.portraits.canvas import Canvas, cover, ripple

__all__ = ["Hair", "hair_layers"]


@dataclass(frozen=True, eq=False)
class Hair:
    """Coverage (N, H, W) and colour (N, 3, H, W) of the hair behind and in front of the face."""

    back: Tensor
    front: Tensor
    colour: Tensor
    tail: Tensor  # coverage of what is tied back and falls over a shoulder
    shadow: Tensor  # how dark the hair makes the skin below it, 0 to 1


def hair_layers(c: Canvas, p: dict[str, Tensor]) -> Hair:
    """Return the hair of each head."""
    turn = torch.sin(torch.deg2rad(p["yaw"]))
    x = c.plane_x + 0.12 * turn
    y = c.plane_y - 0.30 * torch.sin(torch.deg2rad(p["pitch"]))
    phase = 2.5 * p["hair_part"] + 9.0 * p["hair_volume"]
    falling = torch.sigmoid((y - 0.05) / 0.12)
    short = torch.sigmoid((0.35 - p["hair_length"]) / 0.05)
    loose = (1 - short) * (1 - p["hair_tied"])
    wave = 0.040 * p["hair_wave"] * torch.sin(8.5 * y + phase) * falling * loose
    x = x + wave * torch.tanh(x / 0.1)
    mass, wide, tall = _mass(x, y, p, loose, phase)
    locks = _locks(x, y, p, phase, c.pixel)
    inside = _opening(c, x, y, p, loose) - 0.010 * locks
    back = cover(mass, c.pixel, 0.004 + 0.007 * p["hair_curl"])
    bare = torch.sigmoid((p["hair_recede"] - 0.72) / 0.06)
    front = back * cover(-inside, c.pixel, 0.006 + 0.007 * short + 0.014 * bare) * (1 - 0.22 * bare)
    tail = _tail(x, y, p, c.pixel)
    colour = _colour(x, y, p, mass, inside, locks, wide, tall)
    shadow = torch.exp(-torch.relu(inside) / 0.050) * back
    return Hair(back=back, front=front, colour=colour, tail=tail, shadow=shadow)


def _soft_min(a: Tensor, b: Tensor, k: float) -> Tensor:
    return 0.5 * (a + b - torch.sqrt((a - b) ** 2 + k**2))


def _mass(x, y, p, loose, phase) -> tuple[Tensor, Tensor, Tensor]:
    """Return the signed distance to the hair's silhouette and its half width and height."""
    length, volume, curl = p["hair_length"], p["hair_volume"], p["hair_curl"]
    hug = (1 - loose) * torch.sigmoid((y + 0.16) / 0.075) * (1 - 0.55 * curl)
    bare = torch.sigmoid((p["hair_recede"] - 0.72) / 0.06)
    side = volume * (0.28 + 0.55 * loose + 0.75 * curl) * (1 - 0.5 * bare)
    flare = loose * (0.05 * p["hair_wave"] + 0.12 * curl) * torch.sigmoid((y - 0.25) / 0.15)
    wide = p["face_width"] + side * (1 - hug) - 0.012 * hug + flare
    tall = 0.805 + volume * (0.75 + 0.5 * curl) * (1 - bare) + 0.10 * p["hair_lift"] * (1 - bare)
    # A quiff leans away from the part.
    lean = x + 0.10 * p["hair_lift"] * p["hair_part"] * torch.sigmoid((-0.55 - y) / 0.1)
    high = torch.nn.functional.softplus(-y / 0.03) * 0.03
    rx = (torch.sqrt(lean**2 + 1e-4) / wide).clamp(max=2.5)
    up = (high / tall).clamp(max=2.5)
    up_slope = up * up**0.35
    rx_slope = rx * rx**0.35
    g = 1.0 - rx * rx_slope - up * up_slope
    cap = g / torch.sqrt((2.35 * rx_slope / wide) ** 2 + (2.35 * up_slope / tall) ** 2 + 0.5)
    around = torch.atan2(x, 0.12 - y)
    cap = cap + curl * (
        0.016 * torch.sin(15 * around + phase) + 0.010 * torch.sin(26 * around + 2 * phase)
    )
    burn = 0.02 + 0.6 * length
    bottom = burn * (1 - loose) + (-0.04 + 1.10 * length) * loose
    ends = 0.018 * torch.sin(7.0 * x + phase) * loose * (1 + curl)
    # Smooth hair turns in at its ends, a bob most.
    inward = 0.9 * torch.relu(y - bottom + 0.28) ** 2 * loose * (1 - 0.7 * p["hair_wave"])
    bob = 1 - 0.8 * torch.sigmoid((length - 0.80) / 0.05)
    return _soft_min(cap - inward * bob, bottom - y + ends, 0.05), wide, tall


def _tail(x, y, p, pixel: float) -> Tensor:
    """Return the coverage of a tail that hangs from the nape, on the side of the part."""
    side = torch.tanh(p["hair_part"] / 0.02)
    middle = side * (0.36 + 0.10 * torch.sigmoid((y - 0.62) / 0.10))
    middle = middle + 0.018 * torch.sin(9.0 * y + 4.0 * p["hair_wave"])
    width = 0.045 + 0.075 * torch.sigmoid((y - 0.42) / 0.09)
    # Without a part to choose its side, a tail hangs out of sight.
    worn = torch.sigmoid((p["hair_tied"] - 0.5) / 0.08) * side**4
    return cover(width - (x - middle).abs(), pixel, 0.005) * torch.sigmoid((y - 0.22) / 0.04) * worn


def _opening(c: Canvas, x, y, p, loose) -> Tensor:
    """Return the signed distance to the edge of the hair around the face, positive on skin."""
    ax = torch.sqrt(c.x**2 + 4e-4)
    part = 0.26 * torch.tanh(1.5 * p["hair_part"])
    sweep = torch.sqrt((c.x - part) ** 2 + 2.5e-3)
    recede, fringe = p["hair_recede"], p["fringe"]
    bare = torch.sigmoid((recede - 0.72) / 0.06)
    line_y = p["hair_line"] - 0.17 * recede * torch.exp(-0.5 * ((ax - 0.27) / 0.11) ** 2)
    line_y = line_y - 0.06 * recede - 0.70 * bare
    notch = torch.exp(-0.5 * (sweep / 0.16) ** 2)
    line_y = line_y + fringe * (0.42 - 0.30 * notch - 0.30 * sweep**2)
    line_y = line_y + (1 - 2 * fringe).clamp(min=0) * (0.10 + 0.30 * loose) * sweep**1.5
    start = 0.40 + 0.06 * bare + 0.03 * loose
    drop = torch.nn.functional.softplus((ax - start) / 0.03) * 0.03
    # Hair stops above the brows, or there would be nothing to read there.
    lowest = -0.36 + 2.2 * drop
    line_y = line_y + 2.2 * drop
    line_y = lowest - torch.nn.functional.softplus((lowest - line_y) / 0.03) * 0.03
    below = torch.sigmoid((y - 0.45) / 0.10)
    across = torch.sqrt((c.x * (1 - below) + x * below) ** 2 + 1e-4)
    edge = p["face_width"] - 0.085 + 0.060 * torch.sigmoid((y + 0.06) / 0.07) * (1 - loose)
    edge = edge + loose * (
        0.030 * torch.sigmoid((y - 0.05) / 0.12) - 0.15 * torch.sigmoid((y - 0.66) / 0.10)
    )
    return _soft_min(c.y - line_y, edge - across, 0.05)


def _locks(x, y, p, phase, pixel: float) -> Tensor:
    """Return a few broad locks, -1 to 1, that follow the silhouette from the part downwards."""
    part = 0.26 * torch.tanh(1.5 * p["hair_part"])
    fall = torch.nn.functional.softplus((y + 0.95) / 0.10) * 0.10
    spread = 0.22 + 0.44 * (1 - torch.exp(-fall / 0.42))
    u = (x - part * torch.exp(-fall / 0.5)) / spread
    straight = 0.55 * torch.sin(7.0 * u + phase) + 0.45 * ripple(17.0 * u + 2 * phase, 34, pixel)
    bent = 13.0 * x + 2.2 * torch.sin(9.0 * y + phase)
    coils = torch.sin(bent) * torch.sin(14.0 * y + 2.0 * torch.sin(8.0 * x + phase))
    return straight * (1 - p["hair_curl"]) + coils * p["hair_curl"]


def _colour(x, y, p, mass, inside, locks, wide, tall) -> Tensor:
    """Return the hair's colour: a rounded mass, darker in its depth, with a band of gloss."""
    azimuth, elevation = p["light_azimuth"], p["light_elevation"]
    nx = (x / (wide + 0.05)).clamp(-1, 1)
    ny = torch.tanh((y + 0.22) / (0.75 * tall))
    nz = torch.sqrt((1.02 - nx**2 * 0.8 - ny**2 * 0.55).clamp(min=0.05))
    facing = (
        nx * torch.sin(azimuth) * torch.cos(elevation)
        - ny * torch.sin(elevation)
        + nz * torch.cos(azimuth) * torch.cos(elevation)
    )
    rim = torch.exp(-torch.relu(mass) / 0.05)
    root = torch.exp(-torch.relu(-inside) / 0.035)
    smooth = 1 - 0.75 * p["hair_curl"]
    level = 0.34 + 0.62 * facing.clamp(min=0) + (0.13 + 0.10 * p["hair_curl"]) * locks
    level = level * (1 - 0.28 * rim) * (1 - 0.22 * root)
    level = level * (1 - 0.30 * torch.sigmoid((y - 0.30) / 0.2))
    band = ny + 0.50 + 0.07 * locks + 0.25 * nx**2
    gloss = torch.exp(-0.5 * (band / 0.11) ** 2) * facing.clamp(min=0) ** 2 * smooth
    base = palette.hair_colour(p["hair_colour"], p["age"])
    level = (level + 0.60 * gloss * (0.8 + 0.2 * locks)).clamp(min=0.06)
    return base * (level * p["light_level"])[:, None] + (0.022 * gloss)[:, None]
