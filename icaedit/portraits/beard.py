"""Beards and moustaches, grown on the lower face."""

import torch
from torch import Tensor

from icaedit.portraits import palette
from icaedit.portraits.canvas import Canvas, cover, ripple
from icaedit.portraits.features import JAW_DROP, Mouth

__all__ = ["beard_colour", "beard_cover", "beard_fringe"]


def beard_cover(c: Canvas, p: dict[str, Tensor], au: dict[str, Tensor], mouth: Mouth) -> Tensor:
    """Return how much of the skin beard and moustache cover, (N, H, W), 0 to 1."""
    ax = torch.sqrt(c.x**2 + 4e-4)
    rise = torch.nn.functional.softplus((ax - 0.24) / 0.03) * 0.03
    line_y = 0.375 + 0.03 * au["AU26"] - 0.95 * rise
    cheeks = torch.sigmoid((c.y - line_y) / 0.046)
    across = torch.sigmoid((mouth.corner_x * 1.02 + 0.01 - ax) / 0.022)
    lip_zone = across * torch.sigmoid((mouth.corner_y + 0.005 - c.y) / 0.018)
    # Bare skin beside the tuft under the lip.
    bare = torch.exp(-0.5 * (((ax - 0.075) / 0.030) ** 2)) * torch.exp(
        -0.5 * ((c.y - mouth.lower_edge - 0.018) / 0.018) ** 2
    )
    beard = p["beard"] * cheeks * (1 - lip_zone) * (1 - 0.5 * bare)
    s2 = mouth.along**2
    thick = (0.050 * (1 - 0.45 * s2)).clamp(min=0.0)
    base = mouth.upper_edge + 0.006
    band = torch.sigmoid((base - c.y) / 0.007) * torch.sigmoid((c.y - base + thick) / 0.009)
    band = band * torch.sigmoid((1.06 - mouth.along.abs()) / 0.06)
    return (0.97 * torch.maximum(beard, p["moustache"] * band)).clamp(0, 1)


def beard_colour(c: Canvas, p: dict[str, Tensor], skin: Tensor) -> Tensor:
    """Return the beard's albedo (N, 3, H, W): the hair's, a little of the skin shining through."""
    hair = palette.hair_colour(p["hair_colour"], p["age"])
    ax = torch.sqrt(c.x**2 + 4e-4)
    locks = 1 + 0.14 * ripple(26 * ax + 9 * c.y, 28, c.pixel)
    return (0.56 * hair + 0.035 * skin) * locks[:, None]


def beard_fringe(
    c: Canvas, p: dict[str, Tensor], au: dict[str, Tensor], outline: Tensor, skin: Tensor
) -> tuple[Tensor, Tensor]:
    """Return (colour (N, 3, 1, 1), coverage (N, H, W)) of the beard that outgrows the jaw."""
    grown = 0.035 * p["beard"] * torch.sigmoid((c.plane_y - 0.25) / 0.10)
    grown = grown * (1 + 0.8 * torch.sigmoid((c.plane_y - 0.62 - JAW_DROP * au["AU26"]) / 0.06))
    shown = torch.sigmoid((p["beard"] - 0.55) / 0.05) * torch.sigmoid((c.plane_y - 0.12) / 0.05)
    hair = palette.hair_colour(p["hair_colour"], p["age"])
    colour = (0.40 * hair + 0.030 * skin) * p["light_level"][:, None]
    return colour, cover(outline + grown, c.pixel, 0.010) * shown
