import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.plots import sweep_grid, sweep_plot
from icaedit.plots.sweeps import _apart


@pytest.fixture
def faces():
    return np.random.default_rng(0).integers(0, 256, (2, 3, 12, 12, 3), dtype=np.uint8)


def test_every_picture_stands_in_its_row_and_column(faces):
    figure = sweep_grid(faces, [-1.5, 0, 3], row_labels=["happy", "sad"])
    shown = [axes.images[0].get_array() for axes in figure.axes]
    np.testing.assert_array_equal(np.array(shown), faces.reshape(6, 12, 12, 3))
    assert [axes.get_title() for axes in figure.axes] == ["-1.5", "0", "+3", "", "", ""]
    assert [axes.get_ylabel() for axes in figure.axes] == ["happy", "", "", "sad", "", ""]


def test_scores_stand_below_their_pictures(faces):
    scores = np.array([[0.0, 0.256, 1.0], [0.5, 0.1, 0.9]])
    figure = sweep_grid(
        faces, [0, 1, 2], row_labels=["a", "b"], scores=scores, score_label="likeness"
    )
    below = [axes.get_xlabel() for axes in figure.axes]
    assert below == ["0.00", "0.26", "1.00", "0.50", "0.10", "0.90"]
    assert figure.get_supxlabel() == "strength above, likeness below"


def test_curves_lie_below_their_pictures_whatever_the_strengths(faces):
    figure = sweep_plot(faces[0], [0, 1, 10], {"happy": [0, 0.5, 1], "sad": [1, 0, 0.99]})
    *pictures, curves = figure.axes
    np.testing.assert_array_equal([axes.images[0].get_array() for axes in pictures], faces[0])
    assert curves.lines[1].get_xdata().tolist() == [0, 1, 2]
    assert curves.lines[1].get_ydata().tolist() == [1, 0, 0.99]
    assert [tick.get_text() for tick in curves.get_xticklabels()] == ["0", "+1", "+10"]
    figure.canvas.draw()
    for column, axes in enumerate(pictures):
        middle = axes.get_window_extent()
        at = curves.transData.transform((column, 0))[0]
        assert at == pytest.approx((middle.x0 + middle.x1) / 2, abs=3)


def test_names_of_curves_do_not_overlap_each_other_or_the_axis(faces):
    figure = sweep_plot(faces[0], [0, 1, 2], {f"n{i}": [0, 1, 0.01 * i] for i in range(6)})
    figure.canvas.draw()
    boxes = sorted((text.get_window_extent() for text in figure.axes[-1].texts), key=lambda b: b.y0)
    assert len(boxes) == 6
    assert all(a.y1 <= b.y0 + 2 for a, b in zip(boxes[:-1], boxes[1:], strict=True))
    assert boxes[0].y1 > figure.axes[-1].get_window_extent().y0


def test_heights_are_kept_where_there_is_room():
    np.testing.assert_allclose(_apart(np.array([3.0, 0.0, 1.0]), 0.5, 0.0), [3.0, 0.0, 1.0])
    np.testing.assert_allclose(_apart(np.array([2.0, 2.0]), 1.0, 0.0), [1.5, 2.5], atol=1e-4)
    np.testing.assert_allclose(_apart(np.array([0.0, 0.0]), 1.0, 0.0), [0.0, 1.0], atol=1e-4)


def test_numbers_that_do_not_fit_together_are_refused(faces):
    with pytest.raises(InputError, match="a picture for each strength"):
        sweep_grid(faces, [0, 1], row_labels=["a", "b"])
    with pytest.raises(InputError, match="a picture for each strength"):
        sweep_grid(faces, [0, 1, 2], row_labels=["a"])
    with pytest.raises(InputError, match=r"expected \(2, 3\)"):
        sweep_grid(faces, [0, 1, 2], row_labels=["a", "b"], scores=np.ones((3, 2)))
    for strengths, curves in (([0, 1], [1, 2]), ([0, 2, 1], [1, 2, 3]), ([0, 1, 2], [1, 2])):
        with pytest.raises(InputError, match="increasing strengths"):
            sweep_plot(faces[0], strengths, {"happy": curves})
