import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from icaedit.errors import InputError
from icaedit.faces import align, paste_back

SQUARE = np.array([(19.5, 29.5), (19.5, 69.5), (59.5, 69.5), (59.5, 29.5)])  # 40 px, on edges


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def turned(centre, half, angle):
    c, s = half * np.cos(angle), half * np.sin(angle)
    x, y = np.array([c, s]), np.array([-s, c])
    return np.array([centre - x - y, centre - x + y, centre + x + y, centre + x - y])


def waves(width, height):
    x, y = np.arange(width)[None, :], np.arange(height)[:, None]
    red = 120 + 70 * np.sin(x / 25) + 0 * y
    green = 120 + 70 * np.cos(y / 22) + 0 * x
    return np.rint(np.stack([red, green, (red + green) / 2], axis=2)).astype(np.uint8)


@settings(max_examples=25, deadline=None)
@given(x=st.floats(-40, 140), y=st.floats(-40, 140), half=st.floats(1, 90), angle=st.floats(-3, 3))
def test_no_change_gives_back_the_photo_byte_for_byte(x, y, half, angle):
    photo, face = noise(90, 110, 3), noise(16, 16, 3, seed=1)
    quad = turned(np.array([x, y]), half, angle)
    assert np.array_equal(paste_back(photo, face, face.copy(), quad), photo)


@pytest.mark.parametrize("blend", ["residual", "replace"])
def test_outside_the_square_the_photo_stays_as_it_was(blend):
    photo, before, after = noise(90, 110, 3), noise(16, 16, 3, seed=1), noise(16, 16, 3, seed=2)
    centre = np.array([50.0, 40.0])
    pasted = paste_back(photo, after, before, turned(centre, 20, 0.4), blend=blend)
    y, x = np.mgrid[:90, :110]
    c, s = np.cos(0.4), np.sin(0.4)
    u, v = c * (x - 50) + s * (y - 40), -s * (x - 50) + c * (y - 40)
    outside = np.maximum(abs(u), abs(v)) > 20
    assert np.array_equal(pasted[outside], photo[outside])
    assert (pasted != photo)[~outside].mean() > 0.5


def test_each_part_of_the_change_lands_where_the_square_has_it():
    photo = np.full((100, 90, 3), 50, np.uint8)
    before = np.full((4, 4, 3), 100, np.uint8)
    after = before.copy()
    after[0, 3, 0] += 80  # the top right cell, in red
    after[3, 0, 1] += 60  # the bottom left cell, in green
    pasted = paste_back(photo, after, before, SQUARE, feather=0)
    assert pasted[30, 59].tolist() == [130, 50, 50]
    assert pasted[69, 20].tolist() == [50, 110, 50]
    assert pasted[30, 20].tolist() == pasted[69, 59].tolist() == [50, 50, 50]
    assert pasted[34, 54].tolist() == [130 - 4, 50, 50]  # half a pixel inside the cell's centre


def test_an_edit_that_darkens_below_black_stops_there():
    photo = np.full((100, 90, 3), 20, np.uint8)
    before, after = np.full((8, 8, 3), 99, np.uint8), np.zeros((8, 8, 3), np.uint8)
    pasted = paste_back(photo, after, before, SQUARE)
    assert pasted[50, 40].tolist() == [0, 0, 0]


def test_the_edge_fades_over_the_feather():
    photo = np.zeros((100, 90, 3), np.uint8)
    before, after = np.zeros((2, 8, 8, 3), np.uint8)
    after = after + np.uint8(200)
    row = paste_back(photo, after, before, SQUARE, feather=0.25)[50, :, 0].astype(int)
    assert row[19] == row[60] == 0
    assert (np.diff(row[19:31]) > 0).sum() >= 9
    assert row[20] <= 4 and row[29] >= 196  # it sets in and ends gently
    assert (row[30:50] == 200).all()
    assert row[24] + row[25] == 200  # the middle of a step that is ten pixels wide
    assert np.array_equal(row[20:60], row[20:60][::-1])


def test_replacing_with_the_aligned_face_itself_restores_a_smooth_photo():
    photo = waves(400, 360)
    points = np.array([(160, 150), (225, 170), (185, 190), (155, 220), (195, 235)])
    face = align(photo, points, size=128, transform_size=128)
    pasted = paste_back(photo, face.image, face.image, face.quad, blend="replace", feather=0)
    assert np.abs(pasted.astype(int) - photo).max() <= 4


def test_a_photo_reduced_for_aligning_is_restored_as_well():
    photo = np.kron(waves(400, 360), np.ones((4, 4, 1), np.uint8))
    points = 4 * np.array([(160, 150), (225, 170), (185, 190), (155, 220), (195, 235)])
    face = align(photo, points, size=128, transform_size=128)
    pasted = paste_back(photo, face.image, face.image, face.quad, blend="replace")
    assert np.abs(pasted.astype(int) - photo).max() <= 3  # 4 if the reduction's shift is lost


def test_without_a_feather_the_square_counts_up_to_its_very_edge():
    photo, before = np.zeros((60, 60, 3), np.uint8), np.zeros((8, 8, 3), np.uint8)
    quad = np.array([(10, 20), (10, 40), (30, 40), (30, 20)])
    changed = paste_back(photo, before + np.uint8(90), before, quad, feather=0)[..., 0] == 90
    rows, columns = np.nonzero(changed)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (20, 40, 10, 30)


def test_a_large_edit_is_averaged_into_a_small_square():
    photo = np.zeros((100, 90, 3), np.uint8)
    before = np.zeros((400, 400, 3), np.uint8)
    after = before.copy()
    after[::2] = 200  # stripes far finer than the photo's pixels
    inside = paste_back(photo, after, before, SQUARE, feather=0)[35:65, 25:55]
    assert np.abs(inside.astype(int) - 100).max() <= 2


def test_a_square_beside_the_photo_changes_nothing():
    photo = noise(50, 50, 3)
    pasted = paste_back(photo, noise(8, 8, 3), noise(8, 8, 3, seed=3), SQUARE + 500)
    assert np.array_equal(pasted, photo)
    assert pasted is not photo


def test_the_photo_given_is_not_written_to():
    photo = noise(90, 110, 3)
    paste_back(photo, noise(8, 8, 3, seed=1), noise(8, 8, 3, seed=2), SQUARE)
    assert np.array_equal(photo, noise(90, 110, 3))


@pytest.mark.parametrize(
    "quad",
    [
        np.zeros((4, 2)),
        np.zeros((3, 2)),
        SQUARE[::-1],
        SQUARE * (1, 2),
        np.where(SQUARE > 60, np.inf, SQUARE),
        "square",
    ],
)
def test_corners_that_are_no_square_are_refused(quad):
    with pytest.raises(InputError, match="no square"):
        paste_back(noise(90, 110, 3), noise(8, 8, 3), noise(8, 8, 3), quad)


def test_pictures_of_two_sizes_and_unknown_options_are_refused():
    photo, face = noise(90, 110, 3), noise(8, 8, 3)
    with pytest.raises(InputError, match="one size"):
        paste_back(photo, face, noise(9, 9, 3), SQUARE)
    with pytest.raises(InputError, match="residual or replace"):
        paste_back(photo, face, face, SQUARE, blend="poisson")
    with pytest.raises(InputError, match="feather"):
        paste_back(photo, face, face, SQUARE, feather=-0.1)
