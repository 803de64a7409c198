import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.evaluation import Reading, score_edits, score_reconstructions
from icaedit.schema import EMOTIONS


class PaintedJudge:
    """Reads the emotion off the red of a picture and the person off its green."""

    def read(self, images):
        emotion = images[:, 0, 0, 0].astype(int)
        person = images[:, 0, 0, 1].astype(int)
        return Reading(
            units=np.zeros((len(images), 1), np.float32),
            probabilities=np.eye(7, dtype=np.float32)[emotion],
            embedding=np.eye(9, dtype=np.float32)[person],
            emotions=EMOTIONS,
        )


def painted(emotions, people):
    images = np.zeros((len(emotions), 4, 4, 3), np.uint8)
    images[..., 0] = np.array([EMOTIONS.index(name) for name in emotions])[:, None, None]
    images[..., 1] = np.array(people)[:, None, None]
    return images


def test_perfect_reconstructions_lose_nothing():
    emotions, people = ["happy", "sad"] * 2, [0, 0, 1, 1]
    images = painted(emotions, people)
    other = images.copy()
    other[..., 2] = 255
    scores = score_reconstructions(PaintedJudge(), images, other, emotion=emotions, identity=people)
    assert scores.reconstructions == {"happy": 1.0, "sad": 1.0}
    assert scores.drop == 0
    assert scores.same_person == 1
    assert scores.psnr == pytest.approx(10 * np.log10(3), abs=0.01)


def test_lost_expressions_and_people_are_counted():
    emotions, people = ["happy", "sad"] * 2, [0, 0, 1, 1]
    made = painted(["happy", "happy", "happy", "sad"], [0, 0, 0, 1])
    scores = score_reconstructions(
        PaintedJudge(), painted(emotions, people), made, emotion=emotions, identity=people
    )
    assert scores.reconstructions == {"happy": 1.0, "sad": 0.5}
    assert scores.drop == 0.25
    assert scores.same_person == 0.75


def test_edits_count_when_target_and_person_are_read():
    neutral = painted(["neutral"] * 4, [0, 1, 2, 3])
    edits = {"happy": painted(["happy", "happy", "sad", "happy"], [0, 1, 2, 2])}
    scores = score_edits(PaintedJudge(), neutral, edits)
    assert scores.target_read == {"happy": 0.75}
    assert scores.same_person == {"happy": 0.75}


def test_pictures_of_two_sizes_are_not_compared():
    with pytest.raises(InputError, match="expected the same"):
        score_reconstructions(
            PaintedJudge(),
            np.zeros((1, 8, 8, 3), np.uint8),
            np.zeros((1, 4, 4, 3), np.uint8),
            emotion=["happy"],
            identity=["a"],
        )


def test_a_reading_names_the_most_probable_emotion():
    reading = Reading(
        np.zeros((1, 1)), np.array([[0.1, 0.9]]), np.ones((1, 1)), emotions=("neutral", "happy")
    )
    assert reading.emotion.tolist() == ["happy"]
