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
from training.data import UNSEEN_ROWS, Renders, to_tensor
from training.losses import (
    Probe,
    Readout,
    agreement_loss,
    expression_loss,
    length_loss,
    pixel_loss,
    reduce_to,
)
from training.muon import Muon, matrix_groups

from icaedit.models.config import embedded
from icaedit.models.encoder import WPlusEncoder
from icaedit.models.generator import StyleGAN2Generator
from icaedit.portraits import ACTION_UNITS
from icaedit.portraits.restyling import STYLES, restyle

__all__ = ["Pair", "load_pair", "train_model", "train_readout"]

SCHEDULE = ((0.06, 16, 16), (0.16, 32, 16), (0.45, 64, 8), (1.0, 128, 8))
"""(share of the pictures where the step ends, resolution, batch)."""

RATES = {"generator": 3e-3, "encoder": 1.2e-3, "probe": 2e-3, "matrices": 6e-3}
LAST = 0.65
"""Share of the pictures from which the pixel loss looks more at the face."""

PROBE_WEIGHT, STYLE_WEIGHT, LENGTH_WEIGHT = 0.4, 0.3, 0.02
PLAIN_SHARE = 4
"""Every fourth picture is drawn from its base code alone, so that one w makes a face."""
AVERAGE = 0.998
LOG_SECONDS = 150


class Pair(nn.Module):
    """Encoder and generator as one module, as they are trained."""

    def __init__(self, size: int) -> None:
        super().__init__()
        generator, encoder = embedded(size)
        self.generator = StyleGAN2Generator(generator)
        self.encoder = WPlusEncoder(encoder)

    def shrink(self, images: Tensor) -> Tensor:
        """Reduce pictures to what the encoder reads."""
        return reduce_to(images, self.encoder.config.input_size)

    def forward(self, images: Tensor, side: int) -> Tensor:
        """Return the pictures at resolution `side`."""
        base, offsets = self.encoder.split(self.shrink(images))
        return self.generator.synthesis(base[:, None] + offsets, side)


def _save(path: Path, state: dict) -> None:
    temporary = path.with_suffix(".tmp")
    torch.save(state, temporary)
    os.replace(temporary, path)


def _log(run: Path, line: dict) -> None:
    print(json.dumps(line), flush=True)
    with open(run / "log.jsonl", "a") as stream:
        stream.write(json.dumps(line) + "\n")


def train_readout(run: Path, renders: Renders, steps: int, *, device: str) -> None:
    """Train the network whose features the expression loss compares; frozen afterwards."""
    torch.manual_seed(11)
    readout = Readout(len(ACTION_UNITS)).to(device)
    optimiser = torch.optim.AdamW(readout.parameters(), lr=2e-3)
    for step in range(steps):
        rng = np.random.default_rng([11, step])
        optimiser.param_groups[0]["lr"] = 2e-3 * 0.5 * (1 + math.cos(math.pi * step / steps))
        rows = np.sort(rng.choice(np.arange(UNSEEN_ROWS, len(renders)), 64, replace=False))
        x = reduce_to(renders.batch(rows)[0].to(device), 64)
        if rng.random() < 0.3:
            x = F.interpolate(F.avg_pool2d(x, 2), scale_factor=2, mode="bilinear")
        x = x + 0.04 * torch.randn_like(x)
        loss = F.mse_loss(readout(x)[0], torch.from_numpy(renders.units[rows]).to(device))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        if (step + 1) % 250 == 0 or step + 1 == steps:
            with torch.inference_mode():
                x = reduce_to(renders.batch(np.arange(UNSEEN_ROWS))[0].to(device), 64)
                made = readout(x)[0].cpu().numpy()
            truth = renders.units[:UNSEEN_ROWS]
            r2 = 1 - ((made - truth) ** 2).sum() / ((truth - truth.mean(0)) ** 2).sum()
            line = {"stage": "readout", "step": step + 1, "loss": loss.item(), "r2": float(r2)}
            _log(run, line)
    _save(run / "readout.pt", {"readout": readout.state_dict()})


def load_pair(run: Path, size: int) -> Pair:
    """Return the averaged weights of the newest checkpoint."""
    pair = Pair(size)
    pair.load_state_dict(torch.load(run / "model.pt", weights_only=True)["average"])
    return pair.eval()


