"""The layers after the concatenation, fitted to features and latents that stay as they are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from icaedit.errors import InputError
from icaedit.recognition import FusionClassifier, fusion_loss
from icaedit.schema import EMOTIONS

__all__ = ["FittedHead", "HeadSettings", "Samples", "fit_head"]


@dataclass(frozen=True, eq=False)
class Samples:
    """What is known of N pictures before the last layers.

    Parameters
    ----------
    features : ndarray of float32, (N, F), or None
        Of a trained network; None for none at all, so that the latents stand alone.
    latents : ndarray of float32, (N, L, C)
    labels : ndarray of int64, (N,)
        Places in `icaedit.schema.EMOTIONS`.
    """

    features: NDArray[np.float32] | None
    latents: NDArray[np.float32]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, kw_only=True)
class HeadSettings:
    """How the layers are fitted.

    Parameters
    ----------
    reading, hidden, activation
        Of the `FusionClassifier`.
    loss : {"mse", "cross-entropy"}
    epochs, batch_size : int
    learning_rate : float
        Of AdamW, to 0 along half a cosine.
    weight_decays : sequence of float
        Tried one after another; the one that is best on the validation is kept.
    """

    reading: str = "after"
    hidden: int = 128
    activation: str = "relu"
    loss: str = "mse"
    epochs: int = 25
    batch_size: int = 32
    learning_rate: float = 1e-3
    weight_decays: Sequence[float] = (1e-2, 1.0)


@dataclass(frozen=True, eq=False)
class FittedHead:
    """Layers that were fitted, with what they came to on the validation.

    Parameters
    ----------
    classifier : FusionClassifier
        Whose `fuse` takes features and latents; of a backbone it has the number of features only.
    accuracy : float
        On the validation.
    weight_decay : float
    epoch : int
        The best, from 1.
    """

    classifier: FusionClassifier
    accuracy: float
    weight_decay: float
    epoch: int

    def scores(self, samples: Samples) -> NDArray[np.float32]:
        """Return scores (N, 7) before the softmax, in icaedit's order."""
        with torch.inference_mode():
            return self.classifier.eval().fuse(*_inputs(self.classifier, samples)).numpy()


class _NoNetwork(nn.Module):
    """Stands where a classifier has its network, which has been asked for its features already."""

    name = "stored features"

    def __init__(self, n_features: int) -> None:
        super().__init__()
        self.n_features = n_features


def fit_head(
    train: Samples,
    validation: Samples,
    *,
    mask: NDArray[np.bool_] | None,
    settings: HeadSettings | None = None,
    random_state: int = 0,
) -> FittedHead:
    """Fit the fusion's layers on stored features and latents.

    Features and latents are standardised by the pictures of the training. The epoch and the
    weight decay are those of the best accuracy on the validation, of equals of the least loss.
    Several masks can be compared on the very same network, in a second each.

    Parameters
    ----------
    train, validation : Samples
        Of different people.
    mask : ndarray of bool, (L, C), or None
        The coordinates to use; None for features alone.
    settings : HeadSettings, optional
    random_state : int
        Seeds first weights and the order of the pictures.

    Returns
    -------
    FittedHead

    Raises
    ------
    InputError
        If there are neither features nor a mask, or the mask keeps nothing.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> labels = np.arange(42) % 7
    >>> told = np.eye(7, dtype=np.float32)[labels].reshape(42, 1, 7)
    >>> samples = Samples(rng.normal(size=(42, 3)).astype(np.float32), told, labels)
    >>> fit_head(samples, samples, mask=np.ones((1, 7), bool)).accuracy
    1.0
    """
    settings = settings or HeadSettings()
    if train.features is None and mask is None:
        raise InputError("got neither features nor latents, expected one of them; give a mask")
    best: FittedHead | None = None
    least = (0.0, 0.0)
    for decay in settings.weight_decays:
        head, rank = _fit(train, validation, mask, decay, settings, random_state)
        if best is None or rank < least:
            best, least = head, rank
    assert best is not None
    return best


def _fit(
    train: Samples,
    validation: Samples,
    mask: NDArray[np.bool_] | None,
    decay: float,
    settings: HeadSettings,
    random_state: int,
) -> tuple[FittedHead, tuple[float, float]]:
    """Return the head of one weight decay, and its rank: less is better."""
    n_features = 1 if train.features is None else train.features.shape[1]
    classifier = FusionClassifier(
        _NoNetwork(n_features),
        mask,
        emotions=EMOTIONS,
        reading=settings.reading,
        hidden=settings.hidden,
        activation=settings.activation,
        random_state=random_state,
    )
    features, latents = _inputs(classifier, train)
    classifier.standardise_by(features, latents)
    classifier.eval()  # the standardisation stays that of the whole training
    labels, truth = (torch.from_numpy(part.labels) for part in (train, validation))
    held = _inputs(classifier, validation)
    steps = settings.epochs * -(-len(train) // settings.batch_size)
    optimizer = torch.optim.AdamW(
        classifier.parameters(), lr=settings.learning_rate, weight_decay=decay
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    rng = np.random.default_rng(random_state)
    least, state, found = (np.inf, np.inf), {}, 0
    for epoch in range(1, settings.epochs + 1):
        for rows in np.array_split(rng.permutation(len(train)), steps // settings.epochs):
            optimizer.zero_grad()
            codes = None if latents is None else latents[rows]
            loss = fusion_loss(
                classifier.fuse(features[rows], codes), labels[rows], kind=settings.loss
            )
            loss.backward()
            optimizer.step()
            schedule.step()
        with torch.inference_mode():
            scores = classifier.fuse(*held)
            wrong = float((scores.argmax(1) != truth).float().mean())
            rank = wrong, float(fusion_loss(scores, truth, kind=settings.loss))
        if rank < least:
            least, found = rank, epoch
            state = {name: entry.clone() for name, entry in classifier.state_dict().items()}
    classifier.load_state_dict(state)
    return FittedHead(classifier, 1 - least[0], decay, found), least


def _inputs(
    classifier: FusionClassifier, samples: Samples
) -> tuple[torch.Tensor, torch.Tensor | None]:
    features = samples.features
    if features is None:  # one that never changes tells nothing
        features = np.zeros((len(samples), 1), np.float32)
    latents = None if classifier.shape is None else torch.from_numpy(samples.latents)
    return torch.from_numpy(features), latents
