"""The judge's network: a small residual net with one head for each thing it reads."""

import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["JUDGE_SIZE", "JudgeNetwork"]

JUDGE_SIZE = 64
"""Side in pixels of the pictures that the judge looks at."""


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
    """Read action units, emotion and identity from a face.

    Parameters
    ----------
    n_units : int
        A, the number of action units.
    n_emotions : int
        E, the number of emotions.
    embedding : int
        Length of the identity embedding.
    """

    def __init__(self, n_units: int, n_emotions: int, *, embedding: int = 64) -> None:
        super().__init__()
        widths = (24, 48, 72, 96)
        self.stem = nn.Conv2d(3, widths[0], 5, stride=2, padding=2, bias=False)
        self.norm = nn.BatchNorm2d(widths[0])
        self.blocks = nn.Sequential(
            _Block(widths[0], widths[0], stride=1),
            _Block(widths[0], widths[1], stride=2),
            _Block(widths[1], widths[2], stride=2),
            _Block(widths[2], widths[3], stride=2),
        )
        # Where a feature lies matters as much as that it is there: keep the 4x4 grid.
        self.units = nn.Sequential(nn.Linear(widths[3] * 16, 96), nn.ReLU(), nn.Linear(96, n_units))
        self.emotions = nn.Sequential(
            nn.Linear(widths[3] * 16, 64), nn.ReLU(), nn.Linear(64, n_emotions)
        )
        self.identity = nn.Sequential(
            nn.Linear(widths[3] * 16, 96), nn.ReLU(), nn.Linear(96, embedding)
        )

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Map pictures (N, 3, 64, 64) in [-1, 1] to units (N, A), logits (N, E), embedding (N, Z).

        The embedding has unit length.
        """
        x = F.relu(self.norm(self.stem(images)))
        x = self.blocks(x).flatten(1)
        return self.units(x), self.emotions(x), F.normalize(self.identity(x), dim=1)
