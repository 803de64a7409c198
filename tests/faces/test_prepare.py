import numpy as np
import pytest
from PIL import Image
from skimage import data

from icaedit.errors import FaceNotFoundError, InputError, MissingDependencyError
from icaedit.faces import (
    Box,
    align,
    predictor,
    prepare,
    prepare_face,
    prepare_faces,
    save_landmarks,
)

POINTS = np.array([(203, 102), (246, 103), (223, 130), (201, 140), (246, 141)])  # by hand


@pytest.fixture(scope="module")
def astronaut():
    return data.astronaut()


def no_search(image, every_size=False):
    pytest.fail("looked for a face")


@pytest.fixture
def points_by_hand(monkeypatch):
    """Stand in for the trained landmarks, and remember the boxes asked about."""
    asked = []

    def landmarks(image, box, *, model):
        asked.append(box)
        return POINTS.astype(float)

    monkeypatch.setattr(prepare, "predicted_landmarks", landmarks)
    return asked


def test_an_aligned_face_passes_through_untouched(astronaut):
    for size in (64, 128, 256, 512):
        face = align(astronaut, POINTS, size=size, transform_size=512).image
        prepared = prepare_face(face)
        assert prepared.quad is None
        assert prepared.box is not None
        assert np.array_equal(prepared.image, face)


def test_a_square_without_a_face_passes_through():
    drawing = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    prepared = prepare_face(drawing)
    assert prepared.quad is None
    assert prepared.box is None
    assert np.array_equal(prepared.image, drawing)


def test_a_face_elsewhere_in_a_square_photo_is_cut_out(astronaut, points_by_hand):
    prepared = prepare_face(astronaut, size=96)
    expected = align(astronaut, POINTS, size=96, transform_size=96)
    assert np.array_equal(prepared.image, expected.image)
    assert np.array_equal(prepared.quad, expected.quad)
    assert len(points_by_hand) == 1


def test_a_photo_that_is_no_square_is_cut_out_even_if_well_framed(astronaut, points_by_hand):
    prepared = prepare_face(astronaut[:400], size=64)
    assert prepared.image.shape == (64, 64, 3)
    assert prepared.quad.shape == (4, 2)


def test_a_finer_sampling_may_be_asked_for(astronaut, points_by_hand):
    prepared = prepare_face(astronaut, size=64, transform_size=256)
    expected = align(astronaut, POINTS, size=64, transform_size=256)
    assert np.array_equal(prepared.image, expected.image)


@pytest.mark.parametrize("shift", [(0, -90), (0, 90), (-90, 0), (90, 0)])
def test_a_face_off_its_place_by_a_third_of_the_side_is_aligned(astronaut, points_by_hand, shift):
    face = align(astronaut, POINTS, size=256, transform_size=256).image
    wide = np.pad(face, ((90, 90), (90, 90), (0, 0)), mode="edge")
    y, x = 90 + shift[1], 90 + shift[0]
    prepared = prepare_face(wide[y : y + 256, x : x + 256])
    assert len(points_by_hand) == (prepared.quad is not None)
    if shift[1] >= 0:  # shifted upwards or sideways the face is still whole, and found
        assert prepared.quad is not None


def test_a_face_half_its_usual_size_is_aligned(astronaut, points_by_hand):
    face = align(astronaut, POINTS, size=256, transform_size=256).image
    small = np.pad(face, ((140, 116), (128, 128), (0, 0)), mode="edge")
    assert prepare_face(small).quad is not None


@pytest.mark.parametrize(
    ("x", "y", "side", "passes"),
    [
        (0.50, 0.60, 0.55, True),
        (0.30, 0.60, 0.55, True),  # a head half turned
        (0.70, 0.68, 0.80, True),
        (0.50, 0.60, 0.37, True),
        (0.50, 0.60, 0.95, False),
        (0.50, 0.60, 0.30, False),
        (0.25, 0.60, 0.55, False),
        (0.50, 0.40, 0.55, False),
        (0.50, 0.75, 0.55, False),
    ],
)
def test_a_square_passes_where_its_face_is_framed_as_in_ffhq(
    astronaut, points_by_hand, monkeypatch, x, y, side, passes
):
    edges = (512 * edge for edge in (x - side / 2, y - side / 2, x + side / 2, y + side / 2))
    monkeypatch.setattr(prepare, "detect", lambda image, every_size: [Box(*edges, 1.0)])
    assert (prepare_face(astronaut).quad is None) == passes


def test_no_face_in_a_photo_that_is_no_square_says_what_was_tried():
    with pytest.raises(FaceNotFoundError) as caught:
        prepare_face(np.full((90, 120, 3), 128, np.uint8))
    assert "120 x 90" in str(caught.value)
    assert "dlib's frontal detector at 120 x 90, 240 x 180, 480 x 360 px" in str(caught.value)
    assert "--landmarks FILE" in str(caught.value)
    assert "--align none" in str(caught.value)


