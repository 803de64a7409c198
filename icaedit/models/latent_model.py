"""The door between pictures and latents: uint8 arrays outside, networks inside."""

import json
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from icaedit.errors import InputError
from icaedit.files import sha256_arrays, sha256_text
from icaedit.images import resize, to_float, to_uint8
from icaedit.models.config import EncoderConfig, GeneratorConfig, config_to_dict
from icaedit.models.encoder import WPlusEncoder
from icaedit.models.generator import StyleGAN2Generator

__all__ = ["LatentModel", "model_fingerprint", "model_state"]


def model_state(
    generator: StyleGAN2Generator, encoder: WPlusEncoder | None
) -> dict[str, torch.Tensor]:
    """Return every parameter and buffer by name, ``generator.*`` and ``encoder.*``, on the CPU."""
    parts = {"generator": generator, "encoder": encoder}
    return {
        f"{part}.{name}": tensor.detach().cpu()
        for part, module in parts.items()
        if module is not None
        for name, tensor in module.state_dict().items()
    }


def model_fingerprint(
    configs: tuple[GeneratorConfig, EncoderConfig | None], state: Mapping[str, torch.Tensor]
) -> str:
    """Return the SHA-256 in hex over both configurations and every tensor by name.

    Parameters
    ----------
    configs : tuple of GeneratorConfig and EncoderConfig
        None in place of the second for a generator alone.
    state : mapping of str to Tensor
        As of `model_state`.
    """
    numbers = [None if config is None else config_to_dict(config) for config in configs]
    digest = sha256_arrays({name: tensor.numpy() for name, tensor in state.items()})
    return sha256_text(json.dumps(numbers, sort_keys=True) + digest)


