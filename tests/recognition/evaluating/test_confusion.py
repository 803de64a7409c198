import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sklearn import metrics

from icaedit.errors import InputError
from icaedit.recognition.evaluating.confusion import (
    class_rates,
    confusion_counts,
    overall_rates,
    percentage_points,
)

QUICK = settings(max_examples=40, deadline=None)


@some.composite
def read_faces(draw):
    """Return places that were read, 7 for no face, and true ones."""
    n = draw(some.integers(1, 40))
    read = draw(some.lists(some.integers(0, 7), min_size=n, max_size=n))
    truth = draw(some.lists(some.integers(0, 6), min_size=n, max_size=n))
    return np.array(read), np.array(truth)


def scores_of(read):
    scores = np.eye(8)[read][:, :7]
    scores[read == 7] = np.nan
    return scores


def test_rows_are_the_truth_and_the_last_column_pictures_without_a_face(reads):
    counts = confusion_counts(reads(0, 1, 1, 6, None), [0, 0, 1, 2, 2])
    expected = np.zeros((7, 8), int)
    expected[[0, 0, 1, 2, 2], [0, 1, 1, 6, 7]] = 1
    np.testing.assert_array_equal(counts, expected)


def test_equal_scores_are_read_as_the_first_and_several_seeds_are_added_up(reads):
    assert confusion_counts(np.zeros((2, 7)), [3, 3])[3].tolist() == [2] + [0] * 7
    seeds = np.stack([reads(0, 1), reads(0, None)])
    counts = confusion_counts(seeds, [0, 1])
    assert (counts[0, 0], counts[1, 1], counts[1, 7], counts.sum()) == (2, 1, 1, 4)


@QUICK
@given(read_faces())
def test_counts_and_rates_are_those_of_scikit_learn(pair):
    read, truth = pair
    counts = confusion_counts(scores_of(read), truth)
    np.testing.assert_array_equal(
        counts, metrics.confusion_matrix(truth, read, labels=range(8))[:7]
    )
    theirs = metrics.precision_recall_fscore_support(
        truth, read, labels=range(7), zero_division=np.nan
    )
    precision, recall, f1 = class_rates(counts)
    np.testing.assert_allclose(precision, theirs[0])
    np.testing.assert_allclose(recall, theirs[1])
    shown = np.unique(truth)
    accuracy, mean_class_accuracy, macro_f1 = overall_rates(counts)
    assert accuracy == pytest.approx(metrics.accuracy_score(truth, read))
    macro = {"average": "macro", "labels": shown, "zero_division": 0}
    assert mean_class_accuracy == pytest.approx(metrics.recall_score(truth, read, **macro))
    assert macro_f1 == pytest.approx(metrics.f1_score(truth, read, **macro))
    np.testing.assert_allclose(
        f1[shown],
        metrics.f1_score(truth, read, average=None, labels=shown, zero_division=0),
    )


def test_a_class_that_is_never_read_has_no_precision_and_one_without_faces_no_recall():
    counts = np.array([[2, 0, 1, 0], [1, 0, 0, 1], [0, 0, 0, 0]])
    precision, recall, f1 = class_rates(counts)
    np.testing.assert_allclose(precision, [2 / 3, np.nan, 0])
    np.testing.assert_allclose(recall, [2 / 3, 0, np.nan])
    np.testing.assert_allclose(f1, [2 / 3, 0, np.nan])
    np.testing.assert_allclose(overall_rates(counts), [0.4, 1 / 3, 1 / 3])


def test_the_paper_s_percentage_points():
    # Table 1, RAF-DB: DAN, DACL, RUL
    points = percentage_points([0.843, 0.828, 0.782], [0.740, 0.704, 0.677])
    np.testing.assert_allclose(points, [10.3, 12.4, 10.5])


def test_what_does_not_fit_together_is_refused(reads):
    good = reads(0, 1)
    for scores, labels, complaint in (
        (good[:, :6], [0, 1], r"expected \(faces, 7\)"),
        (good[:0], [], "one face or more"),
        (good, [0], "labels int64 .* for 2 faces"),
        (good, [0.0, 1.0], "whole numbers"),
        (good, [0, 7], "expected 0 to 6; check the label order"),
        (good, [-1, 1], "labels -1 to 1"),
        (np.where(good == 1, np.inf, good), [0, 1], "face 0 that are not finite"),
        (np.array([good[0], [np.nan] + [0.0] * 6]), [0, 1], "face 1 that are not finite"),
    ):
        with pytest.raises(InputError, match=complaint):
            confusion_counts(scores, labels)
