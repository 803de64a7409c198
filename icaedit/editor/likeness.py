"""How far two pictures are apart, without trained weights."""

from torch import Tensor
from torch.nn import functional

__all__ = ["likeness_loss", "pyramid_distance"]

_SMALLEST = 8  # pixels of the coarsest level


def pyramid_distance(a: Tensor, b: Tensor) -> Tensor:
    """Return the distance of pictures over the levels of their Laplacian pyramids.

    The sum over levels of the mean absolute difference, from pixels down to 8 px, each level
    halved by averaging. Edges count at every width, and a mean per level weighs a coarse level
    like a fine one: this is Lap1 of Bojanowski et al. (Optimizing the Latent Space of Generative
    Networks, 2018), whose factor 4^j makes up for the fewer pixels of level j.

    Parameters
    ----------
    a, b : Tensor of shape (N, 3, H, W), float32
        Pictures in [-1, 1].

    Returns
    -------
    Tensor of shape (), float32
        0 for equal pictures.

    Examples
    --------
    >>> import torch
    >>> a = torch.zeros(1, 3, 16, 16)
    >>> float(pyramid_distance(a, a)), round(float(pyramid_distance(a, a + 0.5)), 3)
    (0.0, 0.5)
    """
    difference = a - b  # the pyramid is linear
    total = difference.new_zeros(())
    while min(difference.shape[2:]) >= 2 * _SMALLEST:
        coarse = functional.avg_pool2d(difference, 2, ceil_mode=True, count_include_pad=False)
        fine = difference - functional.interpolate(
            coarse, size=difference.shape[2:], mode="bilinear", align_corners=False
        )
        total = total + fine.abs().mean()
        difference = coarse
    return total + difference.abs().mean()


def likeness_loss(a: Tensor, b: Tensor) -> Tensor:
    """Return `pyramid_distance` plus the mean squared difference of the pixels.

    Parameters
    ----------
    a, b : Tensor of shape (N, 3, H, W), float32
        Pictures in [-1, 1].
    """
    return pyramid_distance(a, b) + functional.mse_loss(a, b)
