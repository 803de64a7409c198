import numpy as np
import pytest

from icaedit.evaluation.matching import match_gain


@pytest.mark.parametrize(
    "gain",
    [lambda s: 3 * s, lambda s: s**3, lambda s: 10 * np.tanh(s / 2), lambda s: np.sqrt(s) * 4],
    ids=["straight", "late", "saturating", "early"],
)
def test_the_wanted_gain_is_met_within_the_tolerance(gain):
    match = match_gain(gain, 5.0, start=0.5, most=4.0)
    assert match.reached
    assert gain(match.scale) == match.gain == pytest.approx(5.0, rel=0.02)


@pytest.mark.parametrize(
    ("gain", "most_calls"),
    [
        (lambda s: 12 / (1 + np.exp(-3 * (s - 1.2))), 8),
        (lambda s: np.exp(12 * s - 9), 12),  # nothing for long, then everything
        (lambda s: 6 * np.tanh(8 * s), 7),  # everything at once, then little
    ],
    ids=["logistic", "steep", "flat"],
)
def test_few_edits_are_made_whatever_the_shape(gain, most_calls):
    calls = []

    def counted(scale):
        calls.append(scale)
        return gain(scale)

    assert match_gain(counted, 5.0, start=0.5, most=4.0).reached
    assert len(calls) <= most_calls


def test_what_cannot_be_reached_ends_at_the_largest_gain_within_the_limit():
    calls = []

    def gain(scale):
        calls.append(scale)
        return 2.0 - (scale - 1.0) ** 2

    match = match_gain(gain, 5.0, start=0.5, most=4.0)
    assert not match.reached
    assert max(calls) == 4.0
    assert match.gain == gain(match.scale) > 1.97
    assert len(calls) <= 14


@pytest.mark.parametrize("peak", [0.9, 1.1, 1.6, 2.8])
def test_a_peak_between_the_scales_tried_first_is_found(peak):
    # only a tenth of the way to the next scale passes the wanted gain
    match = match_gain(
        lambda scale: 5.6 - (8 * (scale - peak) / peak) ** 2, 5.0, start=0.5, most=4.0
    )
    assert match.reached
    assert match.gain == pytest.approx(5.0, rel=0.02)


def test_almost_enough_is_not_enough():
    match = match_gain(lambda scale: min(scale, 1.0) * 4.7, 5.0, start=0.5, most=4.0)
    assert (match.reached, match.gain) == (False, 4.7)


def test_a_gain_that_goes_the_wrong_way_stays_at_nothing():
    match = match_gain(lambda scale: -scale, 1.0, start=0.5, most=2.0)
    assert (match.scale, match.gain, match.reached) == (0.0, 0.0, False)


def test_a_jump_over_the_wanted_gain_is_no_match():
    match = match_gain(lambda scale: 0.0 if scale < 1.3 else 10.0, 5.0, start=0.5, most=4.0)
    assert not match.reached
