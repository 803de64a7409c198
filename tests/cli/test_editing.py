"""icaedit edit and icaedit sweep."""

import json

import numpy as np
import pytest
from PIL import Image

from icaedit.images import read_image


@pytest.fixture
def options(world):
    """The tiny model and its directions, and no face to look for."""
    return (
        "--model", world / "model.safetensors",
        "--directions", world / "directions.safetensors",
        "--align", "none",
    )  # fmt: skip


@pytest.fixture
def edit(run, world, options, tmp_path):
    """Edit the face with pairs of emotion and strength, and return the picture."""

    def edit(*pairs: object, name: str = "out.png", extra: tuple = ()) -> np.ndarray:
        words = [
            word
            for emotion, strength in zip(pairs[::2], pairs[1::2], strict=True)
            for word in ("--emotion", emotion, "--strength", strength)
        ]
        output = tmp_path / name
        outcome = run("edit", world / "face.png", *words, "-o", output, *options, *extra)
        assert (outcome.code, outcome.err) == (0, ""), outcome
        return read_image(output)

    return edit


def test_strength_0_is_the_reconstruction(edit, world):
    from icaedit.models import load_model

    model = load_model(str(world / "model.safetensors"), device="cpu")
    face = read_image(world / "face.png")
    assert np.array_equal(edit("happy", 0), model.synthesize(model.encode(face[None]))[0])


def test_a_strength_changes_the_picture_and_its_sign_matters(edit):
    plain, more, less = edit("happy", 0), edit("happy", 3), edit("happy", -3)
    assert not np.array_equal(plain, more)
    assert not np.array_equal(plain, less)
    assert not np.array_equal(more, less)


def test_pairs_keep_their_order_and_an_alias_is_the_emotion(edit):
    together = edit("sad", -2, "happy", 1.5)
    assert np.array_equal(together, edit("joy", 1.5, "SA", -2))
    assert not np.array_equal(together, edit("sad", 1.5, "happy", -2))


def test_the_same_command_twice_gives_the_same_bytes(edit, tmp_path):
    edit("happy", 2, name="out.png")
    first = [(tmp_path / name).read_bytes() for name in ("out.png", "out.png.run.json")]
    edit("happy", 2, name="out.png")
    assert first == [(tmp_path / name).read_bytes() for name in ("out.png", "out.png.run.json")]


def test_the_expression_can_be_removed_first(edit):
    extra = ("--neutralize",)
    assert not np.array_equal(edit("happy", 0, extra=extra), edit("happy", 0))


def test_the_run_record_says_what_was_asked_of_what(edit, world, tmp_path):
    edit("happy", 2)
    record = json.loads((tmp_path / "out.png.run.json").read_text())
    assert record["command"] == "edit"
    assert record["arguments"]["emotions"] == ["happy"]
    assert record["arguments"]["strengths"] == [2.0]
    assert str(world / "face.png") in record["inputs"]
    assert list(record["outputs"]) == [str(tmp_path / "out.png")]


def test_the_output_is_named_after_the_image_if_no_name_is_given(
    run, world, options, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    words = ("--emotion", "joy", "--strength", "-1.5", "--emotion", "sad", "--strength", "2")
    outcome = run("edit", world / "face.png", *words, *options)
    assert outcome.code == 0
    assert outcome.out.startswith("face-happy-1.5-sad2.png: ")
    assert (tmp_path / "face-happy-1.5-sad2.png").is_file()


def test_unequal_numbers_of_emotions_and_strengths_are_a_misuse(run, world, options):
    outcome = run(
        "edit", world / "face.png", "--emotion", "happy", "--emotion", "sad", "--strength", 3,
        *options,
    )  # fmt: skip
    assert outcome.code == 2
    assert "got 2 --emotion and 1 --strength" in outcome.err


def test_an_emotion_given_twice_is_a_misuse(run, world, options):
    twice = ("--emotion", "joy", "--strength", 1, "--emotion", "happy", "--strength", 2)
    outcome = run("edit", world / "face.png", *twice, *options)
    assert outcome.code == 2
    assert "each emotion once" in outcome.err


def test_a_strip_shows_every_strength(run, world, options, tmp_path):
    output = tmp_path / "strip.png"
    words = ("--emotion", "happy", "--strengths", "-3:3:7", "-o", output)
    outcome = run("sweep", world / "face.png", *words, *options)
    assert (outcome.code, outcome.err) == (0, "")
    assert "7 strengths of happy" in outcome.out
    height, width, _ = read_image(output).shape
    assert 5 < width / height < 7
    assert (tmp_path / "strip.png.run.json").is_file()


def test_an_animation_goes_there_and_back(run, world, options, tmp_path):
    output = tmp_path / "sweep.gif"
    words = ("--emotion", "happy", "--strengths", "-20,-7,7,20", "-o", output)
    assert run("sweep", world / "face.png", *words, *options).code == 0
    with Image.open(output) as picture:
        assert picture.n_frames == 6
        frames = []
        for i in range(6):
            picture.seek(i)
            frames.append(np.asarray(picture.convert("RGB")))
    assert np.array_equal(frames[1], frames[5])
    assert np.array_equal(frames[2], frames[4])
    assert not np.array_equal(frames[0], frames[3])


def test_a_strip_of_another_kind_is_a_misuse(run, world, options, tmp_path):
    words = ("--emotion", "happy", "-o", tmp_path / "strip.mp4")
    outcome = run("sweep", world / "face.png", *words, *options)
    assert outcome.code == 2
    assert ".png, .jpg or .gif" in outcome.err
