import json

import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.recognition.evaluating import measure_scores
from icaedit.statistics import bootstrap_interval, wilson_interval


def test_rates_by_hand(reads):
    # neutral 2 of 3 read, happy 1 of 2, sad read twice and never shown
    measures = measure_scores(reads(0, 0, 2, 1, 2), [0, 0, 0, 1, 1])
    assert measures.accuracy.value == pytest.approx(3 / 5)
    assert measures.mean_class_accuracy.value == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert measures.macro_f1.value == pytest.approx((4 / 5 + 2 / 3) / 2)
    assert [round(r.value, 3) for r in measures.recall[:2]] == [0.667, 0.5]
    assert [r.value for r in measures.precision[:3]] == [1.0, 1.0, 0.0]
    assert measures.f1[:2].tolist() == pytest.approx([4 / 5, 2 / 3])
    assert measures.absent == ("sad", "surprised", "angry", "disgusted", "afraid")
    assert np.isnan(measures.recall[2]).all()
    assert np.isnan(measures.precision[6].value)
    assert (measures.n, measures.n_people, measures.over) == (5, None, "faces")


def test_pictures_without_a_face_are_wrong_and_counted(reads):
    measures = measure_scores(reads(0, None, 1, None), [0, 0, 1, 1])
    assert measures.accuracy.value == 0.5
    assert measures.accuracy_found == 1.0
    assert measures.n_missed == 2
    assert measures.recall[0].value == 0.5
    assert measures.precision[0].value == 1.0
    assert np.isnan(measure_scores(reads(None), [0]).accuracy_found)


def test_wilsons_intervals_are_of_the_faces(reads):
    measures = measure_scores(reads(0, 0, 0, 1, 1, 2), [0, 0, 1, 1, 1, 1])
    assert measures.accuracy_wilson == wilson_interval(4, 6)
    assert measures.recall_wilson[:2] == (wilson_interval(2, 2), wilson_interval(2, 4))


def test_the_interval_is_over_people(faces):
    scores, labels, identities = faces(n_people=60, n_faces=10)
    measures = measure_scores(scores, labels, identities=identities, n_bootstrap=4000)
    right = (scores.argmax(axis=1) == labels).reshape(60, 10).mean(axis=1)
    expected = bootstrap_interval(right, n_bootstrap=4000, random_state=1)
    np.testing.assert_allclose(measures.accuracy, expected, atol=0.008)
    assert (measures.n_people, measures.over) == (60, "people")


def test_people_whose_faces_are_alike_widen_the_interval(reads):
    # every person is either read well or never
    labels = np.tile(np.arange(7), 12)
    scores = reads(*labels)
    scores[42:] = np.roll(scores[42:], 1, axis=1)
    identities = np.repeat([f"F{n}" for n in range(12)], 7)
    people = measure_scores(scores, labels, identities=identities)
    alone = measure_scores(scores, labels)
    widths = [m.accuracy.high - m.accuracy.low for m in (people, alone)]
    assert people.accuracy.value == alone.accuracy.value == 0.5
    assert widths[0] > 2 * widths[1]


def test_where_all_are_right_each_person_counts_once(reads):
    # ten people with seven faces each, happy ones shown by two of them
    labels = np.tile([0, 2, 3, 4, 5, 6, 0], 10)
    labels[[1, 8]] = 1
    names = np.repeat([f"F{n}" for n in range(10)], 7)
    measures = measure_scores(reads(*labels), labels, identities=names)
    for rate in (measures.accuracy, measures.mean_class_accuracy, measures.recall[0]):
        assert rate == wilson_interval(10, 10)
    assert measures.recall[1] == measures.precision[1] == wilson_interval(2, 2)
    wrong = measure_scores(reads(*(labels + 1) % 7), labels, identities=names)
    assert wrong.accuracy == wilson_interval(0, 10)
    assert wrong.precision[1] == wilson_interval(0, 10)  # read in all ten


def test_the_order_of_faces_does_not_matter(faces):
    scores, labels, identities = faces()
    order = np.random.default_rng(5).permutation(len(labels))
    first = measure_scores(scores, labels, identities=identities)
    again = measure_scores(scores[order], labels[order], identities=identities[order])
    assert first.as_json() == again.as_json()


def test_seeds_are_averaged_and_their_deviation_told(faces):
    scores, labels, identities = faces(n_seeds=3)
    together = measure_scores(scores, labels, identities=identities)
    alone = [measure_scores(seed, labels, identities=identities) for seed in scores]
    for name, column in (("accuracy", 0), ("mean_class_accuracy", 1), ("macro_f1", 2)):
        values = [getattr(one, name).value for one in alone]
        assert getattr(together, name).value == pytest.approx(np.mean(values))
        np.testing.assert_allclose(together.by_seed[:, column], values)
    accuracies = [one.accuracy.value for one in alone]
    assert together.deviation == pytest.approx(np.std(accuracies, ddof=1))
    assert np.isnan(alone[0].deviation)
    np.testing.assert_array_equal(together.counts, sum(one.counts for one in alone))
    assert together.support == alone[0].support
    recalls = [[one.recall[e].value for one in alone] for e in range(7)]
    np.testing.assert_allclose([r.value for r in together.recall], np.mean(recalls, axis=1))


def test_a_seed_of_the_resampling_repeats_and_another_does_not(faces):
    scores, labels, identities = faces()
    first, again, other = (
        measure_scores(scores, labels, identities=identities, random_state=seed).accuracy
        for seed in (0, 0, 1)
    )
    assert first == again
    assert first != other


def test_the_report_is_json_and_says_what_is_missing(reads):
    measures = measure_scores(reads(0, 1, None), [0, 1, 1], identities=["a", "b", "b"])
    content = json.loads(json.dumps(measures.as_json()))
    assert content["emotions_without_pictures"] == list(measures.emotions[2:])
    assert (content["pictures"], content["faces_not_found"], content["people"]) == (3, 1, 2)
    assert content["by_emotion"]["happy"]["pictures"] == 2
    assert content["confusion"][1] == [0, 1, 0, 0, 0, 0, 0, 1]


def test_an_empty_identity_is_refused(reads):
    with pytest.raises(InputError, match="1 of them empty"):
        measure_scores(reads(0, 1), [0, 1], identities=["a", ""])
