"""The head itself: outline, relief, folds and light on skin."""

import torch
from torch import Tensor

from icaedit.portraits.canvas import Canvas, bump, line, ripple
from icaedit.portraits.features import JAW_DROP, Brow, Eye, Mouth, nose_shape

__all__ = ["face_outline", "folds", "lit_skin", "relief"]


def _turn(p: dict[str, Tensor]) -> Tensor:
    return torch.sin(torch.deg2rad(p["yaw"]))


def face_outline(c: Canvas, p: dict[str, Tensor], au: dict[str, Tensor]) -> Tensor:
    """Return the signed distance to the outline of skull and jaw, positive inside.

    Two superellipses that share their width at eye level, so that the outline is smooth; the
    chin follows the jaw drop (AU26) and the turn of the head.
    """
    turn = _turn(p)
    chin = p["face_length"] + JAW_DROP * au["AU26"] - 0.012 * au["AU17"]
    crown = 0.80
    y = c.plane_y - 0.35 * torch.sin(torch.deg2rad(p["pitch"]))
    low = torch.nn.functional.softplus(y / 0.02) * 0.02
    high = torch.nn.functional.softplus(-y / 0.02) * 0.02
    centre = turn * (0.42 * (low / chin) ** 1.3 - 0.10 * high)
    width = p["face_width"] * (1.0 + 0.10 * turn**2)
    ax = torch.sqrt((c.plane_x - centre) ** 2 + 1e-6)
    q = 2.25
    # Below the cheekbones the face narrows towards the chin.
    narrow = 1.0 - (0.140 - p["chin_width"] * 0.9) * torch.sigmoid((low / chin - 0.58) / 0.13)
    rx = (ax / (width * narrow)).clamp(max=3)
    down = (low / chin).clamp(max=3)
    up = (high / crown).clamp(max=3)
    g = 1.0 - rx**q - down ** p["jaw_square"] - up**2.4
    slope_x = q * rx ** (q - 1) / width
    slope_y = p["jaw_square"] * down ** (p["jaw_square"] - 1) / chin + 2.4 * up**1.4 / crown
    return g / torch.sqrt(slope_x**2 + slope_y**2 + 0.4)


def relief(
    c: Canvas, p: dict[str, Tensor], au: dict[str, Tensor], eye: Eye, mouth: Mouth
) -> Tensor:
    """Return the height of the skin above the ellipsoid, in half picture widths."""
    ax = torch.sqrt(c.x**2 + 2e-3)
    root = p["eye_height"] - 0.02
    tip, wide = nose_shape(p, au)
    along = torch.sigmoid((c.y - root) / 0.05) * torch.sigmoid((tip + 0.045 - c.y) / 0.020)
    climb = ((c.y - root) / (tip - root)).clamp(0, 1.2)
    ridge = p["nose_ridge"] * (0.030 + 0.085 * climb) * along
    h = ridge * torch.exp(-0.5 * (c.x / (0.048 + 0.020 * climb)) ** 2)
    h = h + 0.060 * p["nose_tip"] * bump(c.x, c.y - tip, 0.052, 0.048)
    h = h + 0.050 * bump(ax - wide * 0.92, c.y - tip - 0.012, 0.034, 0.034)
    cheek_y = 0.19 - 0.035 * au["AU6"] - 0.02 * au["AU12"]
    cheek = 0.045 * p["cheekbone"] + 0.045 * au["AU6"] + 0.045 * au["AU12"]
    h = h + cheek * bump(ax - 0.335, c.y - cheek_y, 0.13, 0.125)
    h = h - 0.060 * bump(ax - p["eye_distance"] * 0.96, c.y - p["eye_height"] + 0.015, 0.145, 0.078)
    h = h + 0.042 * bump(eye.across, eye.down, eye.half_width * 0.75, 0.062)
    h = h + 0.022 * bump(ax - 0.20, c.y - p["eye_height"] + p["brow_height"] - 0.01, 0.20, 0.065)
    h = h + (0.040 + 0.02 * au["AU17"]) * bump(
        c.x, c.y - p["face_length"] + 0.125 - JAW_DROP * au["AU26"], 0.105, 0.075
    )
    h = h - 0.022 * bump(c.x, c.y - mouth.lower_edge - 0.030, 0.10, 0.034)
    h = h - 0.010 * bump(c.x, c.y - (tip + mouth.upper_edge) * 0.5 - 0.02, 0.020, 0.05)
    h = h + 0.018 * mouth.upper_relief + 0.032 * mouth.lower_relief
    h = h - 0.030 * bump(ax - 0.53, c.y + 0.30, 0.10, 0.14)
    # The corner's pouch when it is pulled, the ridge when it is depressed.
    h = h + 0.020 * (au["AU12"] + 0.5 * au["AU15"]) * bump(
        ax - mouth.corner_x - 0.055, c.y - mouth.corner_y - 0.005, 0.045, 0.07
    )
    return h


