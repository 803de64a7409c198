"""A trained recogniser: pictures, and where it takes them latents, to probabilities."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor, nn

from icaedit.artifacts import LatentSet
from icaedit.errors import InputError, ModelMismatchError
from icaedit.recognition.backbones import Backbone
from icaedit.recognition.encoders import CollaborativeEncoder
from icaedit.recognition.fusion import FusionClassifier
from icaedit.schema import EMOTIONS

__all__ = ["Recogniser"]


@dataclass(frozen=True, eq=False, repr=False)
class Recogniser:
    """A network that recognises emotions, and all that is needed to use it rightly.

    Parameters
    ----------
    network : FusionClassifier or Backbone
        Features fused with latents; or an expression network alone, whose classes are known.
    temperature : float
        Probabilities are the softmax of scores divided by it; above 1 they are less sure.
    encoder : CollaborativeEncoder, optional
        Makes the latents, if it was trained along.
    provenance : mapping
        Where it came from, as JSON can hold it.

    Raises
    ------
    InputError
        If the temperature is not above 0, the classes of the network are not known, or there is
        an encoder for a network that takes no latents.

    Examples
    --------
    >>> from icaedit.recognition import load_backbone
    >>> recogniser = Recogniser(load_backbone("dacl", size=32))
    >>> probabilities = recogniser.predict(np.zeros((2, 40, 40, 3), np.uint8))
    >>> probabilities.shape, probabilities.sum(1).round(5).tolist(), recogniser.emotions[1]
    ((2, 7), [1.0, 1.0], 'happy')
    """

    network: FusionClassifier | Backbone
    _: KW_ONLY
    temperature: float = 1.0
    encoder: CollaborativeEncoder | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 < self.temperature < float("inf"):
            raise InputError(
                f"got temperature {self.temperature}, expected a finite number above 0; use 1"
            )
        if isinstance(self.network, Backbone):
            if self.network.emotions is None:
                self.network.classes_of()  # raises, and says what to do
        if self.encoder is not None and not self.uses_latents:
            raise InputError(
                "got an encoder for a network that takes no latents, expected none; leave it out"
            )
        object.__setattr__(self, "provenance", dict(self.provenance))

    def __repr__(self) -> str:
        beside = f", latents {self.latent_shape} beside it" if self.uses_latents else ""
        return f"Recogniser of {', '.join(self.emotions)}: {self.backbone.name}{beside}"

    @property
    def backbone(self) -> Backbone:
        """The expression network."""
        network = self.network
        return network if isinstance(network, Backbone) else network.backbone

    @property
    def emotions(self) -> tuple[str, ...]:
        """What the probabilities stand for: icaedit's order, of those that it knows."""
        if isinstance(self.network, FusionClassifier):
            return self.network.emotions
        known = self.network.emotions or ()
        return tuple(emotion for emotion in (*EMOTIONS, "contempt") if emotion in known)

    @property
    def latent_shape(self) -> tuple[int, int] | None:
        """(L, C) of the latents that it takes; None if it takes none."""
        return None if isinstance(self.network, Backbone) else self.network.shape

    @property
    def uses_latents(self) -> bool:
        """Whether it takes latents beside the pictures."""
        return self.latent_shape is not None

    @property
    def model_fingerprint(self) -> str:
        """The model whose latents it takes; empty if it takes none, or does not know."""
        return "" if isinstance(self.network, Backbone) else self.network.model_fingerprint

    def predict(
        self,
        images: ArrayLike | Sequence[NDArray[np.uint8]],
        latents: LatentSet | ArrayLike | None = None,
        *,
        batch_size: int = 32,
        device: str | torch.device = "cpu",
    ) -> NDArray[np.float32]:
        """Return the probability of each emotion in each picture.

        Parameters
        ----------
        images : ndarray of shape (N, H, W, 3), uint8 RGB, or a sequence of (H, W, 3)
            Faces framed as those it was trained on.
        latents : LatentSet, or array_like of shape (N, L, C)
            Of the same pictures in the same order. None if it takes none, or has an encoder.
        batch_size : int
            Pictures that go through the network together.
        device : str
            Where it runs, and stays.

        Returns
        -------
        ndarray of shape (N, E), float32
            By picture, in the order of `emotions`; each row sums to 1.

        Raises
        ------
        ModelMismatchError
            If the latents are of another model or shape.
        InputError
            If the pictures or the number of latents do not fit, or latents are missing or there
            is no use for them.
        """
        scores = self.scores(images, latents, batch_size=batch_size, device=device)
        return torch.from_numpy(scores / np.float32(self.temperature)).softmax(1).numpy()

    def scores(
        self,
        images: ArrayLike | Sequence[NDArray[np.uint8]],
        latents: LatentSet | ArrayLike | None = None,
        *,
        batch_size: int = 32,
        device: str | torch.device = "cpu",
    ) -> NDArray[np.float32]:
        """Return the scores (N, E) that `predict` makes probabilities of, before temperature.

        Raises
        ------
        ModelMismatchError, InputError
            As `predict`.
        """
        if batch_size < 1:
            raise InputError(f"got batch size {batch_size}, expected 1 or more; use 32")
        pictures = images if isinstance(images, list | tuple) else np.asarray(images)
        codes = self._checked_latents(latents, len(pictures))
        place = torch.device(device)
        rows: list[NDArray[np.float32]] = [np.empty((0, len(self.emotions)), np.float32)]
        with _evaluating(self.network, place), _evaluating(self.encoder, place):
            for start in range(0, len(pictures), batch_size):
                batch = pictures[start : start + batch_size]
                x = self.backbone.normalise(batch).to(place)
                if isinstance(self.network, Backbone):
                    made = self.network.scores(x, self.emotions)
                else:
                    made = self.network(x, self._latents_of(batch, codes, start, place))
                rows.append(made.float().cpu().numpy())
        return np.concatenate(rows)

    def with_temperature(self, temperature: float) -> "Recogniser":
        """Return a recogniser of the same weights, which it shares, with another temperature."""
        return replace(self, temperature=float(temperature))

    def save(self, path: str | os.PathLike) -> None:
        """Write the recogniser as safetensors, whole or not at all; the same gives the same bytes.

        Parts that only training uses are left out.

        Raises
        ------
        FileAccessError
            If the file cannot be written.
        """
        from icaedit.recognition.recogniser_files import save_recogniser

        save_recogniser(self, path)

    def summary(self) -> str:
        """Return a few lines in plain words about the recogniser."""
        from icaedit.recognition.recogniser_files import summary_of

        return summary_of(self)

    def _checked_latents(
        self, latents: LatentSet | ArrayLike | None, n_images: int
    ) -> NDArray[np.float32] | None:
        if latents is None:
            if self.uses_latents and self.encoder is None:
                raise InputError(
                    f"got no latents for a recogniser that takes them {self._wanted()}, expected "
                    "those of the same pictures; encode them with its model"
                )
            return None
        if not self.uses_latents or self.encoder is not None:
            raise InputError(
                "got latents for a recogniser that takes none or makes its own, expected pictures "
                "alone; leave the latents out"
            )
        if isinstance(latents, LatentSet):
            theirs = latents.model_fingerprint
            if theirs and self.model_fingerprint and theirs != self.model_fingerprint:
                raise ModelMismatchError(
                    f"got latents of model {theirs[:12]} for a recogniser trained with those of "
                    f"model {self.model_fingerprint[:12]}, expected the same; encode with that one"
                )
            latents = latents.latents
        codes = np.asarray(latents, dtype=np.float32)
        if codes.ndim != 3 or codes.shape[1:] != self.latent_shape:
            raise ModelMismatchError(
                f"got latents of shape {codes.shape}, expected {self._wanted()}; encode with the "
                "model that the recogniser was trained with"
            )
        if len(codes) != n_images or not np.isfinite(codes).all():
            raise InputError(
                f"got {len(codes)} latents for {n_images} pictures, expected a finite one for "
                "each; encode the same pictures in the same order"
            )
        return codes

    def _wanted(self) -> str:
        return f"(N, {', '.join(map(str, self.latent_shape or ()))})"

    def _latents_of(
        self, batch: Any, codes: NDArray[np.float32] | None, start: int, place: torch.device
    ) -> Tensor | None:
        if self.encoder is not None:
            return self.encoder(self.encoder.prepare(batch).to(place))
        if codes is None:
            return None
        return torch.from_numpy(codes[start : start + len(batch)]).to(place)


@contextmanager
def _evaluating(network: nn.Module | None, place: torch.device) -> Iterator[None]:
    """Run a network in evaluation mode, without gradients, and put its modes back."""
    if network is None:
        yield
        return
    modes = {module: module.training for module in network.modules()}
    network.eval().to(place)
    try:
        with torch.inference_mode():
            yield
    finally:
        for module, training in modes.items():
            module.training = training
