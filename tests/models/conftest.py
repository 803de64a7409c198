"""Fabricated checkpoints of every foreign layout, small or as large as wanted."""

import argparse
import dataclasses
import importlib.util
import pickle
import sys
import types
from pathlib import Path
from typing import NamedTuple

import pytest
import torch

from icaedit.models.config import EncoderConfig, GeneratorConfig
from icaedit.models.encoder import WPlusEncoder
from icaedit.models.foreign import e4e_places, nvidia_places, rosinality_places
from icaedit.models.generator import StyleGAN2Generator

GOLDEN = Path(__file__).parents[1] / "golden"


def _imported(path: Path) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


weights_by_name = _imported(GOLDEN / "weights_by_name.py")
variants = _imported(Path(__file__).parent / "variants.py")

LAYOUTS = ("e4e", "psp", "rosinality", "nvidia", "icaedit")
SMALL = GeneratorConfig(size=8, n_channels=6, z_dim=5, n_mapping=2, widths=(4, 3))
SMALL_ENCODER = EncoderConfig(
    input_size=32, n_layers=4, n_channels=6, widths=(4, 8, 12, 16), blocks=(1, 2, 1, 1),
    head_width=6, squeeze=4,
)  # fmt: skip


class Pair(NamedTuple):
    """A generator and an encoder with random weights."""

    generator: StyleGAN2Generator
    encoder: WPlusEncoder


def make_pair(
    generator: GeneratorConfig = SMALL, encoder: EncoderConfig = SMALL_ENCODER, seed: int = 0
) -> Pair:
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        made = Pair(StyleGAN2Generator(generator), WPlusEncoder(encoder))
        for layer in made.generator.synthesis.convs:
            layer.noise_strength.fill_(0.1)
            layer.bias.normal_(0, 0.1)
        made.encoder.latent_avg.normal_(0, 0.5)
        made.generator.mapping.latent_avg.copy_(made.encoder.latent_avg.double().mean(0))
        for module in made.encoder.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.running_mean.normal_(0, 0.1)
                module.running_var.uniform_(0.5, 2)
    return Pair(*(part.eval().requires_grad_(False) for part in made))


def foreign_state(module: torch.nn.Module, places: dict) -> dict[str, torch.Tensor]:
    """Return a module's tensors under the foreign names and in the foreign shapes."""
    state, found = module.state_dict(), {}
    for name, place in places.items():
        if place.ours is None:
            found[name] = place.constant.clone()
            continue
        tensor = state[place.ours]
        if place.head is not None:
            rows = place.shape[0] if len(place.shape) == tensor.ndim else 1
            tensor = tensor[place.head * rows : (place.head + 1) * rows]
        found[name] = tensor.detach().reshape(place.shape).clone()
    return found


def encoder_tree(pair: Pair, **options: object) -> dict:
    """Return what the training code of e4e and pSp saves."""
    relative = pair.encoder.config.relative
    opts = {
        "encoder_type": "Encoder4Editing" if relative else "GradualStyleEncoder",
        "dataset_type": "ffhq_encode", "start_from_latent_avg": True, "device": "cuda:0",
        "stylegan_weights": "/home/somebody/ffhq.pt", "progressive_steps": [0, 2000],
        "checkpoint_path": None, "lpips_lambda": 0.8,
    }  # fmt: skip
    decoder = foreign_state(pair.generator, rosinality_places(pair.generator))
    encoder = foreign_state(pair.encoder, e4e_places(pair.encoder))
    return {
        "state_dict": {f"encoder.{name}": tensor for name, tensor in encoder.items()}
        | {f"decoder.{name}": tensor for name, tensor in decoder.items()},
        "latent_avg": pair.encoder.latent_avg.clone(),
        "opts": opts | options,
    }


def rosinality_tree(pair: Pair, *, training: bool = False) -> dict:
    """Return what rosinality's converter saves, or his training."""
    state = foreign_state(pair.generator, rosinality_places(pair.generator))
    if not training:
        return {"g_ema": state, "latent_avg": pair.generator.mapping.latent_avg.clone()}
    return {
        "g": state, "d": {"x": torch.zeros(3)}, "g_ema": state,
        "g_optim": {"state": {0: {"step": 3, "exp_avg": torch.zeros(2)}}, "param_groups": [{}]},
        "args": argparse.Namespace(size=8, path="/data", betas=(0.0, 0.99)), "ada_aug_p": 0.1,
    }  # fmt: skip


