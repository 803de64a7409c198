"""Everything around the face but the hair: wall, shoulders, neck and ears."""

import torch
from torch import Tensor

from icaedit.portraits import palette
from icaedit.portraits.canvas import Canvas, bump, cover, line

__all__ = ["backdrop", "clothes", "ears", "neck"]


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
    half = 0.310 + 0.038 * p["sex"] + 0.9 * torch.relu(y - 0.86) ** 1.5
    shape = cover(half - ax, c.pixel, 0.006) * torch.sigmoid((y - 0.2) / 0.02)
    round_off = 1.0 - 0.45 * (ax / half).clamp(max=1.2) ** 2.5
    shadow = torch.exp(-0.5 * (torch.relu(y - chin + 0.03) / 0.13) ** 2)
    light = (
        (0.72 + 0.25 * torch.sin(p["light_azimuth"]) * x / half) * round_off * (1 - 0.50 * shadow)
    )
    return skin * (light * p["light_level"])[:, None], shape


def ears(c: Canvas, p: dict[str, Tensor], skin: Tensor) -> tuple[Tensor, Tensor]:
    """Return (colour, coverage) of both ears."""
    turn = torch.sin(torch.deg2rad(p["yaw"]))
    x = c.plane_x + 0.30 * turn
    ax = torch.sqrt(x**2 + 1e-4) - p["face_width"] - 0.012
    y = c.plane_y - 0.055 - 0.25 * torch.sin(torch.deg2rad(p["pitch"]))
    lean = ax - 0.16 * (-y)
    r = torch.sqrt((lean / 0.062) ** 2 + (y / 0.135) ** 2 + 1e-6)
    hidden = torch.sigmoid((p["hair_length"] * (1 - p["hair_tied"]) - 0.40) / 0.04)
    shape = cover((1 - r) * 0.07, c.pixel, 0.002) * (1 - hidden)
    inner = bump(lean - 0.004, y + 0.01, 0.026, 0.070)
    tint = torch.tensor([1.0, 0.86, 0.82], device=y.device)[:, None, None]
    colour = skin * tint * ((0.70 - 0.34 * inner) * p["light_level"])[:, None]
    return colour, shape
