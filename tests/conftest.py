"""What the tests of several rooms share: the command line, and a small world to run it on."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

IMAGE_SIZE = 64  # px; the renderer's faces are still faces there


class Outcome(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True)
def models_folder(tmp_path_factory, monkeypatch) -> Path:
    """Where added models go: not the folder of whoever runs the tests."""
    folder = tmp_path_factory.getbasetemp() / "models"
    monkeypatch.setenv("ICAEDIT_MODELS", str(folder))
    return folder


@pytest.fixture
def run(capsys) -> Callable[..., Outcome]:
    """Run a command in this process, as the installed `icaedit` does."""
    from icaedit.cli.main import main

    def run(*arguments: object) -> Outcome:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        return Outcome(code, *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def world(tmp_path_factory) -> Path:
    """A folder with a tiny model, a dataset of three people, and directions fitted to them."""
    from icaedit.cli.main import main
    from icaedit.images import resize, save_image
    from icaedit.models import save_model, tiny_model
    from icaedit.portraits import write_portraits

    folder = tmp_path_factory.mktemp("world")
    for name, seed in (("model", 0), ("another", 1)):
        model = tiny_model(seed)
        save_model(folder / f"{name}.safetensors", model.generator, encoder=model.encoder, card={})
    write_portraits(folder / "people", n_identities=3, size=IMAGE_SIZE)
    noise = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    save_image(folder / "face.png", resize(noise, IMAGE_SIZE))
    fit = ["fit-directions", "people", "-o", "directions.safetensors", "--align", "none"]
    for name in ("model", "another"):
        output = folder / f"{'foreign-' * (name == 'another')}directions.safetensors"
        fit[1], fit[3] = str(folder / "people"), str(output)
        assert main([*fit, "--model", str(folder / f"{name}.safetensors"), "--bootstrap", "9"]) == 0
    return folder
