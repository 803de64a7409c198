import importlib.util
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from skimage import data

from icaedit.errors import FormatError, InputError, MissingDependencyError
from icaedit.faces import Box, detect, detection, landmarks

HAS_LANDMARKS = importlib.util.find_spec("face_recognition_models") is not None


@pytest.fixture(scope="module")
def astronaut():
    return data.astronaut()


def nose_in(box):
    """Tell whether the astronaut's nose tip lies in the middle third of a box."""
    share = (223 - box.left) / (box.right - box.left), (130 - box.top) / (box.bottom - box.top)
    return all(1 / 3 < s < 2 / 3 for s in share)


def test_the_face_of_a_real_photo_is_found(astronaut):
    (box,) = detect(astronaut)
    assert nose_in(box)
    assert 70 < box.side < 110
    assert box.score > 0.5


def test_a_face_too_small_for_the_detector_is_found_by_enlarging(astronaut):
    small = np.asarray(Image.fromarray(astronaut).resize((256, 256), Image.Resampling.BOX))
    (box,) = detect(small)
    assert nose_in(Box(*(2 * e for e in (box.left, box.top, box.right, box.bottom)), box.score))


def test_a_huge_photo_is_searched_reduced_and_its_box_told_in_its_own_pixels(astronaut):
    large = np.asarray(Image.fromarray(astronaut).resize((3072, 3072), Image.Resampling.BICUBIC))
    box = detect(large)[0]
    assert nose_in(Box(*(e / 6 for e in (box.left, box.top, box.right, box.bottom)), box.score))


def test_a_shift_of_the_photo_shifts_the_box(astronaut):
    shifted = np.pad(astronaut, ((24, 0), (40, 0), (0, 0)), mode="edge")
    before, after = detect(astronaut)[0], detect(shifted)[0]
    assert abs(after.left - before.left - 40) < 8
    assert abs(after.top - before.top - 24) < 8


def test_a_mirrored_view_of_a_photo_has_the_mirrored_box(astronaut):
    before, after = detect(astronaut)[0], detect(astronaut[:, ::-1])[0]
    assert abs(after.left - (512 - before.right)) < 20
    assert abs(after.top - before.top) < 20


def test_the_largest_of_two_faces_comes_first(astronaut):
    face = Image.fromarray(astronaut[40:220, 130:320])
    page = Image.new("RGB", (800, 420), (180, 180, 180))
    page.paste(face.resize((190, 180)), (20, 100))
    page.paste(face.resize((380, 360), Image.Resampling.BICUBIC), (380, 30))
    boxes = detect(np.asarray(page))
    assert len(boxes) == 2
    assert boxes[0].side > boxes[1].side
    assert boxes[0].left > 380 > boxes[1].right


def test_a_picture_without_a_face_has_no_boxes():
    assert detect(np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)) == []


def test_the_scales_searched_bound_the_work():
    for width, height in [(20, 30), (500, 300), (1300, 100), (9000, 8000)]:
        scales = detection.searched_scales(width, height)
        assert list(scales) == sorted(set(scales))
        assert scales[-1] * max(width, height) <= 2560 or scales == (1.0,)
        assert scales[-1] <= 4


def test_importing_the_room_loads_neither_dlib_nor_scipy():
    code = (
        "import sys, icaedit.faces; "
        "print([m for m in ('dlib', 'scipy', 'torch', 'pkg_resources') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_dlib_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "dlib", None)
    with pytest.raises(MissingDependencyError, match="pip install dlib-bin"):
        detection.import_dlib()


def test_without_trained_landmarks_the_message_names_the_extra_and_its_terms(
    astronaut, monkeypatch
):
    monkeypatch.setattr(detection.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError) as caught:
        landmarks(astronaut, Box(179, 83, 267, 171, 1.0))
    assert 'pip install "icaedit[landmarks]"' in str(caught.value)
    assert "commercial" in str(caught.value)
    assert "--align none" in str(caught.value)


def test_a_damaged_file_of_landmarks_is_named(astronaut, monkeypatch, tmp_path):
    path = tmp_path / "points.dat"
    path.write_bytes(b"no trained points")
    monkeypatch.setattr(detection, "_points_path", lambda: path)
    with pytest.raises(FormatError, match="points.dat"):
        landmarks(astronaut, Box(179, 83, 267, 171, 1.0))


@pytest.mark.skipif(not HAS_LANDMARKS, reason="face_recognition_models is not installed")
def test_the_landmarks_of_a_real_photo_lie_on_its_eyes_and_mouth(astronaut):
    points = landmarks(astronaut, detect(astronaut)[0])
    assert points.shape == (68, 2)
    assert np.abs(points[36:42].mean(axis=0) - (203, 102)).max() < 5
    assert np.abs(points[42:48].mean(axis=0) - (246, 103)).max() < 5
    assert np.abs(points[48:68].mean(axis=0) - (223, 146)).max() < 6


@pytest.mark.skipif(not HAS_LANDMARKS, reason="face_recognition_models is not installed")
def test_an_empty_box_has_no_landmarks(astronaut):
    with pytest.raises(InputError, match="empty box"):
        landmarks(astronaut, Box(50, 50, 50, 90, 1.0))
