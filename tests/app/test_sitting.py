"""Opening a picture, finding its faces, and choosing one."""

import numpy as np
import pytest
from PIL import Image

from icaedit.app.sitting import (
    LARGEST,
    PREVIEW,
    choose_face,
    explained,
    face_at,
    open_picture,
    outlined,
)
from icaedit.editor import Editor, default_directions, edit_encoded
from icaedit.errors import (
    FaceNotFoundError,
    FormatError,
    InputError,
    MissingDependencyError,
)
from icaedit.faces import predictor


@pytest.fixture
def two_faces(astronaut, points, model):
    return open_picture(astronaut, model, landmarks=points)


def test_an_aligned_picture_passes_through_and_is_encoded_once(aligned, model):
    sitting = open_picture(aligned, model)
    assert sitting.is_aligned and len(sitting.faces) == 1 and sitting.name == "aligned.png"
    pixels = np.asarray(Image.open(aligned))
    assert np.array_equal(sitting.encoded.face.image, pixels)
    assert np.array_equal(sitting.encoded.latents, model.encode(pixels[None])[0])
    assert np.array_equal(
        sitting.encoded.reconstruction, model.synthesize(sitting.encoded.latents)[0]
    )


def test_the_face_of_an_aligned_picture_is_outlined_where_it_was_found(aligned, model):
    sitting = open_picture(aligned, model)
    box = sitting.faces[0].box
    marked = (outlined(sitting) != sitting.photo.pixels).any(axis=2)
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    assert abs(rows[0] - box.top) <= 2 and abs(columns[-1] - box.right) <= 2


def test_a_photo_with_landmarks_has_one_face_for_each_of_them(two_faces):
    assert [face.number for face in two_faces.faces] == [1, 2]
    assert not two_faces.is_aligned
    assert two_faces.encoded.face is two_faces.faces[0]


def test_another_face_can_be_chosen_and_the_first_sitting_stays_as_it_was(two_faces, model):
    before = two_faces.encoded.latents.copy()
    second = choose_face(two_faces, 2, model)
    assert second.encoded.face.number == 2
    assert not np.array_equal(second.encoded.latents, before)
    assert two_faces.encoded.face.number == 1
    assert np.array_equal(two_faces.encoded.latents, before)
    with pytest.raises(InputError, match="face 3"):
        choose_face(two_faces, 3, model)


def test_a_click_means_the_face_whose_square_it_is_in(two_faces):
    for face in two_faces.faces:
        assert face_at(two_faces, *face.quad.mean(axis=0)) == face.number
    # around both squares, whose sides are 172 px
    outside = [(52, 360), (245, 360), (128, 100), (320, 100), (220, 8), (180, 233), (150, 460)]
    assert [face_at(two_faces, *place) for place in outside] == [None] * len(outside)


def test_a_large_photo_is_shown_small_with_its_face_in_the_same_place(
    astronaut, points, model, tmp_path
):
    from icaedit.faces import read_landmarks, save_landmarks

    large = tmp_path / "large.png"
    with Image.open(astronaut) as photo:
        photo.resize((2048, 2048), Image.Resampling.NEAREST).save(large)
    save_landmarks(
        tmp_path / "large.json", [(p + 0.5) * 4 - 0.5 for p in read_landmarks(points)]
    )
    sitting = open_picture(large, model, landmarks=tmp_path / "large.json")
    assert sitting.preview.photo.shape == (PREVIEW, PREVIEW, 3)
    assert sitting.encoded.photo.shape == (2048, 2048, 3)
    share = (sitting.encoded.face.quad + 0.5) / 2048
    assert np.allclose((sitting.preview.face.quad + 0.5) / PREVIEW, share)
    editor = Editor(model, default_directions(model))
    small = edit_encoded(sitting.preview, editor, add={"happy": 5}).image.astype(int)
    whole = edit_encoded(sitting.encoded, editor, add={"happy": 5}).image
    reduced = np.asarray(Image.fromarray(whole).resize((PREVIEW, PREVIEW), Image.Resampling.BOX))
    moved = np.abs(reduced.astype(int) - sitting.preview.photo).max(axis=2) > 25
    assert moved.any()
    assert np.abs(small - reduced)[moved].mean() < 12


def test_a_file_that_is_no_picture_is_told_by_its_own_name(tmp_path, model):
    path = tmp_path / "notes.jpg"
    path.write_text("buy milk")
    with pytest.raises(FormatError, match=r"^notes\.jpg is no picture") as caught:
        open_picture(path, model)
    assert str(tmp_path) not in str(caught.value)


def test_too_many_pixels_are_told_without_the_folder(tmp_path, model, monkeypatch):
    path = tmp_path / "poster.png"
    Image.new("RGB", (64, 48)).save(path)
    monkeypatch.setattr("icaedit.images.reading.LARGEST_PIXELS", 1000)
    with pytest.raises(InputError, match=r"poster\.png of 64x48") as caught:
        open_picture(path, model)
    assert str(tmp_path) not in str(caught.value)


def test_a_huge_file_is_told_before_it_is_read(tmp_path, model, monkeypatch):
    path = tmp_path / "scan.tif"
    with path.open("wb") as file:
        file.truncate(LARGEST + 2**20)
    monkeypatch.setattr("icaedit.app.sitting.read_photo", None)
    with pytest.raises(InputError, match=r"^scan\.tif has 51 MB, at most 50 MB are taken\."):
        open_picture(path, model)


def test_a_photo_without_a_face_is_told_in_plain_words(tmp_path, model):
    path = tmp_path / "wall.png"
    Image.new("RGB", (90, 60), "grey").save(path)
    with pytest.raises(FaceNotFoundError, match=r"^No face was found in wall\.png \(90 x 60 px\)"):
        open_picture(path, model)


def test_a_face_that_nothing_can_align_is_told_with_every_way_out(astronaut, model, monkeypatch):
    def missing(name):
        return None

    predictor._package_predictor.cache_clear()
    monkeypatch.setattr(predictor.importlib.util, "find_spec", missing)
    with pytest.raises(MissingDependencyError) as caught:
        open_picture(astronaut, model)
    predictor._package_predictor.cache_clear()
    line = explained(caught.value)
    assert line.startswith("There is a face in my photo.png")
    assert "icaedit[landmarks]" in line and "as landmarks" in line and "--" not in line


def test_an_error_becomes_one_sentence():
    assert explained(InputError("got a,\n  expected b")) == "Got a, expected b."
    assert explained(InputError("notes.png is no picture.")) == "notes.png is no picture."
