"""Other people's names for the same tensors, and their counterparts here.

Only names and layouts are mapped; the numbers are the same bits.
"""

from collections.abc import Mapping

import numpy as np

from icaedit.models.config import EncoderConfig, GeneratorConfig

__all__ = ["rename_e4e_encoder", "rename_nvidia", "rename_rosinality"]

Arrays = Mapping[str, np.ndarray]

_BLOCK_PARTS = {
    "res_layer.0": "norm1",
    "res_layer.1": "conv1",
    "res_layer.2": "act",
    "res_layer.3": "conv2",
    "res_layer.4": "norm2",
    "res_layer.5": "gate",
    "shortcut_layer": "shortcut",
}


def rename_rosinality(
    weights: Arrays, *, config: GeneratorConfig, latent_avg: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the state of a `StyleGAN2Generator` from rosinality's ``g_ema`` (stylegan2-pytorch).

    Parameters
    ----------
    weights : mapping of str to ndarray
        The state dict; its FIR kernels are constants of the architecture and are not read.
    config : GeneratorConfig
    latent_avg : ndarray of shape (C,)

    Raises
    ------
    KeyError
        If a tensor of the layout is missing.
    """
    state = {"mapping.latent_avg": latent_avg, "synthesis.input": weights["input.input"][0]}
    for layer in range(config.n_mapping):
        for part in ("weight", "bias"):
            state[f"mapping.layers.{layer}.{part}"] = weights[f"style.{layer + 1}.{part}"]
    n_stages = len(config.resolutions)
    for layer in range(2 * n_stages - 1):
        theirs = "conv1" if layer == 0 else f"convs.{layer - 1}"
        ours = f"synthesis.convs.{layer}"
        state[f"{ours}.weight"] = weights[f"{theirs}.conv.weight"][0]
        state[f"{ours}.bias"] = weights[f"{theirs}.activate.bias"]
        state[f"{ours}.noise_strength"] = weights[f"{theirs}.noise.weight"].reshape(())
        state[f"{ours}.noise"] = weights[f"noises.noise_{layer}"][0, 0]
        for part in ("weight", "bias"):
            state[f"{ours}.modulation.{part}"] = weights[f"{theirs}.conv.modulation.{part}"]
    for stage in range(n_stages):
        theirs = "to_rgb1" if stage == 0 else f"to_rgbs.{stage - 1}"
        ours = f"synthesis.to_rgbs.{stage}"
        state[f"{ours}.weight"] = weights[f"{theirs}.conv.weight"][0]
        state[f"{ours}.bias"] = weights[f"{theirs}.bias"].reshape(3)
        for part in ("weight", "bias"):
            state[f"{ours}.modulation.{part}"] = weights[f"{theirs}.conv.modulation.{part}"]
    return state


def rename_nvidia(weights: Arrays, *, config: GeneratorConfig) -> dict[str, np.ndarray]:
    """Return the state of a `StyleGAN2Generator` from NVIDIA's ``G_ema`` (stylegan2-ada-pytorch).

    Parameters
    ----------
    weights : mapping of str to ndarray
        The state dict; its resample filters are constants of the architecture and are not read.
    config : GeneratorConfig

    Raises
    ------
    KeyError
        If a tensor of the layout is missing.
    """
    state = {
        "mapping.latent_avg": weights["mapping.w_avg"],
        "synthesis.input": weights["synthesis.b4.const"],
    }
    for layer in range(config.n_mapping):
        for part in ("weight", "bias"):
            state[f"mapping.layers.{layer}.{part}"] = weights[f"mapping.fc{layer}.{part}"]
    for stage, side in enumerate(config.resolutions):
        block = f"synthesis.b{side}"
        layers = {f"{block}.conv1": f"synthesis.convs.{2 * stage}"}
        if stage > 0:
            layers[f"{block}.conv0"] = f"synthesis.convs.{2 * stage - 1}"
        for theirs, ours in layers.items():
            state[f"{ours}.noise_strength"] = weights[f"{theirs}.noise_strength"]
            state[f"{ours}.noise"] = weights[f"{theirs}.noise_const"]
        layers[f"{block}.torgb"] = f"synthesis.to_rgbs.{stage}"
        for theirs, ours in layers.items():
            for part in ("weight", "bias"):
                state[f"{ours}.{part}"] = weights[f"{theirs}.{part}"]
                state[f"{ours}.modulation.{part}"] = weights[f"{theirs}.affine.{part}"]
    return state


def rename_e4e_encoder(
    weights: Arrays, *, config: EncoderConfig, latent_avg: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the state of a `WPlusEncoder` from the ``encoder.*`` tensors of e4e.

    The heads of one map, separate there, are stacked.

    Parameters
    ----------
    weights : mapping of str to ndarray
        Names start with ``encoder.``; others are not read.
    config : EncoderConfig
    latent_avg : ndarray of shape (L, C)

    Raises
    ------
    KeyError
        If a tensor of the layout is missing.
    """
    state = {"latent_avg": latent_avg}
    places = [
        (stage, block) for stage, n in enumerate(config.blocks) for block in range(n)
    ]  # e4e counts the blocks of all stages on
    for key, array in weights.items():
        room, _, rest = key.removeprefix("encoder.").partition(".")
        if room == "input_layer":
            state[f"stem.{rest}"] = array
        elif room == "body":
            number, _, rest = rest.partition(".")
            stage, block = places[int(number)]
            theirs = next(part for part in _BLOCK_PARTS if rest.startswith(f"{part}."))
            ours = _BLOCK_PARTS[theirs] + rest.removeprefix(theirs)
            state[f"stages.{stage}.{block}.{ours}"] = array
        elif room in ("latlayer1", "latlayer2"):
            state[f"{room.replace('latlayer', 'lateral')}.{rest}"] = array
    for group, (first, last) in enumerate(config.groups):
        heads = [f"encoder.styles.{layer}" for layer in range(first, last)]
        steps = sum(
            key.startswith(f"{heads[0]}.convs.") and key.endswith(".weight") for key in weights
        )
        for part in ("weight", "bias"):
            for step in range(steps):  # between two convolutions stands an activation
                stacked = [weights[f"{head}.convs.{2 * step}.{part}"] for head in heads]
                state[f"heads.{group}.convs.{step}.{part}"] = np.concatenate(stacked)
            linear = [weights[f"{head}.linear.{part}"] for head in heads]
            state[f"heads.{group}.{part}"] = np.stack(linear)
    return state
