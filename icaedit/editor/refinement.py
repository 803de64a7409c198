"""Better inversion: latents, and on request weights, fitted to one picture.

The latents start where the encoder puts them and are moved by gradient descent until the
generator's picture resembles the face. Two bounds keep them where edits work: they stay near the
encoder's latents, and they do not move along the fitted directions at all, so that the strengths
present in a face are what they were. Then the weights may be tuned around the latents found, as
in Pivotal Tuning (Roich et al. 2021), in a copy of the generator.
"""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from icaedit.artifacts import Directions
from icaedit.editor.effect import Agreement, effect_agreement
from icaedit.editor.likeness import likeness_loss
from icaedit.errors import InputError
from icaedit.images import resize, to_float
from icaedit.models import LatentModel

__all__ = ["Refined", "Refinement", "refine"]

Loss = Callable[[Tensor, Tensor], Tensor]

_LATENT_RATE = 0.1  # Adam's step for the latents, in units of their own spread
_WEIGHT_TRAVEL = 0.1  # steps times Adam's step for the weights: PTI takes 350 of 3e-4
_MOST_WEIGHT_RATE = 2e-3
_LOCALITY = 1 / 3  # of the way to a random latent, where tuned weights are held to the old ones
_LOCALITY_WEIGHT = 1.0  # of their change there against the likeness to the face
_SHARES = (1.0, 0.5, 0.25, 0.0)  # of the refinement that are tried until edits work


@dataclass(frozen=True)
class Refinement:
    """How a face's latents are refined before it is edited.

    Attributes
    ----------
    steps : int
        Steps of gradient descent on the latents, and as many again on the weights if tuned.
    tune : bool
        Whether to tune a copy of the generator's weights around the latents found.
    max_distance : float
        How far the latents may move, as a share of the encoder's own distance from the average.
    seed : int
        Of the random latents that hold tuned weights to the old ones; the same seed gives the
        same result on the same device.
    loss : callable, optional
        ``loss(a, b)`` of two pictures (1, 3, H, W) in [-1, 1], a tensor of any shape whose mean
        is taken; such as ``lpips.LPIPS(net="vgg")``. It is added to the squared difference of
        pixels. Without it, `icaedit.editor.likeness.pyramid_distance`, which has no weights.
    progress : callable, optional
        Called as ``progress(done, total)`` after each step.

    Raises
    ------
    InputError
        If a number cannot be used.

    Examples
    --------
    >>> Refinement(100).tune
    False
    """

    steps: int
    tune: bool = False
    max_distance: float = 0.5
    seed: int = 0
    loss: Loss | None = None
    progress: Callable[[int, int], None] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.steps, int | np.integer) or self.steps < 1:
            raise InputError(f"got {self.steps!r} steps of refinement, expected 1 or more; use 100")
        if not 0 < self.max_distance < float("inf"):
            raise InputError(
                f"got max_distance {self.max_distance}, expected a share above 0; use 0.5"
            )


@dataclass(frozen=True, eq=False)
class Refined:
    """What a refinement found.

    Attributes
    ----------
    latents : ndarray of shape (L, C), float32
    model : LatentModel
        The model itself, or one with tuned weights; it is not saved anywhere.
    loss_before, loss_after : float
        Of the encoder's latents, and of those returned.
    distance : float
        How far the latents moved, as a share of the encoder's own distance from the average.
    agreement : Agreement
        How much the edit asked for still does what it did.
    kept : float
        Share of the refinement that is in the result: less than 1 where the whole of it would
        have spoilt the edit, 0 where nothing of it could be kept.
    seconds : float
        How long it took.
    """

    latents: np.ndarray = field(repr=False)
    model: LatentModel = field(repr=False)
    loss_before: float
    loss_after: float
    distance: float
    agreement: Agreement
    kept: float
    seconds: float = field(repr=False)


def refine(
    model: LatentModel,
    face: np.ndarray,
    latents: np.ndarray,
    *,
    directions: Directions,
    displacements: np.ndarray,
    options: Refinement,
) -> Refined:
    """Fit latents, and on request weights, to one aligned face.

    Parameters
    ----------
    model : LatentModel
        Not changed.
    face : ndarray of shape (S, S, 3), uint8 RGB
        Resized to the model's size.
    latents : ndarray of shape (L, C), float32
        As the model encodes the face.
    directions : Directions
        Along these the latents do not move.
    displacements : ndarray of shape (M, L, C), float32
        The edits that are to work afterwards; without any (M = 0), one unit of each direction.
        They are compared by `icaedit.editor.effect.effect_agreement`.
    options : Refinement

    Returns
    -------
    Refined
        Never worse than the latents given, by the loss in use.

    Raises
    ------
    InputError
        If the loss in use gives no finite number.

    Examples
    --------
    >>> from icaedit.models import tiny_model
    >>> model = tiny_model()
    >>> pattern = np.ones((1, 6, 8), np.float32)
    >>> directions = Directions(["happy"], pattern, masks=pattern > 0, patterns=pattern,
    ...     posed_strength={"happy": 3.0}, method="pca", threshold="none")
    >>> face = np.tile(np.arange(0, 256, 16, dtype=np.uint8)[:, None, None], (1, 16, 3))
    >>> found = refine(model, face, model.encode(face[None])[0], directions=directions,
    ...     displacements=np.zeros((0, 6, 8)), options=Refinement(5))
    >>> found.loss_after < found.loss_before, found.distance <= 0.5
    (True, True)
    """
    began = time.monotonic()
    target = to_float(resize(face, model.size))
    run = _Run(model, torch.from_numpy(target).permute(2, 0, 1)[None].to(model.device), options)
    start = torch.from_numpy(latents.astype(np.float32))[None].to(model.device)
    pivot, loss_before = run.fit_latents(start, _span(directions, model.device))
    tuned = run.fit_weights(pivot) if options.tune else None
    probes = displacements if len(displacements) else directions.vectors
    for share in _SHARES:
        refined_latents = (start + share * (pivot - start))[0].cpu().numpy()
        if share == 0:
            refined_latents = latents.astype(np.float32)
        refined_model = run.model_between(tuned, share)
        agreement = effect_agreement((model, latents), (refined_model, refined_latents), probes)
        loss_after = run.loss_of(refined_model, refined_latents)
        if agreement.holds and loss_after <= loss_before:
            break
    reach = np.linalg.norm(latents - model.latent_avg)
    moved = np.linalg.norm(refined_latents - latents)
    return Refined(
        refined_latents,
        refined_model,
        loss_before,
        loss_after,
        float(moved / reach) if reach > 0 else 0.0,
        agreement,
        share,
        time.monotonic() - began,
    )


