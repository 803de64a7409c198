"""icaedit show, icaedit models and icaedit portraits."""

import json
import shutil

import numpy as np
import pytest

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


def test_what_cannot_be_drawn_is_refused(run, world, tmp_path):
    outcome = run("show", world / "face.png", "-o", tmp_path / "map.png")
    assert outcome.code == 1
    assert "leave out -o" in outcome.err
    assert not (tmp_path / "map.png").exists()


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
    assert "28 portraits of 1 people" in outcome.out
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
