"""The same portrait in other styles: drawn, posterised, worn or partly hidden."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from icaedit.errors import InputError
from icaedit.images import pencil_sketch, sketch_kernel_size

__all__ = ["STYLES", "restyle"]

_Images = NDArray[np.uint8]
_GREY_AXIS = np.full(3, 3**-0.5)
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def _sketch(wider: int) -> Callable[[_Images, np.random.Generator], _Images]:
    """Return the pencil drawing whose kernel is that of a picture `wider` times as large."""

    def draw(images: _Images, _: np.random.Generator) -> _Images:
        return pencil_sketch(images, sketch_kernel_size(wider * images.shape[1]))

    return draw


def _levels(images: NDArray[np.floating]) -> _Images:
    return np.clip(np.rint(images), 0, 255).astype(np.uint8)


def _posterised(images: _Images, rng: np.random.Generator) -> _Images:
    """Keep 3 to 6 levels of each colour."""
    steps = rng.integers(2, 6, (len(images), 1))
    table = _levels(np.rint(np.arange(256) * steps / 255) * (255 / steps))  # (N, 256)
    return np.stack([row[image] for row, image in zip(table, images, strict=True)])


def _filtered(images: _Images, filters: NDArray[np.float32]) -> _Images:
    """Return F X F' for every colour plane X (H, H) of a picture with the filter F of its own."""
    n, side = images.shape[:2]
    down = np.matmul(filters, images.astype(np.float32).reshape(n, side, side * 3))
    turned = down.reshape(n, side, side, 3).swapaxes(1, 2).reshape(n, side, side * 3)
    across = np.matmul(filters, turned).reshape(n, side, side, 3)
    return _levels(across.swapaxes(1, 2))


def _blurred(images: _Images, rng: np.random.Generator) -> _Images:
    """Blur by a Gaussian whose sigma is 0.6 to 2 % of the side."""
    n, side = images.shape[:2]
    sigma = side * rng.uniform(0.006, 0.02, (n, 1, 1))
    gap = np.arange(side)[:, None] - np.arange(side)
    filters = np.exp(-0.5 * (gap / sigma) ** 2)
    filters[filters < 1e-9] = 0  # numbers too small to be normal would make the products slow
    return _filtered(images, (filters / filters.sum(2, keepdims=True)).astype(np.float32))


