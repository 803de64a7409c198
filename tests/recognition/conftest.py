"""The networks' public checkpoints, drawn from their golden cases or made small."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch

GOLDEN = Path(__file__).parents[1] / "golden"

_spec = importlib.util.spec_from_file_location("weights_by_name", GOLDEN / "weights_by_name.py")
weights_by_name = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(weights_by_name)


class Case:
    """A golden case: weights under the public names, an input, and what the reference gave."""

    def __init__(self, kind: str, without: tuple[str, ...] = ()) -> None:
        self.kind = kind
        case, arrays = weights_by_name.load_case(GOLDEN, f"{kind}_rafdb")
        kept = {name: how for name, how in case["weights"].items() if not name.startswith(without)}
        drawn = weights_by_name.fill(kept, case["salt"])
        self.weights = {name: torch.from_numpy(array) for name, array in drawn.items()}
        image = weights_by_name.fill(case["inputs"], case["salt"])["input:image"]
        self.x = torch.from_numpy(image)
        self.expected = {name: torch.from_numpy(array) for name, array in arrays.items()}

    def tree(self) -> dict:
        """Return what the training code saves."""
        if self.kind == "rul":
            split = {"model_state_dict": {}, "fc_state_dict": {}}
            for name, tensor in self.weights.items():
                part, _, entry = name.partition("/")
                split[part][entry] = tensor
            return split
        if self.kind == "dacl":
            wrapped = {f"module.{name}": tensor for name, tensor in self.weights.items()}
            return {"epoch": 7, "model_state_dict": wrapped}
        optimizer = {"state": {0: {"momentum_buffer": torch.zeros(2)}}, "param_groups": [{}]}
        return {
            "iter": 21, "model_state_dict": dict(self.weights), "optimizer_state_dict": optimizer
        }  # fmt: skip


@pytest.fixture(scope="session")
def cases() -> dict[str, Case]:
    """The three cases, DACL's without the attention, which has 92 million weights."""
    return {kind: Case(kind, ("attention",) * (kind == "dacl")) for kind in ("dan", "dacl", "rul")}


@pytest.fixture
def save(tmp_path):
    """Write a tree as a checkpoint and return its path."""

    def save(tree: object, name: str = "network.pth", **how: object) -> Path:
        torch.save(tree, tmp_path / name, **how)
        return tmp_path / name

    return save


@pytest.fixture
def pictures() -> np.ndarray:
    """Four pictures of noise, (4, 40, 30, 3)."""
    return np.random.default_rng(0).integers(0, 256, (4, 40, 30, 3), dtype=np.uint8)


@pytest.fixture
def plain_network() -> torch.nn.Module:
    """A small network of one's own: 12 features from layer "1", 7 classes."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return torch.nn.Sequential(
            torch.nn.AdaptiveAvgPool2d(2), torch.nn.Flatten(), torch.nn.Linear(12, 7)
        )


@pytest.fixture
def case_of():
    """Return a whole golden case by the network's name."""
    return Case
