"""icaedit recognize train and predict: from a dataset to emotions in drawings."""

import csv
import json
import shutil

import numpy as np
import pytest

from icaedit.artifacts import peek_header
from icaedit.images import read_image, save_image
from icaedit.recognition import load_recogniser
from icaedit.schema import EMOTIONS

QUICK = ("--backbone", "dacl", "--size", 32, "--epochs", 1, "--align", "none")


@pytest.fixture(scope="module")
def made(world, tmp_path_factory):
    """A folder with a mask, drawings of the small world, and a recogniser trained on both."""
    from icaedit.cli.main import main

    folder = tmp_path_factory.mktemp("recognizing")
    mask, drawings, model = folder / "mask.json", folder / "drawings", world / "model.safetensors"
    for command in (
        ["export-mask", world / "directions.safetensors", "-o", mask],
        ["sketch", world / "people", "-o", drawings],
        ["recognize", "train", world / "people", drawings, "--mask", mask, "--model", model,
         "-o", folder / "recogniser.safetensors", *QUICK],
    ):  # fmt: skip
        assert main([str(word) for word in command]) == 0
    return folder


def table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def test_training_leaves_a_recogniser_its_latents_and_a_record_and_nothing_else(made, world):
    assert {path.name for path in made.iterdir()} == {
        "mask.json", "mask.json.run.json", "drawings", "recogniser.safetensors",
        "recogniser.safetensors.run.json", "recogniser.latents.safetensors",
        "recogniser.latents1.safetensors",
    }  # fmt: skip
    recogniser = load_recogniser(made / "recogniser.safetensors")
    people = recogniser.provenance["people"]
    assert len(people["train"]) == 2 and len(people["validation"]) == 1
    assert recogniser.provenance["training"]["n_train"] == 2 * 7 * 2  # photographs and drawings
    assert recogniser.provenance["mask"]["people"] == ["F01", "F02", "M01"]
    assert recogniser.emotions == EMOTIONS and recogniser.uses_latents
    record = json.loads((made / "recogniser.safetensors.run.json").read_text())
    assert record["command"] == "train" and record["arguments"]["size"] == 32


def test_emotions_of_a_folder_of_drawings_go_to_a_table(made, world, run, tmp_path):
    outcome = run("recognize", "predict", made / "recogniser.safetensors", made / "drawings",
                  "--model", world / "model.safetensors", "-o", tmp_path / "p.csv")  # fmt: skip
    assert outcome.code == 0, outcome
    rows = table(tmp_path / "p.csv")
    assert len(rows) == 21 and {row["not_recognised"] for row in rows} == {""}
    for row in rows:
        numbers = [float(row[emotion]) for emotion in EMOTIONS]
        assert abs(sum(numbers) - 1) < 1e-5
        assert row["emotion"] == EMOTIONS[int(np.argmax(numbers))]
    assert [row["path"] for row in rows] == sorted(row["path"] for row in rows)
    assert "emotions in 21 of 21 pictures" in outcome.out and "and 1 more" in outcome.out
    assert (tmp_path / "p.csv.run.json").is_file()


def test_what_a_command_finds_is_what_the_object_finds(made, world, run, tmp_path):
    from icaedit.models import load_model

    picture = sorted((made / "drawings").rglob("*.png"))[0]
    run("recognize", "predict", made / "recogniser.safetensors", picture, "--align", "none",
        "--model", world / "model.safetensors", "-o", tmp_path / "p.csv")  # fmt: skip
    face = read_image(picture)[None]
    latents = load_model(world / "model.safetensors").encode(face)
    expected = load_recogniser(made / "recogniser.safetensors").predict(face, latents)[0]
    found = [float(table(tmp_path / "p.csv")[0][emotion]) for emotion in EMOTIONS]
    np.testing.assert_allclose(found, expected, atol=2e-6)


def test_pictures_without_a_face_are_named_and_counted(made, world, run, tmp_path):
    wide = tmp_path / "wide.png"
    save_image(wide, np.full((40, 90, 3), 128, np.uint8))
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n")
    picture = sorted((made / "drawings").rglob("*.png"))[0]
    shutil.copy(picture, tmp_path / "face.png")
    predict = ("recognize", "predict", made / "recogniser.safetensors")
    options = ("--model", world / "model.safetensors", "-o", tmp_path / "p.csv")
    outcome = run(*predict, tmp_path, *options)
    assert outcome.code == 0
    assert "emotions in 1 of 3 pictures; 2 not recognised" in outcome.out
    assert "wide.png: got a picture of 90 x 40 px without a face" in outcome.err
    reasons = {row["path"].rpartition("/")[2]: row["not_recognised"]
               for row in table(tmp_path / "p.csv")}  # fmt: skip
    assert reasons["face.png"] == "" and "no whole picture" in reasons["broken.png"]
    outcome = run(*predict, wide, *options)
    assert outcome.code == 1 and "none of which could be used" in outcome.err