def train_model(run: Path, renders: Renders, pictures: int, *, device: str) -> None:
    """Train encoder and generator jointly, 16 -> 32 -> 64 -> 128 px, on `pictures` pictures.

    Goes on from the newest checkpoint in `run`. Every draw follows from the step's number, so a
    run that was stopped is the run that was not.
    """
    torch.manual_seed(5)
    pair = Pair(renders.size).to(device=device, memory_format=torch.channels_last)
    average = copy.deepcopy(pair).requires_grad_(False)
    config = pair.generator.config
    probe = Probe(
        np.asarray(renders.values[UNSEEN_ROWS:]), config.n_layers * config.n_channels
    ).to(device)
    optimisers = _optimisers(pair, probe)
    path, step, seen, seconds = run / "model.pt", 0, 0, 0.0
    if path.exists():
        state = torch.load(path, weights_only=True, map_location=device)
        for name, part in (("pair", pair), ("average", average), ("probe", probe)):
            part.load_state_dict(state[name])
        for optimiser, saved in zip(optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)
        step, seen, seconds = state["step"], state["seen"], state["seconds"]
    readout, watched = None, time.monotonic()

    def save() -> None:
        parts = {"pair": pair, "average": average, "probe": probe}
        weights = {name: part.state_dict() for name, part in parts.items()}
        states = [optimiser.state_dict() for optimiser in optimisers]
        progress = {"step": step, "seen": seen, "seconds": seconds}
        _save(path, {**weights, **progress, "optimisers": states})

    while seen < pictures:
        begun, share = time.monotonic(), seen / pictures
        side, batch = next((side, batch) for end, side, batch in SCHEDULE if share < end)
        side = min(side, renders.size)
        if readout is None and side >= 64:
            readout = _frozen_readout(run, device)
        cosine = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share))
        for optimiser in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = group["rate"] * cosine * min(1, (step + 1) / 50)
        at = (step, side, batch, share >= LAST)
        losses = _losses(pair, probe, readout, renders, at)
        for optimiser in optimisers:
            optimiser.zero_grad(set_to_none=True)
        sum(losses.values()).backward()
        nn.utils.clip_grad_norm_(pair.parameters(), 5.0)
        for optimiser in optimisers:
            optimiser.step()
        step, seen = step + 1, seen + batch
        decay = min(AVERAGE, (step + 1) / (step + 20))
        with torch.no_grad():
            torch._foreach_lerp_(list(average.parameters()), list(pair.parameters()), 1 - decay)
        seconds += time.monotonic() - begun
        if time.monotonic() - watched > LOG_SECONDS or seen >= pictures:
            watched = time.monotonic()
            save()
            line = {"stage": "model", "minute": round(seconds / 60, 1), "side": side, "seen": seen}
            line |= {name: round(loss.item(), 4) for name, loss in losses.items()}
            _log(run, line | _watch(run, average, readout, renders, (side, f"{seen:07d}")))


def _optimisers(pair: Pair, probe: Probe) -> list[torch.optim.Optimizer]:
    dense, plain = [], [{"params": list(probe.parameters()), "rate": RATES["probe"]}]
    for name, part in (("generator", pair.generator.synthesis), ("encoder", pair.encoder)):
        matrices, rest = matrix_groups(part)
        dense += [group | {"rate": RATES["matrices"]} for group in matrices]
        plain.append({"params": rest, "rate": RATES[name]})
    return [torch.optim.Adam(plain, lr=1e-3, betas=(0.9, 0.99)), Muon(dense)]


def _frozen_readout(run: Path, device: str) -> Readout:
    readout = Readout(len(ACTION_UNITS)).to(device)
    readout.load_state_dict(torch.load(run / "readout.pt", weights_only=True)["readout"])
    return readout.requires_grad_(False)


