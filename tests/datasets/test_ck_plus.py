import pytest

from icaedit.datasets import CK_PLUS_COUNTS, read_ck48, read_ck_plus
from icaedit.errors import DatasetError, InputError


@pytest.fixture
def film(add, tmp_path):
    """Write a film of CK+ and, if it has one, its label."""

    def write(person, take, frames, label=None, peak=None):
        name = f"{person}_{take}_{{:08d}}"
        for frame in frames:
            add(f"cohn-kanade-images/{person}/{take}/{name.format(frame)}.png")
        folder = tmp_path / "Emotion" / person / take
        folder.mkdir(parents=True)
        if label is not None:
            path = folder / f"{name.format(peak or max(frames))}_emotion.txt"
            path.write_text(f"   {label}\n")

    return write


@pytest.fixture
def two(film):
    film("S005", "001", range(1, 12), "3.0000000e+00")
    film("S010", "002", range(1, 7), "5.0000000e+00")
    film("S010", "003", range(1, 7))
    film("S011", "001", range(1, 7), "2.0000000e+00")


def shown(dataset):
    return [(r.name.split("/")[-1][:-4], r.emotion) for r in dataset]


def test_the_last_frames_show_the_emotion_and_the_first_a_neutral_face(two, tmp_path):
    dataset = read_ck_plus(tmp_path)
    assert shown(dataset) == [
        ("S005_001_00000001", "neutral"),
        ("S005_001_00000009", "disgusted"),
        ("S005_001_00000010", "disgusted"),
        ("S005_001_00000011", "disgusted"),
        ("S010_002_00000001", "neutral"),
        ("S010_002_00000004", "happy"),
        ("S010_002_00000005", "happy"),
        ("S010_002_00000006", "happy"),
    ]
    assert dataset.identities == ("S005", "S010")
    assert {record.take for record in dataset} == {"001", "002"}


def test_contempt_and_the_number_of_frames_are_chosen(two, tmp_path):
    dataset = read_ck_plus(tmp_path, contempt=True, peak_frames=1, neutral_frames=2)
    assert shown(dataset)[-3:] == [
        ("S011_001_00000001", "neutral"),
        ("S011_001_00000002", "neutral"),
        ("S011_001_00000006", "contempt"),
    ]
    assert len(dataset) == 9
    with pytest.raises(InputError, match="got 0 peak and 1 neutral frames"):
        read_ck_plus(tmp_path, peak_frames=0)


def test_frames_after_the_one_that_the_label_names_are_not_used(film, tmp_path):
    film("S005", "001", range(1, 12), "1.0", peak=10)
    assert [name[-2:] for name, _ in shown(read_ck_plus(tmp_path))] == ["01", "08", "09", "10"]


def test_frames_are_in_the_order_of_their_numbers(film, tmp_path, add):
    film("S005", "001", [9], "1.0")
    add("cohn-kanade-images/S005/001/S005_001_0000000010.png")  # sorts before 9 as a text
    path = tmp_path / "Emotion/S005/001"
    (path / "S005_001_00000009_emotion.txt").rename(path / "S005_001_0000000010_emotion.txt")
    dataset = read_ck_plus(tmp_path, peak_frames=1)
    assert [(r.path.stem[-2:], r.emotion) for r in dataset] == [("09", "neutral"), ("10", "angry")]


def test_a_short_film_keeps_its_peak_and_is_reported(film, tmp_path, problems):
    film("S005", "001", range(1, 4), "7.0")
    dataset = read_ck_plus(tmp_path)
    assert [record.emotion for record in dataset] == ["surprised"] * 3
    assert problems(dataset, "missing-cell")[0][0].startswith("Emotion/S005/001/")


@pytest.mark.parametrize("label", ["0.0", "8.0", "1.5", "x", "", "1 2", "nan", "inf"])
def test_a_label_that_is_none_is_reported(film, two, tmp_path, problems, label):
    film("S099", "001", range(1, 7), label)
    dataset = read_ck_plus(tmp_path)
    assert "S099" not in dataset.identities
    name = "Emotion/S099/001/S099_001_00000006_emotion.txt"
    assert problems(dataset, "unparsed") == [(name, "unparsed")]


def test_a_label_of_a_frame_that_is_not_there_is_reported(film, two, tmp_path, problems):
    film("S099", "001", range(1, 7), "1.0", peak=9)
    assert len(problems(read_ck_plus(tmp_path), "unparsed")) == 1


def test_the_official_number_of_films_is_compared(two, tmp_path):
    assert sum(CK_PLUS_COUNTS.values()) == 327
    report = read_ck_plus(tmp_path).report()
    assert "disgusted: 1 found, the data set has 59" in report
    assert "contempt: 1 found, the data set has 18" in report


def test_another_folder_is_not_ck_plus(tmp_path):
    with pytest.raises(DatasetError, match="without a folder cohn-kanade-images, expected CK"):
        read_ck_plus(tmp_path)


def test_ck48_knows_its_people(add, tmp_path, problems):
    add("CK+48/anger/S010_004_00000017.png", "CK+48/contempt/S011_001_00000009.png")
    add("CK+48/fear/face.png")
    dataset = read_ck48(tmp_path)
    assert [(r.identity, r.take, r.emotion) for r in dataset] == [("S010", "004", "angry")]
    assert problems(dataset, "unparsed") == [("CK+48/fear/face.png", "unparsed")]
    assert len(read_ck48(tmp_path, contempt=True)) == 2
    assert "angry: 1 found, the data set has 135" in dataset.report()
