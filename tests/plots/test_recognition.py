import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.plots import confusion_plot, figure_image, reliability_plot
from icaedit.statistics import wilson_interval

EMOTIONS = ["happy", "sad", "angry"]
COUNTS = np.array([[3, 1, 0], [0, 2, 0], [1, 0, 4]])


def cells(panel):
    """Return the texts of a matrix by row and column."""
    return {
        (round(text.get_position()[1]), round(text.get_position()[0])): text.get_text()
        for text in panel.texts
    }


def test_rows_are_the_truth_and_cells_their_percent():
    figure = confusion_plot([COUNTS], EMOTIONS)
    panel = figure.axes[0]
    assert cells(panel) == {
        (0, 0): "75", (0, 1): "25", (1, 1): "100", (2, 0): "20", (2, 2): "80"
    }  # fmt: skip
    np.testing.assert_allclose(panel.images[0].get_array(), COUNTS / [[4], [2], [5]])
    assert (panel.get_ylabel(), panel.get_xlabel()) == ("shown", "read")
    for ticks in (panel.get_xticklabels(), panel.get_yticklabels()):
        assert [tick.get_text() for tick in ticks] == EMOTIONS


def test_cells_may_be_faces_and_the_shades_stay():
    shares, faces = (
        confusion_plot([COUNTS], EMOTIONS, normalised=how).axes[0] for how in (True, False)
    )
    assert cells(faces)[0, 0] == "3"
    np.testing.assert_array_equal(faces.images[0].get_array(), shares.images[0].get_array())


def test_matrices_stand_side_by_side_under_their_titles():
    titles = ["DAN", "DAN + latents", "RUL"]
    figure = confusion_plot([COUNTS, COUNTS.T, COUNTS], EMOTIONS, titles=titles)
    panels = figure.axes[:4]
    assert [panel.get_title(loc="left") for panel in panels[:3]] == titles
    assert [panel.get_visible() for panel in panels] == [True, True, True, False]
    assert cells(panels[1])[1, 0] == "33"
    spans = [panel.get_subplotspec() for panel in panels[:3]]
    assert [(s.rowspan.start, s.colspan.start) for s in spans] == [(0, 0), (0, 1), (1, 0)]


def test_pictures_without_a_face_get_a_column_only_where_there_are_any():
    padded = np.pad(COUNTS, ((0, 0), (0, 1)))
    assert len(confusion_plot([padded], EMOTIONS).axes[0].get_xticklabels()) == 3
    padded[1, 3] = 2
    first, second = confusion_plot([COUNTS, padded], EMOTIONS).axes[:2]
    assert [tick.get_text() for tick in second.get_xticklabels()] == [*EMOTIONS, "no face"]
    assert cells(second)[1, 3] == "50"
    assert first.images[0].get_array().shape == (3, 4)


def test_a_row_without_faces_is_masked_and_has_no_text():
    counts = COUNTS.copy()
    counts[1] = 0
    panel = confusion_plot([counts], EMOTIONS).axes[0]
    assert panel.images[0].get_array().mask.all(axis=1).tolist() == [False, True, False]
    assert not {row for row, _ in cells(panel)} & {1}


def test_dark_cells_have_light_text():
    panel = confusion_plot([COUNTS], EMOTIONS).axes[0]
    colours = {text.get_text(): text.get_color() for text in panel.texts}
    assert colours["100"] == "white"
    assert colours["20"] != "white"


def test_nothing_is_cut_off_at_the_edges():
    picture = figure_image(confusion_plot([COUNTS, COUNTS], EMOTIONS, titles=["A", "B"]))
    for edge in (picture[0], picture[-1], picture[:, 0], picture[:, -1]):
        assert (edge == 255).all()


def test_matrices_that_do_not_fit_are_refused():
    for matrices, complaint in (
        ([], "no confusion matrix"),
        ([COUNTS[:2]], r"\(2, 3\) for 3 emotions"),
        ([COUNTS / 2], "float64"),
        ([-COUNTS], "negative"),
        ([0 * COUNTS], "without faces"),
    ):
        with pytest.raises(InputError, match=complaint):
            confusion_plot(matrices, EMOTIONS)
    with pytest.raises(InputError, match="2 titles"):
        confusion_plot([COUNTS], EMOTIONS, titles=["a", "b"])


def test_accuracy_is_drawn_against_confidence_with_wilsons_interval():
    curve = ([0.3, np.nan, 0.9], [0.5, np.nan, 0.75], [10, 0, 20])
    figure = reliability_plot({"before": curve, "after": curve})
    assert [panel.get_title(loc="left") for panel in figure.axes[:2]] == ["before", "after"]
    upper, lower = figure.axes[0], figure.axes[2]
    mark, _, (interval,) = upper.containers[0].lines
    assert mark.get_xdata().tolist() == [0.3, 0.9]
    assert mark.get_ydata().tolist() == [0.5, 0.75]
    ends = [segment[:, 1] for segment in interval.get_segments()]
    np.testing.assert_allclose(ends, [wilson_interval(5, 10)[1:], wilson_interval(15, 20)[1:]])
    (bars,) = lower.collections
    np.testing.assert_allclose(
        [segment[1] for segment in bars.get_segments()], [[0.3, 1 / 3], [0.9, 2 / 3]]
    )


def test_curves_that_cannot_be_are_refused():
    for curve in (
        ([0.5], [0.5, 0.6], [1, 2]),
        ([0.5], [0.5], [0]),
        ([50.0], [0.5], [3]),
        ([0.5], [np.nan], [3]),
    ):
        with pytest.raises(InputError, match="got 'DAN' with confidence"):
            reliability_plot({"DAN": curve})
    with pytest.raises(InputError, match="no curves"):
        reliability_plot({})
