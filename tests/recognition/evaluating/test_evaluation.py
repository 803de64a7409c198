import json
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from icaedit.artifacts import LatentSet
from icaedit.datasets import Record
from icaedit.errors import DatasetError, InputError, ModelMismatchError
from icaedit.images import save_image
from icaedit.recognition import (
    compare_scores,
    evaluate_recogniser,
    evaluation_json,
    evaluation_markdown,
    evaluation_text,
    fit_temperature,
)
from icaedit.recognition.evaluating import choose_parts
from icaedit.schema import EMOTIONS


@dataclass(frozen=True)
class Reader:
    """Reads the emotion whose place is the grey level of the picture, plus an error.

    With latents it reads the place from these.
    """

    error: int = 0
    emotions: tuple = EMOTIONS
    uses_latents: bool = False
    temperature: float = 1.0
    encoder: None = None
    model_fingerprint: str = "ours"
    provenance: dict = field(default_factory=dict)

    def scores(self, faces, latents=None, *, device="cpu"):
        if self.uses_latents and latents is None:
            raise InputError("got no latents")
        places = [int(face[0, 0, 0]) for face in faces]
        if self.uses_latents:
            assert len(latents) == len(faces)
            places = latents[:, 0, 0].astype(int)
        # a little less sure of surprised faces
        scores = np.eye(7, dtype=np.float32)[(np.array(places) + self.error) % 7] * 3
        scores[np.array(places) == 3] /= 2
        return scores[:, : len(self.emotions)]


@pytest.fixture
def people(tmp_path):
    """Four people with seven emotions each, no parts; the first of F3 is drawn wrongly."""
    records = []
    for person in range(4):
        for place, emotion in enumerate(EMOTIONS):
            name = f"F{person}-{emotion}.png"
            level = 6 if (person, place) == (3, 0) else place
            save_image(tmp_path / name, np.full((16, 16, 3), level, np.uint8))
            records.append(Record(tmp_path / name, name, f"F{person}", emotion))
    return records


def trained_on(train, validation=(), test=(), mask=()):
    people = {"train": list(train), "validation": list(validation), "test": list(test)}
    return {"people": people, "mask": {"people": list(mask)}}


def identities(records):
    return sorted({record.identity for record in records})


def test_the_test_part_of_the_dataset_comes_first(people):
    parts = {"F0": "train", "F1": "validation", "F2": "test", "F3": "test"}
    records = [replace(record, split=parts[record.identity]) for record in people]
    test, validation = choose_parts(records, trained_on(["F0"], ["F1"], ["F2"]))
    assert (identities(test), identities(validation)) == (["F2", "F3"], ["F1"])


def test_without_parts_the_people_that_training_left_are_tested(people):
    test, validation = choose_parts(people, trained_on(["F0"], ["F2"], ["F3"]))
    assert (identities(test), identities(validation)) == (["F3"], ["F2"])


def test_another_dataset_is_tested_whole_and_has_no_validation(people):
    test, validation = choose_parts(people, trained_on(["M0"], ["M1"], ["M2"]))
    assert (len(test), validation) == (28, [])
    assert choose_parts(people, {}) == (people, [])


@pytest.mark.parametrize(
    ("provenance", "why"),
    [
        (trained_on(["F1", "F2"]), "got F1 and 1 more in the test, whom .* trained on"),
        (trained_on([], ["F0"]), "got F0 in the test, whom .* choose its best epoch"),
        (trained_on(["M0"], mask=["F3"]), "got F3 in the test, whom .* fit its mask"),
    ],
)
def test_people_that_were_seen_are_refused_by_name(people, provenance, why):
    with pytest.raises(DatasetError, match=why):
        choose_parts(people, provenance)


def test_parts_must_have_a_test_of_other_people(people):
    with pytest.raises(DatasetError, match="parts train, expected a test"):
        choose_parts([replace(record, split="train") for record in people], {})
    both = [
        replace(record, split="test" if place % 2 else "validation")
        for place, record in enumerate(people)
    ]
    with pytest.raises(DatasetError, match="F0 in the test and in the validation"):
        choose_parts(both, {})
    with pytest.raises(DatasetError, match="no picture to test on"):
        choose_parts([], {})


def test_pictures_are_read_and_counted(people):
    found = evaluate_recogniser(Reader(), people)
    assert found.measures.accuracy.value == 27 / 28
    assert found.measures.counts[0, 6] == 1
    assert (found.measures.n_people, found.fitted, found.other) == (4, None, None)
    assert [record.name for record in found.records] == [record.name for record in people]


def test_pictures_without_a_face_are_not_looked_at_and_count_as_wrong(people):
    people[5].path.unlink()
    found = evaluate_recogniser(Reader(), people, without_face={people[5].path})
    assert found.measures.n_missed == 1
    assert found.measures.accuracy.value == 26 / 28
    assert np.isnan(found.scores[5]).all() and not np.isnan(found.scores[[4, 6]]).any()
    assert "In 1 pictures no face was found; they count as wrong." in evaluation_text(found)


def test_a_sketch_without_a_face_is_told_from_the_photograph_of_its_name(people, tmp_path):
    drawing = tmp_path / "drawings" / people[5].name
    drawing.parent.mkdir()
    save_image(drawing, np.full((16, 16, 3), 5, np.uint8))
    found = evaluate_recogniser(
        Reader(), [*people, replace(people[5], path=drawing)], without_face=[drawing]
    )
    assert np.isnan(found.scores).any(axis=1).nonzero()[0].tolist() == [28]


