"""The combination module (Lee & Yoo 2022, section 3.3): features and masked latents, fused."""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import ArrayLike
from torch import Tensor, nn

from icaedit.artifacts import IndexMask
from icaedit.errors import InputError
from icaedit.recognition.backbones import Backbone
from icaedit.recognition.losses import check_range
from icaedit.schema import EMOTIONS, parse_emotion

__all__ = ["ACTIVATIONS", "LOSSES", "READINGS", "FusionClassifier", "class_weights", "fusion_loss"]

READINGS = ("after", "projected")
"""What "two fully connected layers" means: both after the concatenation, or the first on the
latents alone and the second on the whole."""

ACTIVATIONS = ("relu", "none")
LOSSES = ("mse", "cross-entropy")

_EPS = 1e-8  # DAN's features vary by some hundredths, so batch norm's own 1e-5 would blunt them


class FusionClassifier(nn.Module):
    """Scores of emotions from a backbone's features and the kept coordinates of the latents.

    Features and latents are standardised, each coordinate by its mean and variance over the
    images seen in training (batch norm without weights), because their sizes differ: DAN's
    features are sums of logarithms near -6. Of the paper's text, "the tensors output one tensor
    through two fully connected layers", both readings are there; width and activation it does
    not tell.

    Parameters
    ----------
    backbone : Backbone
        Trained along unless its weights are frozen; it is used as it is, not copied.
    mask : IndexMask, array_like of bool of shape (L, C), or None
        The coordinates of the latents to use; of an `IndexMask` those of any emotion. None uses
        the features alone.
    emotions : sequence of str
        What the scores stand for.
    reading : {"after", "projected"}
        See `READINGS`.
    hidden : int
        Width of the first layer.
    activation : {"relu", "none"}
        What stands between the layers.
    random_state : int
        Seeds the weights of the layers.

    Attributes
    ----------
    shape : tuple of int, or None
        (L, C) of the latents.
    model_fingerprint : str
        The model that the mask is for; empty if it does not say.

    Raises
    ------
    InputError
        If an option is unknown, or the mask keeps nothing.

    Examples
    --------
    >>> from icaedit.recognition import load_backbone
    >>> mask = np.zeros((4, 8), bool)
    >>> mask[1, :3] = True
    >>> classifier = FusionClassifier(load_backbone("dacl"), mask).eval()
    >>> tuple(classifier(torch.zeros(2, 3, 32, 32), torch.zeros(2, 4, 8)).shape)
    (2, 7)
    """

    def __init__(
        self,
        backbone: Backbone,
        mask: IndexMask | ArrayLike | None,
        *,
        emotions: Sequence[str] = EMOTIONS,
        reading: str = "after",
        hidden: int = 256,
        activation: str = "relu",
        random_state: int = 0,
    ) -> None:
        super().__init__()
        for name, value, known in (
            ("reading", reading, READINGS),
            ("activation", activation, ACTIVATIONS),
        ):
            if value not in known:
                raise InputError(f"got {name} {value!r}, expected {' or '.join(known)}; choose one")
        self.emotions = tuple(parse_emotion(emotion) for emotion in emotions)
        if hidden < 1 or len(set(self.emotions)) < max(2, len(self.emotions)):
            raise InputError(
                f"got {hidden} hidden units and the emotions {', '.join(self.emotions)}, expected "
                "1 or more, and two or more emotions, each once; correct them"
            )
        self.backbone, self.reading, self.activation = backbone, reading, activation
        self.hidden = hidden
        self.model_fingerprint = mask.model if isinstance(mask, IndexMask) else ""
        self.shape, kept = _kept(mask)
        self.register_buffer("kept", torch.from_numpy(kept))
        n_features, n_kept = backbone.n_features, len(kept)
        self.feature_norm = nn.BatchNorm1d(n_features, eps=_EPS, affine=False)
        self.latent_norm = nn.BatchNorm1d(n_kept, eps=_EPS, affine=False) if n_kept else None
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(random_state)
            if reading == "after":
                self.first = nn.Linear(n_features + n_kept, hidden)
                self.last = nn.Linear(hidden, len(self.emotions))
            else:
                self.first = nn.Linear(n_kept, hidden) if n_kept else None
                n_projected = hidden if n_kept else 0
                self.last = nn.Linear(n_features + n_projected, len(self.emotions))

    def forward(self, x: Tensor, latents: Tensor | None) -> Tensor:
        """Map images and their latents to scores.

        Parameters
        ----------
        x : Tensor of shape (N, 3, H, W)
            Normalised as `backbone.normalise` does it.
        latents : Tensor of shape (N, L, C)
            Stored ones, or an encoder's output, which is trained along then; None without a mask.

        Returns
        -------
        Tensor of shape (N, E)
            Before the softmax, in the order of `emotions`.

        Raises
        ------
        InputError
            If a shape is another, or there is one image only in training.
        """
        return self.fuse(self.backbone.features(x), latents)

    def fuse(self, features: Tensor, latents: Tensor | None) -> Tensor:
        """Map features (N, F) of the backbone, and latents (N, L, C), to scores (N, E).

        Raises
        ------
        InputError
            As `forward`.
        """
        self._check(features, latents, several=self.training)
        features = self.feature_norm(features)
        if latents is None:
            between = [features]
        else:
            kept = self.latent_norm(latents.flatten(1)[:, self.kept])
            between = [features, self._active(self.first(kept)) if self._projects else kept]
        joined = torch.cat(between, 1)
        return self.last(joined if self._projects else self._active(self.first(joined)))

    @torch.no_grad()
    def standardise_by(self, features: Tensor, latents: Tensor | None) -> None:
        """Take means and variances from images of the training, before it begins.

        Batch norm moves a tenth of the way to those of a batch at every step, so that without
        this the first some fifty steps would leave their mark on them.

        Parameters
        ----------
        features : Tensor of shape (N, F)
        latents : Tensor of shape (N, L, C), or None without a mask
            Both of the same two or more images.

        Raises
        ------
        InputError
            If a shape is another, or there is one image only.
        """
        self._check(features, latents, several=True)
        norms = [(self.feature_norm, features)]
        if latents is not None:
            norms.append((self.latent_norm, latents.flatten(1)[:, self.kept]))
        for norm, values in norms:
            norm.running_mean.copy_(values.mean(0))
            norm.running_var.copy_(values.var(0))

    @property
    def _projects(self) -> bool:
        return self.reading == "projected"

    def _active(self, x: Tensor) -> Tensor:
        return F.relu(x) if self.activation == "relu" else x

    def _check(self, features: Tensor, latents: Tensor | None, *, several: bool) -> None:
        n_features = self.backbone.n_features
        if features.ndim != 2 or features.shape[1] != n_features:
            raise InputError(
                f"got features of shape {tuple(features.shape)}, expected (N, {n_features}); take "
                f"them from {self.backbone.name}"
            )
        found = None if latents is None else tuple(latents.shape)
        expected = None if self.shape is None else (len(features), *self.shape)
        if found != expected:
            raise InputError(
                f"got latents {'of shape ' + str(found) if found else 'None'}, expected "
                f"{'shape ' + str(expected) if expected else 'None, as there is no mask'}; encode "
                "the same images with the model that the mask is for"
            )
        if several and len(features) < 2:
            raise InputError(
                f"got {len(features)} images to train on, expected two or more in a batch, which "
                "standardising needs; leave one out or choose another batch size"
            )


