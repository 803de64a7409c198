"""What the generator and the encoder are made of, as plain numbers.

The embedded 64-pixel model and the FFHQ model at 1024 pixels are the same two classes with
other numbers in these records.
"""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from icaedit.errors import InputError
from icaedit.schema import style_layers

__all__ = ["EncoderConfig", "GeneratorConfig", "config_from_dict", "config_to_dict", "embedded"]

_WIDEST = 16384  # channels
_LARGEST = 4096  # pixels


@dataclass(frozen=True)
class GeneratorConfig:
    """The numbers of a StyleGAN2 generator.

    Parameters
    ----------
    size : int
        Side of the square picture in pixels, a power of two of at least 8.
    n_channels : int
        C, the width of one style code.
    z_dim : int
        Width of the mapping network's input.
    n_mapping : int
        Layers of the mapping network.
    widths : tuple of int
        Feature channels at 4, 8, 16, ... `size` pixels, one each.
    mapping_rate : float
        Learning-rate multiplier of the mapping network (0.01 in StyleGAN2).
    normalize_z : bool
        Whether z is scaled to unit mean square before the first layer.
    conv_clamp : float, optional
        Bound on the output of every layer, in feature units (NVIDIA trains with 256).

    Raises
    ------
    InputError
        If the size is no power of two, the widths do not fit it, or a number is beyond reason.

    Examples
    --------
    >>> GeneratorConfig.ffhq().resolutions
    (4, 8, 16, 32, 64, 128, 256, 512, 1024)
    """

    size: int
    n_channels: int
    z_dim: int
    n_mapping: int
    widths: tuple[int, ...]
    mapping_rate: float = 0.01
    normalize_z: bool = True
    conv_clamp: float | None = None

    def __post_init__(self) -> None:
        _require_whole("size", self.size, 8, _LARGEST)
        style_layers(self.size)
        object.__setattr__(self, "widths", tuple(int(width) for width in self.widths))
        if len(self.widths) != len(self.resolutions):
            raise InputError(
                f"got {len(self.widths)} widths for a {self.size}-pixel generator, expected "
                f"{len(self.resolutions)}; give one per resolution from 4 to {self.size}"
            )
        if min(self.widths + (self.n_channels, self.z_dim, self.n_mapping)) < 1:
            raise InputError(f"got {self}, expected positive widths and counts; correct them")
        for number in (*self.widths, self.n_channels, self.z_dim):
            _require_whole("width", number, 1, _WIDEST)
        _require_whole("number of mapping layers", self.n_mapping, 1, 64)
        if type(self.normalize_z) is not bool:
            raise InputError(f"got normalize_z {self.normalize_z!r}, expected true or false")
        for name in ("mapping_rate", "conv_clamp"):
            number = getattr(self, name)
            if number is None and name == "conv_clamp":
                continue
            if type(number) not in (int, float) or not 0 < number < math.inf:
                raise InputError(f"got {name} {number!r}, expected a positive number; correct it")
            object.__setattr__(self, name, float(number))

    @property
    def resolutions(self) -> tuple[int, ...]:
        """Sides in pixels of the generator's stages, 4 to `size`."""
        return tuple(2**power for power in range(2, self.size.bit_length()))

    @property
    def n_layers(self) -> int:
        """L, the number of style layers."""
        return style_layers(self.size)

    @classmethod
    def ffhq(cls, size: int = 1024, *, multiplier: float = 2) -> "GeneratorConfig":
        """Return configuration F of StyleGAN2 (Karras et al. 2020), as used for FFHQ.

        Parameters
        ----------
        size : int
            Side of the picture in pixels.
        multiplier : float
            Width multiplier of the stages from 64 pixels up: 2 at FFHQ, 1 in small configurations.
        """
        fine = {64: 256, 128: 128, 256: 64, 512: 32, 1024: 16}
        widths = [
            int(fine[side] * multiplier) if side in fine else 512
            for side in (2**power for power in range(2, size.bit_length()))
        ]
        return cls(size=size, n_channels=512, z_dim=512, n_mapping=8, widths=tuple(widths))


