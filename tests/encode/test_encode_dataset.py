import numpy as np
import pytest

from icaedit import faces
from icaedit.datasets import Record
from icaedit.encode import batches, encode_dataset
from icaedit.errors import DatasetError, FileAccessError, InputError, MissingDependencyError
from icaedit.files import sha256_file
from icaedit.images import save_image
from icaedit.models import tiny_model


@pytest.fixture(scope="module")
def model():
    return tiny_model()


@pytest.mark.parametrize("n", [1, 3, 4, 5])
@pytest.mark.parametrize("batch_size", [1, 3, 4])
def test_every_picture_comes_out_once_in_order(write_pictures, model, tmp_path, n, batch_size):
    records, pictures = write_pictures(tmp_path, n)
    latents = encode_dataset(records, model, batch_size=batch_size)
    assert np.array_equal(latents.latents, model.encode(np.stack(pictures)))
    assert latents.latents.dtype == np.float32
    assert latents.identity.tolist() == [r.identity for r in records]
    assert latents.emotion.tolist() == [r.emotion for r in records]
    assert latents.view.tolist() == ["S"] * n
    assert latents.take.tolist() == [r.take for r in records]


def test_the_set_says_where_it_came_from(write_pictures, model, tmp_path):
    records, _ = write_pictures(tmp_path, 2)
    latents = encode_dataset(records, model, align="none")
    assert latents.paths.tolist() == ["in/face0.png", "in/face1.png"]
    assert latents.digests.tolist() == [sha256_file(r.path) for r in records]
    assert latents.model_fingerprint == model.fingerprint
    assert latents.provenance["align"] == "none"


def test_pictures_of_several_sizes_are_encoded_as_each_would_be_alone(
    write_pictures, model, tmp_path
):
    a, b = tmp_path / "a", tmp_path / "b"
    a.mkdir()
    b.mkdir()
    small, small_pixels = write_pictures(a, 2, side=20)
    large, large_pixels = write_pictures(b, 2, side=48)
    records = [small[0], large[0], small[1], large[1]]
    latents = encode_dataset(records, model, batch_size=4).latents
    for row, pixels in zip(
        latents, [small_pixels[0], large_pixels[0], small_pixels[1], large_pixels[1]], strict=True
    ):
        assert np.array_equal(row, model.encode(pixels[None])[0])


def test_a_photo_is_aligned_before_it_is_encoded(write_pictures, model, tmp_path, monkeypatch):
    records, pictures = write_pictures(tmp_path, 1)
    asked = []

    def prepare(image, *, align, size, landmark_model):
        asked.append((align, size, landmark_model))
        return faces.PreparedFace(image[::-1, ::-1].copy(), None)

    monkeypatch.setattr(batches, "prepare_face", prepare)
    latents = encode_dataset(records, model)
    assert asked == [("auto", 256, None)]
    assert np.array_equal(latents.latents[0], model.encode(pictures[0][None, ::-1, ::-1])[0])


def test_a_predictor_that_is_named_is_used_and_told_in_the_provenance(
    write_pictures, model, tmp_path, monkeypatch
):
    records, _ = write_pictures(tmp_path, 2)
    asked, predictor = [], tmp_path / "points.dat"
    predictor.write_bytes(b"trained")

    def prepare(image, *, align, size, landmark_model):
        asked.append(landmark_model)
        return faces.PreparedFace(image, None)

    monkeypatch.setattr(batches, "prepare_face", prepare)
    latents = encode_dataset(records, model, landmark_model=predictor)
    assert asked == [predictor, predictor]
    digest = sha256_file(predictor)[:12]
    assert latents.provenance["align"] == f"auto, landmarks {digest}"
    asked.clear()
    with pytest.raises(FileAccessError, match="gone.dat"):
        encode_dataset(records, model, landmark_model=tmp_path / "gone.dat")
    assert asked == []


def test_progress_runs_up_to_all_pictures(write_pictures, model, tmp_path):
    records, _ = write_pictures(tmp_path, 5)
    seen = []
    encode_dataset(records, model, batch_size=2, progress=lambda *step: seen.append(step))
    assert seen == [(0, 5), (2, 5), (4, 5), (5, 5)]


def test_a_picture_that_is_there_twice_is_encoded_once(
    write_pictures, model, tmp_path, monkeypatch
):
    records, _ = write_pictures(tmp_path, 1)
    twice = [records[0], Record(records[0].path, "copy.png", "F01", "sad")]
    encoded = []
    original = model.encode
    monkeypatch.setattr(model, "encode", lambda x: encoded.append(len(x)) or original(x))
    latents = encode_dataset(twice, model)
    assert encoded == [1]
    assert np.array_equal(latents.latents[0], latents.latents[1])
    assert latents.emotion.tolist() == ["neutral", "sad"]


def test_unusable_pictures_are_all_named_and_the_others_kept(write_pictures, model, tmp_path):
    records, _ = write_pictures(tmp_path, 5)
    whole = records[1].path.read_bytes()
    records[1].path.write_bytes(whole[: len(whole) // 2])
    records[3].path.unlink()
    parts = tmp_path / "parts"
    with pytest.raises(DatasetError) as caught:
        encode_dataset(records, model, parts=parts, batch_size=2)
    message = str(caught.value)
    assert "2 of 5" in message
    assert "in/face1.png" in message and "in/face3.png" in message
    assert "in/face0.png" not in message
    assert "\n" not in message
    kept = batches.PartsFolder(parts, model.fingerprint, "auto").read()
    assert set(kept) == {sha256_file(records[i].path) for i in (0, 2, 4)}


def test_a_photo_without_a_face_is_named_with_the_reason(write_pictures, model, tmp_path):
    records, _ = write_pictures(tmp_path, 2)
    save_image(records[1].path, np.full((60, 90, 3), 128, np.uint8))
    with pytest.raises(DatasetError, match=r"1 of 2.*in/face1.png.*without a face"):
        encode_dataset(records, model)


def test_what_is_missing_to_align_is_told_at_once(write_pictures, model, tmp_path, monkeypatch):
    records, _ = write_pictures(tmp_path, 3)

    def prepare(image, *, align, size, landmark_model):
        raise MissingDependencyError("got no landmarks")

    monkeypatch.setattr(batches, "prepare_face", prepare)
    with pytest.raises(MissingDependencyError, match="in/face0.png: got no landmarks"):
        encode_dataset(records, model)


def test_options_that_cannot_be_used_are_refused(write_pictures, model, tmp_path):
    records, _ = write_pictures(tmp_path, 1)
    with pytest.raises(InputError, match="batch size 0"):
        encode_dataset(records, model, batch_size=0)
    with pytest.raises(InputError, match="auto or always or none"):
        encode_dataset(records, model, align="no")
    with pytest.raises(DatasetError, match="no pictures"):
        encode_dataset([], model)
