"""Edits, sweeps and files, against the commands that the page shows."""

import shlex
import shutil
import warnings

import numpy as np
import pytest
from PIL import Image, ImageSequence

from icaedit.app import Request
from icaedit.app.studio import directions_name, output_name
from icaedit.artifacts import load_directions, load_latents
from icaedit.editor import Editor
from icaedit.errors import InputError
from icaedit.images import read_image

REQUEST = Request({"happy": 2.7, "sad": 0.0, "surprised": -0.7})


@pytest.fixture
def repeat(run, tmp_path, monkeypatch):
    """Run the lines of a command in a folder with some files, and return the folder."""

    def repeat(lines, *files):
        folder = tmp_path / "shell"
        folder.mkdir()
        for file in files:
            shutil.copy(file, folder)
        monkeypatch.chdir(folder)
        for line in lines.splitlines():
            words = shlex.split(line)
            assert words[0] == "icaedit"
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                outcome = run(*words[1:], "--device", "cpu")
            assert outcome.code == 0, outcome
        return folder

    return repeat


def test_an_edit_is_what_the_editor_makes_bit_for_bit(studio, sitting):
    edited = studio.edit(sitting, REQUEST, studio.directions)
    editor = Editor(studio.model, studio.directions)
    expected = editor.edit(studio.portraits[0].path, REQUEST.moves)
    assert np.array_equal(edited.result.image, expected.image)
    assert np.array_equal(edited.result.latents, expected.latents)
    assert not np.array_equal(edited.result.edited, edited.result.reconstruction)


def test_nothing_is_encoded_again_when_a_slider_moves(studio, sitting, monkeypatch):
    monkeypatch.setattr(studio.model, "encode", None)
    first = studio.edit(sitting, Request({"happy": 1.0}), studio.directions)
    second = studio.edit(sitting, Request({"happy": 2.0}), studio.directions)
    assert not np.array_equal(first.result.image, second.result.image)
    assert np.array_equal(first.result.reconstruction, second.result.reconstruction)


def test_no_strength_is_the_reconstruction_and_nothing_moves(studio, sitting):
    edited = studio.edit(sitting, Request({"happy": 0.0}), studio.directions)
    assert np.array_equal(edited.result.image, edited.result.reconstruction)
    assert edited.moved.distance == 0 and not edited.moved.counts.any()
    assert edited.scores.identity == pytest.approx(1.0, abs=1e-5)
    assert all(before == after for before, after in edited.scores.emotions.values())


def test_the_judge_sees_the_emotion_that_was_asked_for(studio, sitting):
    edited = studio.edit(sitting, Request({"happy": 2.7}), studio.directions)
    before, after = edited.scores.emotions["happy"]
    assert before < 0.2 < 0.8 < after
    smile_before, smile_after = edited.scores.units["AU12"]
    assert smile_after > smile_before + 0.3
    assert edited.scores.identity > studio.strangers + 0.5


def test_the_command_of_a_portrait_makes_the_same_file_from_nothing(
    studio, sitting, repeat, tmp_path
):
    edited = studio.edit(sitting, REQUEST, studio.directions)
    saved = studio.save(sitting, REQUEST, studio.directions, folder=tmp_path)[0]
    origin = sitting.origin.replace("--identities 12", "--identities 1")
    folder = repeat(f"{origin}\n{edited.command}")
    assert np.array_equal(read_image(folder / saved.name), read_image(saved))


def test_the_command_of_a_brought_picture_makes_the_same_picture(
    studio, aligned, repeat, tmp_path
):
    sitting = studio.open(aligned)
    request = Request({"sad": 1.5, "angry": 0.3}, neutralize=True)
    edited = studio.edit(sitting, request, studio.directions)
    saved = studio.save(sitting, request, studio.directions, folder=tmp_path)
    folder = repeat(edited.command, aligned)
    again = read_image(folder / output_name(sitting))
    assert np.array_equal(again, read_image(saved[0]))
    assert np.array_equal(again, edited.result.image)
    assert [path.name for path in saved] == ["aligned-edited.png", "latents.safetensors"]