def test_a_face_to_align_without_landmarks_says_what_to_install(astronaut, monkeypatch):
    predictor._package_predictor.cache_clear()
    monkeypatch.setattr(predictor.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match=r"icaedit\[landmarks\]"):
        prepare_face(astronaut)


def test_a_square_that_is_not_to_be_aligned_passes_through_unseen(astronaut, monkeypatch):
    monkeypatch.setattr(prepare, "detect", no_search)
    assert np.array_equal(prepare_face(astronaut, align="none").image, astronaut)


def test_a_photo_that_is_no_square_must_be_aligned(astronaut):
    with pytest.raises(InputError, match="512 x 400 px.*square"):
        prepare_face(astronaut[:400], align="none")


def test_an_unknown_mode_is_refused(astronaut):
    with pytest.raises(InputError, match="auto, always, none"):
        prepare_face(astronaut, align="maybe")


def test_a_real_photo_is_aligned_by_trained_landmarks(astronaut, trained_landmarks):
    prepared = prepare_face(astronaut, size=256)
    by_hand = align(astronaut, POINTS).quad
    assert np.abs(prepared.quad - by_hand).max() < 12
    again = prepare_face(np.asarray(Image.fromarray(prepared.image).resize((128, 128))))
    assert again.quad is None


def test_a_face_that_is_aligned_already_is_aligned_again_if_always_is_asked(
    astronaut, points_by_hand
):
    face = align(astronaut, POINTS, size=256, transform_size=256).image
    assert prepare_face(face).quad is None
    assert prepare_face(face, align="always").quad is not None
    assert prepare_face(face, face=1).quad is not None
    with pytest.raises(FaceNotFoundError, match="64 x 64 px"):
        prepare_face(np.full((64, 64, 3), 9, np.uint8), align="always")


def test_given_landmarks_are_used_and_no_face_is_looked_for(astronaut, monkeypatch, tmp_path):
    monkeypatch.setattr(prepare, "detect", no_search)
    save_landmarks(tmp_path / "points.json", [POINTS])
    expected = align(astronaut, POINTS)
    for landmarks in (POINTS, POINTS.tolist(), tmp_path / "points.json"):
        prepared = prepare_face(astronaut, landmarks=landmarks)
        assert np.array_equal(prepared.image, expected.image)
        assert np.array_equal(prepared.quad, expected.quad)
        assert np.array_equal(prepared.landmarks, POINTS)
        assert prepared.box is None


def test_landmarks_of_several_faces_are_chosen_by_number(astronaut):
    both = [POINTS, POINTS + 40]
    for number in (1, 2):
        prepared = prepare_face(astronaut, landmarks=both, face=number)
        assert prepared.number == number
        assert np.array_equal(prepared.landmarks, both[number - 1])
    with pytest.raises(InputError, match="got face 3 of 2 landmarks, expected 1 to 2"):
        prepare_face(astronaut, landmarks=both, face=3)
    assert [face.number for face in prepare_faces(astronaut, landmarks=both)] == [1, 2]


def test_the_face_of_a_number_is_the_box_of_that_number(astronaut, points_by_hand, monkeypatch):
    boxes = [Box(10, 10, 90, 90, 1.0), Box(200, 200, 260, 260, 0.9)]
    monkeypatch.setattr(prepare, "detect", lambda image, every_size: boxes[: 1 + every_size])
    for number, box in enumerate(boxes, start=1):
        assert prepare_face(astronaut, face=number).box == box
        assert points_by_hand[-1] == box
    for number in (0, 3, -1):
        with pytest.raises(InputError, match=f"got face {number} of .*--show"):
            prepare_face(astronaut, face=number)


def test_all_faces_leaves_out_what_may_be_none(astronaut, points_by_hand):
    faces = prepare_faces(astronaut)
    assert [face.number for face in faces] == [1]
    assert faces[0].box.is_sure
    assert [face.number for face in prepare_faces(astronaut, doubtful=True)] == [1, 2]


def test_a_doubtful_face_is_taken_where_there_is_no_other(astronaut, points_by_hand, monkeypatch):
    doubtful = [Box(10, 10, 90, 90, 0.1)]
    monkeypatch.setattr(prepare, "detect", lambda image, every_size: doubtful)
    assert prepare_face(astronaut).box == doubtful[0]
    assert [face.box for face in prepare_faces(astronaut)] == doubtful


def test_all_faces_of_an_aligned_picture_are_that_picture(astronaut):
    face = align(astronaut, POINTS, size=256, transform_size=256).image
    (prepared,) = prepare_faces(face)
    assert prepared.quad is None
    assert prepare_faces(face, align="none")[0].quad is None


def test_a_face_that_is_named_cannot_pass_through(astronaut):
    with pytest.raises(InputError, match="leave out --align none"):
        prepare_face(astronaut, align="none", face=1)
    with pytest.raises(InputError, match="leave out --align none"):
        prepare_faces(astronaut, align="none", landmarks=POINTS)
