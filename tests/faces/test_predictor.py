import warnings

import numpy as np
import pytest
from skimage import data

from icaedit.errors import (
    FileAccessError,
    FormatError,
    InputError,
    MissingDependencyError,
    TermsWarning,
)
from icaedit.faces import Box, detect, landmarks, predictor

FACE = Box(179, 83, 267, 171, 1.0)


@pytest.fixture(scope="module")
def astronaut():
    return data.astronaut()


@pytest.fixture
def untold(monkeypatch):
    """As if the package's landmarks had not been used in this process."""
    predictor._package_predictor.cache_clear()
    yield
    predictor._package_predictor.cache_clear()


def test_without_trained_landmarks_the_message_names_every_way_out(astronaut, monkeypatch, untold):
    monkeypatch.setattr(predictor.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingDependencyError) as caught:
        landmarks(astronaut, FACE)
    assert 'pip install "icaedit[landmarks]"' in str(caught.value)
    assert "commercial" in str(caught.value)
    for option in ("--landmark-model", "--landmarks FILE", "--align none"):
        assert option in str(caught.value)


def test_a_damaged_predictor_is_named(astronaut, tmp_path):
    path = tmp_path / "points.dat"
    path.write_bytes(b"no trained points")
    with pytest.raises(FormatError, match="points.dat"):
        landmarks(astronaut, FACE, model=path)


def test_a_missing_predictor_is_named(astronaut, tmp_path):
    with pytest.raises(FileAccessError, match="gone.dat.*--landmark-model"):
        landmarks(astronaut, FACE, model=tmp_path / "gone.dat")


def test_a_predictor_of_other_points_is_refused(astronaut, tmp_path, monkeypatch):
    class FivePoints:
        def __call__(self, image, box):
            return self

        def parts(self):
            return [None] * 5

    monkeypatch.setattr(predictor, "_predictor", lambda path: FivePoints())
    with pytest.raises(FormatError, match="got 5 points from five.dat, expected 68"):
        landmarks(astronaut, FACE, model="five.dat")


def test_the_landmarks_of_a_real_photo_lie_on_its_eyes_and_mouth(astronaut, trained_landmarks):
    points = landmarks(astronaut, detect(astronaut)[0])
    assert points.shape == (68, 2)
    assert np.abs(points[36:42].mean(axis=0) - (203, 102)).max() < 5
    assert np.abs(points[42:48].mean(axis=0) - (246, 103)).max() < 5
    assert np.abs(points[48:68].mean(axis=0) - (223, 146)).max() < 6


def test_a_predictor_that_is_named_is_used_without_a_word(astronaut, trained_landmarks, untold):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        named = landmarks(astronaut, FACE, model=trained_landmarks)
    assert named.shape == (68, 2)


def test_the_terms_of_the_package_are_told_once(astronaut, trained_landmarks, untold):
    with pytest.warns(TermsWarning, match="exclude commercial use") as told:
        landmarks(astronaut, FACE)
        landmarks(astronaut, FACE)
    assert len(told) == 1


def test_an_empty_box_has_no_landmarks(astronaut, trained_landmarks):
    with pytest.raises(InputError, match="empty box"):
        landmarks(astronaut, Box(50, 50, 50, 90, 1.0))
