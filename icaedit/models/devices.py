"""The one place where the name of a device becomes a torch device."""

import torch

from icaedit.errors import InputError

__all__ = ["DEVICES", "resolve_device"]

DEVICES = ("auto", "cpu", "cuda")


def resolve_device(name: str = "auto") -> torch.device:
    """Return the torch device of a name.

    Parameters
    ----------
    name : {"auto", "cpu", "cuda"}
        ``"auto"`` takes a CUDA device where there is one, and the processor otherwise.

    Raises
    ------
    InputError
        If the name is another, or no CUDA device is to be had.

    Examples
    --------
    >>> resolve_device("cpu").type
    'cpu'
    """
    if name not in DEVICES:
        raise InputError(f"got device {name!r}, expected one of {', '.join(DEVICES)}; use auto")
    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise InputError("got device 'cuda', expected a usable CUDA device; use cpu or auto")
    if name == "auto":
        name = "cuda" if available else "cpu"
    return torch.device(name)
