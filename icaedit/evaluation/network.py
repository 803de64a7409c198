"""The judge's network: a small residual net with one head for each thing it reads."""

from typing import NamedTuple

import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["DEGREES", "FEATURES", "LIGHT_STEPS", "JudgeNetwork", "JudgeOutput"]

FEATURES = 96
"""Channels of the last block; averaged over positions, they stand for a picture as a whole."""

DEGREES, LIGHT_STEPS = 10.0, (0.5, 0.25, 0.1)
"""What one unit of the pose head is in degrees, and of the light head in the units of each column;
of a size with how much they vary, so that all heads learn at one rate."""


class JudgeOutput(NamedTuple):
    """What the heads say of N pictures."""

    units: Tensor
    """(N, A), 0 absent to about 1."""
    logits: Tensor
    """(N, E) of the emotions."""
    embedding: Tensor
    """(N, Z), of unit length."""
    pose: Tensor
    """(N, 2): yaw and pitch in degrees."""
    light: Tensor
    """(N, 3): azimuth and elevation in radians, level about 1."""


class _Block(nn.Module):
    """Two 3x3 convolutions with batch norm and a shortcut; the first may halve the side."""

    def __init__(self, n_in: int, n_out: int, *, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(n_in, n_out, 3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(n_out)
        self.conv2 = nn.Conv2d(n_out, n_out, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(n_out)
        self.shortcut = nn.Conv2d(n_in, n_out, 1, stride=stride) if stride > 1 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.norm1(self.conv1(x)))
        return F.relu(self.norm2(self.conv2(y)) + self.shortcut(x))


class JudgeNetwork(nn.Module):
    """Read action units, emotion, identity, pose and light from a face.

    Parameters
    ----------
    n_units : int
        A, the number of action units.
    n_emotions : int
        E, the number of emotions.
    size : int
        Side in pixels of the pictures that it looks at, a multiple of 16.
    embedding : int
        Z, the length of the identity embedding.
    """

    def __init__(self, n_units: int, n_emotions: int, *, size: int, embedding: int = 64) -> None:
        super().__init__()
        widths = (24, 48, 72, FEATURES)
        self.stem = nn.Conv2d(3, widths[0], 5, stride=2, padding=2, bias=False)
        self.norm = nn.BatchNorm2d(widths[0])
        self.blocks = nn.Sequential(
            _Block(widths[0], widths[0], stride=1),
            _Block(widths[0], widths[1], stride=2),
            _Block(widths[1], widths[2], stride=2),
            _Block(widths[2], widths[3], stride=2),
        )
        # Where a feature lies matters as much as that it is there: the heads see the whole grid.
        self.narrow = nn.Conv2d(widths[3], 56, 1)
        n_grid = 56 * (size // 16) ** 2

        def head(hidden: int, n_out: int) -> nn.Sequential:
            return nn.Sequential(nn.Linear(n_grid, hidden), nn.ReLU(), nn.Linear(hidden, n_out))

        self.units = head(96, n_units)
        self.emotions = head(64, n_emotions)
        self.identity = head(96, embedding)
        self.scene = head(64, 2 + len(LIGHT_STEPS))

    def features(self, images: Tensor) -> Tensor:
        """Return the last block's maps of pictures (N, 3, S, S): (N, 96, S / 16, S / 16)."""
        return self.blocks(F.relu(self.norm(self.stem(images))))

    def forward(self, images: Tensor) -> JudgeOutput:
        """Map pictures (N, 3, S, S) in [-1, 1], S the size, to what the heads say."""
        grid = F.relu(self.narrow(self.features(images))).flatten(1)
        scene = self.scene(grid).float()
        steps = scene.new_tensor(LIGHT_STEPS)
        level = scene.new_tensor((0.0, 0.0, 1.0))
        return JudgeOutput(
            units=self.units(grid).float(),
            logits=self.emotions(grid).float(),
            embedding=F.normalize(self.identity(grid).float(), dim=1),
            pose=scene[:, :2] * DEGREES,
            light=scene[:, 2:] * steps + level,
        )
