import dataclasses

import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.evaluation import Reading, Scores, judge_scorer
from icaedit.evaluation.scores import join_scores, log_odds
from icaedit.portraits import PROTOTYPES


def made(n=3):
    return Scores(
        ("neutral", "happy", "sad"),
        np.arange(3.0 * n).reshape(n, 3),
        {"smile": np.ones(n), "yaw": np.arange(float(n))},
        parts={"happy": ("smile",)},
    )


def test_an_edit_may_change_its_own_parts_and_neutral_but_nothing_else():
    names, values = made().others("happy")
    assert names == ("sad", "yaw")
    np.testing.assert_array_equal(values, [[2, 0], [5, 1], [8, 2]])
    assert made().others("sad")[0] == ("happy", "smile", "yaw")


def test_a_scorer_that_reads_one_emotion_has_no_others():
    names, values = Scores(("happy",), np.zeros((4, 1))).others("happy")
    assert (names, values.shape) == ((), (4, 0))


def test_an_emotion_that_is_not_read_is_refused():
    assert made().target("sad").tolist() == [2, 5, 8]
    with pytest.raises(InputError, match="angry.*neutral, happy, sad"):
        made().target("angry")


def test_batches_join_in_order():
    whole = made(5)
    parts = [
        dataclasses.replace(
            whole,
            log_odds=whole.log_odds[rows],
            attributes={name: values[rows] for name, values in whole.attributes.items()},
            embedding=np.eye(5)[rows],
        )
        for rows in (slice(0, 2), slice(2, 5))
    ]
    joined = join_scores(parts)
    np.testing.assert_array_equal(joined.everything(), whole.everything())
    np.testing.assert_array_equal(joined.embedding, np.eye(5))
    assert join_scores([whole, whole]).embedding is None


def test_log_odds_undo_the_logistic_function_and_stay_finite():
    x = np.array([-3.0, 0.0, 7.0])
    np.testing.assert_allclose(log_odds(1 / (1 + np.exp(-x))), x)
    assert np.isfinite(log_odds(np.array([0, 1], np.float32))).all()


def test_whatever_a_reading_holds_becomes_an_attribute():
    @dataclasses.dataclass(frozen=True)
    class Fuller(Reading):
        smoke: np.ndarray = None

    class Judge:
        units = ("AU12", "AU4")

        def read(self, images):
            n = len(images)
            return Fuller(
                units=np.tile([0.5, 0.1], (n, 1)),
                probabilities=np.full((n, 2), 0.5),
                embedding=np.ones((n, 1)),
                yaw=np.arange(n) + 0.5,
                pitch=np.zeros(n),
                light=np.tile([1.0, 2.0], (n, 1)),
                emotions=("neutral", "happy"),
                smoke=np.ones(n),
            )

    scores = judge_scorer(Judge())(np.zeros((2, 8, 8, 3), np.uint8))
    assert list(scores.attributes) == [
        "AU12", "AU4", "yaw", "pitch", "light 0", "light 1", "smoke"
    ]  # fmt: skip
    assert scores.attributes["yaw"].tolist() == [0.5, 1.5]
    assert scores.attributes["light 1"].tolist() == [2.0, 2.0]
    assert scores.parts["happy"] == tuple(PROTOTYPES["happy"])
    assert scores.others("happy")[0] == tuple(scores.attributes)[1:]
