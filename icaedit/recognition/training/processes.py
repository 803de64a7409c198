"""One process, or several that `torchrun` or `accelerate launch` started."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from icaedit.errors import MissingDependencyError

__all__ = ["Processes", "is_first_process"]


def is_first_process() -> bool:
    """Tell whether this process is the one that writes: the only one, or the first of several."""
    return os.environ.get("RANK", "0") == "0"


class Processes:
    """What the processes of a training do together.

    Accelerate is loaded only where there are several.

    Parameters
    ----------
    device : str
        Where networks run, if there is one process; else CPU, or the GPU that each has.

    Attributes
    ----------
    index, count : int
        Which process this is, of how many.
    device : torch.device

    Raises
    ------
    MissingDependencyError
        If there are several processes and Accelerate is not installed.
    """

    def __init__(self, device: str | torch.device = "cpu") -> None:
        self.index, self.count, self.device = 0, 1, torch.device(device)
        self._accelerator: Any = None
        if int(os.environ.get("WORLD_SIZE", "1")) == 1:
            return
        try:
            from accelerate import Accelerator, DistributedDataParallelKwargs
        except ImportError as err:
            raise MissingDependencyError(
                "got several processes without the package accelerate, expected it; install "
                "icaedit[recognition]"
            ) from err
        self._accelerator = Accelerator(
            cpu=self.device.type == "cpu",
            # a network's own last layer takes no part in the loss of the fusion
            kwargs_handlers=[DistributedDataParallelKwargs(find_unused_parameters=True)],
        )
        self.index, self.count = self._accelerator.process_index, self._accelerator.num_processes
        self.device = self._accelerator.device

    def share(self, rows: Sequence[int]) -> list[int]:
        """Return this process's share of a batch; all have as many, at least two."""
        if self.count == 1:
            return list(rows)
        each = max(-(-len(rows) // self.count), 2)
        filled = list(rows) * (each * self.count // len(rows) + 1)
        return filled[self.index : each * self.count : self.count]

    def wrapped(self, module: nn.Module) -> nn.Module:
        """Return a module whose gradients are averaged over processes."""
        return module if self._accelerator is None else self._accelerator.prepare_model(module)

    def settle(self, module: nn.Module) -> None:
        """Give every process the statistics of batch norm that the first one has."""
        if self._accelerator is not None:
            from accelerate.utils import broadcast

            for buffer in module.buffers():
                buffer.copy_(broadcast(buffer))

    def gathered(self, found: list) -> list:
        """Return the entries of all processes' lists, in one list that is the same everywhere."""
        if self._accelerator is None:
            return found
        from accelerate.utils import gather_object

        return gather_object(found)

    @contextmanager
    def first_then_others(self) -> Iterator[None]:
        """Run a block in the first process, and then in the others, which find what it made."""
        if self._accelerator is None:
            yield
            return
        with self._accelerator.main_process_first():
            yield

    def wait(self) -> None:
        """Wait for the others."""
        if self._accelerator is not None:
            self._accelerator.wait_for_everyone()
