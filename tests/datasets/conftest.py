import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def add(tmp_path):
    """Put a small picture at a name below tmp_path; another level of grey is another picture."""
    count = iter(range(1000, 10_000))

    def put(*names, size=(16, 20), seed=None, level=None):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            noise = np.random.default_rng(seed if seed is not None else next(count))
            pixels = noise.integers(60, 200, (size[1], size[0], 3), dtype=np.uint8)
            if level is not None:
                pixels[:] = level
            suffix = path.suffix.lower()
            kind = {".png": "PNG", ".tif": "TIFF", ".webp": "WEBP"}.get(suffix, "JPEG")
            Image.fromarray(pixels).save(path, format=kind)

    return put


@pytest.fixture
def problems():
    """Return the (path, kind) pairs of a dataset, without or with only some kinds."""

    def pairs(dataset, *kinds):
        return [(p.path, p.kind) for p in dataset.problems if not kinds or p.kind in kinds]

    return pairs
