"""After training: the average latent, the mapping network, and the model file with its card."""

import json
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from training.data import Renders
from training.stages import UNSEEN_ROWS, Pair, load_pair

from icaedit.models import LatentModel, load_model, save_model
from icaedit.models.generator import MappingNetwork

__all__ = ["centre_codes", "export_model", "fit_mapping", "single_code", "whiten"]

ROTATION_SEED = 23
MAX_ROWS = 20_000


def fit_mapping(run: Path, renders: Renders, *, rows: int = MAX_ROWS, steps: int = 3000) -> dict:
    """Fit z -> w so that standard normal z give codes distributed as those of the renders.

    The latents are whitened by their principal components and rotated by a fixed random
    orthogonal matrix; that is z. The mapping network regresses from it the one code w that comes
    closest to the latents of all layers (`single_code`). Writes ``finished.pt`` to the run folder
    and returns what was measured.
    """
    n_train = len(renders) - UNSEEN_ROWS
    chosen = np.linspace(0, n_train - 1, min(rows, n_train)).astype(int)
    unseen = np.arange(n_train, len(renders))
    pair = load_pair(run, renders.images.shape[1])
    centre_codes(pair, *_codes(pair, renders, chosen))
    latents, latents_unseen = (_centred(pair, renders, part) for part in (chosen, unseen))
    closest = single_code(pair)  # (L, C, C)
    forward, backward, kept = whiten(
        latents.flatten(1), pair.generator.config.z_dim, seed=ROTATION_SEED
    )
    z, z_unseen = latents.flatten(1) @ forward, latents_unseen.flatten(1) @ forward
    codes, codes_unseen = (
        torch.einsum("lcd,nld->nc", closest, part) for part in (latents, latents_unseen)
    )
    drawn = torch.einsum("lcd,zld->zc", closest, backward.unflatten(1, latents.shape[1:]))
    error = _regress(pair.generator.mapping, (z, codes), backward=drawn, steps=steps)
    with torch.inference_mode():
        made = pair.generator.mapping(z_unseen) - pair.generator.mapping.latent_avg
    left = (made - codes_unseen).square().sum() / codes_unseen.square().sum()
    report = {
        "latent_variance_in_z": round(float(kept), 4),
        "mapping_training_error": round(error, 4),
        "unseen_codes_r2": round(float(1 - left), 4),
        **_pictures(pair, renders, unseen, {"one_code": codes_unseen, "z": made}),
    }
    torch.save({"pair": pair.state_dict(), "report": report}, run / "finished.pt")
    return report


def centre_codes(pair: Pair, base: Tensor, offsets: Tensor) -> None:
    """Move the mean codes into the average latent, and the mean offsets into the generator.

    The pictures stay the same: what every code loses, the modulation biases of its layers gain.
    Afterwards one w for all layers means something, and the encoder's heads have mean zero.

    Parameters
    ----------
    pair : Pair
        Changed in place.
    base : Tensor of shape (n, C)
    offsets : Tensor of shape (n, L, C)
    """
    w_mean, shift = base.mean(0), offsets.mean(0)  # (C,), (L, C); shift[0] is 0
    first = 0
    with torch.no_grad():
        for layer, user in _users(pair.generator.synthesis):
            linear = user.modulation
            linear.bias.add_(linear.weight @ shift[layer] * (linear.scale / linear.rate))
        for head in pair.encoder.heads:
            head.bias.sub_(shift[first : first + head.n_heads])
            first += head.n_heads
        pair.encoder.heads[0].bias[0].sub_(w_mean)
        pair.encoder.latent_avg.add_(w_mean)
        pair.generator.mapping.latent_avg.add_(w_mean)


def single_code(pair: Pair) -> Tensor:
    """Return K (L, C, C) so that w = sum_l K_l latents_l is the code closest to all layers'.

    Least squares in the styles: w minimises sum_l |A_l (w - latents_l)|^2, where A_l stacks the
    modulation weights that read layer l.
    """
    synthesis, config = pair.generator.synthesis, pair.generator.config
    grams = torch.zeros(config.n_layers, config.n_channels, config.n_channels)
    for layer, user in _users(synthesis):
        weight = (user.modulation.weight * user.modulation.scale).detach().cpu()
        grams[layer] += weight.T @ weight
    total = grams.sum(0)
    ridge = 1e-3 * total.diagonal().mean() * torch.eye(config.n_channels)
    return torch.linalg.solve(total + ridge, grams)


def whiten(rows: Tensor, z_dim: int, *, seed: int) -> tuple[Tensor, Tensor, Tensor]:
    """Return rows -> z (F, Z), z -> rows (Z, F), and the share of variance that z holds.

    Parameters
    ----------
    rows : Tensor of shape (n, F)
        Centred.
    """
    rng = np.random.default_rng(seed)
    rotation, upper = np.linalg.qr(rng.standard_normal((z_dim, z_dim)))
    rotation = torch.tensor(rotation * np.sign(np.diag(upper)), dtype=rows.dtype)
    values, axes = torch.linalg.eigh(rows.T @ rows / (len(rows) - 1))  # ascending
    axes, deviations = axes[:, -z_dim:], values[-z_dim:].sqrt()
    forward = (axes / deviations) @ rotation
    backward = rotation.T @ (axes * deviations).T
    return forward, backward, values[-z_dim:].sum() / values.sum()


