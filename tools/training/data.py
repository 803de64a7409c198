"""Rendered training pictures in memory-mapped files."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from icaedit.portraits import mixed_portraits, render

__all__ = ["Renders", "make_renders", "open_renders"]

_FIELDS = ("images", "weights", "values", "units", "emotion", "identity", "posed")


@dataclass(frozen=True, eq=False)
class Renders:
    """N rendered portraits with their truth.

    Attributes
    ----------
    images : ndarray of shape (N, S, S, 3), uint8
    weights : ndarray of shape (N, S, S), uint8
        255 on eyes, brows and mouth.
    values : ndarray of shape (N, F), float32
        All parameters, columns as in `icaedit.portraits.PARAMETERS`.
    units : ndarray of shape (N, A), float32
    emotion : ndarray of shape (N,), int64
        Index into EMOTIONS, -1 for random action units.
    identity : ndarray of shape (N,), int64
    posed : ndarray of shape (N,), bool
    """

    images: np.ndarray
    weights: np.ndarray
    values: np.ndarray
    units: np.ndarray
    emotion: np.ndarray
    identity: np.ndarray
    posed: np.ndarray

    def __len__(self) -> int:
        return len(self.images)

    def batch(self, rows: np.ndarray, flip: np.ndarray | None = None) -> tuple[Tensor, Tensor]:
        """Return pictures (n, 3, S, S) in [-1, 1] and weights (n, 1, S, S) in [0, 1]."""
        images, weights = self.images[rows], self.weights[rows]
        if flip is not None:
            images[flip] = images[flip, :, ::-1]
            weights[flip] = weights[flip, :, ::-1]
        x = torch.from_numpy(images).permute(0, 3, 1, 2).to(torch.float32)
        return x.div_(127.5).sub_(1), torch.from_numpy(weights)[:, None].to(torch.float32).div_(255)


def make_renders(folder: Path, n_people: int, *, size: int, seed: int, chunk: int = 256) -> None:
    """Render seven pictures of each person into `folder`, going on where a stopped run ended."""
    folder.mkdir(parents=True, exist_ok=True)
    portraits = mixed_portraits(n_people, random_state=seed)
    n = len(portraits.parameters)
    done_file = folder / "done.txt"
    done = int(done_file.read_text()) if done_file.exists() else 0
    mode = "r+" if done else "w+"
    opened = np.lib.format.open_memmap
    images = opened(folder / "images.npy", mode, np.uint8, (n, size, size, 3))
    weights = opened(folder / "weights.npy", mode, np.uint8, (n, size, size))
    np.save(folder / "values.npy", portraits.parameters.values)
    np.save(folder / "units.npy", portraits.parameters.action_units.astype(np.float32))
    np.save(folder / "emotion.npy", portraits.emotion)
    np.save(folder / "identity.npy", portraits.identity)
    np.save(folder / "posed.npy", portraits.posed)
    for start in range(done, n, chunk):
        rows = slice(start, min(start + chunk, n))
        rendering = render(portraits.parameters.rows(rows), size=size, batch_size=32)
        images[rows], weights[rows] = rendering.images, rendering.features
        images.flush()
        weights.flush()
        done_file.write_text(str(rows.stop))
        print(f"rendered {rows.stop} of {n}", flush=True)


def open_renders(folder: Path) -> Renders:
    """Map the pictures of `make_renders` into memory."""
    return Renders(*(np.load(folder / f"{name}.npy", mmap_mode="r") for name in _FIELDS))
