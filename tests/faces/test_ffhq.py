from pathlib import Path

import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.faces import align

GOLDEN = Path(__file__).parents[1] / "golden" / "ffhq_align_256.npz"
TRUNCATED = 0.5  # grey levels: Pillow's bilinear transform rounds down


def ripples(width, height, frequency, phase):
    """Return the smooth picture from which the golden cases were cut."""
    x, y = np.arange(width)[None, :, None], np.arange(height)[:, None, None]
    across = 60 * np.sin(frequency[:, 0] * x + phase[:, 0])
    down = 60 * np.cos(frequency[:, 1] * y + phase[:, 1])
    return np.clip(np.rint(127 + across + down), 0, 255).astype(np.uint8)


def ramps(width, height):
    """Return a picture whose red and green tell x and y."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[..., 0] = np.arange(width)[None, :]
    picture[..., 1] = np.arange(height)[:, None]
    return picture


def five_points(centre, eyes=40.0, mouth=44.0, angle=0.0):
    """Return eyes, nose and mouth corners of an upright face, turned about the eyes' middle."""
    points = np.array(
        [(-eyes / 2, 0), (eyes / 2, 0), (0, mouth / 2), (-eyes / 3, mouth), (eyes / 3, mouth)]
    )
    c, s = np.cos(angle), np.sin(angle)
    return points @ np.array([(c, s), (-s, c)]) + centre


@pytest.mark.parametrize("case", ["interior", "border", "large"])
def test_an_aligned_face_equals_the_reference_within_two_grey_levels(case):
    with np.load(GOLDEN, allow_pickle=False) as data:
        frequency, phase = data[f"{case}_frequency"], data[f"{case}_phase"]
        landmarks, expected = data[f"{case}_landmarks"], data[f"{case}_aligned"]
        height, width = data[f"{case}_size"]
    face = align(ripples(width, height, frequency, phase), landmarks)
    assert np.abs(face.image.astype(int) - expected).max() <= 2


def test_the_eyes_come_to_lie_level_at_a_quarter_of_the_width_apart():
    for angle in (-0.5, 0.0, 0.7):
        points = five_points((100, 90), eyes=40, mouth=40, angle=angle)
        quad = align(ramps(200, 190), points, size=64, transform_size=64).quad
        axes = np.stack([quad[3] - quad[0], quad[1] - quad[0]], axis=1)
        left, right = np.linalg.solve(axes, (points[:2] - quad[0]).T).T
        assert np.allclose(left, (0.375, 0.475), atol=1e-9)
        assert np.allclose(right, (0.625, 0.475), atol=1e-9)


def test_a_long_face_is_framed_by_the_way_from_eyes_to_mouth():
    quad = align(ramps(250, 250), five_points((120, 100), eyes=40, mouth=60)).quad
    assert np.isclose(np.hypot(*(quad[3] - quad[0])), 2 * 1.8 * 60)
    assert np.allclose(quad.mean(axis=0), (120, 106))


def test_the_corners_run_top_left_bottom_left_bottom_right_top_right():
    quad = align(ramps(250, 250), five_points((120, 100))).quad
    assert quad[0, 0] == quad[1, 0] < quad[2, 0] == quad[3, 0]
    assert quad[0, 1] == quad[3, 1] < quad[1, 1] == quad[2, 1]


def test_each_pixel_is_taken_from_where_the_square_says():
    points = five_points((95.5, 90.25), eyes=24, mouth=26, angle=0.3)
    face = align(ramps(200, 190), points, size=80, transform_size=80)
    steps = (np.arange(80) + 0.5) / 80
    origin, across, down = face.quad[0], face.quad[3] - face.quad[0], face.quad[1] - face.quad[0]
    expected = origin + steps[None, :, None] * across + steps[:, None, None] * down
    taken = face.image[..., :2] + TRUNCATED
    assert np.abs(taken - expected).max() <= 0.51


def test_a_photo_that_is_reduced_first_still_says_where_its_pixels_were():
    width, height = 1700, 1500
    photo = np.zeros((height, width, 3), np.uint8)
    photo[..., 0] = np.rint(np.arange(width) / 8)[None, :]
    photo[..., 1] = np.rint(np.arange(height) / 8)[:, None]
    points = five_points((820, 700), eyes=300, mouth=320)
    face = align(photo, points, size=32, transform_size=64)  # reduced 18 times
    steps = (np.arange(32) + 0.5) / 32
    expected = face.quad[0] + steps[:, None] * (face.quad[2] - face.quad[0])
    taken = (face.image[np.arange(32), np.arange(32), :2] + TRUNCATED) * 8
    assert np.abs((taken - expected).mean(axis=0)).max() < 1.5  # 8.5 px were it ignored


def test_sixty_eight_points_and_five_points_give_the_same_square():
    five = five_points((120, 100), angle=0.2)
    many = np.full((68, 2), 7.0)
    many[36:42], many[42:48], many[48], many[54] = five[0], five[1], five[3], five[4]
    assert np.allclose(
        align(ramps(250, 250), many).quad, align(ramps(250, 250), five).quad, atol=1e-9
    )


def test_supersampling_gives_the_size_asked_for():
    face = align(ramps(200, 190), five_points((95, 90)), size=32, transform_size=128)
    assert face.image.shape == (32, 32, 3)
    assert face.image.dtype == np.uint8


def test_the_photo_is_left_as_it_was():
    photo = ramps(200, 190)
    align(photo, five_points((20, 20)))
    assert np.array_equal(photo, ramps(200, 190))


@pytest.mark.parametrize(
    "landmarks",
    [
        np.zeros((67, 2)),
        np.full((68, 2), np.nan),
        np.ones((5, 2)),
        "eyes",
        five_points((5000, 90)),
        five_points((100, -4000)),
    ],
)
def test_landmarks_that_frame_no_face_are_refused(landmarks):
    with pytest.raises(InputError, match="expected"):
        align(ramps(200, 190), landmarks)


@pytest.mark.parametrize(("size", "transform_size"), [(4, 64), (64, 32), (64, 100_000)])
def test_sizes_that_cannot_be_sampled_are_refused(size, transform_size):
    with pytest.raises(InputError, match="transform_size"):
        align(ramps(64, 64), five_points((30, 30)), size=size, transform_size=transform_size)


@pytest.mark.parametrize(
    "picture", [np.zeros((20, 20)), np.zeros((20, 20, 3)), np.zeros((20, 20, 4), np.uint8), None]
)
def test_a_picture_that_is_not_uint8_rgb_is_refused(picture):
    with pytest.raises(InputError, match="uint8 .*RGB"):
        align(picture, five_points((10, 10)))
