"""Epochs: steps over the pictures to train on, and after each a look at those to validate on."""

import os
import time
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import torch
from torch import Tensor

from icaedit.errors import DatasetError, InputError
from icaedit.recognition.training.objective import Objective
from icaedit.recognition.training.pictures import Batch, Pictures, ahead
from icaedit.recognition.training.processes import Processes
from icaedit.recognition.training.settings import TrainingSettings
from icaedit.recognition.training.state import TrainingState

__all__ = ["Progress", "run_epochs", "validated"]

Progress = Callable[[int, int], None]
_QUICK, _REST = 1.0, 10  # seconds of writing that do not matter; how many times as long to wait


def run_epochs(
    objective: Objective,
    train: Pictures,
    validation: Pictures,
    *,
    processes: Processes,
    resume: str | os.PathLike | None,
    key: str,
    progress: Progress | None,
) -> TrainingState:
    """Train, and return what it came to.

    Parameters
    ----------
    objective : Objective
        On the device; it ends with the weights of the last epoch.
    train, validation : Pictures
    processes : Processes
    resume : path or None
        Where the state is kept after an epoch, and found again.
    key : str
        Tells this training from others.
    progress : callable or None
        Called as ``progress(done, total)`` after each step.

    Raises
    ------
    InputError
        If the loss becomes infinite or NaN, or the state is of another training.
    """
    settings = objective.settings
    optimizer = _optimizer(objective, settings)
    state, writing = TrainingState(), _Writing()
    if resume is not None:
        state = TrainingState.read(resume, objective, optimizer, key=key)
    wrapped = processes.wrapped(objective)
    n_steps = len(_batches(np.arange(len(train)), settings.batch_size))
    total = n_steps * settings.epochs
    while len(state.history) < settings.epochs and not _settled(state, settings):
        epoch = len(state.history)
        for group in optimizer.param_groups:
            group["lr"] = group["first_lr"] * settings.rate_at(epoch)
        losses = []
        with torch.random.fork_rng(devices=_cuda_devices(processes.device)):
            seed = np.random.SeedSequence([settings.random_state, epoch, processes.index])
            torch.manual_seed(int(seed.generate_state(1)[0]))
            objective.train()
            for step, batch in enumerate(_epoch(train, settings, epoch, processes), start=1):
                losses.append(_step(wrapped, batch.to(processes.device), optimizer, settings))
                if progress is not None:
                    progress(epoch * n_steps + step, total)
        processes.settle(objective)
        loss = float(np.mean(processes.gathered(losses)))
        if not np.isfinite(loss):
            raise InputError(
                f"got a loss of {loss} in epoch {epoch + 1}, expected a finite one; use a lower "
                "learning rate"
            )
        judged = validated(objective, validation, processes=processes)
        state.history.append({"loss": loss, **judged})
        if state.best_epoch == 0 or _rank(judged) > _rank(state.history[state.best_epoch - 1]):
            state.keep(objective)
        if resume is not None and processes.index == 0 and writing.is_due():
            with writing:
                state.write(resume, objective, optimizer, key=key)
        processes.wait()
    return state


class _Writing:
    """Tells when to write, so that it takes no more than about a tenth of the time."""

    def __init__(self) -> None:
        self._began = self._ended = 0.0

    def is_due(self) -> bool:
        took = self._ended - self._began
        return took < _QUICK or time.monotonic() - self._ended >= _REST * took

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self._ended = time.monotonic()


def validated(
    objective: Objective, pictures: Pictures, *, processes: Processes
) -> dict[str, float | int]:
    """Return how well pictures are recognised.

    Returns
    -------
    dict
        ``validation_loss``, ``accuracy`` and ``mean_class_accuracy`` (over the emotions that
        occur), from 0 to 1, and ``n_validation``.

    Raises
    ------
    DatasetError
        If no picture can be read.
    """
    objective.eval()
    size = objective.settings.batch_size
    found = []
    with torch.inference_mode():
        own = range(processes.index, len(pictures), processes.count)
        jobs = [
            partial(pictures.batch, own[start : start + size])
            for start in range(0, len(own), size)
        ]
        for batch in ahead(jobs):
            if batch is not None:
                scores = objective.scores(batch.to(processes.device)).float().cpu().numpy()
                found += list(zip(batch.rows, scores.tolist(), strict=True))
    found = sorted(processes.gathered(found))
    if not found:
        raise DatasetError(
            "got no picture for validation that can be read, expected some; mend or remove those "
            "that cannot"
        )
    scores = torch.tensor([row for _, row in found])
    labels = torch.from_numpy(pictures.labels[[row for row, _ in found]])
    right = (scores.argmax(1) == labels).double()
    counts = torch.bincount(labels, minlength=scores.shape[1])
    by_class = torch.bincount(labels, right, minlength=scores.shape[1])[counts > 0]
    return {
        "validation_loss": float(objective.loss_of_scores(scores, labels)),
        "accuracy": float(right.mean()),
        "mean_class_accuracy": float((by_class / counts[counts > 0]).mean()),
        "n_validation": len(found),
    }


def _optimizer(objective: Objective, settings: TrainingSettings) -> torch.optim.Optimizer:
    groups = objective.groups()
    if settings.optimizer == "sgd":
        return torch.optim.SGD(
            groups, lr=settings.learning_rate, momentum=settings.momentum,
            weight_decay=settings.weight_decay,
        )  # fmt: skip
    kind = torch.optim.AdamW if settings.optimizer == "adamw" else torch.optim.Adam
    return kind(groups, lr=settings.learning_rate, weight_decay=settings.weight_decay)


def _step(
    wrapped: torch.nn.Module,
    batch: Batch,
    optimizer: torch.optim.Optimizer,
    settings: TrainingSettings,
) -> float:
    optimizer.zero_grad(set_to_none=True)
    half = settings.precision == "bfloat16"
    with torch.autocast(batch.labels.device.type, torch.bfloat16, enabled=half):
        loss: Tensor = wrapped(batch)
    loss.backward()
    optimizer.step()
    return float(loss.detach())


def _epoch(
    train: Pictures, settings: TrainingSettings, epoch: int, processes: Processes
) -> Iterator[Batch]:
    """Give this process's batches of an epoch, in its order."""
    order = np.random.default_rng([settings.random_state, epoch]).permutation(len(train))
    augmentation = settings.augmentation if settings.augmentation.changes else None
    jobs = [
        partial(
            train.batch,
            processes.share(rows.tolist()),
            augmentation=augmentation,
            seed=(settings.random_state, epoch),
            full=True,
        )
        for rows in _batches(order, settings.batch_size)
    ]
    for batch in ahead(jobs):
        assert batch is not None  # full batches never are
        yield batch


def _batches(order: np.ndarray, size: int) -> list[np.ndarray]:
    """Cut an order into batches; a last one of a single picture goes with the one before."""
    starts = list(range(0, len(order), size))
    if len(starts) > 1 and len(order) - starts[-1] < 2:
        starts.pop()
    return [order[start:stop] for start, stop in zip(starts, [*starts[1:], None], strict=True)]


def _rank(judged: dict) -> tuple[float, float]:
    return judged["mean_class_accuracy"], -judged["validation_loss"]


def _settled(state: TrainingState, settings: TrainingSettings) -> bool:
    waited = len(state.history) - state.best_epoch
    return settings.patience is not None and bool(state.history) and waited >= settings.patience


def _cuda_devices(device: torch.device) -> list[torch.device]:
    return [device] if device.type == "cuda" else []
