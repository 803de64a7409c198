"""Pictures to encode."""

import numpy as np
import pytest

from icaedit.datasets import Record
from icaedit.images import save_image


@pytest.fixture
def write_pictures():
    """Return a function that writes squares of noise, and returns their records and pixels."""
    return _write_pictures


def _write_pictures(folder, n, side=24):
    rng = np.random.default_rng(0)
    records, pictures = [], []
    for i in range(n):
        pictures.append(rng.integers(0, 256, (side, side, 3), dtype=np.uint8))
        path = folder / f"face{i}.png"
        save_image(path, pictures[-1])
        emotion = ("neutral", "happy", "sad")[i % 3]
        records.append(Record(path, f"in/face{i}.png", f"F{i // 3:02}", emotion, "S", "AB"[i % 2]))
    return records, pictures
