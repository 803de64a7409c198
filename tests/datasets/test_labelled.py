import pytest

from icaedit.datasets import read_class_folders, read_dataset, read_table, unpack_pixel_table
from icaedit.errors import DatasetError, FileAccessError, InputError


def cells(dataset):
    return {record.name: (record.split, record.emotion, record.identity) for record in dataset}


def test_folders_tell_emotion_and_part_but_nobody(add, tmp_path):
    add("Train/joy/a.png", "train/fear/b.png", "valid/SAD/c.png", "test/neutral/d.png")
    add("train/test/angry/e.png")  # the nearest counts
    assert cells(read_class_folders(tmp_path)) == {
        "Train/joy/a.png": ("train", "happy", ""),
        "train/fear/b.png": ("train", "afraid", ""),
        "valid/SAD/c.png": ("validation", "sad", ""),
        "test/neutral/d.png": ("test", "neutral", ""),
        "train/test/angry/e.png": ("test", "angry", ""),
    }
    assert read_class_folders(tmp_path).identities == ()


def test_numbered_folders_need_to_be_told(add, tmp_path):
    add("train/0/a.png", "train/3/b.png")
    with pytest.raises(DatasetError, match="in a folder named 0, expected .*; give the labels"):
        read_class_folders(tmp_path)
    with pytest.raises(DatasetError, match="in a folder named 0, expected .* from 1 to 7"):
        read_class_folders(tmp_path, labels="raf-db", first_label=1)
    one = read_class_folders(tmp_path, labels="fer2013")
    other = read_class_folders(tmp_path, labels="affectnet-8")
    assert [record.emotion for record in one] == ["angry", "happy"]
    assert [record.emotion for record in other] == ["neutral", "surprised"]


def test_a_folder_that_names_no_emotion_is_reported(add, tmp_path, problems):
    add("happy/a.png", "bored/b.png", "c.png")
    dataset = read_class_folders(tmp_path)
    assert len(dataset) == 1
    assert problems(dataset) == [("bored/b.png", "unparsed"), ("c.png", "unparsed")]
    assert dataset.report().splitlines()[0] == (
        "1 picture of 0 people with 1 emotion (layout class-folders)"
    )


def test_the_same_picture_in_two_parts_is_used_once(add, tmp_path, problems):
    add("train/happy/a.png", "test/happy/b.png", seed=1)
    add("test/sad/c.png")
    dataset = read_class_folders(tmp_path)
    assert [record.name for record in dataset] == ["test/happy/b.png", "test/sad/c.png"]
    assert problems(dataset) == [("train/happy/a.png", "duplicate")]


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="without a picture that can be used"):
        read_class_folders(tmp_path)
    with pytest.raises(FileAccessError, match="does not exist"):
        read_class_folders(tmp_path / "no")


def test_a_table_may_tell_the_part(add, tmp_path, problems):
    add("a.png", "b.png", "c.png")
    rows = ["path,identity,emotion,split", "a.png,x,joy,Training", "b.png,y,sad,", "c.png,z,sad,q"]
    (tmp_path / "list.csv").write_text("\n".join(rows))
    dataset = read_dataset(tmp_path)
    assert [record.split for record in dataset] == ["train", ""]
    assert ("c.png", "unparsed") in problems(dataset)


def test_a_table_need_not_tell_who_is_shown(add, tmp_path, problems):
    add("pictures/a.png", "pictures/b.png", "pictures/c.png")
    table = tmp_path / "list.csv"
    table.write_text(
        "path;emotion;split;identity\npictures/a.png;joy;val;\npictures/b.png;sad;test;x\n"
        "pictures/c.png;;test;y\npictures/no.png;sad;test;\n"
    )
    dataset = read_table(table)
    assert cells(dataset) == {
        "pictures/a.png": ("validation", "happy", ""),
        "pictures/b.png": ("test", "sad", "x"),
    }
    assert problems(dataset) == [("pictures/c.png", "unparsed"), ("pictures/no.png", "unreadable")]
    assert [record.name for record in read_dataset(table)] == ["pictures/b.png"]
    table.write_text("path,split\na.png,test\n")
    with pytest.raises(DatasetError, match="expected path, emotion; add emotion"):
        read_table(table)


TABLE = "emotion,pixels,Usage\n3,0 9 99 255,Training\n6,1 2 3 4,PublicTest\n0,9 9 9 9,PrivateTest\n"


def test_a_table_of_pixels_becomes_files_in_their_parts(tmp_path):
    from PIL import Image

    (tmp_path / "t.csv").write_text(TABLE)
    steps = []
    n = unpack_pixel_table(
        tmp_path / "t.csv",
        tmp_path / "out",
        labels="fer2013",
        progress=lambda done, total: steps.append((done, total)),
    )
    assert n == 3 and steps == [(1, 3), (2, 3), (3, 3)]
    assert cells(read_class_folders(tmp_path / "out", check=False)) == {
        "train/happy/00000.png": ("train", "happy", ""),
        "validation/neutral/00001.png": ("validation", "neutral", ""),
        "test/angry/00002.png": ("test", "angry", ""),
    }
    with Image.open(tmp_path / "out/train/happy/00000.png") as picture:
        assert list(picture.tobytes()) == [0, 9, 99, 255]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("emotion,pixels\n1,0\n", "expected emotion, pixels, usage"),
        ("emotion,pixels,Usage\n", "and 0 rows"),
        (TABLE + "7,0 0 0 0,Training\n", "label '7' .* in row 5 of"),
        (TABLE + "1,0 0 0 0,Later\n", "usage 'later' in row 5 of"),
        (TABLE + "1,0 0 0,Training\n", "no square picture in row 5 of"),
        (TABLE + "1,0 0 0 256,Training\n", "no square picture in row 5"),
        (TABLE + "1,0 0 x 0,Training\n", "no square picture in row 5"),
        (TABLE + "1,,Training\n", "no square picture in row 5"),
    ],
)
def test_a_wrong_table_is_refused_before_anything_is_written(tmp_path, text, message):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(DatasetError, match=message):
        unpack_pixel_table(tmp_path / "t.csv", tmp_path / "out", labels="fer2013")
    assert not (tmp_path / "out").exists()


def test_the_two_tables_of_this_form_number_emotions_differently(tmp_path):
    (tmp_path / "t.csv").write_text("emotion,pixels,Usage\n7,5,Training\n")
    with pytest.raises(DatasetError, match="label '7'"):
        unpack_pixel_table(tmp_path / "t.csv", tmp_path / "out", labels="fer2013")
    unpack_pixel_table(tmp_path / "t.csv", tmp_path / "out", labels="ckextended")
    assert (tmp_path / "out/train/contempt/00000.png").exists()
    with pytest.raises(InputError, match="got label order 'fer'"):
        unpack_pixel_table(tmp_path / "t.csv", tmp_path / "out", labels="fer")
