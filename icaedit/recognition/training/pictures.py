"""The pictures of a training, decoded in batches and varied."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from icaedit.datasets import Record
from icaedit.errors import DatasetError, IcaeditError
from icaedit.images import read_image
from icaedit.recognition.backbones import Normalisation
from icaedit.recognition.encoders import CollaborativeEncoder
from icaedit.recognition.training.augmentation import Augmentation, Variation

__all__ = ["Batch", "Pictures", "ahead"]

CACHED_BYTES = 1 << 28
"""Decoded pictures that are kept; those beyond are decoded again each time."""


@dataclass(frozen=True)
class Batch:
    """What one step is given.

    Attributes
    ----------
    rows : tuple of int
        Which pictures these are.
    labels : Tensor of shape (n,), int64
    x : Tensor of shape (n, 3, S, S), or None
        The network's input; None where its features are known.
    features : Tensor of shape (n, F), or None
    latents : Tensor of shape (n, L, C), or None
        Stored ones.
    frames : Tensor of shape (n, 3, s, s), or None
        The encoder's input, where it is trained along.
    """

    rows: tuple[int, ...]
    labels: Tensor
    x: Tensor | None = None
    features: Tensor | None = None
    latents: Tensor | None = None
    frames: Tensor | None = None

    def to(self, place: torch.device) -> "Batch":
        """Return it on a device."""
        moved = {
            name: value.to(place)
            for name, value in vars(self).items()
            if isinstance(value, Tensor)
        }
        return replace(self, **moved)


class Pictures:
    """The pictures of one part of a dataset, with labels and latents.

    Parameters
    ----------
    records : sequence of Record
    labels : ndarray of shape (N,), int64
    latents : ndarray of shape (N, L, C), float32, or None
    normalisation : Normalisation
        How the network wants them.
    encoder : CollaborativeEncoder, optional
        It is given them too.
    skip : bool
        Whether pictures that cannot be read are left out, and counted in `unreadable`.

    Attributes
    ----------
    unreadable : dict of int to str
        Pictures that could not be read, by their place, and why.
    """

    def __init__(
        self,
        records: Sequence[Record],
        labels: NDArray[np.int64],
        latents: NDArray[np.float32] | None,
        *,
        normalisation: Normalisation,
        encoder: CollaborativeEncoder | None = None,
        skip: bool = False,
    ) -> None:
        self.records, self.labels, self.latents = tuple(records), labels, latents
        self.unreadable: dict[int, str] = {}
        self._normalisation, self._encoder, self._skip = normalisation, encoder, skip
        self._cache: dict[int, NDArray[np.uint8]] = {}
        self._left = CACHED_BYTES
        self._features: Tensor | None = None

    def __len__(self) -> int:
        return len(self.records)

    def batch(
        self,
        rows: Sequence[int],
        *,
        augmentation: Augmentation | None = None,
        seed: tuple[int, int] = (0, 0),
        full: bool = False,
    ) -> Batch | None:
        """Return some of the pictures.

        Parameters
        ----------
        rows : sequence of int
        augmentation : Augmentation, optional
            By what they are varied; each by numbers of its own, so that it does not matter which
            others are with it.
        seed : two int
            Seeds the variation, with the picture's place.
        full : bool
            Whether those that could not be read are replaced by others of the batch.

        Raises
        ------
        IcaeditError
            If a picture cannot be read, naming it, and it is not to be left out.
        DatasetError
            If none of a full batch can be read.
        """
        known = self._features
        pictures = {row: self._read(row) for row in dict.fromkeys(rows)} if known is None else {}
        used = [row for row in rows if row not in self.unreadable]
        if full and not used:
            raise DatasetError(
                f"got a batch without a picture that can be read, such as "
                f"{self.records[rows[0]].name} ({self.unreadable[rows[0]]}), expected some; mend "
                "or remove them"
            )
        if full and len(used) < len(rows):
            used = (used * len(rows))[: len(rows)]
        if not used:
            return None
        if known is not None:
            return self._assembled(used, features=known[used])
        changes = [self._variation(row, pictures[row], augmentation, seed) for row in used]
        drawn = [change.drawn(pictures[row]) for row, change in zip(used, changes, strict=True)]
        return self._assembled(
            used,
            x=self._normalisation.to_input(_moved(self._normalisation.fit(drawn), changes)),
            frames=None if self._encoder is None else self._encoder.to_input(
                _moved(self._encoder.fit(drawn), changes)
            ),
        )  # fmt: skip

    def know_features(self, features_of: Callable[[Batch], Tensor], batch_size: int) -> None:
        """Compute the features of all pictures, unvaried, and go on with these alone."""
        rows, found = [], []
        for start in range(0, len(self), batch_size):
            batch = self.batch(range(start, min(start + batch_size, len(self))))
            if batch is not None:
                rows += batch.rows
                found.append(features_of(batch))
        if found:
            features = torch.cat(found)
            self._features = features.new_zeros((len(self), features.shape[1]))
            self._features[rows] = features
        self._cache.clear()

    def _read(self, row: int) -> NDArray[np.uint8] | None:
        if row in self._cache or row in self.unreadable:
            return self._cache.get(row)
        try:
            picture = read_image(self.records[row].path)
        except IcaeditError as err:
            if not self._skip:
                raise
            self.unreadable[row] = str(err)
            return None
        if picture.nbytes <= self._left:
            self._left -= picture.nbytes
            self._cache[row] = picture
        return picture

    def _variation(
        self,
        row: int,
        picture: NDArray[np.uint8],
        augmentation: Augmentation | None,
        seed: tuple[int, int],
    ) -> Variation:
        if augmentation is None:
            return Variation()
        # numpy takes [a, b] and [a, b, 0] for the same seed, and the order of pictures has [a, b]
        generator = np.random.default_rng([*seed, row + 1])
        return augmentation.variation(generator, min(picture.shape[:2]))

    def _assembled(self, rows: Sequence[int], **inputs: Tensor | None) -> Batch:
        places = np.asarray(rows, dtype=np.intp)
        latents = None if self.latents is None else torch.from_numpy(self.latents[places])
        labels = torch.from_numpy(self.labels[places])
        return Batch(tuple(int(row) for row in rows), labels, latents=latents, **inputs)


def ahead(jobs: Iterable[Callable[[], Batch | None]]) -> Iterator[Batch | None]:
    """Give the result of each job in order, while the next one is worked on."""
    with ThreadPoolExecutor(1) as pool:
        waiting = None
        for job in jobs:
            following = pool.submit(job)
            if waiting is not None:
                yield waiting.result()
            waiting = following
        if waiting is not None:
            yield waiting.result()


def _moved(fitted: NDArray[np.uint8], changes: Sequence[Variation]) -> NDArray[np.uint8]:
    moved = [change.moved(picture) for picture, change in zip(fitted, changes, strict=True)]
    return np.stack(moved)
