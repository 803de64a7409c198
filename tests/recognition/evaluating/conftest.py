"""Scores of made-up faces."""

import numpy as np
import pytest


@pytest.fixture
def reads():
    """Return scores (n, 7) whose largest stand at given places; None is no face."""

    def reads(*places):
        nothing = np.full(7, np.nan)
        return np.array([nothing if place is None else np.eye(7)[place] for place in places])

    return reads


@pytest.fixture
def faces():
    """Return scores, labels and identities of people, some of whom are harder to read."""

    def faces(seed=0, *, n_people=20, n_faces=15, skill=1.5, n_seeds=None):
        rng = np.random.default_rng(seed)
        n = n_people * n_faces
        labels = rng.integers(0, 7, n)
        identities = np.repeat([f"F{number:02d}" for number in range(n_people)], n_faces)
        hard = np.repeat(rng.uniform(0, 1, n_people), n_faces)
        scores = rng.normal(size=(n_seeds or 1, n, 7))
        scores[:, np.arange(n), labels] += skill * (1.5 - hard)
        return (scores if n_seeds else scores[0]), labels, identities

    return faces
