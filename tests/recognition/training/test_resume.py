"""A training that is really killed goes on to the same bytes; another one is not taken for it."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from icaedit.artifacts import load_tensors
from icaedit.errors import FormatError, InputError
from icaedit.recognition import Augmentation
from icaedit.recognition.training import loop

VARIED = Augmentation(flip=0.5, shift=0.1, erase=0.3, sketch=0.3)

# runs the training of the test in a process of its own, which kills itself in the third epoch
SCRIPT = """
import importlib.util, os, signal, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("world", sys.argv[1])
world = importlib.util.module_from_spec(spec)
spec.loader.exec_module(world)
from icaedit.recognition import Augmentation
from icaedit.recognition.training import loop
import json, torch
torch.set_num_threads(int(sys.argv[5]))

def progress(done, total):
    if done == 8:
        os.kill(os.getpid(), signal.SIGKILL)

small = world.SmallWorld(Path(sys.argv[2]))
small.train(epochs=4, optimizer=sys.argv[4], augmentation=Augmentation(**json.loads(sys.argv[6])),
            resume=sys.argv[3], progress=progress)
"""


def saved(recogniser, path: Path) -> bytes:
    recogniser.save(path)
    return path.read_bytes()


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_a_killed_training_goes_on_to_the_same_bytes(world, tmp_path, optimizer):
    import torch

    (tmp_path / "world").mkdir()
    state = tmp_path / "state.safetensors"
    arguments = [
        Path(__file__).parents[1] / "conftest.py", tmp_path / "world", state, optimizer,
        torch.get_num_threads(), json.dumps(asdict(VARIED)),
    ]  # fmt: skip
    killed = subprocess.run(
        [sys.executable, "-c", SCRIPT, *map(str, arguments)], check=False, capture_output=True,
        text=True, cwd=os.getcwd(),
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    _, header = load_tensors(state, expect="icaedit.training_state", version=1)
    assert len(header["history"]) == 2
    how = {"epochs": 4, "optimizer": optimizer, "augmentation": VARIED}
    steps = []
    resumed = world.train(
        **how, resume=state, progress=lambda done, total: steps.append(done)
    )
    assert steps == list(range(7, 13))  # three steps an epoch; the third epoch from its beginning
    whole = world.train(**how)
    assert saved(resumed, tmp_path / "a") == saved(whole, tmp_path / "b")


def test_a_finished_training_is_not_done_again(world, tmp_path):
    state = tmp_path / "state.safetensors"
    first = world.train(resume=state)
    steps = []
    again = world.train(resume=state, progress=lambda done, total: steps.append(done))
    assert steps == []
    assert saved(first, tmp_path / "a") == saved(again, tmp_path / "b")


@pytest.mark.parametrize(
    "change", [{"epochs": 4}, {"random_state": 1}, {"loss": "cross-entropy"}, {"backbone": True}]
)
def test_the_state_of_another_training_is_refused(world, tmp_path, change):
    state = tmp_path / "state.safetensors"
    world.train(resume=state)
    if "backbone" in change:
        change = {"backbone": world.backbone(seed=1)}
    with pytest.raises(InputError, match="state.safetensors of a training with other data"):
        world.train(resume=state, **change)


def test_a_damaged_state_is_refused_by_its_name(world, tmp_path):
    state = tmp_path / "state.safetensors"
    world.train(resume=state)
    state.write_bytes(state.read_bytes()[:-8])
    with pytest.raises(FormatError, match="state.safetensors"):
        world.train(resume=state)


@pytest.mark.parametrize(("took", "expected"), [(0.5, 20), (4.0, 3)])
def test_writing_that_takes_long_is_done_more_rarely(monkeypatch, took, expected):
    clock = [100.0]
    monkeypatch.setattr(loop.time, "monotonic", lambda: clock[0])
    writing, written = loop._Writing(), 0
    for _ in range(20):  # epochs of 5 seconds
        clock[0] += 5
        if writing.is_due():
            with writing:
                clock[0] += took
            written += 1
    assert written == expected
