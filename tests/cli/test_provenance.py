"""What edited pictures tell of the command that made them."""

import json
from pathlib import Path

import pytest
from PIL import Image

from icaedit.cli.provenance_text import provenance_lines
from icaedit.images import COMPOSITE, GENERATED, read_image, read_provenance, save_image


@pytest.fixture
def desk(tmp_path, monkeypatch, world):
    """The folder that the commands run in, with a face in another and a photo of it."""
    monkeypatch.chdir(tmp_path)
    Path("private").mkdir()
    save_image("private/face.png", read_image(world / "face.png"))
    return tmp_path


@pytest.fixture
def edit(run, desk, world):
    """Run a command on the tiny model and its directions, which lie in a folder far away."""
    files = (
        "--model",
        world / "model.safetensors",
        "--directions",
        world / "directions.safetensors",
    )

    def edit(command, *words):
        outcome = run(command, *words, *files)
        assert outcome.code == 0, outcome
        return outcome

    return edit


HAPPY = ("--emotion", "joy", "--strength", 2.5)


def test_a_picture_tells_the_command_the_model_and_the_strengths(edit, world, desk):
    from icaedit import load_directions, load_model

    edit("edit", "private/face.png", *HAPPY, "--set", "sad=0", "--align", "none", "-o", "out.png")
    record = read_provenance("out.png")
    assert record["command"] == (
        "icaedit edit face.png --emotion happy --strength 2.5 --set sad=0 --directions "
        "directions.safetensors --model model.safetensors --align none"
    )
    model = load_model(str(world / "model.safetensors"), device="cpu")
    assert record["model"] == {"name": "model", "fingerprint": model.fingerprint}
    assert record["directions"] == load_directions(world / "directions.safetensors").digest
    (face,) = record["faces"]
    assert face["face"] == 1
    assert face["strengths"]["happy"] == 2.5
    assert record["digital_source_type"] == GENERATED


def test_no_folder_is_told(edit, desk, world):
    edit("edit", desk / "private" / "face.png", *HAPPY, "-o", desk / "out.png")
    edit("sweep", desk / "private" / "face.png", "--emotion", "sad", "-o", desk / "out.gif")
    for name in ("out.png", "out.gif"):
        content = Path(name).read_bytes()
        assert str(desk).encode() not in content
        assert str(world).encode() not in content
        assert b"private" not in content


def test_a_part_of_a_photo_is_marked_as_a_composite(edit):
    edit("edit", "private/face.png", *HAPPY, "--blend", "residual", "-o", "out.png")
    assert read_provenance("out.png")["digital_source_type"] == COMPOSITE
    assert COMPOSITE.encode() in Path("out.png").read_bytes()


@pytest.mark.parametrize("name", ["out.png", "out.jpg", "out.webp", "out.tif"])
def test_without_metadata_nothing_is_told_and_the_picture_is_the_same(edit, name):
    edit("edit", "private/face.png", *HAPPY, "-o", name)
    told = read_image(name)
    assert read_provenance(name) is not None
    edit("edit", "private/face.png", *HAPPY, "-o", name, "--no-metadata")
    assert read_provenance(name) is None
    assert (read_image(name) == told).all()


@pytest.mark.parametrize("name", ["out.png", "out.gif"])
def test_a_sweep_tells_the_strength_of_each_frame(edit, name):
    words = ("private/face.png", "--emotion", "sad", "--strengths", "-1:1:3", "-o", name)
    edit("sweep", *words)
    record = read_provenance(name)
    assert [face["strengths"]["sad"] for face in record["faces"]] == [-1, 0, 1]
    assert "--strengths=-1,0,1" in record["command"] or "--strengths -1,0,1" in record["command"]
    edit("sweep", *words, "--no-metadata")
    assert read_provenance(name) is None


def test_refinement_is_told(edit):
    words = ("--refine", 2, "--tune", "--align", "none", "-o", "out.png")
    edit("edit", "private/face.png", *HAPPY, *words)
    assert read_provenance("out.png")["refined"] == {"steps": 2, "tuned": True}
    assert "--refine 2 --tune" in read_provenance("out.png")["command"]


def test_show_prints_it(edit, run):
    edit("edit", "private/face.png", *HAPPY, "-o", "a.png")
    edit("edit", "a.png", "--emotion", "sad", "--strength", 1, "-o", "b.jpg")
    shown = run("show", "b.jpg").out
    for line in (
        "command: icaedit edit a.png --emotion sad --strength 1 --directions",
        "model: model, fingerprint ",
        "face 1: sad 1\n",
        "marked as: trainedAlgorithmicMedia",
        "edited before: icaedit edit face.png --emotion happy --strength 2.5",
    ):
        assert line in shown, shown
    assert "edited" not in run("show", "private/face.png").out


def test_what_a_file_says_of_itself_cannot_write_to_the_terminal():
    record = {
        "icaedit": "1\x1b[31m",
        "command": "x\r\n\x07" + "y" * 5000,
        "model": {"name": ["\x1b"], "fingerprint": 3},
        "faces": [{"face": {}, "strengths": ["\x9b"]}, 5],
        "earlier": ["\x1b", {"command": 7}],
        "refined": {"steps": float("nan")},
    }
    lines = provenance_lines(record)
    assert all(line.isprintable() and len(line) < 500 for line in lines)
    assert lines[0] == r"edited by icaedit 1\x1b[31m"
    assert provenance_lines({"faces": 3, "model": 4, "earlier": 5})


def test_the_python_interface_writes_the_same(edit, world, desk):
    import icaedit
    from icaedit.images import read_photo

    model = icaedit.load_model(str(world / "model.safetensors"), device="cpu")
    editor = icaedit.Editor(model, icaedit.load_directions(world / "directions.safetensors"))
    photo = read_photo("private/face.png")
    result = editor.edit(photo.pixels, {"happy": 2.5}, align="none")
    result.save("api.png", photo=photo)
    edit("edit", "private/face.png", *HAPPY, "--align", "none", "-o", "cli.png")
    told = read_provenance("cli.png")
    del told["command"]
    assert read_provenance("api.png") == told
    assert (read_image("api.png") == read_image("cli.png")).all()
    result.save("plain.webp", metadata=False)
    assert read_provenance("plain.webp") is None
    group = editor.edit_all(photo.pixels, {"happy": 2.5}, align="none")
    group.save("group.jpg")
    assert read_provenance("group.jpg") == told
    with Image.open("group.jpg") as picture:
        assert json.loads(json.dumps(picture.info["xmp"].decode())).count("DigitalSourceType") == 2
