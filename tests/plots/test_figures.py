import matplotlib
import numpy as np
import pytest
from PIL import Image

from icaedit.errors import FileAccessError, InputError
from icaedit.plots import direction_map, figure_image, save_figure, threshold_plot


def made():
    rng = np.random.default_rng(0)
    return direction_map(rng.normal(size=(4, 6)), rng.random((4, 6)) < 0.5, title="happy")


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_the_same_figure_gives_the_same_bytes(tmp_path, suffix):
    for name in ("a", "b"):
        save_figure(tmp_path / f"{name}.{suffix}", made())
    a, b = ((tmp_path / f"{name}.{suffix}").read_bytes() for name in ("a", "b"))
    assert a == b
    assert len(a) > 1000


def test_no_global_state_of_matplotlib_is_touched(tmp_path):
    settings, backend = dict(matplotlib.rcParams), matplotlib.get_backend()
    save_figure(tmp_path / "a.svg", made())
    figure_image(made())
    assert dict(matplotlib.rcParams) == settings
    assert matplotlib.get_backend() == backend
    pyplot = __import__("sys").modules.get("matplotlib.pyplot")
    assert pyplot is None or not pyplot.get_fignums()


def test_a_picture_of_a_figure_is_what_is_written(tmp_path):
    image = figure_image(made())
    save_figure(tmp_path / "a.png", made())
    with Image.open(tmp_path / "a.png") as picture:
        np.testing.assert_array_equal(np.asarray(picture.convert("RGB")), image)
        assert "Software" not in picture.info


def test_other_endings_and_missing_folders_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"a\.gif for a figure"):
        save_figure(tmp_path / "a.gif", made())
    with pytest.raises(FileAccessError):
        save_figure(tmp_path / "none" / "a.png", made())


@pytest.mark.parametrize(
    "bad", [np.zeros(0), np.array([np.nan, 1.0]), np.zeros((1, 1, 1, 1)), np.array([np.inf])]
)
def test_what_is_not_finite_numbers_is_not_drawn(bad):
    with pytest.raises(InputError, match="a direction of shape"):
        threshold_plot(bad, np.ones(bad.shape, bool))


def test_a_notebook_shows_the_figure_as_it_would_be_written(tmp_path):
    save_figure(tmp_path / "a.png", made())
    assert made()._repr_png_() == (tmp_path / "a.png").read_bytes()