def test_a_recogniser_is_summarised_by_show(made, run):
    outcome = run("show", made / "recogniser.safetensors")
    assert outcome.code == 0
    assert "network dacl at 32 px" in outcome.out and "trained on 28 pictures of 2" in outcome.out


def test_a_model_of_another_fingerprint_is_refused_by_name(made, world, run):
    outcome = run("recognize", "predict", made / "recogniser.safetensors", world / "face.png",
                  "--model", world / "another.safetensors")  # fmt: skip
    assert outcome.code == 1 and "expected the same; give the model by --model" in outcome.err


def test_people_are_left_for_a_test_and_the_network_may_be_alone(world, run, tmp_path):
    output = tmp_path / "own.safetensors"
    outcome = run("recognize", "train", world / "people", "--head", "own", "--test-share", "0.3",
                  "--no-augmentation", "-o", output, *QUICK)  # fmt: skip
    assert outcome.code == 0, outcome
    header = peek_header(output)
    people = header["provenance"]["people"]
    assert [len(people[name]) for name in ("train", "validation", "test")] == [1, 1, 1]
    assert header["head"] == "own" and "by itself, with its own last layer" in outcome.out
    outcome = run("recognize", "predict", output, world / "people", "--align", "none")
    assert outcome.code == 0 and "emotions in 21 of 21" in outcome.out  # without any model


@pytest.mark.parametrize(
    ("options", "code", "about"),
    [
        (["--no-latents", "--mask", "mask.json"], 2, "a network without latents"),
        (["--collaborative", "--latents", "x"], 2, "got --latents with --collaborative"),
        (["--backbone", "vgg"], 1, "got backbone 'vgg'"),
        (["--freeze", "--no-latents"], 1, "got --freeze without weights"),
        (["--no-latents", "--emotions", "happy,sad"], 1, "pictures that show"),
        (["--no-latents", "--learning-rate", "0"], 1, "learning_rate 0"),
        (["--recipe", "published", "--backbone", "timm:x"], 1, "of which settings are published"),
        (["--dataset", "raf-db", "--no-latents"], 1, "expected RAF-DB"),
    ],
)
def test_what_cannot_be_trained_is_told_in_one_line(
    world, run, tmp_path, monkeypatch, options, code, about
):
    monkeypatch.chdir(tmp_path)
    outcome = run("recognize", "train", world / "people", *QUICK, *options)
    assert outcome.code == code, outcome
    assert about in outcome.err.splitlines()[-1] and "Traceback" not in outcome.err
    assert not (tmp_path / "recogniser.safetensors").exists()


def test_without_a_mask_a_model_of_ones_own_has_none(world, run, tmp_path):
    outcome = run("recognize", "train", world / "people", *QUICK, "-o", tmp_path / "r.safetensors",
                  "--model", world / "model.safetensors")  # fmt: skip
    assert outcome.code == 1 and "give it by --mask" in outcome.err


@pytest.mark.slow
def test_the_readme_s_commands_recognise_emotions_in_drawings_of_strangers(run, tmp_path):
    """As in docs/recognition.md, in fewer epochs."""
    faces, drawings, strangers, drawn, output = (
        tmp_path / name for name in ("faces", "drawings", "strangers", "drawn", "r.safetensors")
    )
    for command in (
        ["portraits", faces, "--identities", 12, "--size", 128],
        ["sketch", faces, "-o", drawings],
        ["recognize", "train", faces, drawings, "--size", 64, "--epochs", 20, "-o", output],
        ["portraits", strangers, "--identities", 4, "--size", 128, "--seed", 7],
        ["sketch", strangers, "-o", drawn],
        ["recognize", "predict", output, drawn, "-o", tmp_path / "p.csv"],
    ):
        outcome = run(*command)
        assert outcome.code == 0, outcome
    codes = dict(zip(("NE", "HA", "SA", "SU", "AN", "DI", "AF"), EMOTIONS, strict=True))
    rows = table(tmp_path / "p.csv")
    right = [codes[row["path"].rpartition("/")[2][4:6]] == row["emotion"] for row in rows]
    assert len(right) == 28 and np.mean(right) > 0.5  # chance is 1 in 7
