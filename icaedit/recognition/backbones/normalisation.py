"""How a backbone wants its pictures: at which size, cut how, in which units."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from PIL import Image
from torch import Tensor

from icaedit.errors import InputError
from icaedit.images import to_float

__all__ = ["Normalisation"]


@dataclass(frozen=True)
class Normalisation:
    """The step from uint8 pictures to the input of a network.

    Parameters
    ----------
    mean, std : tuple of three floats
        Of red, green and blue, where a picture has values from 0 to 1.
    size : int
        Side of the input in pixels.
    shorter_side : int, optional
        Pictures are brought to this shorter side, and the square of `size` is cut from their
        middle; without it they are stretched to the square.

    Raises
    ------
    InputError
        If a number is missing, not finite or out of range.

    Examples
    --------
    >>> half = Normalisation((0.5, 0.5, 0.5), (0.5, 0.5, 0.5), size=32)
    >>> x = half.apply(np.full((1, 8, 8, 3), 255, np.uint8))
    >>> tuple(x.shape), float(x.max())
    ((1, 3, 32, 32), 1.0)
    """

    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    _: KW_ONLY
    size: int
    shorter_side: int | None = None

    def __post_init__(self) -> None:
        for name in ("mean", "std"):
            values = np.asarray(getattr(self, name), dtype=float)
            if values.shape != (3,) or not np.isfinite(values).all():
                raise InputError(
                    f"got {name} {getattr(self, name)}, expected three numbers; give "
                    "red, green and blue"
                )
            object.__setattr__(self, name, tuple(values.tolist()))
        if min(self.std) <= 0:
            raise InputError(f"got std {self.std}, expected numbers above 0; correct them")
        side = self.size if self.shorter_side is None else self.shorter_side
        if not 0 < self.size <= side:
            raise InputError(
                f"got size {self.size} with shorter side {self.shorter_side}, expected 1 pixel or "
                "more, and no more than the shorter side; correct them"
            )

    def apply(self, images: ArrayLike) -> Tensor:
        """Return pictures as a network takes them.

        Parameters
        ----------
        images : ndarray of shape (N, H, W, 3), uint8 RGB

        Returns
        -------
        Tensor of shape (N, 3, size, size), float32

        Raises
        ------
        InputError
            If the pictures have another shape or type.
        """
        return self.to_input(self.fit(images))

    def fit(self, images: ArrayLike | Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
        """Return pictures at the size of the input, still as bytes.

        Parameters
        ----------
        images : ndarray of shape (N, H, W, 3), uint8 RGB, or a sequence of (H, W, 3)

        Returns
        -------
        ndarray of shape (N, size, size, 3), uint8

        Raises
        ------
        InputError
            If a picture has another shape or type.
        """
        pixels = images
        if not isinstance(images, list | tuple):
            pixels = np.asarray(images)
            if pixels.ndim != 4:
                raise _no_pictures(pixels)
        for picture in pixels:
            if np.ndim(picture) != 3 or picture.shape[2] != 3 or picture.dtype != np.uint8:
                raise _no_pictures(pixels if isinstance(pixels, np.ndarray) else picture)
        fitted = np.empty((len(pixels), self.size, self.size, 3), np.uint8)
        for place, picture in zip(fitted, pixels, strict=True):
            place[...] = self._fitted(picture)
        return fitted

    def to_input(self, fitted: NDArray[np.uint8]) -> Tensor:
        """Return pictures of the size of the input, uint8 (N, size, size, 3), as `apply` does."""
        values = (to_float(fitted) + 1) / 2
        values = (values - np.float32(self.mean)) / np.float32(self.std)
        return torch.from_numpy(np.ascontiguousarray(values.transpose(0, 3, 1, 2)))

    def at_size(self, size: int) -> "Normalisation":
        """Return the same for another size of the input, cut in proportion.

        Examples
        --------
        >>> whole = Normalisation((0.5,) * 3, (0.5,) * 3, size=224, shorter_side=256)
        >>> whole.at_size(64).shorter_side
        73
        """
        shorter = self.shorter_side
        if shorter is not None:
            shorter = round(shorter * size / self.size)
        return replace(self, size=size, shorter_side=shorter)

    def _fitted(self, picture: np.ndarray) -> np.ndarray:
        height, width = picture.shape[:2]
        wanted = (self.size, self.size)  # width, height
        if self.shorter_side is not None:
            scale = self.shorter_side / min(height, width)
            # the shorter side exactly; the longer one cut off, as the transforms of others do
            wanted = (
                max(self.shorter_side, int(width * scale)),
                max(self.shorter_side, int(height * scale)),
            )
        if wanted != (width, height):
            # bilinear with antialiasing is what these networks were trained on
            picture = np.asarray(Image.fromarray(picture).resize(wanted, Image.Resampling.BILINEAR))
        left, top = (round((side - self.size) / 2) for side in wanted)
        return picture[top : top + self.size, left : left + self.size]


def _no_pictures(pixels: ArrayLike) -> InputError:
    pixels = np.asarray(pixels)
    return InputError(
        f"got pictures of {pixels.dtype} {pixels.shape}, expected uint8 (N, H, W, 3) RGB; "
        "convert them, or put one picture into an array of one"
    )
