"""A training that was stopped: what it had come to after its last whole epoch, on disk."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from icaedit.artifacts import load_tensors, save_tensors
from icaedit.errors import FormatError, InputError

__all__ = ["TrainingState"]

FORMAT, VERSION = "icaedit.training_state", 1
_NOW, _BEST, _OPTIMIZER = "now.", "best.", "optimizer."


@dataclass
class TrainingState:
    """How far a training is.

    Parameters
    ----------
    history : list of dict
        What each finished epoch came to.
    best : dict of str to Tensor
        The weights of the best epoch.
    best_epoch : int
        From 1; 0 before the first.
    """

    history: list[dict[str, Any]] = field(default_factory=list)
    best: dict[str, Tensor] = field(default_factory=dict)
    best_epoch: int = 0

    def keep(self, module: nn.Module) -> None:
        """Remember the weights as those of the best epoch, the last one."""
        self.best = {name: entry.detach().cpu().clone() for name, entry in
                     module.state_dict().items()}  # fmt: skip
        self.best_epoch = len(self.history)

    def write(
        self,
        path: str | os.PathLike,
        module: nn.Module,
        optimizer: torch.optim.Optimizer,
        *,
        key: str,
    ) -> None:
        """Write it, whole or not at all.

        Raises
        ------
        FileAccessError
            If the file cannot be written.
        """
        tensors = _named(_NOW, module.state_dict()) | _named(_BEST, self.best)
        for number, entries in optimizer.state_dict()["state"].items():
            tensors |= _named(f"{_OPTIMIZER}{number}.", entries)
        header = {
            "format": FORMAT,
            "version": VERSION,
            "key": key,
            "history": self.history,
            "best_epoch": self.best_epoch,
            "empty": sorted(name for name, entry in tensors.items() if not entry.ndim),
        }
        save_tensors(path, tensors, header=header)

    @classmethod
    def read(
        cls,
        path: str | os.PathLike,
        module: nn.Module,
        optimizer: torch.optim.Optimizer,
        *,
        key: str,
    ) -> "TrainingState":
        """Return what a file holds, having put its weights into a module and its optimiser.

        Where there is no file the training is at its beginning.

        Raises
        ------
        InputError
            If the file is of another training.
        FormatError
            If it is damaged, or of a newer version.
        """
        if not Path(path).exists():
            return cls()
        arrays, header = load_tensors(path, expect=FORMAT, version=VERSION)
        if header.get("key") != key:
            raise InputError(
                f"got {path} of a training with other data, network or settings, expected one of "
                "the same; remove it to begin anew"
            )
        try:
            single = set(header["empty"])
            tensors = {name: torch.from_numpy(array.reshape(()) if name in single else array)
                       for name, array in arrays.items()}  # fmt: skip
            module.load_state_dict(_without(_NOW, tensors))
            _refill(optimizer, _without(_OPTIMIZER, tensors))
            return cls(header["history"], _without(_BEST, tensors), header["best_epoch"])
        except (KeyError, TypeError, ValueError, RuntimeError) as err:
            raise FormatError(
                f"got {path} with incomplete or contradictory content ({err}), expected the state "
                "of a training; remove it to begin anew"
            ) from err


def _named(prefix: str, entries: dict[str, Any]) -> dict[str, np.ndarray]:
    return {
        prefix + name: entry.detach().cpu().numpy()
        for name, entry in entries.items()
        if isinstance(entry, Tensor)
    }


def _without(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): entry for name, entry in tensors.items()
        if name.startswith(prefix)
    }  # fmt: skip


def _refill(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for name, entry in tensors.items():
        number, _, slot = name.partition(".")
        state.setdefault(int(number), {})[slot] = entry
    whole = optimizer.state_dict()
    optimizer.load_state_dict({"state": state, "param_groups": whole["param_groups"]})
