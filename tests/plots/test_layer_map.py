import subprocess
import sys

import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.plots import layer_map, layer_shares

EMOTIONS = ["happy", "sad", "angry"]


def planted(shares, n_channels=20):
    """Return masks (E, L, C) that keep given shares (L, E)."""
    return np.arange(n_channels) < np.round(np.array(shares).T[..., None] * n_channels)


def test_the_shares_are_those_that_were_planted():
    shares = [(0.0, 0.5, 1.0), (0.1, 0.25, 0.05)]
    assert np.array_equal(layer_shares(planted(shares)), shares)


def test_the_darkest_cell_is_the_layer_and_emotion_that_keep_most():
    for layer, emotion in [(0, 0), (3, 1), (1, 2)]:
        shares = np.zeros((4, 3))
        shares[layer, emotion] = 0.5
        page = layer_map(planted(shares), EMOTIONS)
        # cells only: the colour bar right of them shows every colour
        cells = page[:, : int(page.shape[1] * 0.8)].astype(int)
        row, column = np.argwhere(cells[..., 2] - cells[..., 0] > 60).mean(axis=0)
        top, left = 40, 150  # about where the cells begin
        assert int((row - top) / (page.shape[0] - 80) * 4) == layer
        assert int((column - left) / (page.shape[1] * 0.82 - left) * 3) == emotion


def test_the_picture_grows_with_layers_and_emotions():
    small = layer_map(planted(np.ones((4, 2))), EMOTIONS[:2])
    large = layer_map(planted(np.ones((8, 3))), EMOTIONS)
    assert large.shape[0] > small.shape[0]
    assert large.shape[1] > small.shape[1]
    assert large.dtype == np.uint8 and large.shape[2] == 3


def test_masks_that_keep_nothing_are_drawn_too():
    assert layer_map(planted(np.zeros((5, 3))), EMOTIONS).min() < 100


def test_what_is_no_set_of_masks_is_refused():
    for masks in (np.zeros((2, 3), bool), np.zeros((2, 3, 4)), np.zeros((0, 3, 4), bool)):
        with pytest.raises(InputError, match="bool \\(E, L, C\\)"):
            layer_map(masks, EMOTIONS[:2])
    with pytest.raises(InputError, match="masks of 1 emotions for 3 emotions"):
        layer_map(np.zeros((1, 3, 4), bool), EMOTIONS)


def test_drawing_leaves_pyplot_and_its_settings_alone():
    code = (
        "import sys, numpy as np, icaedit.plots as p; "
        "early = 'matplotlib' in sys.modules; p.layer_map(np.ones((1, 2, 3), bool), ['sad']); "
        "print(early, 'matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False False"
