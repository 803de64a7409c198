import shutil

import numpy as np
import pytest

from icaedit.artifacts import load_latents
from icaedit.encode import encode_dataset, encode_to_file
from icaedit.encode.parts import PartsFolder
from icaedit.errors import FileAccessError, InputError
from icaedit.files import sha256_file
from icaedit.images import save_image
from icaedit.models import tiny_model


class Killed(Exception):
    """Stands for the end of the process."""


@pytest.fixture
def model():
    return tiny_model()


def count_encoded(model, monkeypatch, stop_after=None):
    """Let a model note the pictures it encodes, and stop with an error after some batches."""
    encoded, calls, original = [], [], type(model).encode

    def encode(images):
        calls.append(len(images))
        if stop_after is not None and len(calls) > stop_after:
            raise Killed
        encoded.extend(images[:, 0, 0].tolist())
        return original(model, images)

    monkeypatch.setattr(model, "encode", encode)
    return encoded


@pytest.mark.parametrize("stop_after", [0, 1, 2])
def test_a_stopped_run_is_continued_to_the_same_bytes(
    write_pictures, model, tmp_path, monkeypatch, stop_after
):
    records, pictures = write_pictures(tmp_path, 6)
    encode_to_file(records, model, tmp_path / "whole.safetensors", batch_size=3)
    path = tmp_path / "stopped.safetensors"
    with monkeypatch.context() as patch:
        first = count_encoded(model, patch, stop_after)
        with pytest.raises(Killed):
            encode_to_file(records, model, path, batch_size=2)
    assert not path.exists()
    second = count_encoded(model, monkeypatch)
    encode_to_file(records, model, path, batch_size=4)
    assert first + second == [p[0, 0].tolist() for p in pictures]
    assert len(first) == 2 * stop_after
    assert path.read_bytes() == (tmp_path / "whole.safetensors").read_bytes()
    assert not (tmp_path / "stopped.safetensors.parts").exists()


def test_a_complete_file_is_left_as_it_is(write_pictures, model, tmp_path, monkeypatch):
    records, _ = write_pictures(tmp_path, 3)
    path = tmp_path / "latents.safetensors"
    encode_to_file(records, model, path)
    before = path.stat()
    encoded = count_encoded(model, monkeypatch)
    again = encode_to_file(records, model, path)
    assert encoded == []
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert np.array_equal(again.latents, load_latents(path).latents)


def test_only_a_changed_picture_is_encoded_again(write_pictures, model, tmp_path, monkeypatch):
    records, pictures = write_pictures(tmp_path, 4)
    path = tmp_path / "latents.safetensors"
    before = encode_to_file(records, model, path)
    pictures[2] = 255 - pictures[2]
    save_image(records[2].path, pictures[2])
    encoded = count_encoded(model, monkeypatch)
    after = encode_to_file(records, model, path)
    assert encoded == [pictures[2][0, 0].tolist()]
    assert [np.array_equal(a, b) for a, b in zip(before.latents, after.latents, strict=True)] == [
        True,
        True,
        False,
        True,
    ]
    assert load_latents(path).digests[2] == sha256_file(records[2].path)


def test_new_labels_of_the_same_pictures_reach_the_file(
    write_pictures, model, tmp_path, monkeypatch
):
    records, _ = write_pictures(tmp_path, 2)
    path = tmp_path / "latents.safetensors"
    encode_to_file(records, model, path)
    relabelled = [type(r)(r.path, r.name, "M07", "angry", r.view, r.take) for r in records]
    encoded = count_encoded(model, monkeypatch)
    encode_to_file(relabelled, model, path)
    assert encoded == []
    assert load_latents(path).identity.tolist() == ["M07", "M07"]
    assert load_latents(path).emotion.tolist() == ["angry", "angry"]


def test_parts_of_another_model_are_not_used(write_pictures, tmp_path):
    records, pictures = write_pictures(tmp_path, 3)
    other, model = tiny_model(seed=1), tiny_model(seed=0)
    parts = tmp_path / "parts"
    encode_dataset(records, other, parts=parts)
    latents = encode_dataset(records, model, parts=parts)
    assert np.array_equal(latents.latents, model.encode(np.stack(pictures)))


def test_parts_that_were_aligned_otherwise_are_not_used(
    write_pictures, model, tmp_path, monkeypatch
):
    records, _ = write_pictures(tmp_path, 3)
    parts = tmp_path / "parts"
    encode_dataset(records, model, parts=parts, align="none")
    encoded = count_encoded(model, monkeypatch)
    encode_dataset(records, model, parts=parts, align="auto")
    assert len(encoded) == 3