@dataclass(frozen=True)
class EncoderConfig:
    """The numbers of an encoder into W+ in the form of e4e (Tov et al. 2021).

    Parameters
    ----------
    input_size : int
        Side of the square input in pixels, a power of two of at least 16.
    n_layers, n_channels : int
        L and C of the codes.
    widths : tuple of four int
        Channels of the four stages; each halves the side.
    blocks : tuple of four int
        IR-SE blocks of each stage (3, 4, 14, 3 in IR-SE50).
    head_width : int
        Channels inside the heads.
    norm : {"batch", "group"}
        Normalisation of the body.
    squeeze : int
        Reduction of the squeeze-and-excitation bottleneck.
    split : tuple of two int
        First style layers of the middle and of the fine group (3 and 7 in e4e).
    relative : bool
        Whether head 0 gives a base code and the others offsets from it (e4e), or every head the
        whole code of its layer (pSp).

    Raises
    ------
    InputError
        If the numbers do not fit together, or one is beyond reason.

    Examples
    --------
    >>> EncoderConfig.ffhq().groups
    ((0, 3), (3, 7), (7, 18))
    """

    input_size: int
    n_layers: int
    n_channels: int
    widths: tuple[int, ...] = (64, 128, 256, 512)
    blocks: tuple[int, ...] = (3, 4, 14, 3)
    head_width: int = 512
    norm: str = "batch"
    squeeze: int = 16
    split: tuple[int, int] = (3, 7)
    relative: bool = True

    def __post_init__(self) -> None:
        for name in ("widths", "blocks", "split"):
            object.__setattr__(self, name, tuple(int(value) for value in getattr(self, name)))
        _require_whole("encoder input size", self.input_size, 1, _LARGEST)
        if self.input_size < 16 or self.input_size & (self.input_size - 1):
            raise InputError(
                f"got encoder input size {self.input_size}, expected a power of two of at least "
                "16; use 64"
            )
        if len(self.widths) != 4 or len(self.blocks) != 4 or len(self.split) != 2:
            raise InputError(
                f"got widths {self.widths}, blocks {self.blocks}, split {self.split}, expected 4, "
                "4 and 2 numbers; correct them"
            )
        if self.norm not in ("batch", "group"):
            raise InputError(f"got norm {self.norm!r}, expected batch or group; use group")
        if type(self.relative) is not bool:
            raise InputError(f"got relative {self.relative!r}, expected true or false; correct it")
        _require_whole("number of style layers", self.n_layers, 1, 32)
        for number in (*self.widths, self.n_channels, self.head_width, self.squeeze):
            _require_whole("width", number, 1, _WIDEST)
        for number in self.blocks:
            _require_whole("number of blocks", number, 1, 100)
        for number in self.split:
            _require_whole("first layer of a group", number, 0, 32)
        if self.split[0] > self.split[1]:
            raise InputError(f"got split {self.split}, expected growing numbers; correct it")

    @property
    def groups(self) -> tuple[tuple[int, int], ...]:
        """Ranges (first, last + 1) of the style layers read from coarse, middle and fine maps."""
        edges = (0, *self.split, self.n_layers)
        bounded = [min(edge, self.n_layers) for edge in edges]
        return tuple(zip(bounded[:-1], bounded[1:], strict=True))

    @classmethod
    def ffhq(cls, size: int = 1024) -> "EncoderConfig":
        """Return e4e's encoder (IR-SE50 at 256 pixels) for a generator of `size` pixels."""
        return cls(input_size=256, n_layers=style_layers(size), n_channels=512)


def embedded(size: int = 128) -> tuple[GeneratorConfig, EncoderConfig]:
    """Return the configurations of the embedded portrait model.

    The encoder reads pictures of 64 pixels at every size.

    Parameters
    ----------
    size : int
        Side of the picture in pixels: 64 or 128.

    Returns
    -------
    tuple of (GeneratorConfig, EncoderConfig)
    """
    stages = int(math.log2(size)) - 1
    widths = (256, 256, 192, 128, 64, 32)[:stages]
    generator = GeneratorConfig(
        size=size, n_channels=256, z_dim=80, n_mapping=4, widths=widths, normalize_z=False
    )
    encoder = EncoderConfig(
        input_size=64,
        n_layers=generator.n_layers,
        n_channels=256,
        widths=(32, 64, 128, 160),
        blocks=(1, 1, 2, 2),
        head_width=64,
        norm="group",
        squeeze=8,
    )
    return generator, encoder


def config_to_dict(config: GeneratorConfig | EncoderConfig) -> dict[str, Any]:
    """Return the numbers of a configuration as a plain dict.

    `EncoderConfig.relative` is left out where it is true: fingerprints include this dict, and
    those of models that were made before it existed stay.

    Examples
    --------
    >>> config = GeneratorConfig.ffhq()
    >>> config_from_dict(GeneratorConfig, config_to_dict(config)) == config
    True
    """
    numbers = dataclasses.asdict(config)
    if numbers.get("relative", False):
        del numbers["relative"]
    return numbers


def config_from_dict(kind: type, numbers: dict) -> GeneratorConfig | EncoderConfig:
    """Return a configuration from the plain dict that `config_to_dict` gave.

    Raises
    ------
    InputError
        If a number is missing, unknown or does not fit.
    """
    known = {field.name for field in dataclasses.fields(kind)}
    unknown = sorted(set(numbers) - known)
    if unknown:
        raise InputError(f"got {kind.__name__} with {unknown[0]!r}, expected {sorted(known)}")
    try:
        return kind(**numbers)
    except TypeError as err:
        raise InputError(f"got an incomplete {kind.__name__} ({err}), expected all of it") from err


def _require_whole(name: str, number: Any, least: int, most: int) -> None:
    if type(number) is not int or not least <= number <= most:
        raise InputError(
            f"got {name} {number!r}, expected a whole number from {least} to {most}; correct it"
        )