class NvidiaPickler:
    """Writes what NVIDIA's `persistence` would: records of modules with their source.

    The two functions that such pickles name are put into `sys.modules` while one is written.
    """

    source = "raise AssertionError('the source in a pickle was executed')"

    def dumps(self, networks: object, protocol: int = 4) -> bytes:
        persistence = types.ModuleType("torch_utils.persistence")
        persistence._reconstruct_persistent_obj = _named("_reconstruct_persistent_obj", persistence)
        util = types.ModuleType("dnnlib.util")
        util.EasyDict = type("EasyDict", (dict,), {"__module__": "dnnlib.util"})
        added = {
            "torch_utils": types.ModuleType("torch_utils"), "torch_utils.persistence": persistence,
            "dnnlib": types.ModuleType("dnnlib"), "dnnlib.util": util,
        }  # fmt: skip
        sys.modules.update(added)
        try:
            rebuild = persistence._reconstruct_persistent_obj
            tree = {
                name: self._reduced(network, rebuild, util.EasyDict) if network else None
                for name, network in networks.items()
            }
            tree["training_set_kwargs"] = util.EasyDict(path="data.zip", use_labels=False)
            return pickle.dumps(tree, protocol)
        finally:
            for name in added:
                del sys.modules[name]

    def _reduced(self, module: dict, rebuild: object, easy_dict: type) -> object:
        state = dict(module["attributes"]) | {
            "_parameters": module["parameters"], "_buffers": module["buffers"],
            "_non_persistent_buffers_set": set(), "_init_args": (),
            "_init_kwargs": easy_dict(conv_clamp=module["attributes"].get("conv_clamp")),
            "_modules": {
                name: self._reduced(child, rebuild, easy_dict)
                for name, child in module["modules"].items()
            },
        }  # fmt: skip
        meta = {
            "type": "class", "version": 6, "module_src": self.source,
            "class_name": module["class_name"], "state": state,
        }  # fmt: skip
        return _Reduced(rebuild, meta)


class _Reduced:
    def __init__(self, function: object, meta: dict) -> None:
        self.function, self.meta = function, meta

    def __reduce__(self) -> tuple:
        return self.function, (self.meta,)


def _named(name: str, module: types.ModuleType) -> object:
    def function(meta):
        raise AssertionError("a pickle was executed")

    function.__name__ = function.__qualname__ = name
    function.__module__ = module.__name__
    return function


def nvidia_tree(state: dict[str, torch.Tensor], **attributes: object) -> dict:
    """Return the modules of a G_ema as nested tables, made from its state dict."""
    root = {"class_name": "Generator", "attributes": {"c_dim": 0}, "parameters": {},
            "buffers": {}, "modules": {}}  # fmt: skip
    for name, tensor in state.items():
        *path, leaf = name.split(".")
        module = root
        for step in path:
            module = module["modules"].setdefault(
                step,
                {"class_name": step, "attributes": {}, "parameters": {}, "buffers": {},
                 "modules": {}},
            )  # fmt: skip
            if step in ("conv0", "conv1", "torgb"):
                module["attributes"].update(attributes)
            if step.startswith("fc"):
                module["attributes"].update(bias_gain=0.01, activation="lrelu")
        learned = leaf in ("weight", "bias", "noise_strength", "const")
        if learned and isinstance(tensor, torch.Tensor):
            module["parameters"][leaf] = torch.nn.Parameter(tensor, requires_grad=False)
        else:
            module["buffers"][leaf] = tensor
    return root


def write_checkpoint(path: Path, layout: str, pair: Pair, **how: object) -> Path:
    """Write a pair as a checkpoint of a layout; `how` goes to what writes it."""
    from icaedit.models import save_model

    if layout == "icaedit":
        save_model(path, pair.generator, encoder=pair.encoder, card={}, dtype="float32")
    elif layout == "nvidia":
        state = foreign_state(pair.generator, nvidia_places(pair.generator))
        clamp = pair.generator.config.conv_clamp
        tree = nvidia_tree(state, conv_clamp=clamp)
        path.write_bytes(NvidiaPickler().dumps({"G": None, "D": None, "G_ema": tree}))
    else:
        legacy = how.pop("legacy", False)
        tree = rosinality_tree(pair, **how) if layout == "rosinality" else encoder_tree(pair, **how)
        torch.save(tree, path, _use_new_zipfile_serialization=not legacy)
    return path


def golden_weights(case: dict) -> dict[str, torch.Tensor]:
    """Return the state dict of a golden case, with the filters that its layout carries."""
    drawn = weights_by_name.fill(case["weights"], case["salt"])
    weights = {name: torch.from_numpy(array) for name, array in drawn.items()}
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0])
    for name in case.get("derived") or ():
        gain = 4 if name.endswith("kernel") else 1
        weights[name] = torch.outer(taps, taps) / 64 * gain
    return weights


@pytest.fixture(scope="session")
def golden():
    """Return (case, arrays, weights) of a golden case by its name."""

    def golden(name: str) -> tuple[dict, dict[str, torch.Tensor], dict[str, torch.Tensor]]:
        case, arrays = weights_by_name.load_case(GOLDEN, name)
        return case, {key: torch.tensor(a) for key, a in arrays.items()}, golden_weights(case)

    return golden


@pytest.fixture(scope="session")
def fabricate():
    """Return this module: what writes checkpoints, for tests that change them on the way."""
    return sys.modules[__name__]


@pytest.fixture(scope="session")
def pairs() -> dict[str, Pair]:
    """One pair of networks a layout."""
    whole = dataclasses.replace(SMALL_ENCODER, relative=False)
    clamped = dataclasses.replace(SMALL, conv_clamp=256.0)
    return {
        "e4e": make_pair(), "rosinality": make_pair(), "icaedit": make_pair(),
        "psp": make_pair(encoder=whole), "nvidia": make_pair(generator=clamped),
    }  # fmt: skip


@pytest.fixture
def write(tmp_path, pairs):
    """Write a checkpoint of a layout and return its path."""

    def write(layout: str, name: str = "model.bin", **how: object) -> Path:
        return write_checkpoint(tmp_path / name, layout, pairs[layout], **how)

    return write
