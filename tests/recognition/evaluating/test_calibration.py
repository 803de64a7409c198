import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.optimize import minimize_scalar
from sklearn import metrics
from sklearn.calibration import calibration_curve

from icaedit.errors import InputError
from icaedit.recognition.evaluating import (
    TEMPERATURES,
    fit_temperature,
    measure_calibration,
    probabilities,
)

TWO = ["happy", "sad"]


def of(*sure):
    """Return scores of two classes that are so sure of the first."""
    p = np.array(sure)
    return np.log(np.column_stack([p, 1 - p]))


def test_the_error_is_the_weighted_gap_of_the_bins():
    # ten bins: .62 and .68 in one, half right; .95 in another, right; .55 wrong
    found = measure_calibration(of(0.62, 0.68, 0.95, 0.55), [0, 1, 0, 1], emotions=TWO, n_bins=10)
    assert found.faces.tolist() == [0] * 5 + [1, 2, 0, 0, 1]
    np.testing.assert_allclose(found.confidence[[5, 6, 9]], [0.55, 0.65, 0.95])
    np.testing.assert_allclose(found.accuracy[[5, 6, 9]], [0, 0.5, 1])
    assert np.isnan(found.accuracy[:5]).all()
    assert found.ece == pytest.approx((0.55 + 2 * 0.15 + 0.05) / 4)


def test_brier_and_likelihood_by_hand():
    found = measure_calibration(of(0.9, 0.6), [0, 1], emotions=TWO)
    assert found.brier == pytest.approx((2 * 0.1**2 + 2 * 0.6**2) / 2)
    assert found.nll == pytest.approx(-(np.log(0.9) + np.log(0.4)) / 2)


def test_bins_of_equal_mass_hold_the_same_number_of_faces():
    sure = np.linspace(0.51, 0.99, 10)
    found = measure_calibration(
        of(*sure[::-1]), [0] * 10, emotions=TWO, n_bins=5, binning="equal-mass"
    )
    assert found.faces.tolist() == [2] * 5
    np.testing.assert_allclose(found.confidence, sure.reshape(5, 2).mean(axis=1))
    assert found.ece_name == "ECE, 5 bins of equal mass"
    np.testing.assert_allclose(found.ece, 1 - sure.mean())


def test_a_confidence_between_two_bins_counts_for_the_lower():
    found = measure_calibration(np.zeros((1, 2)), [0], emotions=TWO, n_bins=4)  # half exactly
    assert found.faces.tolist() == [0, 1, 0, 0]


def test_curve_and_scores_agree_with_scikit_learn(faces):
    scores, labels, _ = faces()
    found = measure_calibration(scores, labels, n_bins=12)
    p = probabilities(scores)
    right = p.argmax(axis=1) == labels
    accuracy, confidence = calibration_curve(right, p.max(axis=1), n_bins=12)
    used = found.faces > 0
    np.testing.assert_allclose(found.accuracy[used], accuracy)
    np.testing.assert_allclose(found.confidence[used], confidence)
    assert found.nll == pytest.approx(metrics.log_loss(labels, p, labels=range(7)))
    wanted = np.eye(7)[labels]
    assert found.brier == pytest.approx(7 * metrics.mean_squared_error(wanted, p))


def test_pictures_without_a_face_are_left_out_and_seeds_taken_together(faces):
    scores, labels, _ = faces(n_seeds=2)
    both = measure_calibration(scores, labels)
    stacked = measure_calibration(np.concatenate(scores), np.tile(labels, 2))
    assert (both.ece, both.nll) == (stacked.ece, stacked.nll)
    holes = np.concatenate([scores[0], np.full((5, 7), np.nan)])
    padded = measure_calibration(holes, np.append(labels, [0] * 5))
    assert padded.ece == measure_calibration(scores[0], labels).ece
    assert padded.faces.sum() == len(labels)


def test_the_temperature_has_the_least_likelihood_loss(faces):
    scores, labels, _ = faces(n_people=40)
    scores = 4 * scores
    best = minimize_scalar(
        lambda t: measure_calibration(scores, labels, temperature=t).nll, bounds=(0.1, 19)
    )
    assert fit_temperature(scores, labels) == pytest.approx(best.x, rel=1e-4)


@settings(max_examples=25, deadline=None)
@given(some.floats(0.2, 5.0), some.floats(-50, 50))
def test_scores_that_are_scaled_and_shifted_are_brought_back(factor, shift):
    rng = np.random.default_rng(0)
    scores = rng.normal(0, 1.5, (400, 7))
    labels = (probabilities(scores).cumsum(axis=1) < rng.random((400, 1))).sum(axis=1)
    plain = fit_temperature(scores, labels)
    assert plain == pytest.approx(1.0, abs=0.25)
    assert fit_temperature(factor * scores + shift, labels) == pytest.approx(factor * plain)


def test_a_temperature_mends_overconfidence_on_other_people(faces):
    scores, labels, _ = faces(1, n_people=40)
    others, other_labels, _ = faces(2, n_people=40)
    temperature = fit_temperature(5 * scores, labels)
    assert temperature > 2
    before = measure_calibration(5 * others, other_labels)
    after = measure_calibration(5 * others, other_labels, temperature=temperature)
    assert after.ece < before.ece / 2
    assert after.nll < before.nll


def test_the_temperature_ends_where_there_is_no_best(reads):
    right, wrong = reads(0, 1, 2), reads(1, 2, 3)
    assert fit_temperature(right, [0, 1, 2]) == TEMPERATURES[0]
    assert fit_temperature(wrong, [0, 1, 2]) == TEMPERATURES[1]
    assert fit_temperature(np.ones((3, 7)), [0, 1, 2]) == 1.0


def test_options_out_of_range_are_refused(reads):
    for wrong in ({"n_bins": 0}, {"binning": "wide"}, {"temperature": 0.0}):
        with pytest.raises(InputError, match="1 or more, one of equal-width"):
            measure_calibration(reads(0), [0], **wrong)
    with pytest.raises(InputError, match="without a face that was found"):
        fit_temperature(reads(None, None), [0, 1])
