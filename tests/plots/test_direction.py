import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.plots import direction_map, threshold_plot


@pytest.fixture
def pattern():
    return np.array([[0.1, -3.0, 0.0], [2.0, 0.4, -0.2]])


def lines(axes):
    """Return (coordinate, value) of every line drawn."""
    (collection,) = axes.collections
    return [(int(ends[1, 0]), float(ends[1, 1])) for ends in collection.get_segments()]


def levels(axes):
    return sorted(line.get_ydata()[0] for line in axes.lines if line.get_linestyle() == "--")


def test_every_coordinate_stands_in_the_upper_panel_and_the_kept_in_the_lower(pattern):
    mask = np.abs(pattern) >= 1
    upper, lower = threshold_plot(pattern, mask).axes
    assert lines(upper) == [(0, 0.1), (1, -3.0), (3, 2.0), (4, 0.4), (5, -0.2)]
    assert lines(lower) == [(1, -3.0), (3, 2.0)]
    assert upper.get_title(loc="left") == "before: 6 coordinates"
    assert lower.get_title(loc="left") == "after: 2 kept (33.3 %)"


def test_kept_coordinates_are_told_apart_by_colour(pattern):
    upper, lower = threshold_plot(pattern, np.abs(pattern) >= 1).axes
    colours = upper.collections[0].get_colors()
    assert (colours[1] == colours[2]).all()  # the kept ones, coordinates 1 and 3
    assert (colours[0] != colours[1]).any()
    assert (lower.collections[0].get_colors() == colours[1]).all()


def test_the_threshold_is_drawn_on_the_sides_it_works_on(pattern):
    two_sided = threshold_plot(pattern, np.abs(pattern) >= 1, threshold=1.0).axes[0]
    assert levels(two_sided) == [-1.0, 1.0]
    one_sided = threshold_plot(pattern, pattern >= 1).axes[0]
    assert levels(one_sided) == [2.0]
    empty = threshold_plot(pattern, np.zeros((2, 3), bool)).axes[0]
    assert levels(empty) == []


def test_layers_are_named_where_they_lie(pattern):
    axes = threshold_plot(pattern, pattern > 0).axes[1]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["0", "1"]
    assert axes.get_xticks().tolist() == [1.0, 4.0]
    assert axes.get_xlabel() == "coordinate, by style layer"
    assert threshold_plot(pattern[0], pattern[0] > 0).axes[1].get_xlabel() == "coordinate"


def test_the_map_orders_channels_by_their_energy_in_both_panels(pattern):
    mask = np.abs(pattern) >= 1
    figure = direction_map(pattern, mask, title="happy")
    order = [1, 0, 2]  # energies 9.16, 4.01, 0.04
    np.testing.assert_array_equal(figure.axes[0].images[0].get_array(), pattern[:, order])
    np.testing.assert_array_equal(figure.axes[1].images[0].get_array(), mask[:, order])
    assert figure.axes[1].get_title(loc="left") == "mask: 33.3 % kept"
    assert figure.get_suptitle() == "happy"


def test_the_colours_are_balanced_around_zero(pattern):
    low, high = direction_map(pattern).axes[0].images[0].get_clim()
    assert low == -high < 0


def test_the_bars_are_each_layers_share_of_the_energy(pattern):
    bars = direction_map(pattern).axes[1].patches
    energy = (pattern**2).sum(1)
    np.testing.assert_allclose([bar.get_width() for bar in bars], energy / energy.sum())


def test_masks_of_another_shape_or_kind_are_refused(pattern):
    for mask in (np.ones((3, 2), bool), np.ones((2, 3))):
        with pytest.raises(InputError, match="expected bool of the same shape"):
            threshold_plot(pattern, mask)
    with pytest.raises(InputError, match="keep the layers apart"):
        direction_map(pattern[0])
