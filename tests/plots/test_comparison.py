import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.plots import comparison_plot

METHODS = ["ica", "pca", "own-face"]
TABLE = np.array([[0.5, 0.4, 0.7], [np.nan] * 3, [0.2, 0.1, 0.3]])


def test_each_method_has_its_mean_and_interval_in_each_panel():
    figure = comparison_plot(METHODS, {"identity": TABLE, "outside": TABLE * 10})
    for panel, factor in zip(figure.axes, (1, 10), strict=True):
        assert [bar.get_label() for bar in panel.containers] == ["ica", "own-face"]
        for bar, row, place in zip(panel.containers, TABLE[[0, 2]], (0, 2), strict=True):
            mark, _, (interval,) = bar.lines
            assert (mark.get_xdata()[0], mark.get_ydata()[0]) == (factor * row[0], place)
            ends = interval.get_segments()[0][:, 0]
            np.testing.assert_allclose(ends, factor * row[1:])


def test_panels_say_what_is_better_and_methods_what_they_reached():
    figure = comparison_plot(
        METHODS, {"identity": TABLE, "outside": TABLE, "distance": TABLE},
        better={"identity": 1, "outside": -1}, notes={"pca": "0/6"}, caption="of 12 people",
    )  # fmt: skip
    titles = [panel.get_title(loc="left") for panel in figure.axes]
    assert titles == ["identity  (more is better)", "outside  (less is better)", "distance"]
    names = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert names == ["ica", "pca  0/6", "own-face"]
    assert figure.get_supxlabel() == "of 12 people"


def test_the_first_method_is_on_top_and_in_its_own_colour():
    panel = comparison_plot(METHODS, {"identity": TABLE}).axes[0]
    assert panel.get_ylim()[0] > panel.get_ylim()[1]
    marks = [bar.lines[0] for bar in panel.containers]
    assert marks[0].get_color() != marks[1].get_color()


def test_the_reference_is_hollow_and_drawn_through():
    panel = comparison_plot(METHODS, {"identity": TABLE}, reference="own-face").axes[0]
    marks = [bar.lines[0] for bar in panel.containers]
    assert [mark.get_markerfacecolor() == "white" for mark in marks] == [False, True]
    assert [line.get_xdata()[0] for line in panel.lines if len(line.get_xdata()) == 2] == [0.2]


def test_five_measures_take_two_rows_and_no_empty_frame_shows():
    figure = comparison_plot(METHODS, {f"m{i}": TABLE for i in range(5)})
    assert [panel.get_visible() for panel in figure.axes] == [True] * 5 + [False] * 3


def test_tables_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match=r"\(3, 3\): mean, low and high"):
        comparison_plot(METHODS, {"identity": TABLE[:2]})
    with pytest.raises(InputError, match="low end above"):
        comparison_plot(METHODS, {"identity": TABLE[:, [0, 2, 1]]})
    with pytest.raises(InputError, match="some to draw"):
        comparison_plot(METHODS, {})
