"""Which foreign network a set of tensors is, and the same network in the classes of this package.

What is recognised but cannot be supported is refused by its name, with what to use instead.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from icaedit.errors import FormatError
from icaedit.foreign_files.pickles import shown
from icaedit.foreign_files.torch_files import Record
from icaedit.models.encoder import WPlusEncoder
from icaedit.models.foreign import e4e_places, nvidia_places, rosinality_places, translate
from icaedit.models.generator import StyleGAN2Generator
from icaedit.models.inference import encoder_config, nvidia_config, rosinality_config
from icaedit.models.nvidia_files import NetworkPickle

__all__ = ["Checkpoint", "from_network_pickle", "from_torch"]

_UNSUPPORTED = {  # names of tensors, and what has them
    r"synthesis\.(L\d+_\d+_\d+\.|input\.(freqs|phases|transform))": "StyleGAN3's alias-free "
    "generator; use a StyleGAN2 checkpoint, such as the stylegan2-ffhq pickles of the same project",
    r"mapping\.embed\.": "a class-conditional generator; use one trained without labels",
    r"(backbone\.synthesis|decoder\.net|renderer)\.": "EG3D's generator of volumes; use a "
    "StyleGAN2 checkpoint",
    r"synthesis\.b\d+\.skip\.weight": "StyleGAN2 of architecture 'resnet'; use one of architecture "
    "'skip', the usual one",
    r"(hypernet|w_encoder)\.": "HyperStyle, which changes the generator's weights for every photo; "
    "use an e4e or pSp checkpoint",
    r"(g_synthesis|g_mapping|module\.g_)": "StyleGAN of 2019; use a StyleGAN2 checkpoint",
    r"output_layer\.\d": "a face recognition network (IR-SE50); give the e4e or pSp checkpoint",
}
_RESTYLE = ("BackboneEncoder", "ProgressiveBackboneEncoder", "ResNetBackboneEncoder",
            "ResNetProgressiveBackboneEncoder")  # fmt: skip
_KEPT_OPTIONS = (
    "dataset_type", "encoder_type", "stylegan_size", "output_size", "n_styles", "input_nc",
    "label_nc", "start_from_latent_avg", "learn_in_w", "max_steps", "train_decoder",
)  # fmt: skip
_DRAWS = 10_000  # of z for an average that a file does not hold


@dataclass(frozen=True)
class Checkpoint:
    """A foreign model in the classes of this package.

    Attributes
    ----------
    layout : {"e4e", "psp", "rosinality", "nvidia"}
    generator : StyleGAN2Generator
    encoder : WPlusEncoder or None
    facts : dict
        What else the file says, as plain JSON values.
    """

    layout: str
    generator: StyleGAN2Generator
    encoder: WPlusEncoder | None
    facts: dict[str, Any]


def from_torch(tree: Any, *, n_bytes: int, where: str) -> Checkpoint:
    """Return the model in what a torch file holds.

    Parameters
    ----------
    tree : object
        As of `read_torch`.
    n_bytes : int
        Length of the file: its tensors cannot be larger.
    where : str
        What messages call the file.

    Raises
    ------
    FormatError
        If it is no supported model; the message says what it is, as far as that is known.
    """
    if not isinstance(tree, dict):
        raise FormatError(
            f"got {where} holding a {type(tree).__name__}, expected the checkpoint of a model; a "
            "direction or an optimiser alone is none"
        )
    if isinstance(tree.get("state_dict"), dict):
        _require_supported(tree["state_dict"], where)
        return _encoder_and_decoder(tree, n_bytes=n_bytes, where=where)
    inner = next((tree[key] for key in ("g_ema", "G_ema") if isinstance(tree.get(key), dict)), tree)
    _require_supported(inner, where)
    if "synthesis.b4.const" in inner or "mapping.w_avg" in inner:
        _require_within(inner, n_bytes, where)
        generator = _nvidia(inner, {}, where)
        return Checkpoint("nvidia", generator, None, {"conv_clamp": "not recorded in this file"})
    if "g_ema" in tree or "conv1.conv.weight" in inner:
        _require_within(inner, n_bytes, where)
        generator = _rosinality(inner, where)
        average = _average(tree.get("latent_avg"), generator, where)
        facts = {"latent_avg": _settle_average(generator, average)}
        return Checkpoint("rosinality", generator, None, facts)
    names = ", ".join(shown(key) for key in list(tree)[:3])
    raise FormatError(
        f"got {where} holding {names or 'nothing'}, expected the checkpoint of e4e, pSp or "
        "StyleGAN2; docs/checkpoints.md lists them"
    )


def from_network_pickle(network: NetworkPickle, *, where: str) -> Checkpoint:
    """Return the generator of one of NVIDIA's network pickles.

    Raises
    ------
    FormatError
        If it is no supported generator; the message says what it is, as far as that is known.
    """
    _require_supported(network.weights, where)
    generator = _nvidia(network.weights, network.attributes, where)
    facts = {"conv_clamp": generator.config.conv_clamp, "class_name": network.class_name[:80]}
    return Checkpoint("nvidia", generator, None, facts)


def _encoder_and_decoder(tree: Mapping[str, Any], *, n_bytes: int, where: str) -> Checkpoint:
    options = tree.get("opts", {})
    options = vars(options) if isinstance(options, Record) else options
    if not isinstance(options, dict):
        raise FormatError(
            f"got {where} with options of type {type(options).__name__}, expected a table; give "
            "the original file"
        )
    options = {key: value for key, value in options.items() if _is_plain(value)}
    weights = tree["state_dict"]
    _require_within(weights, n_bytes, where)
    parts: dict[str, dict[str, Tensor]] = {"encoder": {}, "decoder": {}}
    for name, tensor in weights.items():
        part, _, rest = name.partition(".") if isinstance(name, str) else ("", "", "")
        if part not in parts:
            raise FormatError(
                f"got {where} with {shown(name)}, expected names that start with encoder or "
                "decoder; give the checkpoint of e4e or pSp"
            )
        parts[part][rest] = tensor
    relative = _is_e4e(options, parts["encoder"], where)
    generator = _rosinality(parts["decoder"], where)
    config = encoder_config(parts["encoder"], relative=relative, where=where)
    expected = generator.config.n_layers, generator.config.n_channels
    if (config.n_layers, config.n_channels) != expected:
        raise FormatError(
            f"got {where} with an encoder of {config.n_layers} layers and {config.n_channels} "
            f"channels, expected {expected[0]} and {expected[1]} as its generator has; give the "
            "original file"
        )
    with torch.device("meta"):  # no weight is drawn
        encoder = WPlusEncoder(config)
    state = translate(parts["encoder"], e4e_places(encoder), encoder, where=where)
    average = _average(tree.get("latent_avg"), generator, where)
    shifted = options.get("start_from_latent_avg", True) is not False
    if shifted and average is None:
        raise FormatError(
            f"got {where} without 'latent_avg', expected the average that its encoder starts "
            "from; give a checkpoint that holds it"
        )
    state["latent_avg"] = average if shifted else torch.zeros(expected)
    encoder.load_state_dict(state, assign=True)
    facts = {
        "latent_avg": _settle_average(generator, average),
        "opts": {key: options[key] for key in _KEPT_OPTIONS if key in options},
    }
    return Checkpoint("e4e" if relative else "psp", generator, encoder, facts)


def _is_e4e(options: Mapping[Any, Any], encoder: Mapping[str, Tensor], where: str) -> bool:
    """Return whether heads give offsets (e4e) or whole codes (pSp): the tensors are the same."""
    kind = options.get("encoder_type")
    if kind in _RESTYLE or "n_iters_per_batch" in options:
        _refuse(where, "ReStyle, whose encoder runs several times; use an e4e or pSp checkpoint")
    if kind == "SingleStyleCodeEncoder" or str(kind).startswith("BackboneEncoderUsingLastLayer"):
        _refuse(where, "an encoder into W and not W+; use an e4e or pSp checkpoint")
    first = encoder.get("input_layer.0.weight")
    n_colours = first.shape[1] if isinstance(first, Tensor) and first.ndim == 4 else 3
    if options.get("label_nc") or n_colours != 3:
        what = "ReStyle" if n_colours == 6 else "pSp for sketches or label maps"
        _refuse(where, f"{what}, which does not read plain photos; use an e4e or pSp checkpoint")
    if kind is None and ("stylegan_size" in options or "output_size" in options):
        return "stylegan_size" in options  # files before e4e had more than one encoder
    if kind not in ("Encoder4Editing", "GradualStyleEncoder"):
        raise FormatError(
            f"got {where} with the encoder type {shown(kind)} in its options, expected "
            "Encoder4Editing or GradualStyleEncoder, whose tensors have the same names; give a "
            "checkpoint with its options"
        )
    return kind == "Encoder4Editing"


def _rosinality(weights: Mapping[str, Tensor], where: str) -> StyleGAN2Generator:
    with torch.device("meta"):
        generator = StyleGAN2Generator(rosinality_config(weights, where=where))
    state = translate(weights, rosinality_places(generator), generator, where=where)
    state["mapping.latent_avg"] = torch.zeros(generator.config.n_channels)
    generator.load_state_dict(state, assign=True)
    return generator


def _nvidia(
    weights: Mapping[str, Tensor], attributes: Mapping[str, Mapping[str, Any]], where: str
) -> StyleGAN2Generator:
    with torch.device("meta"):
        generator = StyleGAN2Generator(nvidia_config(weights, attributes, where=where))
    state = translate(weights, nvidia_places(generator), generator, where=where)
    generator.load_state_dict(state, assign=True)
    return generator


def _average(value: Any, generator: StyleGAN2Generator, where: str) -> Tensor | None:
    """Return an average latent as (L, C), from one of (L, C), (1, C) or (C,)."""
    if value is None:
        return None
    n_layers, n_channels = generator.config.n_layers, generator.config.n_channels
    shapes = (n_layers, n_channels), (1, n_channels), (n_channels,)
    fits = isinstance(value, Tensor) and value.is_floating_point()
    if not fits or tuple(value.shape) not in shapes:
        told = tuple(value.shape) if isinstance(value, Tensor) else shown(value)
        raise FormatError(
            f"got 'latent_avg' {told} in {where}, expected floats of shape ({n_layers}, "
            f"{n_channels}) or ({n_channels},); give the original file"
        )
    if not torch.isfinite(value).all():
        raise FormatError(
            f"got NaN or infinite values in 'latent_avg' of {where}, expected finite ones; "
            "download or copy it again"
        )
    return value.detach().to(torch.float32).expand(n_layers, n_channels).clone()


def _settle_average(generator: StyleGAN2Generator, average: Tensor | None) -> str:
    """Give the mapping network its average of w, and return where that is from."""
    mapping = generator.mapping
    if average is not None:
        mapping.latent_avg.copy_(average.double().mean(0))
        return "of the file"
    total = torch.zeros(generator.config.n_channels, dtype=torch.float64)
    source = np.random.RandomState(0)
    with torch.inference_mode():
        for _ in range(10):
            z = source.standard_normal((_DRAWS // 10, generator.config.z_dim)).astype(np.float32)
            total += mapping(torch.from_numpy(z)).double().sum(0)
    mapping.latent_avg.copy_(total / _DRAWS)
    return f"not in the file; mean of w over {_DRAWS} draws of z, seed 0"


def _require_supported(names: Iterable[Any], where: str) -> None:
    for name in names:
        for pattern, what in _UNSUPPORTED.items():
            if isinstance(name, str) and re.match(pattern, name.removeprefix("encoder.")):
                _refuse(where, what)


def _require_within(weights: Mapping[Any, Any], n_bytes: int, where: str) -> None:
    """Refuse tensors that share their numbers to seem more than the file holds."""
    total = sum(tensor.nbytes for tensor in weights.values() if isinstance(tensor, Tensor))
    if total > n_bytes:
        raise FormatError(
            f"got {where} whose tensors fill {total} of its {n_bytes} bytes, expected at most "
            "all; do not use this file"
        )


def _refuse(where: str, what: str) -> None:
    kind, _, advice = what.partition("; ")
    raise FormatError(f"got {where} holding {kind}, expected a supported model; {advice}")


def _is_plain(value: Any) -> bool:
    return type(value) in (bool, int, float) or type(value) is str and len(value) <= 80