def class_weights(labels: ArrayLike, emotions: Sequence[str] = EMOTIONS) -> Tensor:
    """Return weights that make every emotion count alike.

    ``n / (E n_e)``: the weights of all images sum to their number.

    Parameters
    ----------
    labels : array_like of int, shape (N,)
        Of the training images, places in `emotions`.
    emotions : sequence of str

    Returns
    -------
    Tensor of shape (E,), float32

    Raises
    ------
    InputError
        If a label is out of range, or an emotion has no image.

    Examples
    --------
    >>> class_weights([0, 0, 0, 1], ["happy", "sad"])
    tensor([0.6667, 2.0000])
    """
    places = np.asarray(labels)
    if places.ndim != 1 or places.dtype.kind not in "iu" or not places.size:
        raise InputError(
            f"got labels {places.dtype} {places.shape}, expected whole numbers, one an image; "
            "convert them"
        )
    if places.min() < 0 or places.max() >= len(emotions):
        raise InputError(
            f"got labels {places.min()} to {places.max()}, expected 0 to {len(emotions) - 1}; "
            "check the label order"
        )
    counts = np.bincount(places, minlength=len(emotions))
    empty = [name for name, n in zip(emotions, counts, strict=True) if not n]
    if empty:
        raise InputError(
            f"got no image that shows {', '.join(empty)}, expected one or more of every emotion; "
            "leave these out or add images"
        )
    return torch.tensor(places.size / (len(emotions) * counts), dtype=torch.float32)


