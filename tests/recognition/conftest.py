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


EMOTIONS_OF_WORLD = ("neutral", "happy", "sad")


class SmallWorld:
    """Six people with three emotions each: pictures that tell a little, latents that tell all."""

    emotions = EMOTIONS_OF_WORLD

    def __init__(self, folder: Path) -> None:
        from icaedit.artifacts import IndexMask, LatentSet
        from icaedit.datasets import Record
        from icaedit.files import sha256_file
        from icaedit.images import save_image

        self.folder = folder
        generator = np.random.default_rng(5)
        self.records, codes = [], []
        for person in range(6):
            for place, emotion in enumerate(self.emotions):
                pixels = generator.integers(0, 120, (36, 32, 3), dtype=np.uint8)
                pixels[:, :, place] += 90  # red, green or blue
                name = f"F{person}/{emotion}.png"
                (folder / f"F{person}").mkdir(exist_ok=True)
                save_image(folder / name, pixels)
                digest = sha256_file(folder / name)
                self.records.append(
                    Record(folder / name, name, f"F{person}", emotion, digest=digest)
                )
                code = generator.normal(size=(2, 4))
                code[1, place] += 4
                codes.append(code)
        self.latents = LatentSet(
            np.array(codes),
            [r.identity for r in self.records],
            emotion=[r.emotion for r in self.records],
            paths=[r.name for r in self.records],
            digests=[r.digest for r in self.records],
            model_fingerprint="a" * 64,
        )
        self.mask = IndexMask(
            (2, 4), {"happy": [4, 5, 6]}, model="a" * 64, rule="two-sided", threshold="mean"
        )

    def network(self, seed: int = 0) -> torch.nn.Module:
        """Return a small network of one's own; layer "4" has 16 features."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return torch.nn.Sequential(
                torch.nn.Conv2d(3, 4, 3, stride=2),
                torch.nn.BatchNorm2d(4),
                torch.nn.ReLU(),
                torch.nn.AdaptiveAvgPool2d(2),
                torch.nn.Flatten(),
                torch.nn.Linear(16, 3),
            )

    def backbone(self, seed: int = 0):
        from icaedit.recognition import Normalisation, load_backbone

        half = Normalisation((0.5, 0.5, 0.5), (0.5, 0.5, 0.5), size=32)
        return load_backbone(
            self.network(seed), feature_layer="4", normalisation=half, labels=self.emotions
        )

    def train(self, **changes):
        """Train for a short while on everything; changes are of arguments or settings."""
        from icaedit.recognition import TrainingSettings, train_recogniser

        names = ("mask", "latents", "emotions", "resume", "progress", "device")
        arguments = {"mask": self.mask, "latents": self.latents, "emotions": self.emotions}
        arguments |= {name: changes.pop(name) for name in names if name in changes}
        records = changes.pop("records", self.records)
        backbone = changes.pop("backbone", None) or self.backbone()
        quick = {"epochs": 3, "batch_size": 5, "hidden": 8, "validation_share": 0.34}
        return train_recogniser(
            records, backbone, settings=TrainingSettings(**quick | changes), **arguments
        )

    def images(self) -> np.ndarray:
        """Return all pictures, (18, 36, 32, 3)."""
        from icaedit.images import read_image

        return np.stack([read_image(record.path) for record in self.records])


@pytest.fixture(scope="session")
def world(tmp_path_factory) -> SmallWorld:
    return SmallWorld(tmp_path_factory.mktemp("small_world"))


@pytest.fixture(scope="session")
def trained(world):
    """A recogniser with masked latents, trained for ten epochs."""
    return world.train(epochs=10, learning_rate=0.02)