def export_model(run: Path, output: Path) -> None:
    """Write the finished model as float16 safetensors with its card."""
    state = torch.load(run / "finished.pt", weights_only=True)
    log = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    trained = [line for line in log if line.get("stage") == "model"]
    # a later sitting counts its minutes anew
    ends = zip(trained, [*trained[1:], None], strict=True)
    sittings = [line for line, after in ends if not after or after["minute"] < line["minute"]]
    size = state["pair"]["encoder.latent_avg"].shape[0] // 2 + 1
    pair = Pair(2**size)
    pair.load_state_dict(state["pair"])
    gate = run / "gate.json"
    card = {
        "name": "portraits",
        "license": "MIT",
        "data": "drawings by icaedit.portraits; no photograph was used",
        "method": "encoder and generator learnt together: a pixel loss, an expression loss, and a "
        "linear probe that asks for the portrait's parameters in the latents; no adversary, and "
        "no portrait parameter is an input",
        "mapping": "fitted afterwards: z is the latents whitened and turned by a fixed random "
        "orthogonal matrix, w the one code closest to the latents of all layers",
        "sittings": [{key: line[key] for key in ("minute", "seen", "psnr")} for line in sittings],
        "unseen_people": {k: v for k, v in trained[-1].items() if k.startswith(("psnr", "units"))},
        "mapping_report": state["report"],
        "gate": json.loads(gate.read_text()) if gate.exists() else None,
        "limits": "knows drawn portraits seen from the front; a photograph is outside its data",
    }
    output.parent.mkdir(parents=True, exist_ok=True)
    save_model(output, pair.generator, encoder=pair.encoder, card=card)
    model: LatentModel = load_model(output, device="cpu")
    print(f"{output}: {output.stat().st_size / 2**20:.1f} MiB, {model!r}")


def _codes(pair: Pair, renders: Renders, rows: np.ndarray) -> tuple[Tensor, Tensor]:
    bases, offsets = [], []
    with torch.inference_mode():
        for part in np.array_split(rows, max(1, len(rows) // 64)):
            base, offset = pair.encoder.split(renders.batch(part)[0])
            bases.append(base)
            offsets.append(offset)
    return torch.cat(bases).clone(), torch.cat(offsets).clone()


def _centred(pair: Pair, renders: Renders, rows: np.ndarray) -> Tensor:
    base, offsets = _codes(pair, renders, rows)
    return base[:, None] + offsets


def _users(synthesis: nn.Module) -> list[tuple[int, nn.Module]]:
    """Return every modulated layer with the style layer that it reads."""
    users = [(layer, conv) for layer, conv in enumerate(synthesis.convs)]
    return users + [(2 * stage + 1, layer) for stage, layer in enumerate(synthesis.to_rgbs)]


def _regress(
    mapping: MappingNetwork, pairs: tuple[Tensor, Tensor], *, backward: Tensor, steps: int
) -> float:
    """Fit the mapping to pairs (z, centred code), and to the linear map on normal draws."""
    (z, codes), mean = pairs, mapping.latent_avg
    spread = codes.std(0).clamp(min=1e-6)
    draws = torch.Generator().manual_seed(ROTATION_SEED)
    rate = 0.05 / mapping.layers[0].rate  # as the stored weights have deviation 1 / rate
    optimiser = torch.optim.Adam(mapping.parameters(), lr=rate, betas=(0.9, 0.99))
    mapping.requires_grad_(True)
    for step in range(steps):
        optimiser.param_groups[0]["lr"] = rate * 0.5 * (1 + math.cos(math.pi * step / steps))
        rows = torch.randint(len(z), (128,), generator=draws)
        drawn = torch.randn(128, z.shape[1], generator=draws)
        x, y = torch.cat([z[rows], drawn]), torch.cat([codes[rows], drawn @ backward])
        loss = F.mse_loss((mapping(x) - mean) / spread, y / spread)
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
        for index in np.array_split(np.arange(len(rows)), 14):
            x, _ = renders.batch(rows[index])
            for kind, parts in squares.items():
                if kind == "latents":
                    latents = pair.encoder(x)
                else:
                    latents = (average + codes[kind][index])[:, None].expand(-1, n_layers, -1)
                gap = (pair.generator(latents).clamp(-1, 1) - x) / 2
                parts.append(gap.square().mean((1, 2, 3)))
    return {
        f"psnr_from_{kind}": round(float(-10 * torch.cat(parts).mean().log10()), 2)
        for kind, parts in squares.items()
    }
