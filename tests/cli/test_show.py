"""icaedit show, icaedit models and icaedit portraits."""

import io
import json
import shutil
import sys

import numpy as np
import pytest

from icaedit.cli.drawing import summary_picture
from icaedit.cli.main import main
from icaedit.images import read_image, save_image
from icaedit.models import library


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("directions.safetensors", ["6 emotion directions in 6 layers x 8 channels", "happy"]),
        ("directions.latents.safetensors", ["21 pictures of 3 people", "neutral 3", "S 21"]),
        ("model.safetensors", ["model: 16 px, 8 channels", "encoder:", "n_layers: 6"]),
        ("people/portraits.csv", ["21 pictures of 3 people", "afraid 3"]),
        ("people", ["21 pictures of 3 people with 7 emotions", "kdef"]),
        ("face.png", ["picture, 64 x 64 px", "no face found"]),
    ],
)
def test_a_file_is_told_in_plain_words(run, world, name, words):
    outcome = run("show", world / name)
    assert (outcome.code, outcome.err) == (0, "")
    for word in words:
        assert word in outcome.out


def test_a_mask_is_told_in_plain_words(run, world, tmp_path):
    mask = tmp_path / "mask.json"
    run("export-mask", world / "directions.safetensors", "-o", mask, "--threshold", "none")
    outcome = run("show", mask)
    assert outcome.code == 0
    assert "6 layers x 8 channels = 48 coordinates" in outcome.out
    assert "union          48 kept  100.0%" in outcome.out


def test_a_portrait_shows_where_its_face_is(run, tmp_path):
    run("portraits", tmp_path, "--identities", 1, "--size", 256)
    outcome = run("show", tmp_path / "AF01" / "AF01NES.JPG")
    assert "face: left " in outcome.out


@pytest.mark.parametrize("name", ["directions.safetensors", "mask.json"])
def test_directions_and_masks_are_drawn(run, world, tmp_path, name):
    source = tmp_path / name
    if name == "mask.json":
        run("export-mask", world / "directions.safetensors", "-o", source)
    else:
        shutil.copy(world / name, source)
    picture = tmp_path / "map.png"
    outcome = run("show", source, "-o", picture)
    assert (outcome.code, outcome.err) == (0, "")
    assert np.ptp(read_image(picture)) > 100


@pytest.mark.parametrize(
    "name",
    ["model.safetensors", "directions.latents.safetensors", "people", "people/portraits.csv"],
)
def test_models_latents_and_people_are_drawn_and_recorded(run, world, tmp_path, name):
    picture = tmp_path / "drawn.png"
    outcome = run("show", world / name, "-o", picture, "--device", "cpu")
    assert (outcome.code, outcome.err) == (0, "")
    assert np.ptp(read_image(picture)) > 50
    record = json.loads((tmp_path / "drawn.png.run.json").read_text())
    assert list(record["inputs"]) == [(world / name).as_posix()] * (name != "people")


def test_a_model_s_faces_follow_from_the_seed(run, world, tmp_path):
    pictures = []
    for number, seed in enumerate((0, 0, 1)):
        picture = tmp_path / f"{number}.png"
        assert run("show", world / "model.safetensors", "-o", picture, "--seed", seed).code == 0
        pictures.append(picture.read_bytes())
    assert pictures[0] == pictures[1] != pictures[2]


def test_of_a_dataset_each_row_is_a_person_and_each_column_an_emotion(world):
    grid = summary_picture(world / "people")
    # 3 people and 7 emotions of 96 px, with labels left and above
    height, width = grid.shape[:2]
    assert 3 * 96 < height < 4 * 96 and 7 * 96 < width < 8 * 96


def test_a_missing_picture_leaves_its_place_white(world, tmp_path):
    shutil.copytree(world / "people", tmp_path / "people")
    whole = summary_picture(tmp_path / "people")
    next((tmp_path / "people").rglob("AF01HAS.JPG")).unlink()
    (tmp_path / "people" / "portraits.csv").unlink()
    less = summary_picture(tmp_path / "people")
    changed = np.argwhere((whole != less).any(-1))
    rows, columns = (changed[:, axis] for axis in (0, 1))
    assert 80 < np.ptp(rows) < 96 and 80 < np.ptp(columns) < 96  # one cell: the second of its row
    assert (less[rows.min() : rows.max(), columns.min() : columns.max()] == 255).all()
    assert columns.min() > less.shape[1] / 8


def test_what_cannot_be_drawn_is_refused(run, world, tmp_path):
    outcome = run("show", world / "face.png", "-o", tmp_path / "map.png")
    assert outcome.code == 1
    assert "leave out -o" in outcome.err
    assert not (tmp_path / "map.png").exists()


@pytest.fixture
def edited(run, world, tmp_path, monkeypatch):
    """An edit's picture and its record in a folder."""
    monkeypatch.chdir(tmp_path)
    words = ("--emotion", "happy", "--strength", 2, "--align", "none", "-o", "made.png")
    model = ("--model", world / "model.safetensors")
    directions = ("--directions", world / "directions.safetensors")
    assert run("edit", world / "face.png", *words, *model, *directions).code == 0
    return tmp_path


def test_the_record_of_a_run_tells_its_files_and_whether_they_changed(run, edited):
    told = run("show", "made.png.run.json").out
    assert told.startswith("run of icaedit edit, seed 0\nwith icaedit ")
    assert 'emotions: ["happy"]' in told
    assert told.splitlines()[-1].startswith("output made.png: SHA-256 ")
    assert told.splitlines()[-1].endswith(", unchanged")
    with (edited / "made.png").open("ab") as file:
        file.write(b"x")
    assert run("show", "made.png.run.json").out.splitlines()[-1].endswith("CHANGED since")
    (edited / "made.png").unlink()
    assert run("show", "made.png.run.json").out.splitlines()[-1].endswith("not found here")


