"""Rendered training pictures in memory-mapped files."""

from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from icaedit.portraits import PortraitParameters, mixed_portraits, render

__all__ = ["UNSEEN_ROWS", "Renders", "make_renders", "open_renders", "to_tensor"]

UNSEEN_ROWS = 700
"""The first pictures, of 100 people, are kept for watching."""

_FIELDS = ("images", "features", "face", "values", "units")


@dataclass(frozen=True, eq=False)
class Renders:
    """N rendered portraits with their truth.

    Attributes
    ----------
    images : ndarray of shape (N, S, S, 3), uint8
    features, face : ndarray of shape (N, S, S), uint8
        255 on eyes, brows and mouth; 255 inside the face.
    values : ndarray of shape (N, F), float32
        All parameters, columns as in `icaedit.portraits.PARAMETERS`.
    units : ndarray of shape (N, A), float32
    """

    images: np.ndarray
    features: np.ndarray
    face: np.ndarray
    values: np.ndarray
    units: np.ndarray

    def __len__(self) -> int:
        return len(self.images)

    @property
    def size(self) -> int:
        """Side of the pictures in pixels."""
        return self.images.shape[1]

    def batch(self, rows: np.ndarray) -> tuple[Tensor, Tensor]:
        """Return pictures (n, 3, S, S) in [-1, 1] and windows (n, 2, S, S) in [0, 1].

        The windows are those of the features and of the face.
        """
        windows = np.stack([self.features[rows], self.face[rows]], axis=1)
        return to_tensor(self.images[rows]), torch.from_numpy(windows).float().div_(255)


def to_tensor(images: np.ndarray) -> Tensor:
    """Return uint8 pictures (n, S, S, 3) as (n, 3, S, S) in [-1, 1]."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)


def make_renders(
    folder: Path, n_people: int, *, size: int, seed: int, workers: int = 1, chunk: int = 256
) -> None:
    """Render seven pictures of each person into `folder`, going on where a stopped run ended."""
    folder.mkdir(parents=True, exist_ok=True)
    parameters = mixed_portraits(n_people, random_state=seed).parameters
    n = len(parameters)
    np.save(folder / "values.npy", parameters.values)
    np.save(folder / "units.npy", parameters.action_units.astype(np.float32))
    done_file = folder / "done.txt"
    done = set(done_file.read_text().split()) if done_file.exists() else set()
    if not done:
        for name, shape in (("images", (size, 3)), ("features", (size,)), ("face", (size,))):
            np.lib.format.open_memmap(folder / f"{name}.npy", "w+", np.uint8, (n, size, *shape))
    starts = [start for start in range(0, n, chunk) if str(start) not in done]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        jobs = {}
        for start in starts:
            rows = slice(start, min(start + chunk, n))
            jobs[pool.submit(_render_rows, folder, parameters.values[rows], start, size)] = start
        for number, job in enumerate(as_completed(jobs), 1):
            job.result()
            with open(done_file, "a") as stream:
                stream.write(f"{jobs[job]}\n")
            print(f"rendered {number} of {len(starts)} parts", flush=True)


def _render_rows(folder: Path, values: np.ndarray, start: int, size: int) -> None:
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    rendering = render(PortraitParameters(values), size=size, batch_size=32)
    for name in ("images", "features", "face"):
        stored = np.load(folder / f"{name}.npy", mmap_mode="r+")
        stored[start : start + len(values)] = getattr(rendering, name)
        stored.flush()


def open_renders(folder: Path) -> Renders:
    """Map the pictures of `make_renders` into memory."""
    return Renders(*(np.load(folder / f"{name}.npy", mmap_mode="r") for name in _FIELDS))
