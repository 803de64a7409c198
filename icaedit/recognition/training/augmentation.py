"""Pictures varied in training: mirrored, shifted, partly covered, drawn as if by pencil."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icaedit.errors import InputError
from icaedit.images import pencil_sketch, sketch_kernel_size

__all__ = ["Augmentation", "Variation"]

_ERASED = (0.02, 0.25)
"""Least and largest share of the picture that is covered (DAN's published training)."""


@dataclass(frozen=True)
class Augmentation:
    """What may befall a picture each time it is seen.

    The latents stay those of the picture as it was encoded, unless an encoder is trained along.

    Parameters
    ----------
    flip : float
        Probability that it is mirrored.
    shift : float
        Up to which share of its side it is moved, sideways and up or down; the border is drawn
        out.
    erase : float
        Probability that a rectangle of 2 to 25 % of its area is grey.
    sketch : float
        Probability that it is drawn as if by pencil, with a kernel from 3 px to twice that of
        `icaedit.images.pencil_sketch`.

    Raises
    ------
    InputError
        If a number is out of range.

    Examples
    --------
    >>> face = np.zeros((8, 8, 3), np.uint8)
    >>> face[:, 0] = 200
    >>> mirror = Augmentation(flip=1.0, shift=0.0)
    >>> mirror.variation(np.random.default_rng(0), 8).apply(face)[0, :, 0].tolist()
    [0, 0, 0, 0, 0, 0, 0, 200]
    """

    flip: float = 0.5
    shift: float = 0.06
    erase: float = 0.0
    sketch: float = 0.0

    def __post_init__(self) -> None:
        for name, most in (("flip", 1), ("shift", 0.5), ("erase", 1), ("sketch", 1)):
            if not 0 <= getattr(self, name) <= most:
                raise InputError(
                    f"got {name} {getattr(self, name)}, expected a number from 0 to {most}; "
                    "correct it"
                )

    @property
    def changes(self) -> bool:
        """Whether anything can befall a picture."""
        return any((self.flip, self.shift, self.erase, self.sketch))

    def variation(self, generator: np.random.Generator, side: int) -> "Variation":
        """Draw what befalls one picture.

        Parameters
        ----------
        generator : numpy Generator
            Always asked for the same numbers, whatever the probabilities are.
        side : int
            The shorter side in pixels of the picture that may be drawn by pencil.
        """
        flip, sketch, erase = generator.random(3)
        shift = generator.uniform(-1, 1, 2) * self.shift
        kernels = np.arange(3, 2 * sketch_kernel_size(side) + 1, 2)
        kernel = int(kernels[int(generator.random() * len(kernels))])
        area, tall, top, left = generator.random(4)
        return Variation(
            flip=bool(flip < self.flip),
            kernel_size=kernel if sketch < self.sketch else None,
            shift=(float(shift[0]), float(shift[1])),
            erased=_rectangle(area, tall, top, left) if erase < self.erase else None,
        )


@dataclass(frozen=True)
class Variation:
    """What befalls one picture once.

    Parameters
    ----------
    flip : bool
    kernel_size : int, optional
        Side of the pencil's kernel; None where it is not drawn.
    shift : tuple of float
        To the right and down, in shares of the side.
    erased : tuple of four floats, optional
        Top, left, height and width of the covered rectangle, in shares of the side.
    """

    flip: bool = False
    kernel_size: int | None = None
    shift: tuple[float, float] = (0.0, 0.0)
    erased: tuple[float, float, float, float] | None = None

    def drawn(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the picture (H, W, 3), by pencil if so; before it is brought to its size."""
        if self.kernel_size is None:
            return picture
        return pencil_sketch(picture, self.kernel_size)

    def moved(self, fitted: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the picture (S, S, 3) mirrored, shifted and covered; a new array."""
        height, width = fitted.shape[:2]
        picture = fitted[:, ::-1] if self.flip else fitted
        right, down = round(self.shift[0] * width), round(self.shift[1] * height)
        rows = np.clip(np.arange(height) - down, 0, height - 1)
        columns = np.clip(np.arange(width) - right, 0, width - 1)
        picture = picture[rows[:, None], columns]
        if self.erased is not None:
            top, left, tall, wide = (round(share * height) for share in self.erased)
            picture[top : top + tall, left : left + wide] = 128
        return picture

    def apply(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return a square picture (S, S, 3) after all of this; a new array."""
        return self.moved(self.drawn(picture))


def _rectangle(
    area: float, tall: float, top: float, left: float
) -> tuple[float, float, float, float]:
    """Return a rectangle of 2 to 25 % of the area and of sides 1:2 to 2:1, as shares."""
    share = _ERASED[0] + area * (_ERASED[1] - _ERASED[0])
    ratio = 2.0 ** (2 * tall - 1)
    height, width = np.sqrt(share * ratio), np.sqrt(share / ratio)
    return float(top * (1 - height)), float(left * (1 - width)), float(height), float(width)