def _losses(
    pair: Pair,
    probe: Probe,
    readout: Readout | None,
    renders: Renders,
    at: tuple[int, int, int, bool],
) -> dict[str, Tensor]:
    """Return the terms of one step's loss; `at` is (step, side, batch, last part)."""
    (step, side, batch, last), device = at, next(pair.parameters()).device
    rng = np.random.default_rng([17, step])
    rows = np.sort(rng.choice(np.arange(UNSEEN_ROWS, len(renders)), batch, replace=False))
    x, windows = (part.to(device) for part in renders.batch(rows))
    inputs, n_styled = pair.shrink(x), batch // 4 if side >= 64 else 0
    if n_styled:
        again = restyle(
            renders.images[rows[:n_styled]], rng.choice(STYLES, n_styled), random_state=rng
        )
        inputs = torch.cat([inputs, pair.shrink(to_tensor(again).to(device))])
    offset_on = torch.ones(batch, 1, 1, device=device)
    offset_on[torch.from_numpy(rng.choice(batch, batch // PLAIN_SHARE, replace=False))] = 0
    with torch.autocast(device.type, torch.bfloat16):
        base, offsets = (part.float() for part in pair.encoder.split(inputs))
        codes = base[:, None] + offsets
        made = pair.generator.synthesis(base[:batch, None] + offset_on * offsets[:batch], side)
    made, target = made.float(), reduce_to(x, side)
    values = torch.from_numpy(renders.values[rows]).to(device)
    # demodulation leaves the length of a code free, so it is held
    small = 1e-2 * (offsets[:batch].square().mean() + base[:batch].square().mean())
    losses = {
        "pixel": pixel_loss(made, target, reduce_to(windows, side), last=last),
        "probe": PROBE_WEIGHT * probe.loss(codes[:batch], values),
        "size": small,
        "length": LENGTH_WEIGHT * length_loss(pair.generator.synthesis, codes[:batch]),
    }
    if readout is not None:
        losses["expression"] = expression_loss(readout, made, target)
    if n_styled:
        agreement = agreement_loss(codes[batch:], codes[:batch])
        losses["styles"] = STYLE_WEIGHT * agreement
    return losses


def _watch(
    run: Path, pair: Pair, readout: Readout | None, renders: Renders, at: tuple[int, str]
) -> dict[str, float]:
    """Return errors on unseen people, and save a picture grid; `at` is (side, tag)."""
    (side, tag), device = at, next(pair.parameters()).device
    pair.eval()
    errors = {"psnr": [], "psnr_face": [], "psnr_features": [], "psnr_plain": []}
    cosines, units = [], []
    average = _mean_code(pair, renders, device)
    with torch.inference_mode():
        for part in np.split(np.arange(0, UNSEEN_ROWS, 2), 7):
            x, windows = (t.to(device) for t in renders.batch(part))
            base, offsets = pair.encoder.split(pair.shrink(x))
            target, windows = reduce_to(x, side), reduce_to(windows, side)
            made = pair.generator.synthesis(base[:, None] + offsets, side).clamp(-1, 1)
            plain = pair.generator.synthesis(base[:, None] + 0 * offsets, side).clamp(-1, 1)
            gap = ((made - target) / 2).square().mean(1)
            errors["psnr"].append(gap.mean((1, 2)))
            for name, window in (("features", windows[:, 0]), ("face", windows[:, 1])):
                inside = (gap * window).sum((1, 2)) / window.sum((1, 2))
                errors[f"psnr_{name}"].append(inside)
            errors["psnr_plain"].append(((plain - target) / 2).square().mean((1, 2, 3)))
            again = restyle(
                renders.images[part], np.resize(np.array(STYLES), len(part)), random_state=0
            )
            base_again, offsets_again = pair.encoder.split(pair.shrink(to_tensor(again).to(device)))
            codes = (base_again[:, None] + offsets_again - average).flatten(1)
            clean = (base[:, None] + offsets - average).flatten(1)
            cosines.append(F.cosine_similarity(codes, clean))
            if readout is not None:
                true = torch.from_numpy(renders.units[part]).to(device)
                units.append((readout(reduce_to(made, 64))[0] - true).square().mean(1))
    _grid(run / f"grid-{tag}.png", pair, renders, side)
    pair.train()
    result = {k: float(-10 * torch.cat(v).mean().log10()) for k, v in errors.items()}
    result["style_cosine"] = float(torch.cat(cosines).mean())
    if units:
        result["units_mse"] = float(torch.cat(units).mean())
    return {name: round(value, 4) for name, value in result.items()}


def _mean_code(pair: Pair, renders: Renders, device: torch.device) -> Tensor:
    with torch.inference_mode():
        x = renders.batch(np.arange(1, UNSEEN_ROWS, 4))[0].to(device)
        base, offsets = pair.encoder.split(pair.shrink(x))
        return (base[:, None] + offsets).mean(0)


def _grid(path: Path, pair: Pair, renders: Renders, side: int) -> None:
    """Save renders above what is made of them."""
    device = next(pair.parameters()).device
    with torch.inference_mode():
        x, _ = renders.batch(np.arange(20))
        made = pair(x.to(device), side).clamp(-1, 1).cpu()
    made = F.interpolate(made, x.shape[-2:], mode="nearest")
    lines = [torch.cat(list(part), 2) for part in (x[:10], made[:10], x[10:], made[10:])]
    picture = ((torch.cat(lines, 1) + 1) * 127.5).round().clamp(0, 255).byte()
    Image.fromarray(picture.permute(1, 2, 0).numpy()).save(path)
