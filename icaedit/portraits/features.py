"""Eyes, brows, nose and mouth: their curves under identity and action units."""

from dataclasses import dataclass

import torch
from torch import Tensor

from icaedit.portraits.canvas import Canvas, bump, cover, line

__all__ = [
    "JAW_DROP",
    "Brow",
    "Eye",
    "Mouth",
    "brow_shape",
    "eye_shape",
    "mouth_shape",
    "nose_shape",
]

JAW_DROP = 0.085
"""How far AU26 lowers the chin, in half picture widths."""


@dataclass(frozen=True, eq=False)
class Eye:
    """Fields of both eyes, (N, H, W)."""

    opening: Tensor  # coverage of the visible eyeball
    upper_edge: Tensor  # signed height below the upper lid, positive inside
    lower_edge: Tensor  # signed height above the lower lid, positive inside
    along: Tensor  # -1 at the inner corner, 1 at the outer
    across: Tensor  # x from the eye's centre, positive outwards
    down: Tensor  # y from the eye's centre, in the tilted frame
    lashes: Tensor  # coverage of the upper lash line
    lower_lashes: Tensor
    crease: Tensor  # coverage of the lid crease
    window: Tensor  # 1 near the eyes, 0 elsewhere
    half_width: Tensor


@dataclass(frozen=True, eq=False)
class Brow:
    """Fields of both brows, (N, H, W)."""

    hair: Tensor  # coverage
    y: Tensor  # height of the brow's middle line at each x
    along: Tensor  # 0 at the inner end, 1 at the outer
    window: Tensor


@dataclass(frozen=True, eq=False)
class Mouth:
    """Fields of the mouth, (N, H, W)."""

    upper_lip: Tensor
    lower_lip: Tensor
    inside: Tensor
    teeth: Tensor
    lower_teeth: Tensor
    tongue: Tensor
    seam: Tensor  # the dark line where closed lips meet
    corner: Tensor  # the shadow at both corners
    along: Tensor  # -1 and 1 at the corners
    upper_edge: Tensor  # y of the outer edge of the upper lip
    lower_edge: Tensor  # y of the outer edge of the lower lip
    upper_relief: Tensor
    lower_relief: Tensor
    window: Tensor
    centre_y: Tensor
    corner_x: Tensor
    corner_y: Tensor


def eye_shape(c: Canvas, p: dict[str, Tensor], au: dict[str, Tensor]) -> Eye:
    """Return the eyes: almond between two lids that AU5, 6 and 7 move."""
    ax = c.x.abs()
    half = p["eye_width"]
    across = ax - p["eye_distance"]
    tilt = p["eye_tilt"] - 0.16 * au["AU1"] * au["AU15"].clamp(0, 1)
    down = c.y - p["eye_height"] + tilt * across
    s = across / half
    arch = 1.0 - s**2
    upper = p["eye_open"] * (
        1.0
        + 0.62 * au["AU5"]
        - 0.42 * au["AU7"]
        - 0.30 * au["AU6"]
        - 0.22 * au["AU9"]
        - 0.14 * au["AU15"]
        - 0.10 * au["AU4"]
    )
    upper = 0.012 + torch.nn.functional.softplus((upper - 0.012) / 0.01) * 0.01
    lower = (
        p["eye_open"]
        * 0.62
        * (1.0 + 0.22 * au["AU5"] - 0.55 * au["AU6"] - 0.48 * au["AU7"] - 0.25 * au["AU9"])
    )
    lower = torch.nn.functional.softplus(lower / 0.01) * 0.01
    # The upper lid peaks towards the nose, the lower one away from it.
    upper_edge = down + upper * arch * (1.0 - 0.16 * s)
    lower_edge = lower * arch * (1.0 + 0.22 * s) - down
    opening = cover(torch.minimum(upper_edge, lower_edge), c.pixel, 0.002)
    window = torch.sigmoid((1.12 - s.abs()) / 0.06) * bump(down, down * 0, 0.16, 1.0)
    ends = torch.sigmoid((1.08 - s.abs()) / 0.05)
    thick = 0.0085 + 0.0055 * (s + 0.4).clamp(-1, 1.4) - 0.0030 * p["sex"]
    inner = torch.sigmoid((s + 0.90) / 0.06)
    lashes = line(upper_edge + 0.003, thick.clamp(min=0.004), c.pixel) * ends * inner
    lower_lashes = line(lower_edge, 0.004, c.pixel) * ends * inner
    lid = upper * arch * (1.0 - 0.16 * s)
    crease_y = down + lid * 0.92 + 0.030 + 0.012 * au["AU5"] - 0.012 * (au["AU4"] + au["AU9"])
    crease = line(crease_y, 0.006, c.pixel) * torch.sigmoid((1.02 - s.abs()) / 0.09)
    return Eye(
        opening=opening * torch.sigmoid((1.05 - s.abs()) / 0.02),
        upper_edge=upper_edge,
        lower_edge=lower_edge,
        along=s,
        across=across,
        down=down,
        lashes=lashes,
        lower_lashes=lower_lashes,
        crease=crease * p["lid_crease"],
        window=window,
        half_width=half,
    )


