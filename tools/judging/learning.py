"""What the judge learns by: augmented batches of renders, and the loss of its heads."""

import numpy as np
import torch
import torch.nn.functional as F
from judging.renders import SHOTS, JudgeRenders
from torch import Tensor

from icaedit.evaluation.network import DEGREES, LIGHT_STEPS, JudgeNetwork, JudgeOutput
from icaedit.images import to_float

__all__ = ["augment", "batch_loss", "draw_rows"]

HALF_HEARTED = 0.25
"""How much the name of an emotion counts that is not fully posed: a weak one is nearly neutral.
Where action units are drawn at random, there is no name."""

TEMPERATURE = 0.1
"""Of the softmax over the batch in which each picture looks for the other one of its person."""


def draw_rows(n_people: int, rng: np.random.Generator, *, people: int) -> np.ndarray:
    """Return rows of `people` persons, two pictures of each in a row."""
    chosen = rng.choice(n_people, people, replace=False)
    shots = np.stack([rng.choice(SHOTS, 2, replace=False) for _ in chosen])
    return (chosen[:, None] * SHOTS + shots).ravel()


def augment(images: np.ndarray, flip: np.ndarray, rng: np.random.Generator) -> Tensor:
    """Return pictures as (N, 3, S, S) about [-1, 1]: mirrored, moved, softened, tinted, noisy.

    Nothing here looks like an edit or a generated picture; softness and noise stand for what
    reducing and storing do to a photo.
    """
    x = torch.from_numpy(to_float(images)).permute(0, 3, 1, 2)
    n = len(x)

    def column(values: np.ndarray) -> Tensor:
        return torch.from_numpy(values.astype(np.float32))

    zoom = rng.uniform(0.95, 1.05, n)
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0] = column(np.where(flip, -zoom, zoom))
    theta[:, 1, 1] = column(zoom)
    theta[:, :, 2] = column(rng.uniform(-0.04, 0.04, (n, 2)))
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    x = F.grid_sample(x, grid, padding_mode="border", align_corners=False)
    tint = rng.uniform(0.92, 1.08, (n, 3, 1, 1))
    tint /= tint.mean(1, keepdims=True)  # the level of the light is to be read, not forgotten
    x = (x + 1) * column(tint) - 1
    soft = torch.from_numpy(rng.random(n) < 0.4)
    blurred = F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    share = column(rng.uniform(0.3, 1.0, (n, 1, 1, 1))) * soft[:, None, None, None]
    x = x + share * (blurred - x)
    return x + column(rng.uniform(0, 0.05, (n, 1, 1, 1))) * column(
        rng.standard_normal(x.shape, dtype=np.float32)
    )


def batch_loss(
    network: JudgeNetwork, renders: JudgeRenders, rows: np.ndarray, rng: np.random.Generator
) -> tuple[Tensor, dict[str, float]]:
    """Return the loss of one batch, whose rows come in pairs of the same person, and its parts."""
    device = next(network.parameters()).device
    flip = rng.random(len(rows)) < 0.5
    x = augment(renders.images[rows], flip, rng).to(device, memory_format=torch.channels_last)
    with torch.autocast(device.type, torch.bfloat16):
        read: JudgeOutput = network(x)
    # A mirrored head is turned, and lit, from the other side.
    sign = np.where(flip, -1.0, 1.0)
    pose, light = renders.pose[rows].copy(), renders.light[rows].copy()
    pose[:, 0] *= sign
    light[:, 0] *= sign

    def target(values: np.ndarray) -> Tensor:
        return torch.from_numpy(values).to(device)

    emotion, posed = renders.portraits.emotion[rows], renders.portraits.posed[rows]
    weight = target(np.where(posed, 1.0, HALF_HEARTED).astype(np.float32) * (emotion >= 0))
    wrong = F.cross_entropy(read.logits, target(emotion.clip(0)), reduction="none")
    similarity = read.embedding @ read.embedding.T / TEMPERATURE
    similarity = similarity - 1e4 * torch.eye(len(rows), device=device)
    partner = torch.arange(len(rows), device=device) ^ 1
    steps = similarity.new_tensor(LIGHT_STEPS)
    parts = {
        "units": 4.0 * F.mse_loss(read.units, target(renders.units[rows])),
        "emotion": 0.5 * (weight * wrong).sum() / weight.sum(),
        "identity": 0.25 * F.cross_entropy(similarity, partner),
        "pose": F.mse_loss(read.pose / DEGREES, target(pose) / DEGREES),
        "light": 0.3 * F.mse_loss(read.light / steps, target(light) / steps),
    }
    return sum(parts.values()), {name: round(value.item(), 4) for name, value in parts.items()}
