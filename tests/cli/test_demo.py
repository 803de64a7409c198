"""icaedit demo."""

import csv
import json
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from icaedit.cli import tour
from icaedit.cli.main import main
from icaedit.images import read_image

PICTURES = [
    "1-portraits.png",
    "2-directions.png",
    "3-sad-to-happy.png",
    "4-sad-to-happy.gif",
    "5-layers.png",
]


@pytest.fixture(scope="module")
def tours(world, tmp_path_factory):
    """Two tours with small pictures and the tiny model, the second one quiet."""
    outcomes = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tour, "SIZE", 64)
        for extra in ((), ("--quiet",)):
            folder = tmp_path_factory.mktemp("tour")
            patch.chdir(folder)
            words = ["demo", "--identities", "2", "--model", str(world / "model.safetensors")]
            with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
                assert main([*words, *extra]) == 0, err.getvalue()
            outcomes.append((folder / "icaedit-demo", out.getvalue(), err.getvalue()))
    return outcomes


def test_the_tour_leaves_pictures_and_says_where(tours):
    folder, out, _ = tours[0]
    for name in PICTURES:
        assert f"{Path('icaedit-demo', name)}: " in out
        assert np.ptp(read_image(folder / name)) > 50
    assert out.splitlines()[-1].startswith(f"{Path('icaedit-demo', 'index.html')}: ")
    with Image.open(folder / "4-sad-to-happy.gif") as animation:
        assert animation.n_frames > 30


def test_every_picture_is_explained_on_the_page_and_in_the_text(tours):
    page, text = ((tours[0][0] / name).read_text() for name in ("index.html", "README.txt"))
    for name in PICTURES:
        assert f'src="{name}"' in page
        assert f"{name}: " in text


def test_the_tour_leaves_what_it_fitted_and_a_record(tours):
    folder = tours[0][0]
    made = {path.name for path in folder.iterdir()}
    assert {"latents.safetensors", "directions.safetensors", "mask.json"} <= made
    assert not any(name.endswith((".parts", ".tmp")) for name in made)
    record = json.loads((folder / "run.json").read_text())
    assert [Path(name).name for name in record["outputs"]] == PICTURES


def test_each_step_is_told_with_its_time_unless_quiet(tours):
    (_, _, told), (_, _, quiet) = tours
    assert len([line for line in told.splitlines() if line.endswith(" s")]) == 5
    assert quiet == ""


def test_a_second_tour_leaves_the_same_bytes(tours):
    first, second = (
        {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }
        for folder, _, _ in tours
    )
    assert first == second


def test_nobody_who_is_edited_was_fitted(tours):
    def people(folder: Path) -> set[str]:
        with (folder / "portraits.csv").open() as table:
            return {row["face_width"] for row in csv.DictReader(table)}

    folder = tours[0][0]
    assert len(people(folder / "portraits")) == 2
    assert len(people(folder / "unseen")) == 3
    assert not people(folder / "portraits") & people(folder / "unseen")
