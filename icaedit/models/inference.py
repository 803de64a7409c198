"""What a foreign network is made of, read off the names and shapes of its tensors."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from torch import Tensor

from icaedit.errors import FormatError, InputError
from icaedit.foreign_files.pickles import shown
from icaedit.models.config import EncoderConfig, GeneratorConfig

__all__ = ["encoder_config", "nvidia_config", "rosinality_config"]

_MOST_STAGES = 10  # 4 to 2048 pixels


def rosinality_config(weights: Mapping[str, Tensor], *, where: str) -> GeneratorConfig:
    """Return the numbers of a generator in rosinality's layout.

    Raises
    ------
    FormatError
        If a tensor that they are read off is missing or has another number of axes.
    """
    n_stages = (_highest(r"convs\.(\d+)\.conv\.weight", weights) + 2) // 2 + 1
    n_mapping = _highest(r"style\.(\d+)\.weight", weights)
    sources = ["conv1.conv.weight"]
    sources += [f"convs.{2 * stage + 1}.conv.weight" for stage in range(_stages(n_stages, where))]
    return _generator(
        where,
        n_stages=n_stages,
        n_channels=_shape(weights, "conv1.conv.modulation.weight", 2, where)[1],
        z_dim=_shape(weights, "style.1.weight", 2, where)[1],
        n_mapping=n_mapping,
        widths=[_shape(weights, name, 5, where)[1] for name in sources],
    )


def nvidia_config(
    weights: Mapping[str, Tensor], attributes: Mapping[str, Mapping[str, Any]], *, where: str
) -> GeneratorConfig:
    """Return the numbers of a generator in NVIDIA's layout, `conv_clamp` among them.

    Parameters
    ----------
    weights : mapping of str to Tensor
    attributes : mapping of str to mapping
        Plain attributes of the modules, as of `NetworkPickle`; empty where a file has none.
    where : str

    Raises
    ------
    FormatError
        If a tensor that they are read off is missing, or an attribute asks for something that
        this generator does not do.
    """
    sides = _numbers(r"synthesis\.b(\d+)\.conv1\.weight", weights)
    n_stages = max((side.bit_length() - 2 for side in sides), default=0)
    sources = [
        f"synthesis.b{4 << stage}.conv1.weight" for stage in range(_stages(n_stages, where) + 1)
    ]
    layers = {
        name: numbers
        for name, numbers in attributes.items()
        if re.fullmatch(r"synthesis\.b\d+\.(conv[01]|torgb)", name)
    }
    _expect(attributes, "architecture", "skip", where)
    _expect(layers, "activation", "lrelu", where)
    _expect({"mapping.fc0": attributes.get("mapping.fc0", {})}, "activation", "lrelu", where)
    clamps = {numbers["conv_clamp"] for numbers in layers.values() if "conv_clamp" in numbers}
    if len(clamps) > 1:
        raise FormatError(
            f"got {where} with {len(clamps)} different conv_clamp, expected one for all layers; "
            "give the original file"
        )
    return _generator(
        where,
        n_stages=n_stages,
        n_channels=_shape(weights, "synthesis.b4.conv1.affine.weight", 2, where)[1],
        z_dim=_shape(weights, "mapping.fc0.weight", 2, where)[1],
        n_mapping=_highest(r"mapping\.fc(\d+)\.weight", weights) + 1,
        widths=[_shape(weights, name, 4, where)[0] for name in sources],
        mapping_rate=attributes.get("mapping.fc0", {}).get("bias_gain", 0.01),
        conv_clamp=clamps.pop() if clamps else None,
    )


def encoder_config(weights: Mapping[str, Tensor], *, relative: bool, where: str) -> EncoderConfig:
    """Return the numbers of an encoder in the layout of e4e and pSp.

    Parameters
    ----------
    weights : mapping of str to Tensor
        Names without ``encoder.``.
    relative : bool
        Whether the heads give offsets from the first (e4e) or codes of their own (pSp).
    where : str

    Raises
    ------
    FormatError
        If a tensor that they are read off is missing or has another number of axes.
    """
    n_blocks = _highest(r"body\.(\d+)\.res_layer\.1\.weight", weights) + 1
    widths: list[int] = []
    blocks: list[int] = []
    for block in range(min(n_blocks, 200)):
        n_out, n_in = _shape(weights, f"body.{block}.res_layer.1.weight", 4, where)[:2]
        if not widths or n_out != n_in:  # a stage begins where the width changes
            widths.append(n_out)
            blocks.append(0)
        blocks[-1] += 1
    squeezed = _shape(weights, f"body.{n_blocks - 1}.res_layer.5.fc1.weight", 4, where)[0]
    steps = _numbers(r"styles\.0\.convs\.(\d+)\.weight", weights)
    if not widths or not steps or squeezed < 1 or len(steps) > 8:
        raise FormatError(
            f"got {where} with an encoder without body or heads, expected that of e4e or pSp; "
            "give the original file"
        )
    n_channels, head_width = _shape(weights, "styles.0.linear.weight", 2, where)
    try:
        return EncoderConfig(
            input_size=16 << len(steps),
            n_layers=_highest(r"styles\.(\d+)\.linear\.weight", weights) + 1,
            n_channels=n_channels,
            widths=tuple(widths),
            blocks=tuple(blocks),
            head_width=head_width,
            squeeze=max(1, widths[-1] // squeezed),
            relative=relative,
        )
    except InputError as err:
        raise FormatError(f"{err} (in the encoder of {where})") from err


def _generator(where: str, *, n_stages: int, **numbers: Any) -> GeneratorConfig:
    try:
        return GeneratorConfig(size=2 << n_stages, **numbers)
    except InputError as err:
        raise FormatError(f"{err} (in {where})") from err


def _stages(n_stages: int, where: str) -> int:
    """Return the stages above 4 pixels, checked."""
    if not 2 <= n_stages <= _MOST_STAGES:
        raise FormatError(
            f"got {where} with a generator of {max(n_stages, 0)} resolutions, expected 2 to "
            f"{_MOST_STAGES}; give the original file"
        )
    return n_stages - 1


def _expect(attributes: Mapping[str, Mapping[str, Any]], key: str, value: str, where: str) -> None:
    for name, numbers in attributes.items():
        if numbers.get(key, value) != value:
            raise FormatError(
                f"got {where} with {key} {shown(numbers[key])} at {shown(name)}, expected "
                f"{value!r}; generators of another kind are not supported"
            )


def _numbers(pattern: str, names: Iterable[str]) -> list[int]:
    matches = (re.fullmatch(pattern, name) for name in names if isinstance(name, str))
    return [int(match[1]) for match in matches if match and len(match[1]) < 6]


def _highest(pattern: str, names: Iterable[str]) -> int:
    return max(_numbers(pattern, names), default=-1)


def _shape(weights: Mapping[str, Tensor], name: str, n_axes: int, where: str) -> tuple[int, ...]:
    tensor = weights.get(name)
    if not isinstance(tensor, Tensor):
        raise FormatError(
            f"got {where} without {shown(name)}, expected every tensor of its layout; download or "
            "copy it again"
        )
    if tensor.ndim != n_axes:
        raise FormatError(
            f"got {shown(name)} of shape {tuple(tensor.shape)} in {where}, expected {n_axes} axes; "
            "give the original file"
        )
    return tuple(tensor.shape)
