"""Train the judge that `icaedit.evaluation` reads pictures with.

It sees renders of procedural people only, never a generated or edited picture, and it has nothing
in common with the readout inside the embedded model's training loss: other architecture, other
seed, other people.

    python tools/train_judge.py --minutes 10 -o icaedit/evaluation/weights/judge.safetensors
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from icaedit.artifacts import save_tensors
from icaedit.evaluation.network import JUDGE_SIZE, JudgeNetwork
from icaedit.portraits import ACTION_UNITS, mixed_portraits, render
from icaedit.schema import EMOTIONS

SHOTS = 7


def make_renders(n_people: int, seed: int) -> dict[str, np.ndarray]:
    """Render each person several times; return pictures and truths."""
    portraits = mixed_portraits(n_people, shots=SHOTS, random_state=seed)
    rendering = render(portraits.parameters, size=JUDGE_SIZE, batch_size=32)
    return {
        "images": rendering.images,
        "units": portraits.parameters.action_units,
        "emotion": portraits.emotion,
        "identity": portraits.identity,
        "posed": portraits.posed,
    }


def augment(images: np.ndarray, rng: np.random.Generator) -> torch.Tensor:
    """Return pictures as (N, 3, 64, 64) in [-1, 1]: mirrored, shifted, scaled, blurred, tinted."""
    x = torch.from_numpy(images).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
    n = len(x)
    flip = torch.from_numpy(np.where(rng.random(n) < 0.5, -1.0, 1.0).astype(np.float32))
    zoom = torch.from_numpy(rng.uniform(0.95, 1.05, n).astype(np.float32))
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0], theta[:, 1, 1] = flip * zoom, zoom
    theta[:, :, 2] = torch.from_numpy(rng.uniform(-0.04, 0.04, (n, 2)).astype(np.float32))
    grid = F.affine_grid(theta, list(x.shape), align_corners=False)
    x = F.grid_sample(x, grid, padding_mode="border", align_corners=False)
    gain = torch.from_numpy(rng.uniform(0.85, 1.15, (n, 3, 1, 1)).astype(np.float32))
    x = (x + 1) * gain - 1
    soft = torch.from_numpy(rng.random(n) < 0.4)
    if soft.any():
        x[soft] = F.interpolate(F.avg_pool2d(x[soft], 2), scale_factor=2, mode="bilinear")
    noise = torch.from_numpy(rng.standard_normal(x.shape, dtype=np.float32))
    return x + 0.03 * noise


def loss_of(network, data, rows: np.ndarray, rng: np.random.Generator) -> torch.Tensor:
    """Return the loss of one batch whose rows come in pairs of the same person."""
    units, logits, embedding = network(augment(data["images"][rows], rng))
    target = torch.from_numpy(data["units"][rows])
    emotion = torch.from_numpy(data["emotion"][rows])
    known = emotion >= 0
    similarity = embedding @ embedding.T / 0.1
    similarity.fill_diagonal_(-1e4)
    partner = torch.arange(len(rows)) ^ 1
    loss = F.mse_loss(units, target) * 4 + 0.25 * F.cross_entropy(similarity, partner)
    return loss + 0.5 * F.cross_entropy(logits[known], emotion[known])


def evaluate(network, data) -> dict[str, float]:
    """Return errors on renders of people never seen in training."""
    network.eval()
    outputs = []
    with torch.inference_mode():
        for start in range(0, len(data["images"]), 256):
            x = torch.from_numpy(data["images"][start : start + 256]).permute(0, 3, 1, 2)
            outputs.append(network(x.float() / 127.5 - 1))
    units, logits, embedding = (torch.cat(part).numpy() for part in zip(*outputs, strict=True))
    posed = data["posed"]
    right = logits.argmax(1)[posed] == data["emotion"][posed]
    truth = data["units"]
    residual = ((units - truth) ** 2).sum(0)
    r2 = 1 - residual / ((truth - truth.mean(0)) ** 2).sum(0)
    first = np.arange(0, len(truth), SHOTS)
    nearest = (embedding[first + 1] @ embedding[first].T)[:, :]
    among20 = [
        nearest[i : i + 20, i : i + 20].argmax(1) == np.arange(20)
        for i in range(0, len(first) - 19, 20)
    ]
    result = {"posed_accuracy": float(right.mean()), "identity_top1_of_20": float(np.mean(among20))}
    result |= {f"r2_{name}": float(v) for name, v in zip(ACTION_UNITS, r2, strict=True)}
    network.train()
    return {name: round(value, 4) for name, value in result.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=4000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=77)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    torch.set_flush_denormal(True)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    print("rendering", flush=True)
    train = make_renders(options.people, options.seed)
    unseen = make_renders(200, options.seed + 1)
    network = JudgeNetwork(len(ACTION_UNITS), len(EMOTIONS)).to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(network.parameters(), lr=2e-3, weight_decay=1e-3)
    begun, step, budget = time.monotonic(), 0, options.minutes * 60
    while (spent := time.monotonic() - begun) < budget:
        share = spent / budget
        rate = 2e-3 * min(1, (step + 1) / 100) * 0.5 * (1 + np.cos(np.pi * share))
        for group in optimiser.param_groups:
            group["lr"] = rate
        people = rng.choice(options.people, 64, replace=False)
        shots = np.stack([rng.choice(SHOTS, 2, replace=False) for _ in people])
        rows = (people[:, None] * SHOTS + shots).ravel()
        loss = loss_of(network, train, rows, rng)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        step += 1
        if step % 200 == 0:
            print(
                step, f"{spent:.0f} s", f"{loss.item():.4f}", evaluate(network, unseen), flush=True
            )
    measured = evaluate(network, unseen)
    print(json.dumps(measured, indent=1))
    settings = {
        "people": options.people,
        "minutes": options.minutes,
        "seed": options.seed,
        "steps": step,
    }
    tensors = {
        name: value.contiguous()
        .numpy()
        .astype(np.float16 if value.is_floating_point() else np.int64)
        for name, value in network.state_dict().items()
    }
    header = {
        "format": "icaedit.judge",
        "version": 1,
        "units": list(ACTION_UNITS),
        "emotions": list(EMOTIONS),
        "settings": settings,
        "unseen_renders": measured,
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    save_tensors(options.output, tensors, header=header)


if __name__ == "__main__":
    main()
