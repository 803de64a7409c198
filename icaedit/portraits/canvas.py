"""Where each pixel lies on the head, and how shapes become coverage.

All fields have shape (N, H, W). Lengths are in half picture widths, x to the viewer's right,
y down, the head's centre at the origin.
"""

import math
from dataclasses import dataclass, fields, is_dataclass
from typing import TypeVar

import torch
from torch import Tensor

__all__ = ["Canvas", "bump", "cover", "line", "make_canvas", "over", "ripple", "take"]

Fields = TypeVar("Fields")

HEAD_RADII = (0.68, 1.05, 0.80)
"""Half axes of the ellipsoid that carries the face: across, down, towards the viewer."""


@dataclass(frozen=True, eq=False)
class Canvas:
    """Coordinates of every pixel of N pictures.

    Attributes
    ----------
    x, y : Tensor of shape (N, H, W)
        Head-local coordinates: where on the face, seen from the front, a pixel's ray lands.
    plane_x, plane_y : Tensor of shape (N, H, W)
        Coordinates in the picture plane, moved with the head but not turned in depth.
    page_x, page_y : Tensor of shape (1, H, W)
        Coordinates on the page.
    depth : Tensor of shape (N, H, W)
        Distance towards the viewer of the ellipsoid's surface.
    pixel : float
        Side of a pixel.
    """

    x: Tensor
    y: Tensor
    plane_x: Tensor
    plane_y: Tensor
    page_x: Tensor
    page_y: Tensor
    depth: Tensor
    pixel: float


def make_canvas(p: dict[str, Tensor], size: int) -> Canvas:
    """Cast a ray through each pixel on to the turned ellipsoid of each head.

    Solves the quadratic of a ray along z and an ellipsoid rotated by yaw, then pitch. Beyond
    the silhouette the root is continued smoothly, so that every outline stays differentiable.

    Parameters
    ----------
    p : dict of Tensor of shape (N, 1, 1)
        Portrait parameters by name.
    size : int
        Side of the picture in pixels.
    """
    device = p["yaw"].device
    steps = (torch.arange(size, device=device, dtype=torch.float32) + 0.5) * (2.0 / size) - 1.0
    page_y, page_x = torch.meshgrid(steps, steps, indexing="ij")
    page_x, page_y = page_x[None], page_y[None]
    roll = torch.deg2rad(p["roll"])
    dx, dy = page_x - p["shift_x"], page_y - p["shift_y"]
    plane_x = (torch.cos(roll) * dx + torch.sin(roll) * dy) / p["scale"]
    plane_y = (-torch.sin(roll) * dx + torch.cos(roll) * dy) / p["scale"]

    yaw, pitch = torch.deg2rad(p["yaw"]), torch.deg2rad(p["pitch"])
    sy, cy, sp, cp = torch.sin(yaw), torch.cos(yaw), torch.sin(pitch), torch.cos(pitch)
    # Camera to head: undo the yaw about the vertical axis, then the pitch about the other.
    ax, az = plane_x * cy, plane_x * sy
    ay, az = plane_y * cp + az * sp, az * cp - plane_y * sp
    bx, by, bz = -sy, cy * sp, cy * cp
    qx, qy, qz = (1.0 / r**2 for r in HEAD_RADII)
    q2 = qx * bx**2 + qy * by**2 + qz * bz**2
    q1 = qx * ax * bx + qy * ay * by + qz * az * bz
    q0 = qx * ax**2 + qy * ay**2 + qz * az**2 - 1.0
    disc = q1**2 - q2 * q0
    root = torch.sqrt(0.5 * (disc + torch.sqrt(disc**2 + 0.04)))
    depth = (root - q1) / q2
    return Canvas(
        x=ax + depth * bx,
        y=ay + depth * by,
        plane_x=plane_x,
        plane_y=plane_y,
        page_x=page_x,
        page_y=page_y,
        depth=depth,
        pixel=2.0 / size,
    )


def cover(f: Tensor, pixel: float, soft: float = 0.0) -> Tensor:
    """Return the share of a pixel inside a shape with signed distance f (positive inside).

    Parameters
    ----------
    f : Tensor
        Signed distance.
    pixel : float
        Side of a pixel.
    soft : float
        Extra softness of the edge, as a length.
    """
    return torch.sigmoid(f / (0.33 * pixel + soft))


def line(d: Tensor, width: Tensor | float, pixel: float) -> Tensor:
    """Return the coverage of a stroke of a given half width at distance d, energy kept.

    A stroke thinner than a pixel gets lighter instead of vanishing between pixels.
    """
    wide = width + 0.35 * pixel
    return (width / wide) * torch.exp(-0.5 * (d / wide) ** 2)


def bump(x: Tensor, y: Tensor, sx: Tensor | float, sy: Tensor | float) -> Tensor:
    """Return a Gaussian of unit height at the origin of x and y."""
    return torch.exp(-0.5 * ((x / sx) ** 2 + (y / sy) ** 2))


def ripple(phase: Tensor, frequency: float, pixel: float) -> Tensor:
    """Return sin(phase), faded out where its frequency is too high for the pixels to carry.

    Parameters
    ----------
    phase : Tensor
        Radians.
    frequency : float
        Radians per half picture width, about.
    pixel : float
        Side of a pixel.
    """
    return torch.sin(phase) * math.exp(-((frequency * pixel) ** 2) / 4.0)


def over(below: Tensor, colour: Tensor, alpha: Tensor) -> Tensor:
    """Return colour (N, 3, H, W) laid over what is below, with coverage alpha (N, H, W)."""
    a = alpha[:, None]
    return below * (1 - a) + colour * a


def take(record: Fields, rows: Tensor) -> Fields:
    """Return some of the pictures of a dict or a record of fields.

    Parameters
    ----------
    record : dict of Tensor, or a dataclass such as `Canvas`
        Fields of shape (N, ...), or (1, ...) where all pictures share one.
    rows : Tensor of shape (N,), bool
        The pictures to keep.
    """

    def some(value: object) -> object:
        shared = not isinstance(value, Tensor) or len(value) != len(rows)
        return value if shared else value[rows]

    if is_dataclass(record):
        return type(record)(**{f.name: some(getattr(record, f.name)) for f in fields(record)})
    return {name: some(value) for name, value in record.items()}