def test_a_record_is_drawn_as_what_the_run_left_wherever_it_was_moved(run, edited, tmp_path):
    (tmp_path / "moved").mkdir()
    for name in ("made.png", "made.png.run.json"):
        shutil.move(edited / name, tmp_path / "moved" / name)
    drawn = summary_picture(tmp_path / "moved" / "made.png.run.json")
    np.testing.assert_array_equal(drawn, read_image(tmp_path / "moved" / "made.png"))


def test_landmarks_and_predictions_are_told(run, tmp_path):
    from icaedit.faces import save_landmarks

    save_landmarks(tmp_path / "points.json", [np.zeros((5, 2)), np.zeros((68, 2))])
    told = run("show", tmp_path / "points.json").out
    assert "face 1: 5 points" in told and "face 2: 68 points" in told
    table = "path,emotion,happy,sad,not_recognised\na.png,sad,0.1,0.9,\nb.png,,,,no face\n"
    (tmp_path / "predictions.csv").write_text(table)
    told = run("show", tmp_path / "predictions.csv").out
    assert told == "table of 2 predictions: sad 1\nnot recognised: 1\n"


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch):
    """Stand-in for a terminal with colours; returns what one command writes to it."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    for name in ("TMUX", "NO_COLOR", "TERM_PROGRAM", "KITTY_WINDOW_ID", "ICAEDIT_PICTURES"):
        monkeypatch.delenv(name, raising=False)

    def terminal(*words: object) -> str:
        screen = Terminal()
        monkeypatch.setattr(sys, "stdout", screen)
        assert main([str(word) for word in words]) == 0
        return screen.getvalue()

    return terminal


@pytest.mark.parametrize("name", ["face.png", "directions.safetensors", "people"])
def test_a_terminal_shows_a_picture_after_the_words(terminal, world, name, run):
    told = run("show", world / name).out
    shown = terminal("show", world / name)
    assert shown.startswith(told)
    assert "\x1b[38;2;" in shown.removeprefix(told)
    assert terminal("show", world / name, "--no-picture") == told


def test_in_a_terminal_what_cannot_be_drawn_is_told_alone(terminal, tmp_path):
    table = "path,emotion,sad,not_recognised\na.png,sad,0.9,\n"
    (tmp_path / "predictions.csv").write_text(table)
    assert terminal("show", tmp_path / "predictions.csv") == "table of 1 predictions: sad 1\n"


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("notes.txt", "text", "whose kind is not known"),
        ("table.csv", "a,b\n1,2\n", "path, identity and emotion"),
        ("table.csv", "", "path, identity and emotion"),
        ("mask.json", "{}", "no index mask"),
    ],
)
def test_what_is_of_no_known_kind_is_refused_by_name(run, tmp_path, name, content, word):
    (tmp_path / name).write_text(content)
    outcome = run("show", tmp_path / name)
    assert outcome.code == 1
    assert str(tmp_path / name) in outcome.err
    assert word in outcome.err


@pytest.fixture
def weights(world, tmp_path, monkeypatch):
    """A package whose models are the tiny one, with a file of directions beside it."""
    shutil.copy(world / "model.safetensors", tmp_path / "small.safetensors")
    shutil.copy(world / "directions.safetensors", tmp_path / "small.directions.safetensors")
    monkeypatch.setattr(library, "EMBEDDED_FOLDER", tmp_path)
    return tmp_path


def test_models_are_listed_and_directions_are_not(run, weights):
    outcome = run("models", "list")
    assert outcome.code == 0
    (line,) = outcome.out.splitlines()
    assert line.startswith("small: 16 px, 8 channels, ")


def test_a_model_is_shown_by_name_and_by_file(run, weights):
    by_name, by_file = (
        run("models", "show", model) for model in ("small", weights / "small.safetensors")
    )
    assert by_name.code == 0
    assert by_name == by_file
    assert "generator:" in by_name.out


def test_an_unknown_model_is_refused_with_those_that_there_are(run, weights):
    outcome = run("models", "show", "big")
    assert outcome.code == 1
    assert "got model 'big', expected small" in outcome.err


def test_directions_are_no_model(run, weights):
    outcome = run("models", "show", weights / "small.directions.safetensors")
    assert outcome.code == 1
    assert "icaedit.directions" in outcome.err


def test_portraits_are_written_as_asked(run, tmp_path):
    words = ("--identities", 1, "--views", "HL,S", "--takes", 2, "--size", 16, "--seed", 3)
    outcome = run("portraits", tmp_path / "a", *words)
    assert (outcome.code, outcome.err) == (0, "")
    assert "28 portraits of 1 person" in outcome.out
    pictures = sorted((tmp_path / "a").rglob("*.JPG"))
    assert len(pictures) == 28
    assert read_image(pictures[0]).shape == (16, 16, 3)
    record = json.loads((tmp_path / "a" / "run.json").read_text())
    assert (record["seed"], record["arguments"]["takes"]) == (3, 2)
    run("portraits", tmp_path / "b", *words)
    again = sorted((tmp_path / "b").rglob("*.JPG"))
    assert [p.read_bytes() for p in pictures] == [p.read_bytes() for p in again]
    run("portraits", tmp_path / "c", *words[:-1], 4)
    other = sorted((tmp_path / "c").rglob("*.JPG"))
    assert not any(p.read_bytes() == q.read_bytes() for p, q in zip(pictures, other, strict=True))


def test_a_picture_of_noise_is_still_told(run, tmp_path):
    save_image(tmp_path / "noise.png", np.zeros((20, 30, 3), np.uint8))
    assert "30 x 20 px" in run("show", tmp_path / "noise.png").out
