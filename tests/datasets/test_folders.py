import pytest

from icaedit.datasets import read_dataset
from icaedit.errors import DatasetError


def labels(folder):
    return {record.name: (record.identity, record.emotion) for record in read_dataset(folder)}


@pytest.mark.parametrize(
    "names",
    [
        {"happy/F01/1.png": ("F01", "happy"), "sad/F02/1.png": ("F02", "sad")},
        {"happy/F01/day2/1.png": ("F01", "happy"), "sad/F02/1.png": ("F02", "sad")},
        {"F01/happy/1.png": ("F01", "happy"), "F02/sad/1.png": ("F02", "sad")},
        {"happy/F01_1.png": ("F01", "happy"), "sad/F02-1.png": ("F02", "sad")},
        {"happy/F01.png": ("F01", "happy"), "sad/F02.png": ("F02", "sad")},
        {"F01/happy.png": ("F01", "happy"), "F02/sad.png": ("F02", "sad")},
        {"F01/happy_2.png": ("F01", "happy"), "F02/sad-x.png": ("F02", "sad")},
    ],
    ids=[
        "emotion/person/",
        "emotion/person/any/",
        "person/emotion/",
        "emotion/person_",
        "emotion/person",
        "person/emotion",
        "person/emotion_",
    ],
)
def test_each_documented_form_is_read(tmp_path, add, names):
    add(*names)
    assert labels(tmp_path) == names


def test_aliases_and_codes_name_folders(tmp_path, add):
    add("Joy/F01.png", "fear/F01.png", "SU/F01.png")
    assert {emotion for _, emotion in labels(tmp_path).values()} == {"happy", "afraid", "surprised"}


def test_splits_are_not_taken_for_people(tmp_path, add):
    add("train/happy/F01_1.png", "test/happy/F02_1.png", "Validation/sad/F03_1.png")
    assert {person for person, _ in labels(tmp_path).values()} == {"F01", "F02", "F03"}


def test_a_person_whose_name_is_a_code_stays_a_person(tmp_path, add):
    add("happy/su/1.png", "sad/su/1.png", "sad/bob/1.png", "afraid/an/1.png")
    assert labels(tmp_path)["happy/su/1.png"] == ("su", "happy")
    assert labels(tmp_path)["afraid/an/1.png"] == ("an", "afraid")


def test_folders_above_do_not_matter(tmp_path, add):
    add("data/set/F01/happy/1.png", "data/set/F02/sad/1.png")
    assert labels(tmp_path)["data/set/F01/happy/1.png"] == ("F01", "happy")


def test_pictures_outside_are_listed(tmp_path, add, problems):
    add("happy/F01.png", "sad/F01.png", "logo.png", "other/F01.png")
    dataset = read_dataset(tmp_path)
    assert len(dataset) == 2
    assert problems(dataset) == [("logo.png", "unparsed"), ("other/F01.png", "unparsed")]


def test_pictures_without_any_emotion_are_no_dataset(tmp_path, add):
    add("F01/1.png", "F02/2.png")
    with pytest.raises(DatasetError, match=r"2 unparsed, such as F01/1\.png"):
        read_dataset(tmp_path)


@pytest.mark.parametrize("suffix", [".png", ".JPG", ".jpeg", ".tif", ".webp"])
def test_pictures_of_each_kind_are_found(tmp_path, add, suffix):
    add(f"happy/F01{suffix}")
    assert len(read_dataset(tmp_path)) == 1
