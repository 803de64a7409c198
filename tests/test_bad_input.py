"""Unusable input: one clear line, exit 1 or 2, no traceback, nothing half-written.

Every case runs the command line on the tiny model.
"""

import io
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from icaedit.images import read_image, save_image

GREY = np.full((64, 64, 3), 120, np.uint8)


@pytest.fixture
def desk(tmp_path, monkeypatch) -> Path:
    """The folder that the commands run in; empty to begin with."""
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def dataset(tmp_path) -> Path:
    folder = tmp_path / "dataset"
    folder.mkdir()
    return folder


@pytest.fixture
def read_only(tmp_path) -> Path:
    """A folder that nothing can be written to, not even by root."""
    folder = tmp_path / "read-only"
    folder.mkdir()
    folder.chmod(0o500)
    if os.access(folder, os.W_OK):  # root may write anywhere but into what the kernel makes up
        return Path("/sys")
    return folder


@pytest.fixture
def refused(run, desk):
    """Run a command that must fail well; return the line it left."""

    def refused(*arguments: object, code: int = 1, about: str) -> str:
        before = sorted(desk.rglob("*"))
        outcome = run(*arguments)
        assert outcome.code == code, outcome
        assert outcome.out == ""
        lines = [line for line in outcome.err.splitlines() if line.startswith("icaedit")]
        assert "Traceback" not in outcome.err
        assert outcome.err.splitlines()[-1] == lines[-1]
        assert about in lines[-1], lines[-1]
        assert "got " in lines[-1] and "expected " in lines[-1] and ";" in lines[-1], lines[-1]
        assert sorted(desk.rglob("*")) == before
        return lines[-1]

    return refused


def fit(world: Path, folder: Path) -> tuple[object, ...]:
    return ("fit-directions", folder, "--model", world / "model.safetensors", "--align", "none")


def edit(world: Path, image: Path, *extra: object, directions: str = "directions") -> tuple:
    return (
        "edit", image, "--emotion", "happy", "--strength", 3, "--align", "none",
        "--model", world / "model.safetensors",
        "--directions", world / f"{directions}.safetensors", *extra,
    )  # fmt: skip


COMMANDS_ON_FOLDERS = ("fit-directions", "encode")


@pytest.mark.parametrize("command", COMMANDS_ON_FOLDERS)
def test_an_empty_folder(refused, world, dataset, command):
    line = refused(command, dataset, "--model", world / "model.safetensors", about=str(dataset))
    assert "nothing in it" in line


@pytest.mark.parametrize("command", COMMANDS_ON_FOLDERS)
def test_a_folder_of_text_files(refused, world, dataset, command):
    for name in ("AF01.txt", "notes.md"):
        (dataset / name).write_text("no picture")
    line = refused(command, dataset, "--model", world / "model.safetensors", about=str(dataset))
    assert "2 other files" in line


@pytest.mark.parametrize("command", COMMANDS_ON_FOLDERS)
def test_a_missing_folder(refused, world, dataset, command):
    folder = dataset / "absent"
    refused(command, folder, "--model", world / "model.safetensors", about=str(folder))


def test_text_files_that_claim_to_be_pictures(refused, world, dataset):
    for name in ("AF01NES.JPG", "AF01HAS.JPG"):
        (dataset / name).write_text("no picture")
    assert "2 unreadable" in refused(*fit(world, dataset), about=str(dataset))


def encoded_then_refused(run, world, folder, desk) -> str:
    """Fit to what can be encoded but not fitted: the latents stay, the directions do not come."""
    outcome = run(*fit(world, folder))
    assert (outcome.code, outcome.out) == (1, "")
    assert "Traceback" not in outcome.err
    assert [path.name for path in desk.iterdir()] == ["directions.latents.safetensors"]
    return outcome.err.splitlines()[-1]


def test_one_person_only(run, world, dataset, desk):
    shutil.copytree(world / "people" / "AF01", dataset / "AF01")
    line = encoded_then_refused(run, world, dataset, desk)
    assert line.startswith("icaedit: got ")
    assert "F01" in line or "1 person" in line or "one person" in line
    assert "expected" in line


def test_one_emotion_only(run, world, dataset, desk):
    for picture in (world / "people").rglob("*HAS.JPG"):
        shutil.copy(picture, dataset)
    line = encoded_then_refused(run, world, dataset, desk)
    assert line.startswith("icaedit: got ")
    assert "happy" in line
    assert "expected" in line


