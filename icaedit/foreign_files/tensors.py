"""What one tensor of a foreign checkpoint must be before its numbers are used."""

from typing import Any

import torch
from torch import Tensor

from icaedit.errors import FormatError
from icaedit.foreign_files.pickles import shown

__all__ = ["checked_tensor"]

_COUNTER = "num_batches_tracked"


def checked_tensor(tensor: Any, name: str, shape: tuple[int, ...], *, where: str) -> Tensor:
    """Return a tensor out of a checkpoint as float32, or as int64 if it counts batches.

    Parameters
    ----------
    tensor : object
        What stands in the file.
    name : str
        Its name there; batch norm's ``num_batches_tracked`` counts, all others measure.
    shape : tuple of int
        The shape that it must have.
    where : str
        What messages call the file.

    Returns
    -------
    Tensor
        The same memory where no number had to be converted.

    Raises
    ------
    FormatError
        If it is no dense tensor, of another shape or kind of number, or not finite.

    Examples
    --------
    >>> checked_tensor(torch.ones(2, dtype=torch.half), "bias", (2,), where="x")
    tensor([1., 1.])
    """
    counts = name.endswith(_COUNTER)
    if not isinstance(tensor, Tensor) or tensor.layout is not torch.strided:
        raise FormatError(
            f"got {shown(name)} that is no tensor in {where}, expected one; give the original file"
        )
    if tuple(tensor.shape) != shape:
        raise FormatError(
            f"got {shown(name)} of shape {tuple(tensor.shape)} in {where}, expected {shape}; "
            "give the original file"
        )
    if tensor.is_floating_point() == counts or tensor.is_complex() or tensor.is_quantized:
        raise FormatError(
            f"got {shown(name)} of {tensor.dtype} in {where}, expected "
            f"{'torch.int64' if counts else 'torch.float32'}; give the original file"
        )
    if counts:
        return tensor.to(torch.int64)
    tensor = tensor.detach().to(torch.float32)
    if not torch.isfinite(tensor).all():
        raise FormatError(
            f"got NaN or infinite values in {shown(name)} of {where}, expected finite ones; "
            "download or copy it again"
        )
    return tensor
