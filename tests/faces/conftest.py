"""The trained landmarks, where they are installed."""

import importlib.util
import warnings

import pytest

from icaedit.errors import TermsWarning


@pytest.fixture
def trained_landmarks():
    """Skip without the package of trained landmarks; with it, its terms have been told."""
    if importlib.util.find_spec("face_recognition_models") is None:
        pytest.skip("face_recognition_models is not installed")
    from icaedit.faces import predictor

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TermsWarning)
        predictor._package_predictor()
    return predictor._package_file()
