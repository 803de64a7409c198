import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from skimage import data

from icaedit.errors import MissingDependencyError
from icaedit.faces import Box, detect, detection


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
        assert scales[0] * max(width, height) <= 1280
        assert scales[-1] * max(width, height) <= max(2560, width, height)
        assert scales[-1] <= 4


def test_a_false_face_in_the_photo_of_a_true_one_comes_after_it_and_is_doubtful(astronaut):
    true, *others = detect(astronaut, every_size=True)
    assert nose_in(true)
    assert true.is_sure
    assert len(others) == 1  # a patch of the flag, as large as the face
    assert not others[0].is_sure
    assert others[0].top > 300
    assert true == detect(astronaut)[0]


def test_a_false_face_that_is_larger_still_comes_after_the_true_one(monkeypatch, astronaut):
    true, false = Box(179, 83, 267, 171, 1.5), Box(100, 200, 400, 500, 0.1)
    monkeypatch.setattr(detection, "_detect_at", lambda image, scale: [false, true])
    assert detect(astronaut) == detect(astronaut, every_size=True) == [true, false]


def test_the_search_goes_on_until_a_sure_face_is_found(monkeypatch, astronaut):
    at = {1: [Box(0, 0, 90, 90, 0.1)], 2: [Box(300, 300, 340, 340, 0.9)], 4: []}
    monkeypatch.setattr(detection, "_detect_at", lambda image, scale: at[scale])
    assert [box.score for box in detect(astronaut)] == [0.9, 0.1]


def test_small_faces_beside_a_large_one_are_found_when_every_size_is_searched(astronaut):
    page = Image.new("RGB", (600, 420), (180, 180, 180))
    face = Image.fromarray(astronaut[40:220, 130:320])
    page.paste(face.resize((380, 360), Image.Resampling.BICUBIC), (10, 30))
    page.paste(face.resize((95, 90), Image.Resampling.BOX), (460, 100))
    page = np.asarray(page)
    assert len(detect(page)) == 1
    boxes = [box for box in detect(page, every_size=True) if box.is_sure]
    assert len(boxes) == 2
    assert boxes[0] == detect(page)[0]
    assert boxes[1].left > 450 and boxes[1].side < 70


def test_a_search_is_told_with_its_detector_and_sizes():
    text = detection.search_description(3000, 2000)
    assert "dlib" in text
    assert "1280 x 853, 2560 x 1707 px" in text
    assert "from 94 px" in text


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