def brow_shape(c: Canvas, p: dict[str, Tensor], au: dict[str, Tensor]) -> Brow:
    """Return the brows: AU1 lifts the inner end, AU2 the outer, AU4 lowers and knits both."""
    ax = c.x.abs()
    inner = p["eye_distance"] - p["eye_width"] * 1.02 - 0.030 * au["AU4"]
    length = p["eye_width"] * 2.35 + 0.01
    s = (ax - inner) / length
    base = p["eye_height"] - p["brow_height"]
    hump = torch.exp(-0.5 * ((s - 0.62) / 0.30) ** 2)
    # Raised and knitted together, the inner ends go up and the outer ones hang: grief, fear.
    knit = torch.minimum(au["AU1"], au["AU4"] * 1.4).clamp(0, 1) * (1 - 0.5 * au["AU2"].clamp(0, 1))
    near, far = torch.sigmoid((0.40 - s) / 0.17), torch.sigmoid((s - 0.50) / 0.17)
    y = (
        base
        - p["brow_arch"] * hump * (1 + 0.4 * au["AU2"])
        + p["brow_tilt"] * (s - 0.5)
        + 0.022 * (s - 0.2) ** 2
        - near * (0.080 * au["AU1"] * (1 + 0.75 * knit) - 0.092 * au["AU4"] - 0.030 * au["AU9"])
        - far * (0.078 * au["AU2"] - 0.030 * au["AU4"] - 0.030 * knit * au["AU1"])
        - 0.026 * au["AU5"] * au["AU2"]
        + 0.020 * au["AU9"]
        - 0.010 * au["AU1"]
    )
    taper = torch.sigmoid((s - 0.02) / 0.045) * torch.sigmoid((1.0 - s) / 0.06)
    thick = p["brow_thickness"] * (
        0.80 + 0.9 * s.clamp(0, 1) * (1 - s.clamp(0, 1)) * 2 - 0.35 * s.clamp(0, 1)
    )
    hair = cover(thick - (c.y - y).abs(), c.pixel, 0.004) * taper
    window = torch.sigmoid((s + 0.25) / 0.06) * torch.sigmoid((1.2 - s) / 0.06)
    window = window * bump(c.y - y, c.y * 0, 0.06, 1.0)
    return Brow(hair=hair, y=y, along=s, window=window)


