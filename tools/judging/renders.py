"""The judge's training pictures: renders in a memory-mapped file, and their truths."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from icaedit.portraits import MixedPortraits, PortraitParameters, mixed_portraits, render

__all__ = ["SHOTS", "JudgeRenders", "draw_portraits", "make_renders"]

SHOTS = 7
"""Pictures of each person."""

TURNED, MOST_YAW, MOST_PITCH = 0.25, 25.0, 8.0
"""Share of the pictures whose head is turned further, and how far at most, in degrees."""


@dataclass(frozen=True, eq=False)
class JudgeRenders:
    """Rendered people, `SHOTS` pictures of each in a row.

    Attributes
    ----------
    images : ndarray of shape (N, S, S, 3), uint8
    portraits : MixedPortraits of length N
    """

    images: np.ndarray
    portraits: MixedPortraits

    @property
    def units(self) -> np.ndarray:
        """Action units, (N, A)."""
        return self.portraits.parameters.action_units

    @property
    def pose(self) -> np.ndarray:
        """Yaw and pitch in degrees, (N, 2)."""
        return np.stack([self.portraits.parameters[name] for name in ("yaw", "pitch")], axis=1)

    @property
    def light(self) -> np.ndarray:
        """Azimuth and elevation in radians, and level, (N, 3)."""
        names = ("light_azimuth", "light_elevation", "light_level")
        return np.stack([self.portraits.parameters[name] for name in names], axis=1)


def draw_portraits(n_people: int, seed: int, *, turned: float = 0.0) -> MixedPortraits:
    """Draw people, with a share of heads `turned` beyond the usual few degrees."""
    drawn = mixed_portraits(n_people, shots=SHOTS, random_state=seed)
    rng = np.random.default_rng([seed, 1])
    n = len(drawn.parameters)
    some = rng.random(n) < turned
    columns = {
        "yaw": drawn.parameters["yaw"] + some * rng.uniform(-MOST_YAW, MOST_YAW, n),
        "pitch": drawn.parameters["pitch"] + some * rng.uniform(-MOST_PITCH, MOST_PITCH, n),
    }
    parameters: PortraitParameters = drawn.parameters.replace(columns)
    return MixedPortraits(parameters, drawn.identity, drawn.emotion, drawn.posed)


def make_renders(
    folder: Path, portraits: MixedPortraits, size: int, *, name: str, chunk: int = 256
) -> JudgeRenders:
    """Render portraits into ``folder/name.npy``, going on where a stopped run ended."""
    folder.mkdir(parents=True, exist_ok=True)
    n = len(portraits.parameters)
    path, progress = folder / f"{name}.npy", folder / f"{name}.json"
    stamp = {"size": size, "pictures": n, "sum": float(portraits.parameters.values.sum())}
    done = 0
    if progress.exists():
        state = json.loads(progress.read_text())
        if state.pop("done_up_to") and state != stamp:
            raise SystemExit(f"got {path} of other pictures; name an empty run folder")
        done = json.loads(progress.read_text())["done_up_to"]
    images = np.lib.format.open_memmap(path, "r+" if done else "w+", np.uint8, (n, size, size, 3))
    for start in range(done, n, chunk):
        rows = slice(start, min(start + chunk, n))
        images[rows] = render(portraits.parameters.rows(rows), size=size).images
        images.flush()
        progress.write_text(json.dumps({**stamp, "done_up_to": rows.stop}))
        if (start // chunk) % 10 == 0:
            print(f"{name}: rendered {rows.stop} of {n}", flush=True)
    return JudgeRenders(np.load(path, mmap_mode="r"), portraits)
