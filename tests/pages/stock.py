"""What lies in a page's folder before its first command: small stand-ins under the pages' names."""

import json
import shutil
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

import icaedit
from icaedit.cli.main import main
from icaedit.evaluation import load_judge
from icaedit.images import read_image, save_image
from icaedit.models import save_model, tiny_model
from icaedit.portraits import plan_portraits, render, write_portraits
from icaedit.schema import EMOTIONS

from ..golden import weights_by_name
from . import reading

__all__ = ["GIVEN", "MODELS", "STOCK"]

STOCK: dict[str, Callable[[Path], None]] = {}
"""Makers by the name that pages use; each writes what its argument names."""
MODELS = ("ffhq",)
"""Models that pages name and that need not have been added on the same page."""


def stocked(*names: str) -> Callable[[Callable[[Path], None]], Callable[[Path], None]]:
    """Let pages name what a function makes."""

    def register(make: Callable[[Path], None]) -> Callable[[Path], None]:
        STOCK.update(dict.fromkeys(names, make))
        return make

    return register


@stocked(
    "e4e_ffhq_encode.pt",
    "psp_ffhq_encode.pt",
    "stylegan2-ffhq-config-f.pt",
    "stylegan2-ffhq-1024x1024.pkl",
)
def checkpoint(path: Path) -> None:
    """Write a model of 16 px: what a model's file is follows from its content, not its name."""
    model = tiny_model()
    save_model(path, model.generator, encoder=model.encoder, card={})


@stocked("kdef")
def people(path: Path) -> None:
    """Write eight people with seven expressions."""
    write_portraits(path, n_identities=8, size=128)


@stocked("faces")
def faces(path: Path) -> None:
    """Write one person, whom neither `kdef` nor the embedded model has seen."""
    write_portraits(path, n_identities=1, size=256, seed=99)


@stocked("face.png")
def face(path: Path) -> None:
    """Write a neutral portrait of the embedded model's size."""
    one = plan_portraits(1, seed=99).parameters.rows(slice(1))
    save_image(path, render(one, size=128).images[0])


def photograph() -> np.ndarray:
    """Return a photograph of a face, (512, 512, 3)."""
    from skimage import data

    return data.astronaut()


@stocked("photo.jpg")
def photo(path: Path) -> None:
    """Write a photograph of one face."""
    save_image(path, photograph())


@stocked("photos")
def photos(path: Path) -> None:
    """Write a folder of two photographs."""
    path.mkdir()
    save_image(path / "a.jpg", photograph())
    save_image(path / "b.jpg", np.ascontiguousarray(photograph()[:, ::-1]))


@stocked("group.jpg")
def group(path: Path) -> None:
    """Write a photograph of two faces."""
    from PIL import Image

    picture = Image.fromarray(photograph()[0:256, 100:356])
    whole = Image.new("RGB", (520, 256), (170, 170, 170))
    whole.paste(picture, (0, 0))
    whole.paste(picture.resize((230, 230)), (280, 10))
    whole.save(path, quality=95)


@stocked("points.csv")
def points(path: Path) -> None:
    """Write the points that docs/photographs.md shows."""
    lines = reading.read("docs/photographs.md").split("    x,y\n")[1].split("\n\n")[0].splitlines()
    path.write_text("x,y\n" + "\n".join(line.strip() for line in lines))


@stocked("directions.safetensors")
def directions(path: Path) -> None:
    """Fit directions with the embedded model; the latents are left beside them."""
    _run("fit-directions", path.parent / "kdef", "-o", path, "--bootstrap", 20)


@stocked("latents.safetensors")
def latents(path: Path) -> None:
    """Copy the latents that the directions were fitted to."""
    shutil.copy(path.parent / "directions.latents.safetensors", path)


@stocked("mask.json")
def mask(path: Path) -> None:
    """Export the mask of the embedded model's directions."""
    _run("export-mask", path.parent / "directions.safetensors", "-o", path)


@stocked("ffhq.safetensors")
def foreign_directions(path: Path) -> None:
    """Fit directions for the stand-in of a model of photographs."""
    model = path.parent / "e4e_ffhq_encode.pt"
    _run("fit-directions", path.parent / "kdef", "--model", model, "-o", path, "--bootstrap", 9)