def test_a_truncated_jpeg(refused, world, tmp_path):
    whole = (world / "people" / "AF01" / "AF01NES.JPG").read_bytes()
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(whole[: len(whole) // 2])
    refused(*edit(world, cut), about=str(cut))


def test_a_truncated_jpeg_in_a_dataset_is_named_and_the_rest_is_used(run, world, dataset, desk):
    shutil.copytree(world / "people", dataset, dirs_exist_ok=True)
    cut = dataset / "AF01" / "AF01SAS.JPG"
    cut.write_bytes(cut.read_bytes()[:900])
    outcome = run(*fit(world, dataset), "--bootstrap", 0)
    assert outcome.code == 0
    assert "AF01/AF01SAS.JPG" in outcome.err
    assert "fitted to 20 pictures of 3 people" in outcome.out


def test_a_picture_of_one_pixel(refused, world, tmp_path):
    pixel = tmp_path / "pixel.png"
    Image.new("RGB", (1, 1)).save(pixel)
    assert "1x1" in refused(*edit(world, pixel), about=str(pixel))


def test_a_missing_picture(refused, world, tmp_path):
    refused(*edit(world, tmp_path / "absent.png"), about=str(tmp_path / "absent.png"))


def test_a_text_file_instead_of_a_picture(refused, world, tmp_path):
    text = tmp_path / "face.png"
    text.write_text("no picture")
    refused(*edit(world, text), about=str(text))


@pytest.mark.parametrize("emotion", ["hapy", "", "neutral happy"])
def test_an_unknown_emotion(refused, world, emotion):
    words = ("--emotion", emotion, "--strength", 1)
    line = refused("edit", world / "face.png", *words, code=2, about="--emotion")
    assert "surprised" in line


@pytest.mark.parametrize("emotion", ["neutral", "contempt"])
def test_an_emotion_that_has_no_direction(refused, world, emotion):
    words = edit(world, world / "face.png", "--emotion", emotion, "--strength", 1)
    assert "happy, sad" in refused(*words, about=emotion)


@pytest.mark.parametrize("strength", ["nan", "inf", "much", "1e9"])
def test_a_strength_out_of_this_world(refused, world, strength):
    words = ("--emotion", "sad", "--strength", strength)
    code = 1 if strength == "1e9" else 2
    refused(*edit(world, world / "face.png"), *words, code=code, about="strength")


def test_directions_of_another_model(refused, world):
    line = refused(*edit(world, world / "face.png", directions="foreign-directions"), about="model")
    assert "fit directions" in line


@pytest.mark.parametrize("content", [b"", b"no tensors", b"\x00" * 64])
def test_directions_that_are_none(refused, world, tmp_path, content):
    fake = tmp_path / "fake.safetensors"
    fake.write_bytes(content)
    refused("export-mask", fake, about=str(fake))


def test_truncated_directions(refused, world, tmp_path):
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes((world / "directions.safetensors").read_bytes()[:-40])
    refused("export-mask", cut, about=str(cut))


def test_latents_where_directions_are_wanted(refused, world):
    latents = world / "directions.latents.safetensors"
    assert "icaedit.latents" in refused("export-mask", latents, about=str(latents))


def test_an_unknown_model(refused, world):
    words = ("--emotion", "sad", "--strength", 1, "--model", "ffqh", "--align", "none")
    refused("edit", world / "face.png", *words, about="'ffqh'")


def write_commands(world: Path, folder: Path) -> list[tuple[object, ...]]:
    model = ("--model", world / "model.safetensors")
    sweep = edit(world, world / "face.png")[6:]
    return [
        edit(world, world / "face.png", "-o", folder / "out.png"),
        ("sweep", world / "face.png", "--emotion", "sad", "-o", folder / "a.png", *sweep),
        ("encode", world / "people", "-o", folder / "latents.safetensors", *model),
        ("fit-directions", world / "people", "-o", folder / "d.safetensors", *model),
        ("export-mask", world / "directions.safetensors", "-o", folder / "mask.json"),
        ("show", world / "directions.safetensors", "-o", folder / "map.png"),
        ("portraits", folder / "made", "--identities", 1, "--size", 16),
        ("demo", folder / "made", "--identities", 2, *model),
    ]


WRITERS = range(8)


@pytest.mark.parametrize("i", WRITERS)
def test_a_read_only_output_folder(refused, world, read_only, i):
    refused(*write_commands(world, read_only)[i], about=str(read_only))


@pytest.mark.parametrize("i", WRITERS)
def test_an_output_below_a_file(refused, world, tmp_path, i):
    (tmp_path / "file").write_text("no folder")
    refused(*write_commands(world, tmp_path / "file")[i], about=str(tmp_path / "file"))


@pytest.mark.parametrize("i", WRITERS[:6])
def test_an_output_in_a_folder_that_does_not_exist(refused, world, tmp_path, i):
    refused(*write_commands(world, tmp_path / "absent")[i], about=str(tmp_path / "absent"))


def test_an_output_of_an_unknown_kind(refused, world, desk):
    refused(*edit(world, world / "face.png", "-o", desk / "out.mp4"), about="out.mp4")


def stored(picture: Image.Image, suffix: str) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, {".jpg": "JPEG"}.get(suffix, suffix[1:].upper()))
    return stream.getvalue()


ODD_PICTURES = {
    "16-bit.png": lambda grey: Image.fromarray(grey.astype(np.uint16) * 257),
    "grey.png": lambda grey: Image.fromarray(grey),
    "grey.jpg": lambda grey: Image.fromarray(grey),
    "cmyk.jpg": lambda grey: Image.fromarray(np.dstack([grey] * 3)).convert("CMYK"),
    "palette.png": lambda grey: Image.fromarray(grey).convert("P"),
    "transparent.png": lambda grey: Image.fromarray(np.dstack([grey] * 3)).convert("RGBA"),
}


@pytest.mark.parametrize("name", ODD_PICTURES)
def test_an_odd_but_whole_picture_is_edited_like_the_plain_one(run, world, desk, name):
    grey = np.add.outer(np.arange(64), np.arange(64)).astype(np.uint8) + 60
    save_image(desk / "plain.png", np.dstack([grey] * 3))
    odd = desk / name
    odd.write_bytes(stored(ODD_PICTURES[name](grey), odd.suffix))
    results = []
    for image in (desk / "plain.png", odd):
        outcome = run(*edit(world, image, "-o", desk / "out.png"))
        assert (outcome.code, outcome.err) == (0, "")
        results.append(read_image(desk / "out.png").astype(int))
    assert np.abs(results[0] - results[1]).mean() < 4
