"""How faithfully a model keeps renders of people, and how it takes drawings of them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icaedit.errors import InputError
from icaedit.evaluation.gate import ReconstructionScores, compare_readings
from icaedit.evaluation.judge import Judge, Reading, join_readings
from icaedit.evaluation.similarity import decibels, squared_error, ssim
from icaedit.models import LatentModel
from icaedit.portraits import STYLES, PortraitParameters, Rendering, render, restyle

__all__ = ["Fidelity", "StyleAgreement", "batches_of", "measure_fidelity", "measure_styles"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Fidelity:
    """What encode-then-synthesize keeps of renders.

    Attributes
    ----------
    pictures : int
    psnr, psnr_face : float
        Decibels over all values, and over those inside the faces, where no hair covers them.
    ssim : float
        Mean over the pictures.
    scores : ReconstructionScores
        What the judge reads before and after.
    """

    pictures: int
    psnr: float
    psnr_face: float
    ssim: float
    scores: ReconstructionScores


@dataclass(frozen=True)
class StyleAgreement:
    """How far the latents of a restyled portrait agree with those of the portrait itself.

    Attributes
    ----------
    pictures : int
        Portraits, each in every style.
    cosine : dict of str to float
        For each style, the mean cosine between (latents - average) of the two.
    overall : float
        The mean over styles.
    between_people : float
        The same between portraits of different people, for comparison.
    """

    pictures: int
    cosine: dict[str, float]
    overall: float
    between_people: float


def batches_of(
    parameters: PortraitParameters, *, size: int, batch_size: int
) -> Iterator[tuple[slice, Rendering]]:
    """Yield the rows and the renders of one batch after another.

    Raises
    ------
    InputError
        If the batch size is below 1 or there are no portraits.
    """
    n = len(parameters)
    if batch_size < 1 or n < 1:
        raise InputError(
            f"got {n} portraits in batches of {batch_size}, expected at least 1 of both; give more"
        )
    for start in range(0, n, batch_size):
        rows = slice(start, min(start + batch_size, n))
        yield rows, render(parameters.rows(rows), size=size)


def measure_fidelity(
    model: LatentModel,
    judge: Judge,
    parameters: PortraitParameters,
    *,
    emotion: Sequence[str],
    identity: Sequence[str],
    batch_size: int = 32,
    progress: Progress | None = None,
) -> Fidelity:
    """Render portraits at the model's own size, encode and synthesize them, and compare.

    Parameters
    ----------
    model : LatentModel
    judge : Judge
    parameters : PortraitParameters of length N
        People that the model never saw, at least two pictures of each.
    emotion, identity : sequence of str, length N
        What each shows, and who it is.
    batch_size : int
        Pictures held at a time.
    progress : callable, optional
        Called with (pictures done, pictures in all).

    Returns
    -------
    Fidelity

    Raises
    ------
    InputError
        If the lengths differ or a number is out of range.

    Examples
    --------
    >>> from icaedit.evaluation import load_judge
    >>> from icaedit.models import tiny_model
    >>> from icaedit.portraits import plan_portraits
    >>> plan = plan_portraits(1)
    >>> measure_fidelity(tiny_model(), load_judge(), plan.parameters, emotion=plan.emotion,
    ...                  identity=plan.identity).pictures
    7
    """
    n = len(parameters)
    if len(emotion) != n or len(identity) != n:
        raise InputError(
            f"got {n} portraits, {len(emotion)} emotions and {len(identity)} identities, "
            "expected as many of each; give one a portrait"
        )
    whole, inside = np.zeros(2), np.zeros(2)
    similar: list[NDArray[np.float64]] = []
    before: list[Reading] = []
    after: list[Reading] = []
    for rows, rendering in batches_of(parameters, size=model.size, batch_size=batch_size):
        images = rendering.images
        made = model.synthesize(model.encode(images))
        whole += squared_error(images, made)
        inside += squared_error(images, made, window=rendering.face)
        similar.append(ssim(images, made))
        before.append(judge.read(images))
        after.append(judge.read(made))
        if progress is not None:
            progress(rows.stop, n)
    scores = compare_readings(
        join_readings(before),
        join_readings(after),
        emotion=np.asarray(emotion),
        identity=np.asarray(identity),
        psnr=decibels(*whole),
    )
    return Fidelity(
        pictures=n,
        psnr=round(decibels(*whole), 2),
        psnr_face=round(decibels(*inside), 2),
        ssim=round(float(np.concatenate(similar).mean()), 4),
        scores=scores,
    )


def measure_styles(
    model: LatentModel,
    parameters: PortraitParameters,
    *,
    styles: Iterable[str] = STYLES,
    random_state: int = 0,
    batch_size: int = 32,
    progress: Progress | None = None,
) -> StyleAgreement:
    """Encode portraits and the same portraits restyled, and compare their latents.

    Parameters
    ----------
    model : LatentModel
    parameters : PortraitParameters of length N
        At least two, of people that the model never saw; neighbours are compared as different
        people, so let them be that.
    styles : iterable of str
        Some of `icaedit.portraits.STYLES`.
    random_state : int
        The seed of the styles' strengths.
    batch_size : int
        Pictures held at a time.
    progress : callable, optional
        Called with (pictures done, pictures in all).

    Returns
    -------
    StyleAgreement

    Raises
    ------
    InputError
        If a style is unknown, or there are fewer than two portraits.

    Examples
    --------
    >>> from icaedit.models import tiny_model
    >>> from icaedit.portraits import sample_portraits
    >>> agreement = measure_styles(tiny_model(), sample_portraits(2), styles=["blurred"])
    >>> agreement.pictures, list(agreement.cosine)
    (2, ['blurred'])
    """
    styles, n = tuple(styles), len(parameters)
    if n < 2 or not styles:
        raise InputError(
            f"got {n} portraits in {len(styles)} styles, expected at least 2 and 1; give more"
        )
    found: dict[str, list[NDArray]] = {style: [] for style in styles}
    different: list[NDArray] = []
    first = last = None
    for number, (rows, rendering) in enumerate(
        batches_of(parameters, size=model.size, batch_size=batch_size)
    ):
        clean = _offsets(model, rendering.images)
        for style in styles:
            rng = np.random.default_rng([random_state, number])
            drawn = _offsets(model, restyle(rendering.images, style, random_state=rng))
            found[style].append(_cosine(clean, drawn))
        chain = clean if last is None else np.concatenate([last, clean])
        different.append(_cosine(chain[:-1], chain[1:]))
        first = clean[:1] if first is None else first
        last = clean[-1:]
        if progress is not None:
            progress(rows.stop, n)
    different.append(_cosine(last, first))
    cosine = {style: float(np.concatenate(values).mean()) for style, values in found.items()}
    return StyleAgreement(
        pictures=n,
        cosine={style: round(value, 4) for style, value in cosine.items()},
        overall=round(float(np.mean(list(cosine.values()))), 4),
        between_people=round(float(np.concatenate(different).mean()), 4),
    )


def _offsets(model: LatentModel, images: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return latents less the average, (N, L * C)."""
    latents = model.encode(images).astype(np.float64) - model.latent_avg
    return latents.reshape(len(images), -1)


def _cosine(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the cosine of each row of `a` with that of `b`, (N,)."""
    length = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.einsum("nd,nd->n", a, b) / np.maximum(length, 1e-12)
