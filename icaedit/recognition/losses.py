"""The losses that DAN, DACL and RUL are trained with, beside or instead of cross-entropy."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from icaedit.errors import InputError
from icaedit.recognition.backbones import (
    Backbone,
    DACLOutput,
    DANOutput,
    PluggedOutput,
    RULOutput,
)

__all__ = [
    "add_up_loss",
    "affinity_loss",
    "check_range",
    "mix_by_uncertainty",
    "new_centres",
    "own_loss",
    "own_loss_of",
    "partition_loss",
    "sparse_centre_loss",
]

SPARSE_CENTRE_WEIGHT = 0.01
"""Of the sparse centre loss beside cross-entropy, as DACL was published."""


def affinity_loss(features: Tensor, labels: Tensor, centres: Tensor) -> Tensor:
    """Return how far features lie from the centres of their classes, relative to their spread.

    ``mean_i |x_i - c_(y_i)|^2 / sum_j var(c_j)``, the variance over classes with K - 1 in the
    denominator (Wen et al. 2021, section 3.1, and their published code).

    Parameters
    ----------
    features : Tensor of shape (N, F)
        The last map averaged over places.
    labels : Tensor of shape (N,), int64
        Classes from 0 to K - 1.
    centres : Tensor of shape (K, F)
        One a class; learned with the network.

    Returns
    -------
    Tensor
        A scalar of at least 0.

    Raises
    ------
    InputError
        If a label is out of range, or the shapes do not fit.

    Examples
    --------
    >>> centres = torch.tensor([[0.0], [2.0]])  # variance 2
    >>> affinity_loss(torch.tensor([[1.0], [2.0]]), torch.tensor([0, 1]), centres)
    tensor(0.2500)
    """
    _check(features, labels, len(centres))
    distances = (features - centres[labels]).square().sum(1)
    return distances.mean() / centres.var(0).sum()


def partition_loss(heads: Tensor) -> Tensor:
    """Return a loss that is small where the attention heads differ.

    ``log(1 + K / v)``, K counting heads and v the variance over heads, with K - 1 in the
    denominator, averaged over images and features (Wen et al. 2021, section 3.3, and their
    published code). Where all heads agree v is 0; it is taken as the smallest normal float32
    precision then, so that the loss stays finite.

    Parameters
    ----------
    heads : Tensor of shape (N, K, F)

    Returns
    -------
    Tensor
        A scalar above 0; 0 for a single head.

    Examples
    --------
    >>> partition_loss(torch.tensor([[[0.0], [2.0]]])).round(decimals=4)  # log 2
    tensor(0.6931)
    """
    n_heads = heads.shape[1]
    if n_heads < 2:
        return heads.new_zeros(())
    spread = heads.var(1).mean().clamp_min(torch.finfo(torch.float32).eps)
    return torch.log1p(n_heads / spread)


def sparse_centre_loss(
    features: Tensor, labels: Tensor, centres: Tensor, *, attention: Tensor
) -> Tensor:
    """Return how far the features that count lie from the centres of their classes.

    ``sum_ij a_ij (x_ij - c_(y_i)j)^2 / (2 N)`` (Farzaneh & Qi 2021).

    Parameters
    ----------
    features, attention : Tensor of shape (N, F)
        Features, and how much each counts, from 0 to 1.
    labels : Tensor of shape (N,), int64
        Classes from 0 to K - 1.
    centres : Tensor of shape (K, F)
        One a class; learned with the network.

    Returns
    -------
    Tensor
        A scalar of at least 0.

    Raises
    ------
    InputError
        If a label is out of range, or the shapes do not fit.

    Examples
    --------
    >>> x, a = torch.tensor([[1.0, 5.0]]), torch.tensor([[0.5, 0.0]])
    >>> sparse_centre_loss(x, torch.tensor([0]), torch.zeros(1, 2), attention=a)
    tensor(0.2500)
    """
    _check(features, labels, len(centres))
    return (attention * (features - centres[labels]).square()).sum() / (2 * len(features))


def mix_by_uncertainty(features: Tensor, log_var: Tensor, partners: Tensor) -> Tensor:
    """Return each image's features mixed with those of its partner, the less sure counting more.

    ``(u_i x_i + u_j x_j) / (u_i + u_j)`` with the uncertainty ``u = mean_f exp(log_var_f)``
    (Zhang, Wang & Deng 2021): to recognise both, the network must give the harder the greater
    weight, and so learns what is hard.

    Parameters
    ----------
    features, log_var : Tensor of shape (N, F)
    partners : Tensor of shape (N,), int64
        The image that each is mixed with, such as a permutation.

    Returns
    -------
    Tensor of shape (N, F)

    Examples
    --------
    >>> x = torch.tensor([[0.0], [4.0]])
    >>> mix_by_uncertainty(x, torch.tensor([[0.0], [3.0]]).log1p(), torch.tensor([1, 0]))
    tensor([[3.2000],
            [3.2000]])
    """
    level = log_var.logsumexp(1)  # the logarithm of u, but for a constant
    weight = torch.sigmoid(level - level[partners])[:, None]  # u_i / (u_i + u_j), for any size
    return weight * features + (1 - weight) * features[partners]


def add_up_loss(
    logits: Tensor, labels: Tensor, partners: Tensor, *, weights: Tensor | None = None
) -> Tensor:
    """Return the mean cross-entropy of mixed features with the labels of both their images.

    ``(CE(z_i, y_i) + CE(z_i, y_j)) / 2`` (Zhang, Wang & Deng 2021).

    Parameters
    ----------
    logits : Tensor of shape (N, K)
        Class scores of the mixed features.
    labels, partners : Tensor of shape (N,), int64
        Classes from 0 to K - 1, and whom each image was mixed with.
    weights : Tensor of shape (K,), optional
        How much an image of each class counts.

    Raises
    ------
    InputError
        If a label is out of range, or the shapes do not fit.

    Examples
    --------
    >>> add_up_loss(torch.zeros(2, 7), torch.tensor([0, 1]), torch.tensor([1, 0])).exp()
    tensor(7.0000)
    """
    _check(logits, labels, logits.shape[1])
    ours, theirs = (F.cross_entropy(logits, y, weights) for y in (labels, labels[partners]))
    return (ours + theirs) / 2


def new_centres(backbone: Backbone, *, random_state: int = 0) -> nn.Parameter | None:
    """Return the class centres that a backbone's own loss learns beside it.

    Parameters
    ----------
    backbone : Backbone
    random_state : int
        Seeds them.

    Returns
    -------
    Parameter of shape (K, F), or None
        Drawn from the normal distribution; None for a network without such a loss.
    """
    if type(backbone.network).__name__ not in ("DAN", "DACL"):
        return None
    generator = torch.Generator().manual_seed(random_state)
    drawn = torch.randn(backbone.n_classes, backbone.n_features, generator=generator)
    return nn.Parameter(drawn)


def own_loss(
    backbone: Backbone,
    x: Tensor,
    labels: Tensor,
    *,
    centres: Tensor | None = None,
    weights: Tensor | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Return the loss that a backbone was published with.

    ====  ==========================================================
    DAN   cross-entropy + `affinity_loss` + `partition_loss`
    DACL  cross-entropy + 0.01 `sparse_centre_loss`
    RUL   `add_up_loss` of `mix_by_uncertainty` with random partners
    else  cross-entropy
    ====  ==========================================================

    Parameters
    ----------
    backbone : Backbone
        Loaded with its training parts.
    x : Tensor of shape (N, 3, H, W)
        Normalised images.
    labels : Tensor of shape (N,), int64
        The backbone's classes.
    centres : Tensor of shape (K, F), optional
        Those of `new_centres`, for DAN and DACL.
    weights : Tensor of shape (K,), optional
        How much an image of each class counts in the cross-entropy.
    generator : torch.Generator, optional
        Draws RUL's partners, on the processor; by default torch's own, as for dropout.

    Raises
    ------
    InputError
        If a label is out of range, the centres are missing, or the backbone lacks its training
        parts.
    """
    return own_loss_of(
        backbone, backbone(x), labels, centres=centres, weights=weights, generator=generator
    )


