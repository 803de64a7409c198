import json

import numpy as np
import pytest

from icaedit.artifacts import IndexMask, load_index_mask
from icaedit.errors import FileAccessError, FormatError, InputError


def a_mask(**changes):
    content = {
        "shape": (2, 3),
        "emotions": {"sad": [4], "happy": [0, 4]},
        "model": "abc",
        "rule": "two-sided",
        "threshold": "mean",
    }
    return IndexMask(**{**content, **changes})


def test_the_file_is_the_contract_to_the_letter(tmp_path):
    a_mask(emotions={"sad": np.array([4]), "joy": np.array([0, 4])}).save(tmp_path / "mask.json")
    assert (tmp_path / "mask.json").read_text() == (
        "{\n"
        ' "emotions": {\n'
        '  "happy": [0, 4],\n'
        '  "sad": [4]\n'
        " },\n"
        ' "format": "icaedit.index_mask",\n'
        ' "model": "abc",\n'
        ' "rule": "two-sided",\n'
        ' "shape": [2, 3],\n'
        ' "threshold": "mean",\n'
        ' "union": [0, 4],\n'
        ' "version": 1\n'
        "}\n"
    )


def test_a_saved_mask_comes_back_whole(tmp_path):
    a_mask(threshold=0.5).save(tmp_path / "mask.json")
    back = load_index_mask(tmp_path / "mask.json")
    assert (back.shape, back.model, back.rule, back.threshold) == ((2, 3), "abc", "two-sided", 0.5)
    assert {name: kept.tolist() for name, kept in back.emotions.items()} == {
        "happy": [0, 4],
        "sad": [4],
    }


def test_the_people_it_was_fitted_on_come_back_sorted_and_once(tmp_path):
    path = tmp_path / "mask.json"
    a_mask(people=["M02", "F01", "M02", ""]).save(path)
    assert '"people": ["F01", "M02"],' in path.read_text()
    assert load_index_mask(path).people == ("F01", "M02")
    a_mask().save(path)
    assert "people" not in path.read_text() and load_index_mask(path).people == ()


def test_indices_count_row_by_row():
    assert a_mask().mask("sad").tolist() == [[False, False, False], [False, True, False]]


def test_without_an_emotion_the_mask_is_the_union():
    assert a_mask().mask().tolist() == [[True, False, False], [False, True, False]]


def test_emotions_are_in_the_usual_order():
    assert list(a_mask().emotions) == ["happy", "sad"]


def test_a_mask_that_keeps_nothing_comes_back(tmp_path):
    a_mask(emotions={"sad": []}).save(tmp_path / "mask.json")
    back = load_index_mask(tmp_path / "mask.json")
    assert not back.mask().any() and back.union.dtype == np.int64


def test_an_emotion_that_the_mask_lacks_lists_those_it_holds():
    with pytest.raises(InputError, match="got emotion angry, expected one of happy, sad"):
        a_mask().mask("anger")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"shape": (6,)}, r"two whole numbers \(L, C\)"),
        ({"shape": (2, 0)}, "two whole numbers"),
        ({"shape": (2, 3.0)}, "two whole numbers"),
        ({"emotions": {"sad": [6]}}, "expected 0 to 5"),
        ({"emotions": {"sad": [-1]}}, "expected 0 to 5"),
        ({"emotions": {"sad": [4, 4]}}, "unsorted or repeated indices for sad"),
        ({"emotions": {"sad": [4, 1]}}, "unsorted or repeated"),
        ({"emotions": {"sad": [0.5]}}, "expected whole numbers"),
        ({"emotions": {"sad": [True]}}, "expected whole numbers"),
        ({"emotions": {"sad": [0], "sadness": [1]}}, "got sad twice"),
        ({"emotions": {"smug": [0]}}, "got emotion 'smug'"),
        ({"rule": "most"}, "rule 'most'"),
        ({"model": None}, "got model None"),
        ({"threshold": "most"}, "got threshold 'most'"),
        ({"people": "F01"}, "got people 'F01', expected a list"),
        ({"people": [1]}, "expected a list of names"),
    ],
)
def test_contradictions_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        a_mask(**changes)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"union": [0]}, "its union is not that of its emotions"),
        ({"union": [0, 4, 5]}, "its union is not"),
        ({"union": [4, 0]}, "unsorted"),
        ({"emotions": {"sad": [9]}}, "expected 0 to 5"),
        ({"emotions": [4]}, "which is no index mask"),
        ({"emotions": {"sad": [[1], [2, 3]]}}, "which is no index mask"),
        ({"shape": None}, "which is no index mask"),
        ({"people": 5}, "which is no index mask"),
        ({"format": "icaedit.other"}, "its format is not icaedit.index_mask"),
        ({"version": 2}, "version 2, expected at most 1"),
        ({"version": "1"}, "version 1, expected"),
    ],
)
def test_a_wrong_file_is_refused_by_name(tmp_path, change, message):
    path = tmp_path / "mask.json"
    a_mask().save(path)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(FormatError, match=rf"got .*mask\.json.*{message}"):
        load_index_mask(path)


def test_a_missing_key_is_named(tmp_path):
    path = tmp_path / "mask.json"
    a_mask().save(path)
    content = json.loads(path.read_text())
    del content["union"]
    path.write_text(json.dumps(content))
    with pytest.raises(FormatError, match="it lacks union"):
        load_index_mask(path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"3"])
def test_a_foreign_file_is_refused_by_name(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(FormatError, match=r"a\.json, which is no index mask"):
        load_index_mask(tmp_path / "a.json")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileAccessError, match="gone"):
        load_index_mask(tmp_path / "gone.json")
