import pytest

from icaedit.datasets import RAF_DB_COUNTS, read_raf_db
from icaedit.errors import DatasetError, InputError

LIST = "train_00001.jpg 5\ntrain_00002.jpg 4\ntest_0001.jpg 1\ntest_0002.jpg 7\n"


@pytest.fixture
def authors(add, tmp_path):
    """Write the authors' layout below a folder."""

    def write(base="", text=LIST):
        for line in LIST.splitlines():
            stem = line.split(".")[0]
            add(f"{base}Image/aligned/{stem}_aligned.jpg", f"{base}Image/original/{stem}.jpg")
        path = tmp_path / base / "EmoLabel" / "list_patition_label.txt"
        path.parent.mkdir()
        path.write_text(text)

    return write


@pytest.mark.parametrize("base", ["", "basic/"])
def test_the_list_tells_emotion_and_part(authors, tmp_path, base):
    authors(base)
    dataset = read_raf_db(tmp_path)
    assert [(r.name, r.split, r.emotion) for r in dataset] == [
        ("Image/aligned/train_00001_aligned.jpg", "train", "sad"),
        ("Image/aligned/train_00002_aligned.jpg", "train", "happy"),
        ("Image/aligned/test_0001_aligned.jpg", "test", "surprised"),
        ("Image/aligned/test_0002_aligned.jpg", "test", "neutral"),
    ]
    assert all(record.path.is_file() and record.digest for record in dataset)
    assert dataset.identities == () and dataset.layout == "raf-db"


def test_the_whole_photographs_can_be_had(authors, tmp_path):
    authors()
    names = [record.name for record in read_raf_db(tmp_path, pictures="original")]
    assert names[0] == "Image/original/train_00001.jpg"
    with pytest.raises(InputError, match="got pictures 'cropped'"):
        read_raf_db(tmp_path, pictures="cropped")


def test_counts_other_than_the_official_ones_are_reported(authors, tmp_path, monkeypatch):
    authors()
    assert RAF_DB_COUNTS == {"train": 12271, "test": 3068}
    report = read_raf_db(tmp_path).report()
    assert "train: 2 found, the data set has 12271" in report
    monkeypatch.setattr("icaedit.datasets.raf_db.RAF_DB_COUNTS", {"train": 2, "test": 2})
    assert "count" not in read_raf_db(tmp_path).report()


def test_what_the_list_names_wrongly_is_reported(authors, tmp_path, problems):
    wrong = "train_00009.jpg 2\nval_1.jpg 3\ntrain_00001.jpg x\n\ntest_0001.jpg 0\n"
    authors(text=LIST + wrong)
    assert problems(read_raf_db(tmp_path), "unreadable", "unparsed") == [
        ("val_1.jpg", "unparsed"),
        ("train_00001.jpg", "unparsed"),
        ("test_0001.jpg", "unparsed"),
        ("Image/aligned/train_00009_aligned.jpg", "unreadable"),
    ]


@pytest.mark.parametrize("label", [8, 11])
def test_the_list_of_compound_emotions_is_refused(authors, tmp_path, label):
    authors(text=f"train_0001.jpg {label}\n")
    with pytest.raises(DatasetError, match=f"got label {label} in row 1 .*compound"):
        read_raf_db(tmp_path)


def test_numbered_folders_count_from_one(add, tmp_path):
    add("DATASET/train/1/a.jpg", "DATASET/train/7/b.jpg", "DATASET/test/4/c.jpg")
    found = {(record.split, record.emotion) for record in read_raf_db(tmp_path)}
    assert found == {("train", "surprised"), ("train", "neutral"), ("test", "happy")}


def test_another_folder_is_refused(add, tmp_path):
    add("happy/a.jpg")
    with pytest.raises(DatasetError, match="with neither EmoLabel.* expected RAF-DB"):
        read_raf_db(tmp_path)
