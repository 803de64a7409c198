"""After training: the average latent, the mapping network, and the model file with its card."""

import json
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from scipy.stats import norm
from torch import Tensor
from training.codes import (
    centre_codes,
    level_styles,
    settle_lengths,
    shorten_codes,
    split_codes,
)
from training.data import UNSEEN_ROWS, Renders
from training.stages import Pair, load_pair

from icaedit.models import LatentModel, load_model, save_model
from icaedit.models.generator import MappingNetwork

__all__ = [
    "export_model",
    "fit_mapping",
    "normal_scores",
    "standard_draws",
]

ROTATION_SEED = 23
MAX_ROWS = 12_000


def fit_mapping(run: Path, renders: Renders, *, rows: int = MAX_ROWS, steps: int = 6000) -> dict:
    """Fit z -> w so that standard normal z give base codes distributed as those of the renders.

    The renderer's parameters become normal scores, are whitened and turned by a fixed random
    rotation: that is z, of which the mapping network learns the base code. So a random z is a
    whole person with a pose, a light and an expression. Writes ``finished.pt`` to the run folder
    and returns what was measured.
    """
    chosen = np.linspace(UNSEEN_ROWS, len(renders) - 1, min(rows, len(renders))).astype(int)
    unseen = np.arange(UNSEEN_ROWS)
    pair = load_pair(run, renders.size)
    portraits = renders.batch(chosen[:: max(1, len(chosen) // 3000)])[0]
    settled = settle_lengths(pair, portraits)
    shorten_codes(pair)
    levelled = level_styles(pair, portraits)
    centre_codes(pair, *_codes(pair, renders, chosen))
    scores = normal_scores(renders.values)
    draws = standard_draws(scores[chosen], pair.generator.config.z_dim, seed=ROTATION_SEED)
    z, z_unseen = (torch.from_numpy(draws(scores[part])) for part in (chosen, unseen))
    codes, codes_unseen = (_codes(pair, renders, part)[0] for part in (chosen, unseen))
    error = _regress(pair.generator.mapping, z, codes, steps=steps)
    with torch.inference_mode():
        made = pair.generator.mapping(z_unseen) - pair.generator.mapping.latent_avg
    left = (made - codes_unseen).square().sum() / codes_unseen.square().sum()
    report = {
        "settled_layers": settled,
        "levelled_layers": levelled,
        "mapping_training_error": round(error, 4),
        "unseen_codes_r2": round(float(1 - left), 4),
        **_pictures(pair, renders, unseen, {"base": codes_unseen, "z": made}),
    }
    torch.save({"pair": pair.state_dict(), "report": report}, run / "finished.pt")
    return report


def normal_scores(values: np.ndarray) -> np.ndarray:
    """Return each column's van der Waerden scores, (N, F): ranks as normal quantiles.

    Equal values get neighbouring ranks in random order, with a fixed seed.
    """
    jitter = np.random.default_rng(ROTATION_SEED).random(values.shape)
    order = np.lexsort((jitter, values), axis=0)
    ranks = np.empty(values.shape)
    np.put_along_axis(ranks, order, np.arange(len(values))[:, None] + 0.5, axis=0)
    return norm.ppf(ranks / len(values))


def standard_draws(scores: np.ndarray, z_dim: int, *, seed: int):
    """Return the map of scores (n, F) to z (n, Z): whitened principal components, then rotated.

    With more components than z has numbers the smallest are left out.
    """
    mean = scores.mean(0)
    values, axes = np.linalg.eigh(np.cov(scores.T))
    axes, values = axes[:, ::-1][:, :z_dim], values[::-1][:z_dim]
    turn, upper = np.linalg.qr(np.random.default_rng(seed).standard_normal((z_dim, z_dim)))
    matrix = (axes / np.sqrt(values)) @ (turn * np.sign(np.diag(upper)))
    return lambda rows: ((rows - mean) @ matrix).astype(np.float32)


def export_model(run: Path, output: Path) -> None:
    """Write the finished model as float16 safetensors with its card."""
    state = torch.load(run / "finished.pt", weights_only=True)
    log = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    last = [line for line in log if line.get("stage") == "model"][-1]
    layers = state["pair"]["encoder.latent_avg"].shape[0]
    pair = Pair(2 ** (layers // 2 + 1))
    pair.load_state_dict(state["pair"])
    card = {
        "name": "portraits",
        "license": "MIT",
        "data": "drawings by icaedit.portraits; no photograph was used",
        "method": "encoder and generator learnt together: a pixel loss, an expression loss, "
        "agreement of the latents of restyled portraits with those of the clean ones, and a "
        "linear probe that asks for the portrait's parameters in the latents; no adversary",
        "mapping": "fitted afterwards, from the portraits' parameters as normal draws to the "
        "base code of the encoder",
        "training": {key: last[key] for key in ("minute", "seen", "side")},
        "unseen_people": {k: v for k, v in last.items() if k.startswith(("psnr", "style_cosine"))},
        "mapping_report": state["report"],
        "limits": "knows drawn portraits seen from the front; a photograph is outside its data",
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    save_model(output, pair.generator, encoder=pair.encoder, card=card)
    model: LatentModel = load_model(output, device="cpu")
    print(f"{output}: {output.stat().st_size / 2**20:.1f} MiB, {model!r}")


def _codes(pair: Pair, renders: Renders, rows: np.ndarray) -> tuple[Tensor, Tensor]:
    with torch.inference_mode():
        parts = [
            split_codes(pair, renders.batch(part)[0])
            for part in np.arraysplit_codes(rows, max(1, len(rows) // 64))
        ]
    base, offsets = (torch.cat(part).clone() for part in zip(*parts, strict=True))
    return base, offsets


def _regress(mapping: MappingNetwork, z: Tensor, codes: Tensor, *, steps: int) -> float:
    """Fit the mapping to pairs of z (n, Z) and centred code (n, C); return the last error."""
    mean, spread = mapping.latent_avg, codes.std(0).clamp(min=1e-6)
    draws = torch.Generator().manual_seed(ROTATION_SEED)
    rate = 0.05 / mapping.layers[0].rate  # as the stored weights have deviation 1 / rate
    optimiser = torch.optim.Adam(mapping.parameters(), lr=rate, betas=(0.9, 0.99))
    mapping.requires_grad_(True)
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = rate * 0.5 * (1 + math.cos(math.pi * step / steps))
        rows = torch.randint(len(z), (128,), generator=draws)
        loss = F.mse_loss((mapping(z[rows]) - mean) / spread, codes[rows] / spread)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
    return loss.item()


def _pictures(
    pair: Pair, renders: Renders, rows: np.ndarray, codes: dict[str, Tensor]
) -> dict[str, float]:
    """Return PSNR of pictures from their latents, and from one centred code (n, C) of a kind."""
    squares = {kind: [] for kind in ("latents", *codes)}
    average, n_layers = pair.generator.mapping.latent_avg, pair.generator.config.n_layers
    with torch.inference_mode():
        for index in np.arraysplit_codes(np.arange(len(rows)), 14):
            x, _ = renders.batch(rows[index])
            for kind, parts in squares.items():
                if kind == "latents":
                    latents = pair.encoder(pair.shrink(x))
                else:
                    latents = (average + codes[kind][index])[:, None].expand(-1, n_layers, -1)
                gap = (pair.generator(latents).clamp(-1, 1) - x) / 2
                parts.append(gap.square().mean((1, 2, 3)))
    return {
        f"psnr_from_{kind}": round(float(-10 * torch.cat(parts).mean().log10()), 2)
        for kind, parts in squares.items()
    }
