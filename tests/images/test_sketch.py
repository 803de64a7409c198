import numpy as np
import pytest
from scipy import ndimage

from icaedit.errors import InputError
from icaedit.images import SKETCH_STEPS, pencil_sketch, sketch_kernel_size, sketch_steps

RNG = np.random.default_rng(3)
NOISE = RNG.integers(0, 256, (13, 17, 3), dtype=np.uint8)
DARK = RNG.integers(0, 4, (13, 17, 3), dtype=np.uint8)


def drawn_pixel_by_pixel(image, k, whole):
    """Equations 3 to 7, one pixel at a time, with a two-dimensional kernel."""
    height, width, _ = image.shape
    half = k // 2
    sigma = 0.3 * ((k - 1) / 2 - 1) + 0.8
    offsets = range(-half, half + 1)
    kernel = {
        (y, x): np.exp(-(x**2 + y**2) / (2 * sigma**2)) / (2 * np.pi * sigma**2)
        for y in offsets
        for x in offsets
    }
    total = sum(kernel.values())
    grey = 0.2989 * image[..., 0] + 0.5870 * image[..., 1] + 0.1140 * image[..., 2]
    grey = np.round(grey) if whole else grey
    inverted = 255 - grey
    mirrored = np.pad(inverted, half, mode="reflect")
    drawing = np.zeros((height, width))
    for row in range(height):
        for column in range(width):
            blurred = sum(
                weight / total * mirrored[row + half + y, column + half + x]
                for (y, x), weight in kernel.items()
            )
            below = 255 - (np.round(blurred) if whole else blurred)
            if below > 1e-9:
                drawing[row, column] = min(255, np.round(256 * grey[row, column] / below))
    return drawing


@pytest.mark.parametrize("image", [NOISE, DARK], ids=["noise", "nearly black"])
@pytest.mark.parametrize("arithmetic", ["integer", "float"])
@pytest.mark.parametrize("k", [3, 7, 11])
def test_it_is_the_formula_of_the_paper(image, arithmetic, k):
    expected = drawn_pixel_by_pixel(image, k, arithmetic == "integer")
    drawing = pencil_sketch(image, k, arithmetic=arithmetic)
    assert drawing.dtype == np.uint8
    np.testing.assert_array_equal(drawing, np.repeat(expected[..., None], 3, axis=2))


@pytest.mark.parametrize("arithmetic", ["integer", "float"])
def test_even_areas_become_paper_but_black_stays_black(arithmetic):
    for level, expected in [(0, 0), (1, 255), (128, 255), (255, 255)]:
        image = np.full((20, 20, 3), level, np.uint8)
        assert (pencil_sketch(image, arithmetic=arithmetic) == expected).all(), level


def test_a_speck_on_black_is_rounded_away_in_integers_only():
    image = np.zeros((9, 9, 3), np.uint8)
    image[4, 4] = 1
    assert pencil_sketch(image, 5).max() == 0
    assert pencil_sketch(image, 5, arithmetic="float")[4, 4].tolist() == [255] * 3


def test_lines_stand_on_the_dark_side_of_an_edge():
    image = np.full((8, 12, 3), 200, np.uint8)
    image[:, 6:] = 80
    row = pencil_sketch(image, 5)[4, :, 0].astype(int)
    assert row[5] == 255
    assert row[6] < row[7] < 255
    assert row[11] == 255


def test_a_wider_kernel_draws_wider_lines():
    image = np.full((40, 40, 3), 200, np.uint8)
    image[:, 20:] = 80
    shaded = [(pencil_sketch(image, k) < 250).sum() for k in (3, 9, 21)]
    assert shaded[0] < shaded[1] < shaded[2]


@pytest.mark.parametrize(
    ("side", "size"), [(1, 3), (64, 3), (88, 3), (89, 5), (128, 5), (256, 11), (480, 21), (562, 25)]
)
def test_the_kernel_follows_the_side(side, size):
    assert sketch_kernel_size(side) == size


def test_the_default_kernel_is_that_of_the_shorter_side():
    image = RNG.integers(0, 256, (128, 300, 3), dtype=np.uint8)
    np.testing.assert_array_equal(pencil_sketch(image), pencil_sketch(image, 5))
    assert (pencil_sketch(image) != pencil_sketch(image, 3)).any()


def test_a_batch_is_drawn_picture_by_picture():
    batch = RNG.integers(0, 256, (3, 12, 10, 3), dtype=np.uint8)
    before = batch.copy()
    together = pencil_sketch(batch, 5)
    np.testing.assert_array_equal(together, np.stack([pencil_sketch(one, 5) for one in batch]))
    np.testing.assert_array_equal(batch, before)
    assert pencil_sketch(batch[:0], 5).shape == (0, 12, 10, 3)


def test_a_kernel_wider_than_the_picture_still_works():
    assert pencil_sketch(NOISE[:2, :1], 9).shape == (2, 1, 3)


@pytest.mark.parametrize("size", [0, 1, 4, -3])
def test_an_even_or_small_kernel_is_refused(size):
    with pytest.raises(InputError, match=f"kernel size {size}, expected an odd number"):
        pencil_sketch(NOISE, size)


@pytest.mark.parametrize(
    "wrong", [NOISE / 255, NOISE[..., 0], NOISE[..., :2], NOISE[:0], NOISE[None, None]]
)
def test_other_pictures_are_refused(wrong):
    with pytest.raises(InputError, match="got a picture of"):
        pencil_sketch(wrong)


def test_an_unknown_arithmetic_and_side_are_refused():
    with pytest.raises(InputError, match="expected one of integer, float"):
        pencil_sketch(NOISE, arithmetic="binary")
    with pytest.raises(InputError, match="at least 1"):
        sketch_kernel_size(0)


@pytest.mark.parametrize("arithmetic", ["integer", "float"])
def test_the_steps_are_those_of_equations_3_to_7(arithmetic):
    steps = sketch_steps(NOISE, 5, arithmetic=arithmetic)
    assert tuple(steps) == SKETCH_STEPS
    grey, inverted, blurred, again, divided = (
        step[..., 0].astype(float) for step in steps.values()
    )
    expected = NOISE @ [0.2989, 0.5870, 0.1140]
    np.testing.assert_allclose(grey, expected, atol=0.5 + 1e-9)
    sigma = 0.3 * 1 + 0.8
    smooth = ndimage.gaussian_filter(255 - expected, sigma, radius=2, mode="mirror")
    np.testing.assert_allclose(inverted, 255 - grey, atol=1)
    np.testing.assert_allclose(blurred, smooth, atol=1.01)
    np.testing.assert_allclose(again, 255 - blurred, atol=1)
    np.testing.assert_array_equal(steps["divided"], pencil_sketch(NOISE, 5, arithmetic=arithmetic))
    if arithmetic == "integer":
        whole = np.minimum(255, np.rint(256 * grey / again))
        np.testing.assert_array_equal(divided, whole)