def lit_skin(c: Canvas, p: dict[str, Tensor], height: Tensor) -> tuple[Tensor, Tensor]:
    """Return (diffuse (N, 3, H, W), gloss (N, H, W)) of the skin.

    Wrapped Lambert, wider in red than in blue as light bleeds under skin, and two Blinn lobes.
    """
    z = c.depth + height
    step = c.pixel
    dx = torch.zeros_like(z)
    dy = torch.zeros_like(z)
    dx[..., 1:-1] = (z[..., 2:] - z[..., :-2]) / (2 * step)
    dy[..., 1:-1, :] = (z[..., 2:, :] - z[..., :-2, :]) / (2 * step)
    dx, dy = dx.clamp(-2.5, 2.5), dy.clamp(-2.5, 2.5)
    inverse = torch.rsqrt(1 + dx**2 + dy**2)
    nx, ny, nz = -dx * inverse, -dy * inverse, inverse
    azimuth, elevation = p["light_azimuth"], p["light_elevation"]
    lx = torch.sin(azimuth) * torch.cos(elevation)
    ly = -torch.sin(elevation)
    lz = torch.cos(azimuth) * torch.cos(elevation)
    facing = nx * lx + ny * ly + nz * lz
    wrap = torch.tensor([0.45, 0.32, 0.26], device=z.device)[:, None, None]
    diffuse = ((facing[:, None] + wrap) / (1 + wrap)).clamp(min=0)
    sky = 0.5 - 0.5 * ny
    warm = p["light_warmth"][:, None]
    tint = torch.cat([1 + 0.07 * warm, 1 + 0 * warm, 1 - 0.08 * warm], dim=1)
    light = (0.26 + 0.16 * sky)[:, None] + 0.72 * diffuse * tint
    light = light * p["light_level"][:, None]
    hz = lz + 1.0
    norm = torch.rsqrt(lx**2 + ly**2 + hz**2)
    half = ((nx * lx + ny * ly + nz * hz) * norm).clamp(min=0)
    gloss = 0.055 * half**14 + 0.06 * half**46
    return light, gloss


def folds(
    c: Canvas, p: dict[str, Tensor], au: dict[str, Tensor], eye: Eye, brow: Brow, mouth: Mouth
) -> Tensor:
    """Return how dark the skin's folds and hollows are, 0 none to about 1.

    Nasolabial fold, crow's feet, forehead and glabella lines, nose wrinkles, eye bags, chin.
    """
    ax = c.x.abs()
    old = torch.nn.functional.softplus((p["age"] - 0.42) / 0.04) * 0.08  # 0 in the young
    wing_y = p["eye_height"] + p["nose_length"] - 0.01
    # Nasolabial fold: from the wing of the nose, outwards past the corner of the mouth.
    t = (c.y - wing_y) / (mouth.corner_y + 0.05 - wing_y)
    path = (
        p["nose_width"]
        + 0.022
        + (mouth.corner_x + 0.055 - p["nose_width"]) * t.clamp(-0.3, 1.4) ** 2 * 0.75
        + 0.03 * t
    )
    strength = (
        0.06
        + 0.42 * old
        + 0.50 * au["AU12"]
        + 0.46 * au["AU10"]
        + 0.35 * au["AU9"]
        + 0.22 * au["AU20"]
    )
    ends = torch.sigmoid((t + 0.02) / 0.06) * torch.sigmoid((0.84 - t) / 0.10)
    dark = strength * line(ax - path, 0.019, c.pixel) * ends
    # Crow's feet.
    out = (eye.along - 1.15) * eye.half_width
    fan = torch.zeros_like(dark)
    for slope in (-0.55, -0.05, 0.5):
        fan = fan + line(eye.down - slope * out - 0.004, 0.0075, c.pixel)
    reach = torch.sigmoid(out / 0.012) * torch.sigmoid((0.085 - out) / 0.018)
    dark = dark + (0.26 * au["AU6"] + 0.26 * old) * fan * reach
    # Forehead lines follow the brows.
    lifted = (au["AU1"] + au["AU2"]).clamp(0, 2) * 0.5
    lines = torch.zeros_like(dark)
    for k in (0.085, 0.145, 0.205):
        lines = lines + line(
            c.y - (brow.y * 0.55 + 0.45 * (p["eye_height"] - p["brow_height"])) + k, 0.0065, c.pixel
        )
    width = 0.16 + 0.20 * au["AU2"].clamp(0, 1)
    dark = dark + (0.34 * lifted + 0.30 * old) * lines * torch.exp(-0.5 * (c.x / width) ** 4)
    # Glabella: two upright lines between the brows.
    frown_y = p["eye_height"] - p["brow_height"] * 0.82
    upright = line(ax - 0.036, 0.008, c.pixel) * torch.exp(-0.5 * ((c.y - frown_y) / 0.062) ** 2)
    dark = dark + (0.62 * au["AU4"] + 0.20 * old) * upright
    # Wrinkles across the root of the nose.
    root = torch.zeros_like(dark)
    for k in (0.02, 0.055, 0.09):
        root = root + line(c.y - p["eye_height"] - k + 0.4 * ax, 0.0095, c.pixel)
    dark = dark + 0.62 * au["AU9"] * root * torch.exp(-0.5 * (c.x / 0.055) ** 2)
    # Below the eye: the bag, and the furrow that a raised cheek pushes up.
    bag = line(eye.lower_edge + 0.030 - 0.012 * au["AU6"], 0.008, c.pixel) * torch.sigmoid(
        (0.95 - eye.along.abs()) / 0.12
    )
    dark = dark + (0.15 + 0.40 * old + 0.34 * au["AU6"] + 0.26 * au["AU7"] + 0.2 * au["AU9"]) * bag
    # The hollow beside a corner that is stretched.
    dark = dark + 0.55 * au["AU20"] * bump(
        ax - mouth.corner_x - 0.028, c.y - mouth.corner_y, 0.014, 0.040
    )
    # The chin's crease and its dimples.
    dark = dark + (0.22 + 0.35 * au["AU17"]) * bump(
        c.x, c.y - mouth.lower_edge - 0.030, 0.085, 0.014
    )
    chin_y = p["face_length"] - 0.14 + JAW_DROP * au["AU26"]
    pits = ripple(c.x * 120.0, 120, c.pixel) * torch.sin(c.y * 110.0)
    dark = dark + 0.20 * au["AU17"] * bump(c.x, c.y - chin_y, 0.075, 0.05) * (0.6 + 0.4 * pits)
    return dark