def nose_shape(p: dict[str, Tensor], au: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """Return the height of the nose's tip and the half width of its wings, (N, H, W)."""
    tip = p["eye_height"] + p["nose_length"] - 0.018 * (au["AU9"] + 0.5 * au["AU10"])
    wide = p["nose_width"] * (1 + 0.14 * au["AU9"] + 0.10 * au["AU10"] + 0.08 * au["AU12"])
    return tip, wide


def mouth_shape(c: Canvas, p: dict[str, Tensor], au: dict[str, Tensor]) -> Mouth:
    """Return the mouth: two lips between four curves that meet in the corners."""
    jaw = au["AU26"]
    half = p["mouth_width"] * (
        1.0
        + 0.30 * au["AU12"]
        + 0.34 * au["AU20"]
        - 0.16 * jaw
        - 0.10 * au["AU23"]
        - 0.07 * au["AU17"]
        - 0.06 * au["AU15"]
    )
    centre = (
        p["mouth_height"] + 0.045 * jaw - 0.030 * au["AU10"] - 0.022 * au["AU17"] - 0.01 * au["AU9"]
    )
    s = c.x / half
    s2 = s**2
    arch = 1.0 - s2
    lift = (
        -0.005
        - 0.105 * au["AU12"]
        + 0.085 * au["AU15"]
        + 0.022 * au["AU20"]
        + 0.022 * jaw
        - 0.012 * au["AU10"]
    )
    corner_y = centre + lift
    middle = centre + lift * s2
    part = au["AU25"]
    open_up = (
        0.022 * part + 0.038 * jaw * part + 0.024 * au["AU10"] * part + 0.020 * au["AU12"] * part
    )
    open_down = (
        0.022 * part
        + 0.125 * jaw * (0.3 + 0.7 * part)
        + 0.040 * au["AU12"] * part
        + 0.026 * au["AU20"] * part
    )
    # A squarer opening when the upper lip is raised or the lips are stretched.
    square = 1.0 - s2 * s2
    boxy = (0.8 * au["AU20"] + 0.6 * au["AU10"] + 0.35 * au["AU12"]).clamp(0, 1)
    shape = arch * (1 - boxy) + square * boxy
    upper_in = middle - open_up * shape
    lower_in = middle + open_down * shape
    thin = (
        1.0 - 0.62 * au["AU23"] - 0.22 * au["AU12"] - 0.20 * au["AU20"] - 0.1 * au["AU26"]
    ).clamp(min=0.2)
    bow = (
        1.0
        + 0.16 * torch.exp(-0.5 * ((s.abs() - 0.26) / 0.16) ** 2)
        - 0.14 * torch.exp(-0.5 * (s / 0.10) ** 2)
    )
    upper_out = upper_in - p["upper_lip"] * thin * arch * bow
    pout = 1.0 + 0.35 * au["AU17"] + 0.12 * au["AU15"]
    lower_out = lower_in + p["lower_lip"] * thin * arch * pout
    soft = 0.0040
    edge = torch.sigmoid((1.0 - s.abs()) / 0.018)
    outer = cover(torch.minimum(c.y - upper_out, lower_out - c.y), c.pixel, soft) * edge
    hole = cover(torch.minimum(c.y - upper_in, lower_in - c.y), c.pixel, soft * 0.6) * edge
    hole = hole * torch.sigmoid((part + 0.6 * jaw - 0.10) / 0.03)
    above = torch.sigmoid((middle - c.y) / (0.5 * c.pixel + 0.002))
    teeth_y = upper_in + 0.036 + 0.012 * au["AU12"] + 0.012 * au["AU10"]
    teeth = cover(teeth_y - c.y, c.pixel, 0.002) * torch.sigmoid((0.84 - s.abs()) / 0.05)
    low_y = lower_in - 0.018 - 0.014 * au["AU20"]
    lower_teeth = cover(c.y - low_y, c.pixel, 0.003) * torch.sigmoid((0.66 - s.abs()) / 0.06)
    lower_teeth = lower_teeth * (0.85 * au["AU20"] + 0.3 * au["AU10"]).clamp(0, 1)
    tongue = bump(c.x, c.y - lower_in, 0.10, 0.075) * jaw.clamp(0, 1)
    seam = line(c.y - middle, 0.0065 + 0.002 * au["AU23"], c.pixel) * edge
    corner = bump(c.x.abs() - half, c.y - corner_y, 0.018, 0.015)
    window = torch.sigmoid((1.35 - s.abs()) / 0.07) * torch.sigmoid(
        (torch.minimum(c.y - upper_out, lower_out - c.y) + 0.055) / 0.014
    )
    upper_relief = bump(c.x, c.y - (upper_in + upper_out) * 0.5, half * 0.62, 0.030)
    lower_relief = bump(c.x, c.y - (lower_in + lower_out) * 0.5, half * 0.52, 0.034)
    return Mouth(
        upper_lip=outer * above * (1 - hole),
        lower_lip=outer * (1 - above) * (1 - hole),
        inside=hole,
        teeth=teeth,
        lower_teeth=lower_teeth,
        tongue=tongue,
        seam=seam * (1 - hole),
        corner=corner,
        along=s,
        upper_edge=upper_out,
        lower_edge=lower_out,
        upper_relief=upper_relief,
        lower_relief=lower_relief,
        window=window,
        centre_y=centre,
        corner_x=half,
        corner_y=corner_y,
    )