@stocked("recogniser.safetensors", "fused.safetensors", "alone.safetensors", "own.safetensors")
def recogniser(path: Path) -> None:
    """Train a recogniser for one epoch, and leave two people for a test."""
    words = ("--backbone", "rul", "--size", 32, "--epochs", 1, "--test-share", 0.25)
    latents = ("--latents", path.parent / "latents.safetensors")
    if path.name.startswith(("alone", "own")):
        latents = ("--no-latents",)
    _run("recognize", "train", path.parent / "kdef", *words, *latents, "-o", path)


@stocked("sketches", "drawings")
def drawings(path: Path) -> None:
    """Draw people by pencil: those of `kdef`, so that their faces pair up with their drawings."""
    _run("sketch", path.parent / "kdef", "-o", path)


@stocked("rafdb_epoch21.pth")
def recognition_checkpoint(path: Path) -> None:
    """Write a DAN with made-up weights, under the names that its authors' code saves."""
    case = json.loads((reading.ROOT / "tests" / "golden" / "dan_rafdb.json").read_text())
    weights = weights_by_name.fill(case["weights"], case["salt"])
    tensors = {name: torch.from_numpy(array) for name, array in weights.items()}
    torch.save({"iter": 21, "model_state_dict": tensors}, path)


def _run(*words: object) -> None:
    assert main([*map(str, words), "--quiet"]) == 0, words


NEEDS = {
    directions: ("kdef",),
    drawings: ("kdef",),
    recogniser: ("kdef", "latents.safetensors"),
    latents: ("directions.safetensors",),
    mask: ("directions.safetensors",),
    foreign_directions: ("kdef", "e4e_ffhq_encode.pt"),
}
"""What a maker wants to find beside what it makes."""


def small_network() -> torch.nn.Module:
    """Return a network of somebody else: 16 features from the layer "pool", 7 classes."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return torch.nn.Sequential(
            OrderedDict(
                first=torch.nn.Conv2d(3, 4, 3),
                pool=torch.nn.AdaptiveAvgPool2d(2),
                flat=torch.nn.Flatten(),
                last=torch.nn.Linear(16, 7),
            )
        )


def for_recognition() -> dict[str, Any]:
    """Return pictures of `kdef`, which are in `latents.safetensors`, and what they show."""
    records = icaedit.read_dataset("kdef")[:14]
    images = np.stack([read_image(record.path) for record in records])
    labels = torch.tensor([EMOTIONS.index(record.emotion) for record in records])
    rng = np.random.default_rng(0)
    others, validation_scores = rng.normal(size=(2, len(records), 7))
    return {
        "network": small_network(), "model": icaedit.load_model("portraits"), "records": records,
        "images": images, "labels": labels, "people": [record.identity for record in records],
        "others": others, "validation_scores": validation_scores, "validation_labels": labels,
    }  # fmt: skip


class JudgingNetwork(torch.nn.Module):
    """The judge of drawn faces as a network that takes pictures as ImageNet's do."""

    def __init__(self) -> None:
        super().__init__()
        judge = load_judge()
        self.network, self.size = judge.network, judge.size

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Map (N, 3, H, H) to (N, 7) logits."""
        mean, deviation = torch.tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]])
        x = (x * deviation[:, None, None] + mean[:, None, None]) * 2 - 1
        return self.network(torch.nn.functional.adaptive_avg_pool2d(x, self.size)).logits


def for_comparison() -> dict[str, Any]:
    """Return directions, the latents of five people and those of three others."""
    latents = icaedit.load_latents("latents.safetensors")
    chosen = np.isin(latents.identity, sorted(set(latents.identity.tolist()))[:3])
    fitted, others = latents.select(~chosen), latents.select(chosen)
    directions = icaedit.fit_directions(fitted, n_bootstrap=0)
    known = {"directions": directions, "fitted": fitted, "others": others}
    return {"my_network": JudgingNetwork(), "model": icaedit.load_model("portraits"), **known}


GIVEN: dict[str, tuple[tuple[str, ...], Callable[[], dict[str, Any]]]] = {
    "docs/comparison.md": (("latents.safetensors",), for_comparison),
    "docs/recognition.md": (("kdef", "latents.safetensors"), for_recognition),
}
"""By page: files to lay down, and the names that its Python takes for granted."""