class _Run:
    """One refinement in progress: the target, the options, and how many steps are done."""

    def __init__(self, model: LatentModel, target: Tensor, options: Refinement) -> None:
        self.model, self.target, self.options = model, target, options
        self.done, self.total = 0, options.steps * (2 if options.tune else 1)
        self.loss = likeness_loss
        if options.loss is not None:
            given = options.loss
            self.loss = lambda a, b: given(a, b).mean() + (a - b).square().mean()

    def fit_latents(self, start: Tensor, span: Tensor) -> tuple[Tensor, float]:
        """Return the best latents (1, L, C) found from a start, and the loss at the start."""
        average = torch.from_numpy(self.model.latent_avg).to(start.device)
        reach = (start - average).norm()
        spread = float(reach / start.numel() ** 0.5) or 1.0
        radius = self.options.max_distance * (reach if reach > 0 else start.new_ones(()))
        offset = torch.zeros_like(start, requires_grad=True)
        optimiser = torch.optim.Adam([offset], lr=_LATENT_RATE * spread)
        best, best_loss, first_loss = start, float("inf"), float("nan")
        for step in range(self.options.steps + 1):
            loss = self.loss(self.model.generator(start + offset), self.target)
            value = self._require_finite(loss)
            if step == 0:
                first_loss = value
            if value < best_loss:
                best, best_loss = (start + offset).detach().clone(), value
            if step == self.options.steps:
                break
            self._descend(optimiser, loss, step, _LATENT_RATE * spread)
            with torch.no_grad():
                flat = offset.view(-1)
                flat -= span.T @ (span @ flat)
                offset *= torch.clamp(radius / offset.norm().clamp_min(1e-12), max=1.0)
        return best, first_loss

    def fit_weights(self, pivot: Tensor) -> torch.nn.Module:
        """Return a copy of the generator with weights tuned to the target at a pivot."""
        generator = copy.deepcopy(self.model.generator)
        weights = list(generator.synthesis.parameters())
        for weight in weights:
            weight.requires_grad_(True)
        random = torch.Generator().manual_seed(self.options.seed)
        rate = _weight_rate(self.options.steps)
        optimiser = torch.optim.Adam(weights, lr=rate)
        for step in range(self.options.steps):
            loss = self.loss(generator(pivot), self.target)
            self._require_finite(loss)
            z = torch.randn(1, self.model.z_dim, generator=random).to(pivot.device)
            with torch.no_grad():
                elsewhere = pivot + _LOCALITY * (self.model.generator.mapping(z)[:, None] - pivot)
                as_before = self.model.generator(elsewhere)
            loss = loss + _LOCALITY_WEIGHT * self.loss(generator(elsewhere), as_before)
            self._descend(optimiser, loss, step, rate)
        return generator.requires_grad_(False)

    def model_between(self, tuned: torch.nn.Module | None, share: float) -> LatentModel:
        """Return the model with weights that lie a share of the way to the tuned ones."""
        if tuned is None or share == 0:
            return self.model
        generator = copy.deepcopy(self.model.generator)
        with torch.no_grad():
            pairs = zip(generator.parameters(), tuned.parameters(), strict=True)
            for weight, new in pairs:
                weight.lerp_(new, share)
        name = f"{self.model.name}, tuned"
        return LatentModel(generator, self.model.encoder, name=name, device=self.model.device)

    def loss_of(self, model: LatentModel, latents: np.ndarray) -> float:
        with torch.no_grad():
            code = torch.from_numpy(latents.copy())[None].to(self.target.device)
            return float(self.loss(model.generator(code), self.target))

    def _descend(self, optimiser: torch.optim.Optimizer, loss: Tensor, step: int, rate: float):
        # a step that shrinks to a tenth by the end
        optimiser.param_groups[0]["lr"] = rate * 0.1 ** (step / self.options.steps)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        self.done += 1
        if self.options.progress is not None:
            self.options.progress(self.done, self.total)

    def _require_finite(self, loss: Tensor) -> float:
        value = float(loss.detach())
        if not np.isfinite(value):
            raise InputError(
                f"got a loss of {value} while refining, expected a finite one; use fewer steps or "
                "another loss"
            )
        return value


def _weight_rate(steps: int) -> float:
    return min(_WEIGHT_TRAVEL / steps, _MOST_WEIGHT_RATE)


def _span(directions: Directions, device: torch.device) -> Tensor:
    """Return an orthonormal basis (k, D) of what the directions span."""
    flat = directions.vectors.reshape(len(directions.emotions), -1).astype(np.float64)
    _, sizes, basis = np.linalg.svd(flat, full_matrices=False)
    kept = basis[sizes > 1e-6 * max(sizes.max(), 1e-12)]
    return torch.from_numpy(kept.astype(np.float32)).to(device)
