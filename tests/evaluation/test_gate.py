import dataclasses

import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.evaluation import score_edits, score_reconstructions
from icaedit.schema import EMOTIONS


def painted(emotions, people):
    images = np.zeros((len(emotions), 4, 4, 3), np.uint8)
    images[..., 0] = np.array([EMOTIONS.index(name) for name in emotions])[:, None, None]
    images[..., 1] = np.array(people)[:, None, None]
    return images


def test_perfect_reconstructions_lose_nothing(painted_judge):
    emotions, people = ["happy", "sad"] * 2, [0, 0, 1, 1]
    images = painted(emotions, people)
    other = images.copy()
    other[..., 2] = 255
    scores = score_reconstructions(painted_judge, images, other, emotion=emotions, identity=people)
    assert scores.reconstructions == {"happy": 1.0, "sad": 1.0}
    assert scores.drop == 0
    assert scores.same_person == 1
    assert scores.psnr == pytest.approx(10 * np.log10(3), abs=0.01)


def test_lost_expressions_and_people_are_counted(painted_judge):
    emotions, people = ["happy", "sad"] * 2, [0, 0, 1, 1]
    made = painted(["happy", "happy", "happy", "sad"], [0, 0, 0, 1])
    scores = score_reconstructions(
        painted_judge, painted(emotions, people), made, emotion=emotions, identity=people
    )
    assert scores.reconstructions == {"happy": 1.0, "sad": 0.5}
    assert scores.drop == 0.25
    assert scores.worst_drop == 0.5
    assert scores.same_person == 0.75


def test_edits_count_when_target_and_person_are_read(painted_judge):
    neutral = painted(["neutral"] * 4, [0, 1, 2, 3])
    edits = {"happy": painted(["happy", "happy", "sad", "happy"], [0, 1, 2, 2])}
    scores = score_edits(painted_judge, neutral, edits)
    assert scores.target_read == {"happy": 0.75}
    assert scores.same_person == {"happy": 0.75}


def test_pictures_of_two_sizes_are_not_compared(painted_judge):
    with pytest.raises(InputError, match="expected the same"):
        score_reconstructions(
            painted_judge,
            np.zeros((1, 8, 8, 3), np.uint8),
            np.zeros((1, 4, 4, 3), np.uint8),
            emotion=["happy"],
            identity=["a"],
        )


def test_a_reading_names_the_most_probable_emotion(painted_judge):
    reading = painted_judge.read(painted(["happy", "afraid"], [0, 1]))
    assert reading.emotion.tolist() == ["happy", "afraid"]
    softer = dataclasses.replace(reading, probabilities=reading.probabilities[::-1])
    assert softer.emotion.tolist() == ["afraid", "happy"]