def test_another_recogniser_sees_the_same_pictures(people):
    found = evaluate_recogniser(Reader(), people, against=Reader(error=1))
    labels = [EMOTIONS.index(record.emotion) for record in people]
    other = Reader(error=1).scores([np.full((1, 1, 3), n, np.uint8) for n in [*labels]])
    other[21] = np.eye(7)[0]  # the picture that is drawn wrongly
    names = [record.identity for record in people]
    expected = compare_scores(found.scores, other, labels, identities=names)
    assert found.difference.as_json() == expected.as_json()
    assert found.other.accuracy.value == 1 / 28


def test_latents_follow_their_pictures(people):
    places = [EMOTIONS.index(record.emotion) for record in people]
    codes = np.zeros((28, 2, 3), np.float32)
    codes[:, 0, 0] = places
    order = np.random.default_rng(0).permutation(28)
    latents = LatentSet(
        codes[order],
        [people[n].identity for n in order],
        emotion=[people[n].emotion for n in order],
        paths=[people[n].name for n in order],
    )
    reader = Reader(uses_latents=True)
    found = evaluate_recogniser(reader, people, latents=latents, without_face=[people[0].path])
    assert found.measures.accuracy.value == 27 / 28
    assert found.measures.n_missed == 1
    with pytest.raises(InputError, match="no latents"):
        evaluate_recogniser(reader, people)
    with pytest.raises(ModelMismatchError, match="of model theirs for a recogniser .* model ours"):
        evaluate_recogniser(reader, people, latents=replace(latents, model_fingerprint="theirs"))


def test_the_temperature_is_fitted_to_people_of_the_validation_alone(people):
    # F3 of the validation has a mistake, so that there is a best temperature
    reader = Reader(provenance=trained_on(["M0"], ["F3"], ["F1", "F2"]), temperature=1.5)
    found = evaluate_recogniser(reader, people)
    assert identities(found.records) == ["F1", "F2"]
    assert found.n_fitted == 7
    assert found.calibration.temperature == 1.5
    levels = [6, 1, 2, 3, 4, 5, 6]  # of F3
    scores = reader.scores([np.full((1, 1, 3), level, np.uint8) for level in levels])
    assert found.fitted.temperature == pytest.approx(fit_temperature(scores, range(7)))
    assert 0.5 < found.fitted.temperature < 1


def test_what_it_does_not_know_is_left_out_and_told(people):
    people[3] = replace(people[3], emotion="contempt")
    found = evaluate_recogniser(Reader(), people)
    assert (found.measures.n, found.left_out) == (27, {"contempt": 1})
    assert "1 pictures that show contempt were left out" in evaluation_text(found)


def test_progress_reaches_all_pictures_of_both(people):
    seen = []
    evaluate_recogniser(
        Reader(),
        people,
        against=Reader(1),
        without_face=[people[0].path],
        progress=lambda *now: seen.append(now),
    )
    assert seen[-1] == (56, 56)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_two_recognisers_must_be_comparable(people):
    with pytest.raises(InputError, match="expected the same emotions"):
        evaluate_recogniser(Reader(), people, against=Reader(emotions=EMOTIONS[:6]))
    with pytest.raises(DatasetError, match="F2 in the test, whom"):
        evaluate_recogniser(Reader(), people, against=Reader(provenance=trained_on(["F2"])))
    paths = [record.path for record in people]
    with pytest.raises(DatasetError, match="28 pictures to test on and no face"):
        evaluate_recogniser(Reader(), people, without_face=paths)


def test_people_the_other_left_for_its_test_are_no_reason_to_test_others(people):
    other = Reader(provenance=trained_on(["M0"], test=["F0"]))
    assert evaluate_recogniser(Reader(), people, against=other).measures.n == 28
    other = Reader(provenance=trained_on(["F1"], test=["F0"]))
    with pytest.raises(DatasetError, match="F1 in the test, whom"):
        evaluate_recogniser(Reader(), people, against=other)


def test_reports_say_the_same_in_words_markdown_and_json(people):
    found = evaluate_recogniser(Reader(), people, against=Reader(1))
    text = evaluation_text(found, ("fused", "alone"))
    assert max(map(len, text.splitlines()[:13])) <= 100
    assert text.splitlines()[1].startswith("fused   96.4 [")
    assert "28 pictures of 4 people, none of them seen in training" in text
    assert "Right with fused only: 27 pictures, with alone only: 1. p = " in text
    markdown = evaluation_markdown(found, ("fused", "alone"))
    assert "| fused | 96.4 [" in markdown
    assert "| neutral | 3 | 0 | 0 | 0 | 0 | 0 | 1 | 0 |" in markdown
    content = json.loads(json.dumps(evaluation_json(found, ("fused", "alone"))))
    assert content["format"] == "icaedit.recognition_report"
    assert content["summary"] == text
    assert content["accuracy"][0] == 27 / 28
    assert content["difference"]["only_this_right"] == [27]
    assert content["picture_shown_read_probability"][21][:3] == [
        "F3-neutral.png", "neutral", "afraid"
    ]  # fmt: skip


def test_unknown_people_are_told(people):
    records = [replace(record, identity="") for record in people]
    text = evaluation_text(evaluate_recogniser(Reader(), records))
    assert "people who are not known" in text
    assert "none of them seen" not in text
