"""Everything around the face: wall, shoulders, neck, ears and hair."""

import torch
from torch import Tensor

from icaedit.portraits import palette
from icaedit.portraits.canvas import Canvas, bump, cover, line, ripple

__all__ = ["Hair", "backdrop", "clothes", "ears", "hair_layers", "neck"]


def backdrop(c: Canvas, p: dict[str, Tensor]) -> Tensor:
    """Return the wall, (N, 3, H, W): a plain colour, lighter behind the head."""
    wall = palette.background_colour(p["background_hue"], p["background_level"])
    glow = torch.exp(
        -0.5 * ((c.page_x - 0.25 * p["light_azimuth"]) ** 2 + (c.page_y + 0.1) ** 2) / 0.75
    )
    return wall * (0.55 + 0.55 * glow)[:, None]


def clothes(c: Canvas, p: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Return (colour (N, 3, H, W), coverage (N, H, W)) of shoulders in a shirt."""
    x, y = c.page_x - p["shift_x"], c.page_y - p["shift_y"]
    ax = torch.sqrt(x**2 + 0.02)
    broad = 0.02 * p["sex"]
    top = 0.86 - broad + 0.17 * (ax / 0.80) ** 2.4
    body = cover(y - top, c.pixel, 0.004)
    vee = p["collar"]
    neckline = 1.005 - 0.62 * ax**2 - 0.30 * ax * vee + 0.06 * vee - 0.05
    body = body * cover(torch.maximum(ax - 0.42, y - neckline), c.pixel, 0.004)
    colour = palette.cloth_colour(p["clothes_hue"], p["clothes_level"])
    side = 0.10 * torch.sin(p["light_azimuth"]) * x
    fold = 0.06 * torch.sin(9 * x + 4 * y) * (ax - 0.3)
    seam = 0.30 * line(y - neckline - 0.03, 0.008, c.pixel)
    shade = 0.62 + side + fold - seam - 0.25 * bump(x, y - 0.8, 0.45, 0.10)
    return colour * shade.clamp(min=0.1)[:, None], body


def neck(c: Canvas, p: dict[str, Tensor], skin: Tensor, chin: Tensor) -> tuple[Tensor, Tensor]:
    """Return (colour, coverage) of the neck, in the shadow of the chin at height `chin`."""
    x, y = c.page_x - p["shift_x"], c.page_y - p["shift_y"]
    ax = torch.sqrt(x**2 + 1e-4)
    half = 0.335 + 0.030 * p["sex"] + 0.9 * torch.relu(y - 0.86) ** 1.5
    shape = cover(half - ax, c.pixel, 0.006) * torch.sigmoid((y - 0.2) / 0.02)
    round_off = 1.0 - 0.45 * (ax / half).clamp(max=1.2) ** 2.5
    shadow = torch.exp(-0.5 * (torch.relu(y - chin + 0.03) / 0.13) ** 2)
    light = (
        (0.72 + 0.25 * torch.sin(p["light_azimuth"]) * x / half) * round_off * (1 - 0.50 * shadow)
    )
    cords = 1 - 0.10 * line(ax - 0.10 - 0.1 * (1 - y), 0.02, c.pixel)
    return skin * (light * cords * p["light_level"])[:, None], shape


def ears(c: Canvas, p: dict[str, Tensor], skin: Tensor) -> tuple[Tensor, Tensor]:
    """Return (colour, coverage) of both ears."""
    turn = torch.sin(torch.deg2rad(p["yaw"]))
    x = c.plane_x + 0.30 * turn
    ax = torch.sqrt(x**2 + 1e-4) - p["face_width"] - 0.012
    y = c.plane_y - 0.055 - 0.25 * torch.sin(torch.deg2rad(p["pitch"]))
    lean = ax - 0.16 * (-y)
    r = torch.sqrt((lean / 0.062) ** 2 + (y / 0.135) ** 2 + 1e-6)
    shape = cover((1 - r) * 0.07, c.pixel, 0.002)
    inner = bump(lean - 0.004, y + 0.01, 0.026, 0.070)
    tint = torch.tensor([1.0, 0.86, 0.82], device=y.device)[:, None, None]
    colour = skin * tint * ((0.70 - 0.34 * inner) * p["light_level"])[:, None]
    return colour, shape


class Hair:
    """Coverage and colour of the hair behind and in front of the face."""

    def __init__(self, back: Tensor, front: Tensor, colour: Tensor, shadow: Tensor) -> None:
        self.back, self.front, self.colour, self.shadow = back, front, colour, shadow


def hair_layers(c: Canvas, p: dict[str, Tensor], outline: Tensor) -> Hair:
    """Return the hair: a mass around the skull, falling to its length, and a soft hairline."""
    turn = torch.sin(torch.deg2rad(p["yaw"]))
    x = c.plane_x + 0.12 * turn
    y = c.plane_y - 0.30 * torch.sin(torch.deg2rad(p["pitch"]))
    volume, length = p["hair_volume"], p["hair_length"]
    wave = 0.016 * p["hair_wave"] * torch.sin(11.0 * y + 3.0 * p["hair_part"])
    wave = wave * torch.sigmoid((y - 0.05) / 0.1) * torch.sigmoid((length - 0.4) / 0.05)
    ax = torch.sqrt((x + wave * torch.tanh(x / 0.1)) ** 2 + 1e-4)
    # Skull cap: a superellipse; short hair hugs the temples, long hair falls to its length.
    short = torch.sigmoid((0.35 - length) / 0.05)
    hug = short * torch.sigmoid((y + 0.17) / 0.07)
    wide = p["face_width"] + volume * ((0.50 + 0.45 * length) * (1 - hug) - 0.1 * hug)
    tall = 0.80 + volume * 0.85
    high = torch.nn.functional.softplus(-y / 0.03) * 0.03
    cap = (1 - (ax / wide) ** 2.5 - (high / tall) ** 2.3) * 0.36
    tips = 0.03 * torch.cos(6 * ax + p["hair_part"]) * (1 - short)
    bottom = -0.04 + 1.06 * length + 0.18 * short
    fall = cover(bottom - y + tips, c.pixel, 0.016)
    inward = 0.16 * torch.relu(y - bottom + 0.30) ** 2 / 0.09 * (1 - short)
    side = cover(cap - inward, c.pixel, 0.006)
    back = side * fall
    # Hairline across the forehead, with a parting and, for some, a fringe.
    part = 0.30 * torch.tanh(p["hair_part"] * 1.5)
    sweep = (c.x - part) / 0.5
    line_y = p["hair_line"] + 0.20 * sweep**2 * 0.6 + 0.34 * torch.relu(c.x.abs() - 0.40) / 0.15
    fringe = p["fringe"]
    line_y = line_y + fringe * (
        0.26 - 0.16 * torch.exp(-0.5 * (sweep / 0.20) ** 2) - 0.10 * sweep**2
    )
    # Hair stops above the brows, or there would be nothing to read there.
    lowest = -0.33 + 0.34 * torch.relu(c.x.abs() - 0.40) / 0.15
    line_y = lowest - torch.nn.functional.softplus((lowest - line_y) / 0.03) * 0.03
    strands = ripple(
        46 * c.x + 9 * torch.sin(5 * c.y + 4 * p["hair_part"]) + 30 * part, 46, c.pixel
    )
    edge_noise = 0.010 * strands + 0.006 * ripple(91 * c.x + 3 * p["hair_part"], 91, c.pixel)
    above = cover(line_y + edge_noise - c.y, c.pixel, 0.013)
    # Sideburns and, on long hair, locks that cover the cheeks' edge.
    temple = p["face_width"] - 0.055 + 0.05 * torch.sigmoid((c.y - 0.05) / 0.04) * (1 - length)
    lock = cover(c.x.abs() - temple + 0.012 * torch.sin(17 * c.y + p["hair_part"]), c.pixel, 0.012)
    burn = lock * cover(bottom - c.y - 0.10 * short, c.pixel, 0.03)
    front = (1 - (1 - above) * (1 - burn)) * cover(
        torch.maximum(outline + 0.05, cap), c.pixel, 0.004
    )
    front = front * side
    base = palette.hair_colour(p["hair_colour"], p["age"])
    flow = torch.atan2(c.x - part, 0.9 - c.y + 0.2)
    fibre = (
        0.5 * ripple(60 * flow + 6 * p["hair_part"] + 40 * wave, 60, c.pixel)
        + 0.3 * ripple(131 * flow + 2.0 + 4 * c.y, 131, c.pixel)
        + 0.2 * ripple(223 * flow + 1.0 - 3 * c.y, 223, c.pixel)
    )
    radius = torch.sqrt((c.x / wide) ** 2 + (c.y / tall) ** 2 + 1e-4)
    sheen_at = c.x + 0.30 * torch.sin(p["light_azimuth"]) * -1.0
    sheen = torch.exp(-0.5 * ((radius - 0.80) / 0.10) ** 2) * torch.exp(
        -0.5 * (sheen_at / 0.42) ** 2
    )
    sheen = sheen * torch.sigmoid((-0.25 - c.y) / 0.08)
    dim = (
        0.72
        - 0.30 * torch.sigmoid((y - 0.15) / 0.15)
        - 0.25 * torch.sigmoid((0.03 - cap) / 0.03) * 0.6
    )
    level = (dim + 0.16 * fibre + 0.95 * sheen * (0.75 + 0.25 * fibre)).clamp(min=0.08)
    colour = base * (level * p["light_level"])[:, None] + 0.012 * sheen[:, None]
    shadow = cover(line_y + 0.05 - c.y, c.pixel, 0.045)
    return Hair(back=back, front=front, colour=colour, shadow=shadow)
