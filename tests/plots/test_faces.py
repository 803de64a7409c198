import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.faces import Box, PreparedFace
from icaedit.plots import numbered_faces

PHOTO = np.zeros((200, 220, 3), np.uint8)
QUAD = np.array([(40.0, 40), (40, 160), (160, 160), (160, 40)])
GREEN, ORANGE = (64, 220, 96), (255, 176, 0)


def face(number=1, quad=QUAD, score=1.0):
    points = np.array([(80.0, 90), (120, 90), (100, 110), (85, 130), (115, 130)])
    return PreparedFace(PHOTO, quad, number, points, Box(0, 0, 9, 9, score))


def test_the_square_and_the_points_are_drawn_where_they_are():
    shown = numbered_faces(PHOTO, [face()])
    for x, y in [(100, 160), (160, 100), (40, 100), (150, 40)]:
        assert tuple(shown[y, x]) == GREEN
    assert (shown[90, 80] == 255).all()
    assert not shown[180].any()


def test_each_number_looks_different_and_a_doubtful_face_is_orange():
    one, two = (numbered_faces(PHOTO, [face(number)]) for number in (1, 2))
    assert (one != two)[40:80, 40:80].any()
    assert not (one != two)[90:].any()
    doubtful = numbered_faces(PHOTO, [face(score=0.1)])
    assert tuple(doubtful[160, 100]) == ORANGE


def test_the_number_of_a_square_beyond_the_photo_is_still_seen():
    shown = numbered_faces(PHOTO, [face(quad=QUAD - 60)])
    assert tuple(shown[1, 1]) == GREEN or (shown[:30, :30] == GREEN).all(axis=2).any()


def test_a_face_that_passed_through_has_nothing_to_show_and_the_photo_is_left_alone():
    assert np.array_equal(numbered_faces(PHOTO, [PreparedFace(PHOTO, None)]), PHOTO)
    numbered_faces(PHOTO, [face()])
    assert not PHOTO.any()


def test_a_photo_that_is_not_uint8_rgb_is_refused():
    with pytest.raises(InputError, match="uint8"):
        numbered_faces(PHOTO / 255, [face()])