def fusion_loss(
    scores: Tensor, labels: Tensor, *, kind: str = "mse", weights: Tensor | None = None
) -> Tensor:
    """Return how far scores are from labels, on average over images.

    ``"mse"`` is the paper's equation 2, ``1/n sum_k |y_k - p_k|^2`` over n images, where y is 1
    for the true emotion and 0 elsewhere, and p the softmax of equation 1; the paper leaves open
    what exactly the two are. ``"cross-entropy"`` is ``-1/n sum_k log p_k(true)``.

    Parameters
    ----------
    scores : Tensor of shape (N, E)
    labels : Tensor of shape (N,), int64
        From 0 to E - 1.
    kind : {"mse", "cross-entropy"}
    weights : Tensor of shape (E,), optional
        How much an image of each emotion counts; the average is weighted by them.

    Raises
    ------
    InputError
        If the kind is unknown, a label is out of range, or the shapes do not fit.

    Examples
    --------
    >>> fusion_loss(torch.zeros(3, 2), torch.tensor([0, 1, 1]))
    tensor(0.5000)
    """
    if kind not in LOSSES:
        raise InputError(f"got loss {kind!r}, expected {' or '.join(LOSSES)}; choose one")
    n_classes = scores.shape[-1]
    if (
        scores.ndim != 2
        or labels.shape != scores.shape[:1]
        or labels.dtype != torch.int64
        or not len(labels)
    ):
        raise InputError(
            f"got scores {tuple(scores.shape)} and labels {labels.dtype} {tuple(labels.shape)}, "
            "expected (N, E) and int64 (N,) for one image or more; convert them"
        )
    check_range(labels, n_classes)
    if weights is not None and weights.shape != (n_classes,):
        raise InputError(
            f"got weights of shape {tuple(weights.shape)}, expected ({n_classes},); give one for "
            "each emotion"
        )
    scores = scores.float()
    if kind == "mse":
        wanted = F.one_hot(labels, n_classes)
        losses = (wanted - scores.softmax(1)).square().sum(1)
    else:
        losses = F.cross_entropy(scores, labels, reduction="none")
    if weights is None:
        return losses.mean()
    each = weights.to(losses)[labels]
    return (each * losses).sum() / each.sum()


def _kept(mask: IndexMask | ArrayLike | None) -> tuple[tuple[int, int] | None, np.ndarray]:
    """Return (L, C) and the kept coordinates, counted row by row."""
    if mask is None:
        return None, np.empty(0, np.int64)
    array = mask.mask() if isinstance(mask, IndexMask) else np.asarray(mask)
    if array.ndim != 2 or array.dtype != np.bool_:
        raise InputError(
            f"got a mask of {array.dtype} {array.shape}, expected bool (L, C); give an index mask, "
            "or None for features alone"
        )
    if not array.any():
        raise InputError(
            "got a mask that keeps no coordinate, expected one or more; choose a lower threshold, "
            "or give None for features alone"
        )
    return array.shape, np.flatnonzero(array).astype(np.int64)
