"""Colours of skin, hair, eyes, clothes and walls, in linear RGB."""

import torch
from torch import Tensor

__all__ = [
    "background_colour",
    "cloth_colour",
    "eye_colour",
    "hair_colour",
    "skin_colour",
    "to_srgb",
]

_SKIN = (
    (252, 226, 208),
    (241, 204, 176),
    (224, 178, 144),
    (190, 140, 106),
    (140, 95, 68),
    (98, 66, 50),
)
_HAIR = ((34, 28, 28), (58, 40, 30), (98, 66, 42), (138, 78, 44), (196, 154, 96), (172, 168, 164))
_IRIS = ((70, 46, 30), (112, 76, 40), (98, 104, 62), (92, 124, 120), (88, 126, 164))
_WALL = (
    (196, 200, 202),
    (208, 194, 172),
    (190, 166, 146),
    (166, 182, 164),
    (150, 180, 184),
    (158, 170, 196),
    (184, 172, 190),
    (202, 170, 164),
)
_CLOTH = (
    (62, 78, 108),
    (150, 162, 176),
    (206, 200, 188),
    (108, 64, 62),
    (70, 98, 86),
    (176, 148, 92),
    (120, 132, 150),
    (52, 52, 58),
)


def _linear(stops: tuple[tuple[int, int, int], ...], device: torch.device) -> Tensor:
    return (torch.tensor(stops, dtype=torch.float32, device=device) / 255.0) ** 2.2


def _mix(stops: tuple[tuple[int, int, int], ...], at: Tensor) -> Tensor:
    """Interpolate between colours: at (N, 1, 1) in 0..1 -> (N, 3, 1, 1)."""
    table = _linear(stops, at.device)
    place = at.reshape(-1).clamp(0, 1) * (len(stops) - 1)
    low = place.floor().long().clamp(max=len(stops) - 2)
    share = (place - low)[:, None]
    return (table[low] * (1 - share) + table[low + 1] * share)[:, :, None, None]


def skin_colour(tone: Tensor, red: Tensor) -> Tensor:
    """Return skin albedo (N, 3, 1, 1): tone 0 light to 1 dark, red 0 sallow to 1 rosy."""
    tint = torch.cat([1.0 + 0.05 * red, 1.02 - 0.09 * red, 0.93 - 0.02 * red], dim=1)[:, :, :, None]
    return _mix(_SKIN, tone) * tint


def hair_colour(at: Tensor, age: Tensor) -> Tensor:
    """Return hair albedo (N, 3, 1, 1); the oldest people are greyer."""
    grey = torch.sigmoid((age - 0.65) / 0.015)[:, None] * 0.80
    return _mix(_HAIR[:5], at) * (1 - grey) + _linear(_HAIR[5:], at.device)[0][:, None, None] * grey


def eye_colour(at: Tensor) -> Tensor:
    """Return iris albedo (N, 3, 1, 1), brown to blue."""
    return _mix(_IRIS, at)


def background_colour(hue: Tensor, level: Tensor) -> Tensor:
    """Return the wall's colour (N, 3, 1, 1)."""
    return _mix(_WALL, hue) * (0.45 + 0.6 * level)[:, None]


def cloth_colour(hue: Tensor, level: Tensor) -> Tensor:
    """Return the shirt's colour (N, 3, 1, 1)."""
    return _mix(_CLOTH, hue) * (0.7 + 0.6 * level)[:, None]


def to_srgb(linear: Tensor) -> Tensor:
    """Encode linear light as display values with a 2.2 gamma and a soft shoulder, in 0..1."""
    toned = linear.clamp(min=1e-6)
    toned = torch.where(toned > 0.8, 0.8 + 0.2 * torch.tanh((toned - 0.8) / 0.2), toned)
    return toned ** (1 / 2.2)