def test_a_file_of_another_model_is_made_anew(write_pictures, tmp_path):
    records, pictures = write_pictures(tmp_path, 3)
    path = tmp_path / "latents.safetensors"
    encode_to_file(records, tiny_model(seed=1), path)
    model = tiny_model(seed=0)
    encode_to_file(records, model, path)
    assert np.array_equal(load_latents(path).latents, model.encode(np.stack(pictures)))


def test_a_damaged_part_is_made_again(write_pictures, model, tmp_path, monkeypatch):
    records, _ = write_pictures(tmp_path, 4)
    parts = tmp_path / "parts"
    whole = encode_dataset(records, model, parts=parts, batch_size=2)
    damaged, _ = sorted(parts.iterdir())
    damaged.write_bytes(damaged.read_bytes()[:-9])
    encoded = count_encoded(model, monkeypatch)
    again = encode_dataset(records, model, parts=parts, batch_size=2)
    assert len(encoded) == 2
    assert np.array_equal(whole.latents, again.latents)


def test_what_else_lies_in_the_parts_folder_stays(write_pictures, model, tmp_path):
    records, _ = write_pictures(tmp_path, 2)
    path = tmp_path / "latents.safetensors"
    folder = tmp_path / "latents.safetensors.parts"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    encode_to_file(records, model, path)
    assert [p.name for p in folder.iterdir()] == ["notes.txt"]


def test_a_part_says_nothing_about_other_pictures(model, tmp_path):
    folder = PartsFolder(tmp_path / "parts", "a" * 64, "auto")
    folder.write(["d1", "d2"], np.arange(12, dtype=np.float32).reshape(2, 2, 3))
    folder.write(["d3"], np.full((1, 2, 3), 9, np.float32))
    read = folder.read()
    assert sorted(read) == ["d1", "d2", "d3"]
    assert read["d2"].tolist() == [[6, 7, 8], [9, 10, 11]]
    assert PartsFolder(tmp_path / "none", "a" * 64, "auto").read() == {}


def test_something_else_is_never_overwritten(write_pictures, model, tmp_path):
    records, _ = write_pictures(tmp_path, 1)
    path = tmp_path / "thesis.safetensors"
    path.write_text("years of work")
    with pytest.raises(InputError, match="thesis.safetensors"):
        encode_to_file(records, model, path)
    assert path.read_text() == "years of work"


def test_a_folder_of_the_same_name_is_told_before_anything_is_encoded(
    write_pictures, model, tmp_path, monkeypatch
):
    records, _ = write_pictures(tmp_path, 1)
    (tmp_path / "out.safetensors").mkdir()
    encoded = count_encoded(model, monkeypatch)
    with pytest.raises(FileAccessError, match="out.safetensors"):
        encode_to_file(records, model, tmp_path / "out.safetensors")
    assert encoded == []


def test_a_place_that_cannot_be_written_to_is_told_before_anything_is_encoded(
    write_pictures, model, tmp_path, monkeypatch
):
    records, _ = write_pictures(tmp_path, 1)
    (tmp_path / "file").write_text("no folder")
    encoded = count_encoded(model, monkeypatch)
    with pytest.raises(FileAccessError):
        encode_to_file(records, model, tmp_path / "file" / "out.safetensors")
    assert encoded == []


def test_the_folder_of_the_file_is_made(write_pictures, model, tmp_path):
    records, _ = write_pictures(tmp_path, 1)
    encode_to_file(records, model, tmp_path / "a" / "b" / "latents.safetensors")
    shutil.copy(tmp_path / "a" / "b" / "latents.safetensors", tmp_path / "copy.safetensors")
    assert len(load_latents(tmp_path / "copy.safetensors")) == 1


def test_a_half_written_part_of_a_killed_run_is_swept_away(write_pictures, model, tmp_path):
    records, _ = write_pictures(tmp_path, 2)
    path = tmp_path / "latents.safetensors"
    folder = tmp_path / "latents.safetensors.parts"
    folder.mkdir()
    (folder / ".part-0123-4567.tmp.safetensors").write_bytes(b"half")
    encode_to_file(records, model, path)
    assert not folder.exists()


def test_latents_by_another_predictor_of_landmarks_are_made_anew(
    write_pictures, model, tmp_path, monkeypatch
):
    records, _ = write_pictures(tmp_path, 3)
    path = tmp_path / "latents.safetensors"
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    encode_to_file(records, model, path, landmark_model=tmp_path / "a")
    encoded = count_encoded(model, monkeypatch)
    encode_to_file(records, model, path, landmark_model=tmp_path / "a")
    assert encoded == []
    encode_to_file(records, model, path, landmark_model=tmp_path / "b")
    assert len(encoded) == 3
