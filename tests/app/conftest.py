"""A studio on the embedded model, and pictures to bring to it."""

import os
import re
import select
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from icaedit.app import Studio, make_gallery
from icaedit.artifacts import LatentSet
from icaedit.editor import Editor, default_directions
from icaedit.images import read_image
from icaedit.models import load_model
from icaedit.schema import EMOTIONS

POINTS = np.array([(203, 102), (246, 103), (223, 130), (201, 140), (246, 141)], float)
"""Five points on the face of scikit-image's astronaut, set by hand."""


@pytest.fixture(scope="session")
def model():
    return load_model(device="cpu")


@pytest.fixture(scope="session")
def portraits(tmp_path_factory):
    return make_gallery(tmp_path_factory.mktemp("gallery"), count=3)


@pytest.fixture(scope="session")
def latents(model):
    """Latents of six people with seven expressions, drawn along the embedded directions."""
    directions, rng = default_directions(model), np.random.default_rng(0)
    people = model.latent_avg + rng.normal(0, 0.1, (6, 1, model.n_layers, model.n_channels))
    posed = np.concatenate([np.zeros_like(directions.patterns[:1]), directions.patterns])
    noise = rng.normal(0, 0.02, (6, *posed.shape))
    return LatentSet(
        (people + posed + noise).reshape(-1, *posed.shape[1:]),
        np.repeat([f"P{n}" for n in range(6)], len(EMOTIONS)),
        emotion=list(EMOTIONS) * 6,
        model_fingerprint=model.fingerprint,
    )


@pytest.fixture(scope="session")
def studio(model, portraits, latents):
    return Studio(Editor(model, default_directions(model)), portraits=portraits, latents=latents)


@pytest.fixture
def sitting(studio):
    return studio.open_portrait(0)


@pytest.fixture(scope="session")
def astronaut(tmp_path_factory):
    """A photo with a face in it, as a file."""
    data = pytest.importorskip("skimage.data")
    path = tmp_path_factory.mktemp("photo") / "my photo.png"
    Image.fromarray(data.astronaut()).save(path)
    return path


@pytest.fixture(scope="session")
def points(tmp_path_factory):
    """A file with the landmarks of the astronaut, and of a second face below."""
    from icaedit.faces import save_landmarks

    path = tmp_path_factory.mktemp("points") / "points.json"
    save_landmarks(path, [POINTS, POINTS + (-77, 255)])
    return path


@pytest.fixture(scope="session")
def aligned(portraits, tmp_path_factory):
    """An aligned portrait as a PNG that somebody brings."""
    path = tmp_path_factory.mktemp("brought") / "aligned.png"
    Image.fromarray(read_image(portraits[1].path)).save(path)
    return path


@pytest.fixture(scope="session")
def address(latents, tmp_path_factory):
    """Where `icaedit app` serves the page, in a process that has people to fit to already."""
    pytest.importorskip("gradio", reason="the extra app is not installed")
    cache = tmp_path_factory.mktemp("cache")
    for name in ("icaedit", "tmp"):
        (cache / name).mkdir()
    latents.save(cache / "icaedit" / f"portraits-{latents.model_fingerprint[:16]}.safetensors")
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "icaedit", "app", "--port", "0", "--device", "cpu"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "XDG_CACHE_HOME": str(cache), "TMPDIR": str(cache / "tmp")},
    )
    try:
        ready = select.select([process.stdout], [], [], 180)[0]
        line = process.stdout.readline().strip() if ready else ""
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", line), process.stderr.read()
        yield line
    finally:
        process.terminate()
        process.communicate(timeout=120)
    assert process.returncode == 0
    left = [path for path in (cache / "tmp").rglob("*") if path.is_file()]
    assert left == []  # nothing of anybody's