def own_loss_of(
    backbone: Backbone,
    out: DANOutput | DACLOutput | RULOutput | PluggedOutput,
    labels: Tensor,
    *,
    centres: Tensor | None = None,
    weights: Tensor | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Return `own_loss` of what a backbone computed already.

    Parameters
    ----------
    out
        What ``backbone(x)`` gave.
    backbone, labels, centres, weights, generator
        As in `own_loss`.

    Raises
    ------
    InputError
        As `own_loss`.
    """
    _check(out.logits, labels, backbone.n_classes)
    if isinstance(out, RULOutput):
        partners = torch.randperm(len(labels), generator=generator).to(labels.device)
        mixed = mix_by_uncertainty(out.features, out.log_var, partners)
        return add_up_loss(backbone.network.fc(mixed), labels, partners, weights=weights)
    loss = F.cross_entropy(out.logits, labels, weights)
    if isinstance(out, DANOutput | DACLOutput) and centres is None:
        raise InputError(
            f"got no centres for the loss of {backbone.name}, expected one a class; make them "
            "with new_centres and train them too"
        )
    if isinstance(out, DANOutput):
        pooled = out.maps.mean((2, 3))
        return loss + affinity_loss(pooled, labels, centres) + partition_loss(out.heads)
    if isinstance(out, DACLOutput):
        sparse = sparse_centre_loss(out.features, labels, centres, attention=out.attention)
        return loss + SPARSE_CENTRE_WEIGHT * sparse
    return loss


def _check(rows: Tensor, labels: Tensor, n_classes: int) -> None:
    if labels.dtype != torch.int64 or labels.shape != rows.shape[:1] or not len(rows):
        raise InputError(
            f"got labels {labels.dtype} {tuple(labels.shape)} for {len(rows)} images, expected "
            "int64, one for each of one or more; convert them"
        )
    check_range(labels, n_classes)


def check_range(labels: Tensor, n_classes: int) -> None:
    """Raise `InputError` unless labels, one or more, lie in 0 to `n_classes` - 1."""
    least, most = int(labels.min()), int(labels.max())
    if least < 0 or most >= n_classes:
        raise InputError(
            f"got labels {least} to {most}, expected 0 to {n_classes - 1}; check the label order"
        )
