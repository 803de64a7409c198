"""Other people's names for the same tensors, and their counterparts here.

Only names and layouts are mapped; the numbers are the same bits.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from icaedit.errors import FormatError
from icaedit.foreign_files import checked_tensor, shown
from icaedit.models.encoder import WPlusEncoder
from icaedit.models.generator import StyleGAN2Generator

__all__ = ["Place", "e4e_places", "nvidia_places", "rosinality_places", "translate"]

_TAPS = torch.tensor([1.0, 3.0, 3.0, 1.0])
_FIR = torch.outer(_TAPS, _TAPS) / 64
_AVERAGE = ("mapping.latent_avg", "latent_avg")
BLOCK_PARTS = {
    "norm1": "res_layer.0",
    "conv1": "res_layer.1",
    "act": "res_layer.2",
    "conv2": "res_layer.3",
    "norm2": "res_layer.4",
    "gate": "res_layer.5",
    "shortcut": "shortcut_layer",
}


@dataclass(frozen=True)
class Place:
    """Where a foreign tensor belongs.

    Attributes
    ----------
    shape : tuple of int
        Its shape in the foreign file.
    ours : str, optional
        The tensor of this package that it is, or that it is a part of.
    head : int, optional
        Which part of `ours`, stacked along the first axis.
    constant : Tensor, optional
        What it must hold, where it is a constant of the architecture.
    """

    shape: tuple[int, ...]
    ours: str | None = None
    head: int | None = None
    constant: Tensor | None = None


def rosinality_places(generator: StyleGAN2Generator) -> dict[str, Place]:
    """Return the tensors of rosinality's ``g_ema`` (stylegan2-pytorch) by their names there."""

    def theirs(name: str, shape: tuple[int, ...]) -> tuple[str, tuple[int, ...]]:
        if match := re.fullmatch(r"mapping\.layers\.(\d+)\.(\w+)", name):
            return f"style.{int(match[1]) + 1}.{match[2]}", shape
        if name == "synthesis.input":
            return "input.input", (1, *shape)
        kind, number, part = re.fullmatch(r"synthesis\.(\w+)\.(\d+)\.(.+)", name).groups()
        index = int(number)
        if kind == "convs":
            base = "conv1" if index == 0 else f"convs.{index - 1}"
            return {
                "weight": (f"{base}.conv.weight", (1, *shape)),
                "bias": (f"{base}.activate.bias", shape),
                "noise_strength": (f"{base}.noise.weight", (1,)),
                "noise": (f"noises.noise_{index}", (1, 1, *shape)),
            }.get(part, (f"{base}.conv.{part}", shape))
        base = "to_rgb1" if index == 0 else f"to_rgbs.{index - 1}"
        return {
            "weight": (f"{base}.conv.weight", (1, *shape)),
            "bias": (f"{base}.bias", (1, 3, 1, 1)),
        }.get(part, (f"{base}.conv.{part}", shape))

    places = _named(generator, theirs)
    for stage in range(len(generator.config.resolutions) - 1):
        for name in (f"convs.{2 * stage}.conv.blur", f"to_rgbs.{stage}.upsample"):
            places[f"{name}.kernel"] = Place((4, 4), constant=4 * _FIR)
    return places


def nvidia_places(generator: StyleGAN2Generator) -> dict[str, Place]:
    """Return the tensors of NVIDIA's ``G_ema`` (stylegan2-ada-pytorch) by their names there."""

    def theirs(name: str, shape: tuple[int, ...]) -> tuple[str, tuple[int, ...]]:
        if match := re.fullmatch(r"mapping\.layers\.(\d+)\.(\w+)", name):
            return f"mapping.fc{match[1]}.{match[2]}", shape
        if name == "synthesis.input":
            return "synthesis.b4.const", shape
        kind, number, part = re.fullmatch(r"synthesis\.(\w+)\.(\d+)\.(.+)", name).groups()
        index = int(number)
        if kind == "convs":
            stage, layer = (index + 1) // 2, "conv0" if index % 2 else "conv1"
        else:
            stage, layer = index, "torgb"
        part = part.replace("modulation", "affine") if "." in part else part
        part = "noise_const" if part == "noise" else part
        return f"synthesis.b{4 << stage}.{layer}.{part}", shape

    places = _named(generator, theirs)
    places["mapping.w_avg"] = Place((generator.config.n_channels,), ours="mapping.latent_avg")
    for side in generator.config.resolutions:
        for layer in ("", "conv0.", "conv1.") if side > 4 else ("", "conv1."):
            name = f"synthesis.b{side}.{layer}resample_filter"
            places[name] = Place((4, 4), constant=_FIR)
    return places