def _low_resolution(images: _Images, rng: np.random.Generator) -> _Images:
    """Reduce to a sixth to a half of the side by area, and enlarge linearly."""
    n, side = images.shape[:2]
    coarse = rng.integers(max(2, round(side / 6)), max(3, side // 2 + 1), n)
    filters = {m: _there_and_back(side, int(m)) for m in np.unique(coarse)}
    return _filtered(images, np.stack([filters[m] for m in coarse]))


def _there_and_back(side: int, coarse: int) -> NDArray[np.float32]:
    """Return (side, side): reduce to `coarse` pixels by area, then interpolate linearly."""
    edges = np.arange(coarse + 1) * (side / coarse)
    pixel = np.arange(side)
    shared = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    reduce = shared.clip(0) * (coarse / side)  # (coarse, side), rows sum to 1
    place = ((pixel + 0.5) * (coarse / side) - 0.5).clip(0, coarse - 1)
    enlarge = (1 - np.abs(place[:, None] - np.arange(coarse))).clip(0)  # (side, coarse)
    return (enlarge @ reduce).astype(np.float32)


def _noisy(images: _Images, rng: np.random.Generator) -> _Images:
    """Add Gaussian noise of a standard deviation of 8 to 32 levels."""
    deviation = rng.uniform(8, 32, (len(images), 1, 1, 1)).astype(np.float32)
    noise = rng.standard_normal(images.shape, dtype=np.float32)
    noise *= deviation
    noise += images
    return _levels(noise)


def _recoloured(images: _Images, rng: np.random.Generator) -> _Images:
    """Turn hues by up to 30 degrees; change saturation, contrast and the colour of the light."""
    n = len(images)
    angle = np.deg2rad(rng.uniform(-30, 30, n))[:, None, None]
    saturation = rng.uniform(0.0, 1.5, n)[:, None, None]
    gain = rng.uniform(0.8, 1.2, (n, 1, 3))
    level = rng.uniform(-20, 20, (n, 1, 1, 1)).astype(np.float32)
    # Rodrigues' rotation about the grey axis, for colours as rows.
    cross = np.cross(np.eye(3), _GREY_AXIS)
    turn = np.cos(angle) * np.eye(3) - np.sin(angle) * cross
    turn = turn + (1 - np.cos(angle)) * np.outer(_GREY_AXIS, _GREY_AXIS)
    grey = np.outer(_LUMA, np.ones(3))
    matrix = turn @ (saturation * np.eye(3) + (1 - saturation) * grey) * gain  # (N, 3, 3)
    rows = images.reshape(n, -1, 3).astype(np.float32)
    return _levels(np.matmul(rows, matrix.astype(np.float32)).reshape(images.shape) + level)


def _occluded(images: _Images, rng: np.random.Generator) -> _Images:
    """Cover 1 to 3 places by ellipses or rectangles of one colour, up to a seventh each."""
    n, side = images.shape[:2]
    result = images.copy()
    place = (np.arange(side, dtype=np.float32) + 0.5) / side
    for number in range(3):
        centre = rng.uniform(0.1, 0.9, (2, n, 1)).astype(np.float32)
        half = rng.uniform(0.06, 0.19, (2, n, 1)).astype(np.float32)
        off = np.abs(place - centre) / half  # (2, N, H)
        down, across = off[0][:, :, None], off[1][:, None, :]
        square = rng.random((n, 1, 1)) < 0.5
        size = np.where(square, np.maximum(down, across), np.hypot(down, across))
        shown = rng.random((n, 1, 1)) < (1.0, 0.6, 0.3)[number]
        colour = rng.integers(0, 256, (n, 1, 1, 3), dtype=np.uint8)
        np.copyto(result, colour, where=((size < 1) & shown)[..., None])
    return result


_PAINTERS: dict[str, Callable[[_Images, np.random.Generator], _Images]] = {
    "sketch": _sketch(1),
    "sketch-broad": _sketch(2),
    "sketch-bold": _sketch(4),
    "posterised": _posterised,
    "blurred": _blurred,
    "noisy": _noisy,
    "recoloured": _recoloured,
    "low-resolution": _low_resolution,
    "occluded": _occluded,
}

STYLES: tuple[str, ...] = tuple(_PAINTERS)
"""Names of the styles; the three sketches are pencil drawings with kernels of 1, 2 and 4 times
the default size."""


def restyle(
    images: np.ndarray,
    style: str | Sequence[str],
    *,
    random_state: int | np.random.Generator = 0,
) -> NDArray[np.uint8]:
    """Return portraits in another style.

    Each picture draws its own strength: number of levels, sigma, hue, what is covered. Sketches
    are those of `icaedit.images.pencil_sketch` and have none.

    Parameters
    ----------
    images : ndarray of shape (N, H, H, 3), uint8 RGB
        At least 8 px.
    style : str or sequence of N str
        One of `STYLES`, for all pictures or for each.
    random_state : int or numpy Generator
        The seed of the strengths and the noise.

    Returns
    -------
    ndarray of shape (N, H, H, 3), uint8

    Raises
    ------
    InputError
        If a style is unknown, there are not N of them, or the pictures are of another form.

    Examples
    --------
    >>> from icaedit.portraits import render, sample_portraits
    >>> faces = render(sample_portraits(2), size=32).images
    >>> restyle(faces, ["noisy", "sketch"]).shape
    (2, 32, 32, 3)
    """
    images = np.asarray(images)
    square = images.ndim == 4 and images.shape[1] == images.shape[2] and images.shape[3] == 3
    if images.dtype != np.uint8 or not square or images.shape[1] < 8:
        raise InputError(
            f"got pictures of shape {images.shape} and type {images.dtype}, expected uint8 "
            "(N, H, H, 3) of at least 8 px; stack square RGB pictures"
        )
    names = np.full(len(images), style) if isinstance(style, str) else np.asarray(style)
    if names.shape != (len(images),):
        raise InputError(
            f"got {names.size} styles for {len(images)} pictures, expected one each; give one "
            "name for all"
        )
    unknown = sorted(set([style] if isinstance(style, str) else names.tolist()) - set(STYLES))
    if unknown:
        raise InputError(
            f"got style {unknown[0]!r}, expected one of {', '.join(STYLES)}; check the spelling"
        )
    rng = np.random.default_rng(random_state)
    result = np.empty_like(images)
    for name, paint in _PAINTERS.items():
        rows = np.flatnonzero(names == name)
        if len(rows):
            result[rows] = paint(images[rows], rng)
    return result
