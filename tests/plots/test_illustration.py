import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.plots import pca_ica_illustration


@pytest.fixture
def points():
    return np.random.default_rng(0).laplace(size=(50, 2)) + 3


def test_both_panels_hold_the_points_and_two_axes_each(points):
    rows = np.array([[1.0, 1.0], [0.0, 1.0]])
    figure = pca_ica_illustration(points, principal=np.eye(2), independent=rows, spread=1.0)
    for panel, expected in zip(figure.axes, (np.eye(2), rows), strict=True):
        np.testing.assert_allclose(panel.collections[0].get_offsets(), points)
        arrows = [note for note in panel.texts if note.get_text() == ""]
        moves = [(np.array(note.xy) - note.xyann) / 2 for note in arrows]
        np.testing.assert_allclose(moves, expected)
        middles = [(np.array(note.xy) + note.xyann) / 2 for note in arrows]
        np.testing.assert_allclose(middles, np.tile(points.mean(0), (2, 1)))


def test_the_angles_are_told(points):
    figure = pca_ica_illustration(
        points, principal=np.eye(2), independent=[[1.0, 0.0], [-1.0, -1.0]]
    )
    labels = [panel.get_xlabel() for panel in figure.axes]
    assert labels == [
        "angle between the axes 90 degrees",
        "angle between the axes 45 degrees",
    ]


def test_nothing_is_cut_off(points):
    figure = pca_ica_illustration(points, principal=np.eye(2), independent=np.eye(2))
    figure.canvas.draw()
    edge = figure.bbox
    for panel in figure.axes:
        box = panel.get_tightbbox()
        assert edge.x0 <= box.x0 and box.x1 <= edge.x1
        assert edge.y0 <= box.y0 and box.y1 <= edge.y1


def test_points_off_the_plane_are_refused(points):
    with pytest.raises(InputError, match="points in the plane"):
        pca_ica_illustration(np.ones((5, 3)), principal=np.eye(2), independent=np.eye(2))
    with pytest.raises(InputError, match="points in the plane"):
        pca_ica_illustration(points, principal=np.eye(3), independent=np.eye(2))
