"""Several processes with a share of the people each, and the products on a GPU.

torch and Accelerate are loaded only where a fit was started by `torchrun` or runs on a GPU.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icaedit.analysis.streamed import Outer, Sums
from icaedit.errors import MissingDependencyError

__all__ = ["Share", "current_share"]


@dataclass(frozen=True)
class Share:
    """What one process does.

    Attributes
    ----------
    part : (int, int)
        Which of how many.
    combine : callable
        Adds up named arrays over the processes.
    outer : callable
        Makes what adds up the second moment.
    """

    part: tuple[int, int]
    combine: Callable[[Sums], Sums]
    outer: Callable[[int], Outer]


def current_share(device: str = "cpu") -> Share:
    """Return the share of this process: everything, unless `torchrun` started several.

    Parameters
    ----------
    device : str
        ``"cpu"``, or what torch calls a GPU, where the second moment is to be added up.

    Raises
    ------
    MissingDependencyError
        If there are several processes and Accelerate is not installed.

    Examples
    --------
    >>> current_share().part
    (0, 1)
    """
    outer: Callable[[int], Outer] = Outer
    if device != "cpu":
        outer = _on_device(device)
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return Share((0, 1), lambda sums: sums, outer)
    try:
        import torch
        from accelerate import Accelerator
    except ImportError as err:
        raise MissingDependencyError(
            "got several processes without the package accelerate, expected it; install "
            "icaedit[distributed]"
        ) from err
    accelerator = Accelerator(cpu=device == "cpu")

    def combine(sums: Sums) -> Sums:
        together = {}
        for name in sorted(sums):
            tensor = torch.from_numpy(np.ascontiguousarray(sums[name]))
            reduced = accelerator.reduce(tensor.to(accelerator.device), reduction="sum")
            together[name] = reduced.cpu().numpy()
        if "second" in together:  # in the order in which BLAS takes it without a copy
            together["second"] = np.asfortranarray(together["second"])
        return together

    return Share((accelerator.process_index, accelerator.num_processes), combine, outer)


def _on_device(device: str) -> Callable[[int], Outer]:
    import torch

    class DeviceOuter(Outer):
        """The second moment on a GPU: products in float32, the sum in float64."""

        def __init__(self, size: int) -> None:
            self._sum = torch.zeros((size, size), dtype=torch.float64, device=device)

        def add(self, rows: NDArray[np.float64]) -> None:
            part = torch.from_numpy(rows).to(device, torch.float32)
            self._sum += part.T @ part

        def total(self) -> NDArray[np.float64]:
            return np.asfortranarray(self._sum.cpu().numpy())

    return DeviceOuter