def e4e_places(encoder: WPlusEncoder) -> dict[str, Place]:
    """Return the tensors of the encoders of e4e and pSp by their names there.

    The heads of one map, separate there, are stacked here.
    """
    config = encoder.config
    starts = [sum(config.blocks[:stage]) for stage in range(len(config.blocks))]
    places: dict[str, Place] = {}
    for name, tensor in encoder.state_dict().items():
        shape, parts = tuple(tensor.shape), name.split(".")
        if parts[0] == "stem":
            places[".".join(["input_layer", *parts[1:]])] = Place(shape, name)
        elif parts[0] == "stages":  # theirs count the blocks of all stages on
            block = starts[int(parts[1])] + int(parts[2])
            theirs = ".".join(["body", str(block), BLOCK_PARTS[parts[3]], *parts[4:]])
            places[theirs] = Place(shape, name)
        elif parts[0].startswith("lateral"):
            places[f"latlayer{parts[0][-1]}.{parts[1]}"] = Place(shape, name)
        elif parts[0] == "heads":
            first, last = config.groups[int(parts[1])]
            n_heads = last - first
            if parts[2] == "convs":  # between two convolutions stands an activation there
                inner = f"convs.{2 * int(parts[3])}.{parts[4]}"
                one = (shape[0] // n_heads, *shape[1:])
            else:
                inner, one = f"linear.{parts[2]}", shape[1:]
            for head in range(n_heads):
                places[f"styles.{first + head}.{inner}"] = Place(one, name, head)
    return places


def translate(
    weights: Mapping[str, Tensor], places: Mapping[str, Place], module: nn.Module, *, where: str
) -> dict[str, Tensor]:
    """Return the state of a module from foreign tensors, every one of them accounted for.

    Parameters
    ----------
    weights : mapping of str to Tensor
        All tensors of the foreign network.
    places : mapping of str to Place
        All that it must have.
    module : nn.Module
        The module whose state is wanted; its weights are not read.
    where : str
        What messages call the file.

    Returns
    -------
    dict of str to Tensor
        float32, and int64 where the module counts; views of `weights` where nothing is stacked.

    Raises
    ------
    FormatError
        If a tensor is missing, too many, of another shape or kind of number, or not finite; or
        if a constant of the architecture differs.
    """
    for name in sorted(places.keys() - weights.keys()):
        raise FormatError(
            f"got {where} without {shown(name)}, expected every tensor of its layout; download or "
            "copy it again"
        )
    for name in sorted(weights.keys() - places.keys(), key=str):
        raise FormatError(
            f"got {where} with {shown(name)}, expected no tensor of that name in its layout; give "
            "the original file"
        )
    shapes = {name: tensor.shape for name, tensor in module.state_dict().items()}
    state: dict[str, Tensor] = {}
    for name, place in places.items():
        tensor = _checked(weights[name], name, place, where)
        if place.ours is None:
            continue
        if place.head is None:
            state[place.ours] = tensor.reshape(shapes[place.ours])
            continue
        if place.ours not in state:
            state[place.ours] = torch.empty(shapes[place.ours])
        rows = state[place.ours].shape[0] // _n_heads(place.shape, shapes[place.ours])
        first = place.head * rows
        state[place.ours][first : first + rows] = tensor.reshape(rows, *shapes[place.ours][1:])
    return state


def _n_heads(one: tuple[int, ...], all_of_them: torch.Size) -> int:
    return all_of_them.numel() // max(1, torch.Size(one).numel())


def _checked(tensor: object, name: str, place: Place, where: str) -> Tensor:
    tensor = checked_tensor(tensor, name, place.shape, where=where)
    if place.constant is not None and not torch.allclose(tensor, place.constant, atol=1e-4):
        raise FormatError(
            f"got {shown(name)} in {where} that is not the filter [1, 3, 3, 1], expected that one; "
            "models with another filter are not supported"
        )
    return tensor


def _named(
    generator: StyleGAN2Generator, theirs: Callable[[str, tuple[int, ...]], tuple[str, tuple]]
) -> dict[str, Place]:
    places = {}
    for name, tensor in generator.state_dict().items():
        if name not in _AVERAGE:
            foreign, shape = theirs(name, tuple(tensor.shape))
            places[foreign] = Place(shape, name)
    return places
