import numpy as np
import pytest
from matplotlib.colors import to_rgba
from scipy.cluster.hierarchy import linkage

from icaedit.errors import InputError
from icaedit.plots import mixing_plot, stability_dendrogram
from icaedit.plots.figures import COLOURS


@pytest.fixture
def tree():
    """Two tight clusters of three, in turn, and one loner."""
    places = np.array([[0.0], [5.0], [0.1], [5.1], [0.2], [5.3], [20.0]])
    return linkage(places, "average"), np.array([0, 1, 0, 1, 0, 1, 2])


def test_the_map_holds_the_loadings_and_says_each():
    mixing = np.array([[0.5, -2.0, 0.0], [1.0, -0.001, 3.0]])
    figure = mixing_plot(mixing, ["happy", "sad"], components=["a", "b", "c"])
    axes = figure.axes[0]
    np.testing.assert_array_equal(axes.images[0].get_array(), mixing)
    assert axes.images[0].get_clim() == (-3.0, 3.0)
    texts = {text.get_position(): text.get_text() for text in axes.texts}
    assert texts[1, 0] == "-2.00" and texts[1, 1] == "0.00" and texts[2, 1] == "3.00"
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["happy", "sad"]
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["a", "b", "c"]


def test_numbers_on_dark_cells_are_white():
    axes = mixing_plot([[0.1, 3.0]], ["happy"]).axes[0]
    assert [text.get_color() for text in axes.texts] == ["#2d2d2d", "white"]


@pytest.mark.parametrize(
    ("largest", "text"),
    [
        (0.0512, "0.051"),
        (0.512, "0.51"),
        (5.12, "5.12"),
        (51.2, "51.2"),
        (512.0, "512"),
    ],  # fmt: skip
)
def test_numbers_have_as_many_digits_as_their_size_asks_for(largest, text):
    axes = mixing_plot([[largest, 0.0]], ["happy"]).axes[0]
    assert axes.texts[0].get_text() == text


def test_neighbouring_clusters_never_share_a_colour():
    places = np.repeat(10.0 * np.arange(20), 2)[:, None] + np.tile([0.0, 0.1], 20)[:, None]
    labels = np.repeat(np.random.default_rng(0).permutation(20), 2)
    _, lower = stability_dendrogram(linkage(places, "average"), labels).axes
    bars = sorted(lower.patches, key=lambda bar: bar.get_x())
    assert len(bars) == 20
    for a, b in zip(bars[:-1], bars[1:], strict=True):
        assert a.get_facecolor() != b.get_facecolor()


def test_a_mixing_matrix_needs_a_name_for_every_row():
    with pytest.raises(InputError, match="1 emotions and 2 components"):
        mixing_plot(np.ones((2, 2)), ["happy"])


def test_branches_within_a_cluster_have_its_colour_and_others_none(tree):
    upper, _ = stability_dendrogram(*tree).axes
    (branches,) = upper.collections
    heights = [segment[:, 1].max() for segment in branches.get_segments()]
    np.testing.assert_allclose(sorted(heights), np.sort(tree[0][:, 2]))
    colours = {}
    for height, colour in zip(heights, branches.get_colors(), strict=True):
        colours.setdefault("low" if height < 1 else "high", set()).add(tuple(colour))
    assert len(colours["low"]) == 2
    assert colours["low"] < {to_rgba(colour) for colour in COLOURS[:3]}
    assert colours["high"] == {to_rgba("#2d2d2d")}


def test_the_strip_names_each_cluster_with_its_quality(tree):
    _, lower = stability_dendrogram(*tree, iq=[0.981, 0.6, 1.0]).axes
    assert {text.get_text() for text in lower.texts} == {"0\n.98", "1\n.60", "2\n1.00"}
    widths = {bar.get_width() for bar in lower.patches}
    assert widths == {30, 10}
    centres = {bar.get_x() + bar.get_width() / 2 for bar in lower.patches}
    assert {text.get_position()[0] for text in lower.texts} == centres


def test_a_report_read_from_json_is_drawn_alike(tree):
    import json

    again = json.loads(json.dumps([tree[0].tolist(), tree[1].tolist()]))
    a, b = (stability_dendrogram(*each, cut=1.0).axes[0] for each in (tree, again))
    np.testing.assert_array_equal(
        np.array(a.collections[0].get_segments()), np.array(b.collections[0].get_segments())
    )
    assert a.lines[0].get_ydata()[0] == 1.0


def test_labels_and_qualities_must_fit_the_tree(tree):
    with pytest.raises(InputError, match=r"expected \(R - 1, 4\) and \(R,\)"):
        stability_dendrogram(tree[0], tree[1][:-1])
    with pytest.raises(InputError, match="2 indices for 3 clusters"):
        stability_dendrogram(*tree, iq=[0.5, 0.5])
