"""The last two stages: a mapping network for the learnt codes, and the file to ship."""

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from training.data import Renders
from training.stages import UNSEEN_ROWS, Pair, load_pair

from icaedit.models import save_model

__all__ = ["export_model", "fit_mapping"]

MAPPING_SEED = 23


def average_codes(pair: Pair, renders: Renders, rows: np.ndarray) -> torch.Tensor:
    """Return each picture's latents averaged over the style layers, (n, C)."""
    codes = []
    with torch.inference_mode():
        for part in np.array_split(rows, max(1, len(rows) // 64)):
            base, offsets = pair.encoder.split(renders.batch(part)[0])
            codes.append(base + offsets.mean(1))
    return torch.cat(codes)


def fit_mapping(run: Path, renders: Renders, *, n_codes: int = 8000, steps: int = 3000) -> dict:
    """Fit the mapping network so that normal z give codes distributed as the encoder's.

    The codes of training pictures are whitened by their leading principal components, turned by
    a fixed random rotation, and the network learns to undo both. The shared average latent is
    moved from the base code into `latent_avg`.
    """
    torch.manual_seed(MAPPING_SEED)
    rng = np.random.default_rng(MAPPING_SEED)
    pair = load_pair(run)
    n_train = len(renders) - UNSEEN_ROWS
    rows = np.sort(rng.choice(n_train, n_codes, replace=False))
    codes = average_codes(pair, renders, rows)
    held = average_codes(pair, renders, np.arange(n_train, len(renders)))
    mean = codes.mean(0)
    mapping = pair.generator.mapping
    z_dim = pair.generator.config.z_dim
    _, scale, axes = torch.linalg.svd(codes - mean, full_matrices=False)
    scale = scale[:z_dim] / n_codes**0.5
    turn = torch.linalg.qr(torch.randn(z_dim, z_dim)).Q

    def whiten(x: torch.Tensor) -> torch.Tensor:
        return (x - mean) @ axes[:z_dim].T / scale @ turn

    z, z_held = whiten(codes).clone(), whiten(held).clone()
    target, target_held = codes.clone(), held.clone()
    mapping.requires_grad_(True)
    with torch.no_grad():
        mapping.layers[-1].bias.copy_(mean / mapping.layers[-1].rate)
    optimiser = torch.optim.Adam(mapping.parameters(), lr=2e-3 / mapping.layers[0].rate)
    for step in range(steps):
        share = step / steps
        optimiser.param_groups[0]["lr"] = 1e-3 * 0.5 * (1 + np.cos(np.pi * share)) + 1e-6
        optimiser.param_groups[0]["lr"] /= max(mapping.layers[0].rate, 1e-6)
        batch = torch.from_numpy(rng.choice(n_codes, 256, replace=False))
        loss = F.mse_loss(mapping(z[batch]), target[batch])
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
    mapping.requires_grad_(False)
    spread = (target_held - mean).square().mean()
    error = (mapping(z_held) - target_held).square().mean()
    latent_avg = mean.clone()
    mapping.latent_avg.copy_(latent_avg)
    measured = {
        "components": z_dim,
        "explained_by_components": float(
            (scale**2).sum() * n_codes / (codes - mean).square().sum()
        ),
        "held_out_error_share": float(error / spread),
    }
    torch.save(
        {"mapping": mapping.state_dict(), "latent_avg": latent_avg, "measured": measured},
        run / "mapping.pt",
    )
    return {name: round(value, 4) for name, value in measured.items()}


def export_model(run: Path, output: Path) -> None:
    """Write the averaged weights, the mapping and a card as one file."""
    pair = load_pair(run)
    state = torch.load(run / "mapping.pt", weights_only=True)
    pair.generator.mapping.load_state_dict(state["mapping"])
    # The encoder gives base + offsets; what all codes share becomes the average latent.
    shared = state["latent_avg"]
    first = pair.encoder.heads[0]
    with torch.no_grad():
        first.bias[0] -= shared
        pair.encoder.latent_avg += shared
    log = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    card_file = run / "card.json"
    card = json.loads(card_file.read_text()) if card_file.exists() else {}
    card["training"] = [line for line in log if line.get("stage") == "model"][-1]
    card["mapping"] = state["measured"]
    output.parent.mkdir(parents=True, exist_ok=True)
    save_model(output, pair.generator, encoder=pair.encoder, card=card)
    print(f"{output}: {output.stat().st_size / 1e6:.1f} MB")
