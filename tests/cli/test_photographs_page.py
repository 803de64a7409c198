"""Every command of docs/photographs.md, on the tiny model under the name that the page gives it."""

import importlib.util
import shlex
import shutil
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from icaedit.errors import TermsWarning
from icaedit.faces import prepare
from icaedit.images import read_image

PAGE = Path(__file__).parents[2] / "docs" / "photographs.md"
POINTS = np.array([(203, 102), (246, 103), (223, 130), (201, 140), (246, 141)], float)
HAS_LANDMARKS = importlib.util.find_spec("face_recognition_models") is not None


def blocks(language: str) -> list[str]:
    parts = PAGE.read_text().split("```")[1::2]
    return [part.removeprefix(language) for part in parts if part.split("\n")[0] == language]


@pytest.fixture
def desk(world, tmp_path, monkeypatch):
    """A folder with all that the page's commands name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ICAEDIT_MODELS", str(tmp_path / "models"))
    # the content of a model's file decides what it is, not its name
    shutil.copy(world / "model.safetensors", "e4e_ffhq_encode.pt")
    shutil.copytree(world / "people", "kdef")
    photo = data.astronaut()
    Image.fromarray(photo).save("photo.jpg", quality=92)
    Path("photos").mkdir()
    shutil.copy("photo.jpg", "photos")
    face = Image.fromarray(photo[0:256, 100:356])
    group = Image.new("RGB", (520, 256), (170, 170, 170))
    group.paste(face, (0, 0))
    group.paste(face.resize((230, 230)), (280, 10))
    group.save("group.jpg", quality=95)
    csv = PAGE.read_text().split("    x,y\n")[1].split("\n\n")[0]
    Path("points.csv").write_text("x,y\n" + "\n".join(line.strip() for line in csv.splitlines()))
    if not HAS_LANDMARKS:  # points about where they are in the detector's box

        def points(image, box, *, model):
            return (POINTS - (179, 83)) * box.side / 88 + (box.left, box.top)

        monkeypatch.setattr(prepare, "predicted_landmarks", points)
    return tmp_path


def test_every_command_of_the_page_does_what_it_says(run, desk):
    commands = [line for block in blocks("") for line in block.splitlines() if line.strip()]
    assert len(commands) > 12
    for line in commands:
        program, *words = shlex.split(line)
        if program == "pip":
            assert words == ["install", "icaedit[landmarks]"]
            continue
        assert program == "icaedit"
        if "--refine" in words:  # each step costs as much
            words[words.index("--refine") + 1] = "2"
        if "fit-directions" in words:
            words += ["--bootstrap", "9"]
        outcome = run(*words)
        assert outcome.code == 0, (line, outcome)
        if "edit" in words or "align" in words:
            written = Path(outcome.out.split(": ")[0])
            pictures = [written] if written.is_file() else list(written.glob("*.jpg"))
            assert pictures, line
            assert {read_image(picture).ndim for picture in pictures} == {3}, line
    assert read_image("photo-happy3.jpg").shape == (512, 512, 3)
    assert read_image("face.png").shape == (256, 256, 3)
    assert not np.array_equal(read_image("photo-happy3.jpg"), read_image("photo.jpg"))


def test_the_python_of_the_page_runs(run, desk, capsys):
    assert run("models", "add", "e4e_ffhq_encode.pt", "--name", "ffhq").code == 0
    words = ("--model", "ffhq", "-o", "ffhq.safetensors", "--bootstrap", 9)
    assert run("fit-directions", "kdef", *words).code == 0
    (code,) = blocks("python")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TermsWarning)
        exec(compile(code.replace("Refinement(20)", "Refinement(2)"), str(PAGE), "exec"), {})
    assert read_image("edited.jpg").shape == (512, 512, 3)
    assert "happy" in capsys.readouterr().out
