"""The two learnt stages: the readout inside the loss, then encoder and generator together."""

import copy
import json
import math
import os
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn
from training.data import Renders
from training.losses import Probe, Readout, expression_loss, pixel_loss

from icaedit.models.config import embedded
from icaedit.models.encoder import WPlusEncoder
from icaedit.models.generator import StyleGAN2Generator
from icaedit.portraits import ACTION_UNITS

__all__ = ["Pair", "load_pair", "train_model", "train_readout"]

UNSEEN_ROWS = 700
"""The last pictures of the renders, 100 people, are kept for watching."""

SCHEDULE = ((0.05, 16, 32), (0.15, 32, 32), (1.0, 64, 16))
"""(share of the budget where the step ends, resolution, batch); a later sitting has the last."""

RATES = {"generator": 3e-3, "encoder": 1.2e-3, "probe": 2e-3}
PROBE_WEIGHT = 0.4
AVERAGE = 0.998
LOG_SECONDS = 150


class Pair(nn.Module):
    """Encoder and generator as one module, as they are trained."""

    def __init__(self, size: int = 64) -> None:
        super().__init__()
        generator, encoder = embedded(size)
        self.generator = StyleGAN2Generator(generator)
        self.encoder = WPlusEncoder(encoder)

    def forward(self, images: Tensor, side: int) -> tuple[Tensor, Tensor, Tensor]:
        """Return the picture at resolution `side`, the base code and the offsets."""
        base, offsets = self.encoder.split(images)
        codes = base[:, None] + offsets
        return self.generator.synthesis(codes, side), base, offsets


def _save(path: Path, state: dict) -> None:
    temporary = path.with_suffix(".tmp")
    torch.save(state, temporary)
    os.replace(temporary, path)


def _log(run: Path, line: dict) -> None:
    print(json.dumps(line), flush=True)
    with open(run / "log.jsonl", "a") as stream:
        stream.write(json.dumps(line) + "\n")


def train_readout(run: Path, renders: Renders, minutes: float, device: str) -> None:
    """Train the network whose features the expression loss compares; frozen afterwards."""
    rng = np.random.default_rng(11)
    readout = Readout(len(ACTION_UNITS)).to(device)
    optimiser = torch.optim.AdamW(readout.parameters(), lr=2e-3)
    begun, step, n_train = time.monotonic(), 0, len(renders) - UNSEEN_ROWS
    while (share := (time.monotonic() - begun) / (60 * minutes)) < 1:
        optimiser.param_groups[0]["lr"] = 2e-3 * 0.5 * (1 + math.cos(math.pi * share))
        rows = np.sort(rng.choice(n_train, 64, replace=False))
        x, _ = renders.batch(rows, rng.random(64) < 0.5)
        if rng.random() < 0.3:
            x = F.interpolate(F.avg_pool2d(x, 2), scale_factor=2, mode="bilinear")
        x = x + 0.04 * torch.randn_like(x)
        loss = F.mse_loss(
            readout(x.to(device))[0], torch.from_numpy(renders.units[rows]).to(device)
        )
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        step += 1
        if step % 200 == 0:
            with torch.no_grad():
                rows = np.arange(n_train, len(renders))
                made = readout(renders.batch(rows)[0].to(device))[0].cpu().numpy()
            truth = renders.units[rows]
            r2 = 1 - ((made - truth) ** 2).sum() / ((truth - truth.mean(0)) ** 2).sum()
            _log(run, {"stage": "readout", "step": step, "loss": loss.item(), "r2": float(r2)})
    _save(run / "readout.pt", {"readout": readout.state_dict()})


def load_pair(run: Path, size: int = 64) -> Pair:
    """Return the averaged weights of the newest checkpoint."""
    pair = Pair(size)
    pair.load_state_dict(torch.load(run / "model.pt", weights_only=True)["average"])
    return pair.eval()


