"""icaedit demo."""

import json

import numpy as np
import pytest
from PIL import Image

from icaedit.cli import tour
from icaedit.images import read_image

PICTURES = [
    "1-portraits.png",
    "2-directions.png",
    "3-sad-to-happy.png",
    "4-sad-to-happy.gif",
    "5-layers.png",
]


@pytest.fixture
def demo(run, world, tmp_path, monkeypatch):
    """Take the tour with small pictures and the tiny model, and return its folder."""
    monkeypatch.setattr(tour, "SIZE", 64)

    def demo(*extra: object):
        model = world / "model.safetensors"
        folder = tmp_path / "demo"
        outcome = run("demo", folder, "--identities", 2, "--model", model, *extra)
        assert outcome.code == 0, outcome
        return folder, outcome

    return demo


def test_the_tour_leaves_pictures_and_says_where(demo):
    folder, outcome = demo()
    for name in PICTURES:
        assert f"{folder / name}: " in outcome.out
        assert np.ptp(read_image(folder / name)) > 50
    assert outcome.out.splitlines()[-1].startswith(f"{folder / 'index.html'}: ")
    with Image.open(folder / "4-sad-to-happy.gif") as animation:
        assert animation.n_frames > 30


def test_every_picture_is_explained_on_the_page_and_in_the_text(demo):
    folder, _ = demo("--quiet")
    page, text = ((folder / name).read_text() for name in ("index.html", "README.txt"))
    for name in PICTURES:
        assert f'src="{name}"' in page
        assert f"{name}: " in text


def test_the_tour_leaves_what_it_fitted_and_a_record(demo):
    folder, _ = demo()
    made = {path.name for path in folder.iterdir()}
    assert {"latents.safetensors", "directions.safetensors", "mask.json"} <= made
    assert not any(name.endswith((".parts", ".tmp")) for name in made)
    record = json.loads((folder / "run.json").read_text())
    assert [str(folder / name) for name in PICTURES] == list(record["outputs"])


def test_each_step_is_told_with_its_time_unless_quiet(demo):
    _, outcome = demo()
    steps = [line for line in outcome.err.splitlines() if line.endswith(" s")]
    assert len(steps) == 5
    assert demo("--quiet")[1].err == ""


def test_a_second_tour_leaves_the_same_bytes(demo):
    first, second = (
        {path.name: path.read_bytes() for path in demo()[0].iterdir() if path.is_file()}
        for _ in range(2)
    )
    assert first == second
