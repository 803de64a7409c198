"""Whether the faces of a model's own making belong among renders."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icaedit.evaluation.fidelity import batches_of
from icaedit.evaluation.judge import Judge
from icaedit.evaluation.kernel_distance import KernelDistance, kernel_distance
from icaedit.models import LatentModel
from icaedit.portraits import PortraitParameters

__all__ = ["Realism", "draw_faces", "measure_realism"]


@dataclass(frozen=True)
class Realism:
    """Kernel distances to renders, by the judge's features.

    Attributes
    ----------
    samples : KernelDistance
        Of pictures of sampled W.
    reconstructions : KernelDistance
        Of the model's reconstructions of the other renders.
    other_renders : KernelDistance
        Of the other renders themselves: what is left to chance.
    features : str
        What the features are.
    """

    samples: KernelDistance
    reconstructions: KernelDistance
    other_renders: KernelDistance
    features: str


def draw_faces(
    model: LatentModel, n: int, *, random_state: int | Sequence[int] = 0
) -> NDArray[np.uint8]:
    """Return pictures of codes that the mapping network makes of standard normal z.

    Parameters
    ----------
    model : LatentModel
    n : int
        How many.
    random_state : int or sequence of int
        The seed of z.

    Returns
    -------
    ndarray of shape (n, size, size, 3), uint8

    Examples
    --------
    >>> from icaedit.models import tiny_model
    >>> draw_faces(tiny_model(), 2).shape
    (2, 16, 16, 3)
    """
    import torch

    z = np.random.default_rng(random_state).standard_normal((n, model.z_dim), dtype=np.float32)
    with torch.inference_mode():
        codes = model.generator.mapping(torch.from_numpy(z).to(model.device)).cpu().numpy()
    return model.synthesize(np.repeat(codes[:, None], model.n_layers, axis=1))


def measure_realism(
    model: LatentModel,
    judge: Judge,
    parameters: tuple[PortraitParameters, PortraitParameters],
    *,
    random_state: int = 0,
    batch_size: int = 32,
    progress: Callable[[int, int], None] | None = None,
) -> Realism:
    """Compare pictures of sampled W with renders, in the judge's features.

    Parameters
    ----------
    model : LatentModel
    judge : Judge
    parameters : two PortraitParameters of length N
        Those compared with, and other people drawn alike: portraits as the model was trained
        on, of people that it never saw.
    random_state : int
        The seed of the samples and the subsets.
    batch_size : int
        Pictures held at a time.
    progress : callable, optional
        Called with (pictures done, pictures in all).

    Returns
    -------
    Realism
    """
    reference, others = parameters
    total = 2 * len(others) + len(reference)
    done = 0
    found: dict[str, list[NDArray[np.float32]]] = {}

    def see(name: str, images: NDArray[np.uint8]) -> None:
        found.setdefault(name, []).append(judge.features(images))

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if progress is not None:
            progress(done, total)

    for rows, rendering in batches_of(reference, size=model.size, batch_size=batch_size):
        see("reference", rendering.images)
        advance(rows.stop - rows.start)
    for number, (rows, rendering) in enumerate(
        batches_of(others, size=model.size, batch_size=batch_size)
    ):
        see("others", rendering.images)
        see("reconstructions", model.synthesize(model.encode(rendering.images)))
        n = rows.stop - rows.start
        see("samples", draw_faces(model, n, random_state=[random_state, number]))
        advance(2 * n)
    features = {name: np.concatenate(parts) for name, parts in found.items()}
    distance = {
        name: kernel_distance(features[name], features["reference"], random_state=random_state)
        for name in ("samples", "reconstructions", "others")
    }
    return Realism(
        samples=distance["samples"],
        reconstructions=distance["reconstructions"],
        other_renders=distance["others"],
        features=f"judge's last block at {judge.size} px, averaged over positions, "
        f"{features['reference'].shape[1]} numbers",
    )