def _watch(run: Path, pair: Pair, readout: Readout, renders: Renders, side: int, tag: str) -> dict:
    """Return errors on unseen people, and save a picture grid."""
    device = next(pair.parameters()).device
    rows = np.arange(len(renders) - UNSEEN_ROWS, len(renders))
    pair.eval()
    squares, windows, right, units_error = [], [], [], []
    with torch.inference_mode():
        for part in np.array_split(rows, 14):
            x, window = (t.to(device) for t in renders.batch(part))
            target = F.avg_pool2d(x, x.shape[-1] // side) if side < x.shape[-1] else x
            window = F.interpolate(window, (side, side), mode="area")
            made = pair(x, side)[0].clamp(-1, 1)
            gap = ((made - target) / 2).square()
            squares.append(gap.mean((1, 2, 3)))
            windows.append((gap.mean(1) * window[:, 0]).sum((1, 2)) / window.sum((1, 2, 3)))
            if side == 64:
                true = torch.from_numpy(renders.units[part]).to(device)
                units_error.append((readout(made)[0] - true).square().mean(0))
                right.append((readout(x)[0] - true).square().mean(0))
        x, _ = renders.batch(rows[:24])
        made = pair(x.to(device), side)[0].clamp(-1, 1).cpu()
    pair.train()
    target = F.interpolate(x, (64, 64), mode="area")
    made = F.interpolate(made, (64, 64), mode="nearest")
    strip = torch.cat(
        [torch.cat(list(part), 2) for part in (target[:12], made[:12], target[12:], made[12:])], 1
    )
    picture = ((strip + 1) * 127.5).round().clamp(0, 255).byte().permute(1, 2, 0).numpy()
    Image.fromarray(picture).resize((64 * 12 * 2, 64 * 4 * 2), Image.Resampling.BICUBIC).save(
        run / f"grid-{tag}.png"
    )
    result = {
        "psnr": float(-10 * torch.cat(squares).mean().log10()),
        "psnr_window": float(-10 * torch.cat(windows).mean().log10()),
    }
    if side == 64:
        result["units_mse"] = float(torch.stack(units_error).mean())
        result["units_mse_of_renders"] = float(torch.stack(right).mean())
    return {name: round(value, 4) for name, value in result.items()}


def train_model(
    run: Path, renders: Renders, minutes: float, *, device: str, start: Path | None = None
) -> None:
    """Train encoder and generator jointly, 16 -> 32 -> 64 px, within a wall-clock budget.

    With `start`, a checkpoint of an earlier sitting, its weights go on at full resolution with
    a fresh optimiser and a learning rate that falls anew.
    """
    readout = Readout(len(ACTION_UNITS)).to(device)
    readout.load_state_dict(torch.load(run / "readout.pt", weights_only=True)["readout"])
    readout.requires_grad_(False)
    n_train = len(renders) - UNSEEN_ROWS
    pair = Pair(renders.images.shape[1]).to(device=device, memory_format=torch.channels_last)
    average = copy.deepcopy(pair).requires_grad_(False)
    probe = Probe(np.asarray(renders.values[:n_train]), 10 * 256).to(device)
    trained = [p for name, p in pair.generator.named_parameters() if not name.startswith("mapping")]
    optimiser = torch.optim.Adam(
        [{"params": trained, "rate": RATES["generator"]},
         {"params": list(pair.encoder.parameters()), "rate": RATES["encoder"]},
         {"params": list(probe.parameters()), "rate": RATES["probe"]}],
        lr=1e-3, betas=(0.9, 0.99),
    )  # fmt: skip
    path, spent_before, step, seen = run / "model.pt", 0.0, 0, 0
    schedule = SCHEDULE
    if start is not None:
        schedule = SCHEDULE[-1:]
        if not path.exists():
            state = torch.load(start, weights_only=True)
            pair.load_state_dict(state["pair"])
            average.load_state_dict(state["average"])
    if path.exists():
        state = torch.load(path, weights_only=True)
        pair.load_state_dict(state["pair"])
        average.load_state_dict(state["average"])
        if "probe" in state:
            probe.load_state_dict(state["probe"])
        optimiser.load_state_dict(state["optimiser"])
        spent_before, step, seen = state["spent"], state["step"], state["seen"]
    begun, budget, watched = time.monotonic(), 60 * minutes, time.monotonic()
    threads = Threads(torch.get_num_threads())

    def save(spent: float) -> None:
        weights = {"pair": pair.state_dict(), "average": average.state_dict(),
                   "probe": probe.state_dict()}  # fmt: skip
        progress = {"spent": spent, "step": step, "seen": seen}
        _save(path, {**weights, **progress, "optimiser": optimiser.state_dict()})

    while (spent := spent_before + time.monotonic() - begun) < budget:
        share = spent / budget
        side, batch = next((side, batch) for end, side, batch in schedule if share < end)
        threads.step()
        cosine = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share))
        for group in optimiser.param_groups:
            group["lr"] = group["rate"] * cosine * min(1, (step + 1) / 50)
        rng = np.random.default_rng([17, step])
        rows = np.sort(rng.choice(n_train, batch, replace=False))
        flip = rng.random(batch) < 0.5
        x, window = (t.to(device) for t in renders.batch(rows, flip))
        target = F.interpolate(x, (side, side), mode="area") if side < x.shape[-1] else x
        window = F.interpolate(window, (side, side), mode="area")
        made, base, offsets = pair(_worn(x, rng), side)
        loss = pixel_loss(made, target, window)
        values = torch.from_numpy(renders.values[rows]).to(device)
        read = probe.loss(base[:, None] + offsets, values, torch.from_numpy(flip).to(device))
        loss = loss + PROBE_WEIGHT * read
        loss = loss + 1e-3 * offsets.square().mean() + 1e-4 * base.square().mean()
        if side == 64:
            loss = loss + expression_loss(readout, made, target)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(pair.parameters(), 5.0)
        optimiser.step()
        step, seen = step + 1, seen + batch
        decay = min(AVERAGE, (step + 1) / (step + 20))
        with torch.no_grad():
            torch._foreach_lerp_(list(average.parameters()), list(pair.parameters()), 1 - decay)
        if time.monotonic() - watched > LOG_SECONDS:
            watched = time.monotonic()
            save(spent)
            line = _watch(run, average, readout, renders, side, f"{int(spent / 60):03d}")
            losses = {"loss": round(loss.item(), 4), "probe": round(read.item(), 3)}
            _log(run, {"stage": "model", "minute": round(spent / 60, 1), "side": side, "seen": seen,
                       **losses, **line})  # fmt: skip
    save(spent)
    _log(run, {"stage": "model", "minute": round(spent / 60, 1), "seen": seen,
               **_watch(run, average, readout, renders, side, "end")})  # fmt: skip


