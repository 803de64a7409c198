import importlib.util

import numpy as np
import pytest
from PIL import Image
from skimage import data

from icaedit.errors import FaceNotFoundError, InputError, MissingDependencyError
from icaedit.faces import Box, align, detection, prepare, prepare_face

HAS_LANDMARKS = importlib.util.find_spec("face_recognition_models") is not None
POINTS = np.array([(203, 102), (246, 103), (223, 130), (201, 140), (246, 141)])  # by hand


@pytest.fixture(scope="module")
def astronaut():
    return data.astronaut()


@pytest.fixture
def points_by_hand(monkeypatch):
    """Stand in for the trained landmarks, and remember the boxes asked about."""
    asked = []

    def landmarks(image, box):
        asked.append(box)
        return POINTS.astype(float)

    monkeypatch.setattr(prepare, "landmarks", landmarks)
    return asked


def test_an_aligned_face_passes_through_untouched(astronaut):
    for size in (64, 128, 256, 512):
        face = align(astronaut, POINTS, size=size, transform_size=512).image
        prepared = prepare_face(face)
        assert prepared.quad is None
        assert np.array_equal(prepared.image, face)


def test_a_square_without_a_face_passes_through():
    drawing = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    prepared = prepare_face(drawing)
    assert prepared.quad is None
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
    monkeypatch.setattr(prepare, "detect", lambda image: [Box(*edges, 1.0)])
    assert (prepare_face(astronaut).quad is None) == passes


def test_no_face_in_a_photo_that_is_no_square_says_what_was_tried():
    with pytest.raises(FaceNotFoundError) as caught:
        prepare_face(np.full((90, 120, 3), 128, np.uint8))
    assert "120 x 90" in str(caught.value)
    assert "1x, 2x, 4x" in str(caught.value)
    assert "--align none" in str(caught.value)


def test_a_face_to_align_without_landmarks_says_what_to_install(astronaut, monkeypatch):
    monkeypatch.setattr(detection.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError, match=r"icaedit\[landmarks\]"):
        prepare_face(astronaut)


def test_a_square_that_is_not_to_be_aligned_passes_through_unseen(astronaut, monkeypatch):
    monkeypatch.setattr(prepare, "detect", lambda image: pytest.fail("looked for a face"))
    assert np.array_equal(prepare_face(astronaut, align="none").image, astronaut)


def test_a_photo_that_is_no_square_must_be_aligned(astronaut):
    with pytest.raises(InputError, match="512 x 400 px.*square"):
        prepare_face(astronaut[:400], align="none")


def test_an_unknown_mode_is_refused(astronaut):
    with pytest.raises(InputError, match="auto or none"):
        prepare_face(astronaut, align="maybe")


@pytest.mark.skipif(not HAS_LANDMARKS, reason="face_recognition_models is not installed")
def test_a_real_photo_is_aligned_by_trained_landmarks(astronaut):
    prepared = prepare_face(astronaut, size=256)
    by_hand = align(astronaut, POINTS).quad
    assert np.abs(prepared.quad - by_hand).max() < 12
    again = prepare_face(np.asarray(Image.fromarray(prepared.image).resize((128, 128))))
    assert again.quad is None