def test_the_command_of_another_face_and_other_directions_makes_the_same_photo(
    studio, astronaut, points, repeat, tmp_path
):
    sitting = studio.choose(studio.open(astronaut, landmarks=points), 2)
    directions = studio.fit("svm", "none")
    edited = studio.edit(sitting, REQUEST, directions)
    saved = studio.save(sitting, REQUEST, directions, folder=tmp_path)
    assert [path.name for path in saved[2:]] == [directions_name(directions), "points.json"]
    folder = repeat(edited.command, astronaut, *saved[2:])
    again = read_image(folder / "my photo-edited.png")
    assert np.array_equal(again, read_image(saved[0]))
    assert np.array_equal(again, edited.result.image)
    changed = (again != read_image(astronaut)).any(axis=2)
    assert changed[255:].any() and not changed[:200].any()


def test_what_the_app_was_started_with_is_named_in_its_commands(model, aligned, studio):
    from icaedit.app import Studio

    named = {"--directions": "mine.safetensors", "--landmark-model": "points.dat"}
    started = Studio(Editor(model, studio.directions), named=named)
    sitting = started.open(aligned)
    command = started.edit(sitting, REQUEST, started.directions).command
    assert "--directions mine.safetensors" in command
    assert "--landmark-model" not in command  # an aligned picture needs none
    other = started.fit("group-ica", "median")
    assert "--directions directions-group-ica-median.safetensors" in (
        started.edit(sitting, REQUEST, other).command
    )


def test_saved_latents_are_those_before_and_after(studio, sitting, tmp_path):
    result = studio.edit(sitting, REQUEST, studio.directions).result
    path = studio.save(sitting, REQUEST, studio.directions, folder=tmp_path)[1]
    stored = load_latents(path)
    assert np.array_equal(stored.latents[0], sitting.encoded.latents)
    assert np.array_equal(stored.latents[1], result.latents)
    assert stored.model_fingerprint == studio.model.fingerprint
    assert stored.provenance["strengths"] == {"happy": 2.7, "surprised": -0.7}
    assert stored.emotion[1] == "happy"


def test_saved_directions_can_be_read_again(studio, sitting, tmp_path):
    directions = studio.fit("pca", 0.05)
    path = studio.save(sitting, REQUEST, directions, folder=tmp_path)[2]
    assert path.name == "directions-pca-0.05.safetensors"
    assert np.array_equal(load_directions(path).vectors, directions.vectors)


def test_a_sweep_is_what_the_command_draws_frame_for_frame(studio, aligned, repeat, tmp_path):
    sitting = studio.open(aligned)
    swept = studio.sweep(
        sitting, "happy", (-3.0, 3.0, 3), studio.directions, neutralize=True, folder=tmp_path
    )
    animated = swept.command.replace("sweep.png", "sweep.gif")
    folder = repeat(f"{swept.command}\n{animated}", aligned)
    for path in (swept.strip, swept.animation):
        assert np.array_equal(read_image(folder / path.name), read_image(path))
    with Image.open(folder / "sweep.gif") as theirs, Image.open(swept.animation) as ours:
        assert theirs.n_frames == ours.n_frames == 4
        for both in zip(ImageSequence.Iterator(theirs), ImageSequence.Iterator(ours), strict=True):
            assert np.array_equal(*(np.asarray(frame.convert("RGB")) for frame in both))


@pytest.mark.parametrize("numbers", [(0.0, 3.0, 1), (0.0, 3.0, 16), (2.0, 2.0, 5)])
def test_a_sweep_that_cannot_be_is_refused(studio, sitting, tmp_path, numbers):
    with pytest.raises(InputError, match="sweep"):
        studio.sweep(
            sitting, "happy", numbers, studio.directions, neutralize=False, folder=tmp_path
        )
    assert list(tmp_path.iterdir()) == []


def test_two_people_do_not_see_each_other(studio, aligned):
    first, second = studio.open_portrait(0), studio.open(aligned)
    one = studio.edit(first, Request({"happy": 2.0}), studio.directions)
    studio.edit(second, Request({"angry": 3.0}), studio.fit("svm", "mean"))
    again = studio.edit(first, Request({"happy": 2.0}), studio.directions)
    assert np.array_equal(one.result.image, again.result.image)
    assert one.command == again.command