class Threads:
    """Chooses between one thread and all of them by the clock.

    On a machine that is shared, several threads wait for the slowest of them, and one alone can
    be faster; which it is changes with the neighbours, so it is measured again now and then.
    """

    def __init__(self, most: int, *, trial: int = 8, every: int = 250) -> None:
        self.choices = sorted({1, most})
        self.trial, self.every = trial, every
        self.count, self.begun, self.seconds = 0, 0.0, {}

    def step(self) -> None:
        """Count one training step; switch the threads where it is due."""
        if len(self.choices) == 1:
            return
        phase, within = divmod(self.count % self.every, self.trial)
        if within == 0 and phase <= len(self.choices):
            now = time.monotonic()
            if phase > 0:
                self.seconds[self.choices[phase - 1]] = now - self.begun
            if phase < len(self.choices):
                torch.set_num_threads(self.choices[phase])
            else:
                torch.set_num_threads(min(self.seconds, key=self.seconds.get))
            self.begun = now
        self.count += 1


def _worn(x: Tensor, rng: np.random.Generator) -> Tensor:
    """Return the encoder's input, at times a little blurred or noisy; the target stays clean."""
    kind = rng.random()
    if kind < 0.2:
        return F.avg_pool2d(F.pad(x, (1, 1, 1, 1), mode="replicate"), 3, 1) * 0.6 + 0.4 * x
    if kind < 0.4:
        return x + 0.05 * torch.from_numpy(rng.standard_normal(x.shape, dtype=np.float32)).to(
            x.device
        )
    return x
