"""The layers of StyleGAN2 (Karras et al. 2020), each in the form that is fast on a CPU.

A modulated convolution scales its input by the style, applies one ordinary convolution with the
shared weight, and scales the output by the demodulation. That equals convolving every picture
with its own modulated weight, without a grouped convolution.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["EqualLinear", "StyledConv", "ToRGB", "leaky", "normal_draws", "smooth", "upsample"]

_GAIN = math.sqrt(2)
_EPSILON = 1e-8
_TAPS = (1.0, 3.0, 3.0, 1.0)


def leaky(x: Tensor) -> Tensor:
    """Return leaky ReLU of slope 0.2 times sqrt(2)."""
    return F.leaky_relu(x, 0.2) * _GAIN


class _Smooth(torch.autograd.Function):
    """Depthwise FIR [1, 3, 3, 1] x [1, 3, 3, 1]; its gradient is the same filter, padded more.

    The generic gradient of a depthwise convolution is several times slower on a CPU.
    """

    @staticmethod
    def forward(ctx, x: Tensor, gain: float, pad: int) -> Tensor:
        ctx.gain, ctx.pad = gain, pad
        taps = torch.tensor(_TAPS, dtype=x.dtype, device=x.device)
        kernel = torch.outer(taps, taps) * (gain / 64)
        channels = x.shape[1]
        return F.conv2d(x, kernel.expand(channels, 1, 4, 4), padding=pad, groups=channels)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None, None]:
        return _Smooth.apply(gradient, ctx.gain, 3 - ctx.pad), None, None


def smooth(x: Tensor, *, gain: float = 1.0, pad: int = 1) -> Tensor:
    """Filter every channel with the normalised FIR kernel [1, 3, 3, 1] in both directions.

    Parameters
    ----------
    x : Tensor of shape (N, C, H, W)
    gain : float
        Sum of the kernel's 16 taps.
    pad : int
        Zeros added on every side; the result is 2 `pad` - 3 pixels larger than `x`.

    Returns
    -------
    Tensor of shape (N, C, H + 2 pad - 3, W + 2 pad - 3)

    Examples
    --------
    >>> smooth(torch.ones(1, 1, 6, 6), pad=0)[0, 0, 0]
    tensor([1., 1., 1.])
    """
    return _Smooth.apply(x, gain, pad)


def upsample(x: Tensor) -> Tensor:
    """Double the side of a picture by zero insertion and the FIR kernel, sum 4.

    Parameters
    ----------
    x : Tensor of shape (N, C, H, W)

    Returns
    -------
    Tensor of shape (N, C, 2H, 2W)

    Examples
    --------
    >>> upsample(torch.ones(1, 1, 4, 4))[0, 0, 3]
    tensor([0.7500, 1.0000, 1.0000, 1.0000, 1.0000, 1.0000, 1.0000, 0.7500])
    """
    taps = torch.tensor(_TAPS, dtype=x.dtype, device=x.device)
    channels = x.shape[1]
    kernel = (torch.outer(taps, taps) / 16).expand(channels, 1, 4, 4)
    return F.conv_transpose2d(x, kernel, stride=2, padding=1, groups=channels)


def normal_draws(*shape: int, rate: float = 1.0) -> Tensor:
    """Return standard normal draws over `rate`; on the meta device, a tensor without values.

    Drawing there would run torch's Python reference, which loads its symbolic mathematics and
    compiler: a second and more, for values that nobody sees.

    Examples
    --------
    >>> normal_draws(3, 2).shape
    torch.Size([3, 2])
    """
    values = torch.empty(shape)
    return values if values.is_meta else values.normal_() / rate


class EqualLinear(nn.Module):
    """A linear layer whose weight is scaled at run time (equalised learning rate).

    ``y = rate * (x W^T / sqrt(I) + b)``; with ``activate`` the result goes through `leaky`.

    Parameters
    ----------
    n_in, n_out : int
    rate : float
        Learning-rate multiplier; the stored weight is drawn with deviation 1 / `rate`.
    bias : float
        Effective starting bias.
    activate : bool
    """

    def __init__(
        self, n_in: int, n_out: int, *, rate: float = 1.0, bias: float = 0.0, activate: bool = False
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(normal_draws(n_out, n_in, rate=rate))
        self.bias = nn.Parameter(torch.full((n_out,), bias / rate))
        self.rate = rate
        self.scale = rate / math.sqrt(n_in)
        self.activate = activate

    def forward(self, x: Tensor) -> Tensor:
        """Map (N, I) to (N, O)."""
        y = F.linear(x, self.weight * self.scale, self.bias * self.rate)
        return leaky(y) if self.activate else y


class StyledConv(nn.Module):
    """A modulated 3x3 convolution with demodulation, noise, bias and `leaky`.

    Parameters
    ----------
    n_in, n_out : int
        Feature channels I and O.
    n_channels : int
        C, width of the style code.
    side : int
        Side of the output in pixels, that of the constant noise.
    up : bool
        Whether the side doubles: a transposed convolution of stride 2, then `smooth` of sum 4.
    clamp : float, optional
        Bound on the output.
    """

    def __init__(
        self, n_in: int, n_out: int, *, n_channels: int, side: int, up: bool, clamp: float | None
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(normal_draws(n_out, n_in, 3, 3))
        self.bias = nn.Parameter(torch.zeros(n_out))
        self.noise_strength = nn.Parameter(torch.zeros(()))
        self.register_buffer("noise", normal_draws(side, side))
        self.modulation = EqualLinear(n_channels, n_in, bias=1.0)
        self.scale = 1 / math.sqrt(9 * n_in)
        self.up = up
        self.clamp = clamp

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        """Map features (N, I, H, W) and codes (N, C) to (N, O, H or 2H, W or 2W)."""
        style = self.modulation(code)  # (N, I)
        weight = self.weight * self.scale
        power = weight.square().sum((2, 3))  # (O, I)
        demodulation = torch.rsqrt(F.linear(style.square(), power) + _EPSILON)  # (N, O)
        x = x * style[:, :, None, None]
        if self.up:
            weight = weight.transpose(0, 1).contiguous(memory_format=torch.channels_last)
            y = smooth(F.conv_transpose2d(x, weight, stride=2), gain=4.0)
        else:
            weight = weight.contiguous(memory_format=torch.channels_last)
            y = F.conv2d(x, weight, padding=1)
        # the factor sqrt(2) of `leaky` is taken into the terms, to pass over the map only twice
        offset = self.bias[None, :, None, None] + self.noise * self.noise_strength
        offset = (offset * _GAIN).contiguous(memory_format=torch.channels_last)
        y = torch.addcmul(offset, y, (demodulation * _GAIN)[:, :, None, None])
        y = F.leaky_relu(y, 0.2, inplace=True)
        return y if self.clamp is None else y.clamp(-self.clamp, self.clamp)


class ToRGB(nn.Module):
    """A modulated 1x1 convolution to three colours, without demodulation.

    Parameters
    ----------
    n_in, n_channels : int
        Feature channels I and width C of the style code.
    clamp : float, optional
        Bound on the output.
    """

    def __init__(self, n_in: int, *, n_channels: int, clamp: float | None) -> None:
        super().__init__()
        self.weight = nn.Parameter(normal_draws(3, n_in, 1, 1))
        self.bias = nn.Parameter(torch.zeros(3))
        self.modulation = EqualLinear(n_channels, n_in, bias=1.0)
        self.scale = 1 / math.sqrt(n_in)
        self.clamp = clamp

    def forward(self, x: Tensor, code: Tensor) -> Tensor:
        """Map features (N, I, H, W) and codes (N, C) to colours (N, 3, H, W)."""
        style = self.modulation(code)[:, :, None, None]
        y = F.conv2d(x * style, self.weight * self.scale, self.bias)
        return y if self.clamp is None else y.clamp(-self.clamp, self.clamp)
