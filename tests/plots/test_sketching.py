import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.images import sketch_steps
from icaedit.plots import sketch_strip


def test_the_photograph_and_its_five_steps_stand_in_a_row():
    photo = np.random.default_rng(0).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    strip = sketch_strip(photo, 5, cell=48)
    gap, above = 4, strip.shape[0] - 48 - 4
    for place, picture in enumerate([photo, *sketch_steps(photo, 5).values()]):
        left = gap + place * (48 + gap)
        np.testing.assert_array_equal(strip[above : above + 48, left : left + 48], picture)


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(InputError, match="kernel size 4"):
        sketch_strip(np.zeros((8, 8, 3), np.uint8), 4)
