"""What befalls pictures in training, and that it follows from the seed alone."""

import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.images import pencil_sketch, sketch_kernel_size
from icaedit.recognition import Augmentation
from icaedit.recognition.training.augmentation import Variation


@pytest.fixture
def face():
    return np.random.default_rng(1).integers(0, 256, (40, 40, 3), dtype=np.uint8)


def drawn(augmentation, n=300, side=200):
    return [augmentation.variation(np.random.default_rng([3, k]), side) for k in range(n)]


def test_nothing_befalls_where_nothing_is_asked_for(face):
    nothing = Augmentation(flip=0, shift=0)
    assert not nothing.changes and Augmentation().changes
    for variation in drawn(nothing, 20):
        np.testing.assert_array_equal(variation.apply(face), face)


def test_a_mirrored_picture_is_mirrored_sideways(face):
    np.testing.assert_array_equal(Variation(flip=True).apply(face), face[:, ::-1])


def test_a_shifted_picture_has_its_border_drawn_out(face):
    moved = Variation(shift=(0.1, -0.05)).apply(face)  # 4 px to the right, 2 px up
    np.testing.assert_array_equal(moved[:-2, 4:], face[2:, :-4])
    np.testing.assert_array_equal(moved[:, 0], moved[:, 4])
    np.testing.assert_array_equal(moved[-1], moved[-3])


def test_a_covered_rectangle_is_grey_and_the_rest_untouched(face):
    covered = Variation(erased=(0.25, 0.5, 0.2, 0.3)).apply(face)
    assert (covered[10:18, 20:32] == 128).all()
    covered[10:18, 20:32] = face[10:18, 20:32]
    np.testing.assert_array_equal(covered, face)


def test_a_drawing_is_the_pencil_drawing_of_its_kernel(face):
    np.testing.assert_array_equal(Variation(kernel_size=5).apply(face), pencil_sketch(face, 5))


def test_the_picture_given_stays_as_it_is(face):
    before = face.copy()
    Variation(flip=True, kernel_size=3, shift=(0.1, 0.1), erased=(0, 0, 0.5, 0.5)).apply(face)
    np.testing.assert_array_equal(face, before)


def test_things_befall_as_often_as_asked_for():
    made = drawn(Augmentation(flip=0.25, shift=0.1, erase=0.5, sketch=0.75))
    assert abs(np.mean([v.flip for v in made]) - 0.25) < 0.08
    assert abs(np.mean([v.erased is not None for v in made]) - 0.5) < 0.08
    assert abs(np.mean([v.kernel_size is not None for v in made]) - 0.75) < 0.08
    shifts = np.array([v.shift for v in made])
    assert np.abs(shifts).max() <= 0.1 and shifts.min() < -0.09 and shifts.max() > 0.09


def test_kernels_are_odd_and_up_to_twice_the_usual():
    kernels = {v.kernel_size for v in drawn(Augmentation(sketch=1))}
    usual = sketch_kernel_size(200)
    assert kernels == set(range(3, 2 * usual + 1, 2))


def test_covered_areas_are_2_to_25_per_cent_and_inside():
    for variation in drawn(Augmentation(erase=1)):
        top, left, tall, wide = variation.erased
        assert 0.02 - 1e-9 <= tall * wide <= 0.25 + 1e-9 and 0.5 <= tall / wide <= 2
        assert min(top, left) >= 0 and max(top + tall, left + wide) <= 1 + 1e-9


def test_one_probability_does_not_change_what_the_others_draw():
    one, other = drawn(Augmentation(), 30), drawn(Augmentation(sketch=1, erase=1), 30)
    assert [(v.flip, v.shift) for v in one] == [(v.flip, v.shift) for v in other]


@pytest.mark.parametrize("bad", [{"flip": 1.1}, {"shift": 0.6}, {"erase": -0.1}, {"sketch": 2}])
def test_probabilities_are_probabilities(bad):
    with pytest.raises(InputError, match=next(iter(bad))):
        Augmentation(**bad)
