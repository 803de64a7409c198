"""Glasses: two rims, a bridge and the start of the temples."""

import torch
from torch import Tensor

from icaedit.portraits.canvas import Canvas, cover, line, over

__all__ = ["wear_glasses"]

_METAL = (0.090, 0.070, 0.055)
_ACETATE = (0.035, 0.026, 0.024)


def wear_glasses(c: Canvas, p: dict[str, Tensor], face: Tensor, light: Tensor) -> Tensor:
    """Return the face (N, 3, H, W) with glasses where p["glasses"] is above 0.

    The lenses only dim the skin a little, without glare, so that the eyes can still be read.
    """
    ax = torch.sqrt(c.x**2 + 1e-5)
    centre = p["eye_distance"] + 0.004
    wide = centre - 0.070
    tall = wide * (0.60 + 0.17 * p["glasses_round"])
    y = c.y - p["eye_height"] - 0.026
    power = 3.4 - 1.1 * p["glasses_round"]
    rx = torch.sqrt(((ax - centre) / wide) ** 2 + 1e-4).clamp(max=3)
    ry = torch.sqrt((y / tall) ** 2 + 1e-4).clamp(max=3)
    total = rx**power + ry**power
    r = total ** (1 / power)
    slope = torch.sqrt(
        (rx ** (power - 1) / wide) ** 2 + (ry ** (power - 1) / tall) ** 2
    ) * total ** (1 / power - 1)
    rim = (r - 1) / slope.clamp(min=2.0)
    width = 0.0058 + 0.0072 * p["glasses_weight"]
    frame = line(rim, width, c.pixel)
    bridge = line(y + 0.048 - 0.9 * c.x**2, width, c.pixel)
    bridge = bridge * torch.sigmoid((0.082 - ax) / 0.006)
    outer = centre + wide
    temple = line(y + 0.050, 1.1 * width, c.pixel) * torch.sigmoid((ax - outer + 0.012) / 0.006)
    frame = torch.maximum(torch.maximum(frame, bridge), temple)
    frame = (1.6 * frame).clamp(max=1.0) * p["glasses"]
    lens = cover(-rim, c.pixel, 0.004) * p["glasses"]
    drop = torch.exp(-0.5 * ((rim - 0.012) / 0.022) ** 2) * torch.sigmoid(y / 0.05) * p["glasses"]
    face = face * (1 - 0.03 * lens - 0.16 * drop)[:, None]
    return over(face, _frame_colour(p, light), frame)


def _frame_colour(p: dict[str, Tensor], light: Tensor) -> Tensor:
    """Return the frame's colour (N, 3, H, W): metal where it is thin, dark where it is thick."""
    metal = torch.tensor(_METAL, device=light.device)[:, None, None]
    dark = torch.tensor(_ACETATE, device=light.device)[:, None, None]
    share = torch.sigmoid((p["glasses_weight"] - 0.40) / 0.08)[:, None]
    return (metal * (1 - share) + dark * share) * light