class LatentModel:
    """A generator and the encoder into its W+, with numpy at the doors.

    The networks run on one picture at a time, so that the latents of a picture, and the picture
    of latents, are the same bytes whatever else is in the batch.

    Parameters
    ----------
    generator : StyleGAN2Generator
    encoder : WPlusEncoder, optional
        Its L and C are those of the generator. Both are put into evaluation mode. A model without
        it makes pictures of latents and cannot encode.
    name : str
        What messages and provenance call the model.
    card : dict
        What is known about the model, such as its data and measured quality.
    device : torch.device, optional
        Where the networks run; the CPU without it.

    Attributes
    ----------
    generator, encoder : nn.Module
        (N, L, C) -> (N, 3, H, W), unclipped, and (N, 3, h, w) -> (N, L, C), average included.
        Asking for the encoder of a model without one is an `InputError` that says so.

    Raises
    ------
    InputError
        If encoder and generator do not fit together.

    Examples
    --------
    >>> from icaedit.models import tiny_model
    >>> model = tiny_model()
    >>> faces = np.full((2, 40, 40, 3), 120, np.uint8)
    >>> latents = model.encode(faces)
    >>> latents.shape, model.synthesize(latents).shape
    ((2, 6, 8), (2, 16, 16, 3))
    """

    def __init__(
        self,
        generator: StyleGAN2Generator,
        encoder: WPlusEncoder | None = None,
        *,
        name: str = "unnamed",
        card: dict[str, Any] | None = None,
        device: torch.device | None = None,
    ) -> None:
        made = (generator.config.n_layers, generator.config.n_channels)
        given = made if encoder is None else (encoder.config.n_layers, encoder.config.n_channels)
        if made != given:
            raise InputError(
                f"got an encoder into (L, C) = {given}, expected the generator's {made}; give a "
                "matching pair"
            )
        self.device = torch.device("cpu") if device is None else device
        place = {"device": self.device, "memory_format": torch.channels_last}
        self.generator = generator.to(**place).eval().requires_grad_(False)
        self._encoder = encoder
        if encoder is not None:
            self._encoder = encoder.to(**place).eval().requires_grad_(False)
        self.name = name
        self.card = dict(card or {})

    def __repr__(self) -> str:
        return (
            f"LatentModel(name={self.name!r}, size={self.size}, n_layers={self.n_layers}, "
            f"n_channels={self.n_channels}, fingerprint={self.fingerprint[:12]!r})"
        )

    @property
    def has_encoder(self) -> bool:
        """Whether pictures can be encoded."""
        return self._encoder is not None

    @property
    def encoder(self) -> WPlusEncoder:
        """The encoder into W+."""
        if self._encoder is None:
            raise InputError(
                f"got model {self.name!r}, a generator without an encoder, expected one that "
                "encodes pictures; use a checkpoint of e4e or pSp (docs/checkpoints.md)"
            )
        return self._encoder

    @property
    def size(self) -> int:
        """Side of the generator's pictures in pixels."""
        return self.generator.config.size

    @property
    def n_layers(self) -> int:
        """L, the number of style layers."""
        return self.generator.config.n_layers

    @property
    def n_channels(self) -> int:
        """C, the number of channels of a style layer."""
        return self.generator.config.n_channels

    @property
    def z_dim(self) -> int:
        """Width of the mapping network's input."""
        return self.generator.config.z_dim

    @property
    def latent_avg(self) -> NDArray[np.float32]:
        """The average latent, shape (L, C), float32; a copy."""
        if self._encoder is None:
            average = self.generator.mapping.latent_avg.cpu().numpy()
            return np.tile(average, (self.n_layers, 1))
        return self._encoder.latent_avg.cpu().numpy().copy()

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 in hex over the configurations and every tensor by name."""
        configs = self.generator.config, None if self._encoder is None else self._encoder.config
        return model_fingerprint(configs, model_state(self.generator, self._encoder))

    def encode(
        self, images: ArrayLike, *, progress: Callable[[int, int], None] | None = None
    ) -> NDArray[np.float32]:
        """Return the latents of aligned faces.

        Parameters
        ----------
        images : ndarray of shape (N, H, W, 3), uint8
            Square RGB pictures of any side; they are resized to what the encoder reads.
        progress : callable, optional
            Called as ``progress(done, total)`` after each picture.

        Returns
        -------
        ndarray of shape (N, L, C), float32

        Raises
        ------
        InputError
            If the pictures are not uint8 (N, H, W, 3) or not square, or there is no encoder.
        """
        pixels = np.asarray(images)
        if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[3] != 3:
            raise InputError(
                f"got images of {pixels.dtype} {pixels.shape}, expected uint8 (N, H, W, 3) RGB; "
                "stack the pictures along a first axis"
            )
        if pixels.shape[1] != pixels.shape[2] or pixels.shape[1] == 0:
            raise InputError(
                f"got images of {pixels.shape[1]} x {pixels.shape[2]} pixels, expected square "
                "ones; align the faces first"
            )
        latents = np.empty((len(pixels), self.n_layers, self.n_channels), np.float32)
        encoder = self.encoder
        for index, image in enumerate(pixels):
            image = to_float(resize(image, encoder.config.input_size))
            with torch.inference_mode():
                x = torch.from_numpy(image).permute(2, 0, 1)[None].to(self.device)  # (1, 3, h, w)
                latents[index] = encoder(x)[0].cpu().numpy()
            if progress is not None:
                progress(index + 1, len(pixels))
        return latents

    def synthesize(
        self, latents: ArrayLike, *, progress: Callable[[int, int], None] | None = None
    ) -> NDArray[np.uint8]:
        """Return the pictures of latents.

        Parameters
        ----------
        latents : ndarray of shape (N, L, C) or (L, C)
            Read as float32; a single (L, C) is taken as N = 1.
        progress : callable, optional
            Called as ``progress(done, total)`` after each picture.

        Returns
        -------
        ndarray of shape (N, size, size, 3), uint8

        Raises
        ------
        InputError
            If the shape is not that of this model's latents, or a value is not finite.
        """
        codes = np.asarray(latents, np.float32)
        if codes.ndim == 2:
            codes = codes[None]
        if codes.ndim != 3 or codes.shape[1:] != (self.n_layers, self.n_channels):
            raise InputError(
                f"got latents of shape {np.shape(latents)}, expected (N, {self.n_layers}, "
                f"{self.n_channels}); use latents of this model"
            )
        if not np.isfinite(codes).all():
            raise InputError(
                "got NaN or infinite latents, expected finite ones; check the edit's strength"
            )
        images = np.empty((len(codes), self.size, self.size, 3), np.uint8)
        for index, code in enumerate(codes):
            with torch.inference_mode():
                y = self.generator(torch.from_numpy(code.copy())[None].to(self.device))
                images[index] = to_uint8(y[0].permute(1, 2, 0).cpu().numpy())
            if progress is not None:
                progress(index + 1, len(codes))
        return images
