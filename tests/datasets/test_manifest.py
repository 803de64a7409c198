import pytest

from icaedit.datasets import read_dataset
from icaedit.errors import DatasetError, FileAccessError, InputError


def write(path, *rows, encoding="utf-8"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(rows) + "\n", encoding=encoding)


def test_rows_are_read_in_their_order_with_what_they_say(tmp_path, add):
    add("b.png", "in/a.png")
    write(
        tmp_path / "set.csv",
        "path,identity,emotion,view,take,age",
        "in/a.png,Ann,joy,hl,2,40",
        "b.png,Bob,NE,,,50",
    )
    first, second = read_dataset(tmp_path)
    assert (first.name, first.path) == ("in/a.png", tmp_path / "in" / "a.png")
    assert (first.identity, first.emotion, first.view, first.take) == ("Ann", "happy", "HL", "2")
    assert (second.identity, second.emotion, second.view, second.take) == ("Bob", "neutral", "", "")


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_delimiter_column_order_and_case_do_not_matter(tmp_path, add, mark, encoding):
    add("a.png")
    rows = [mark.join(["Emotion", " PATH ", "Identity"]), mark.join(["sad", " a.png", "Zoë"])]
    write(tmp_path / "set.csv", *rows, encoding=encoding)
    (record,) = read_dataset(tmp_path)
    assert (record.identity, record.emotion, record.name) == ("Zoë", "sad", "a.png")


def test_the_table_itself_may_be_named(tmp_path, add):
    add("a.png", "F01/happy.png")
    write(tmp_path / "one.csv", "path,identity,emotion", "a.png,Ann,sad")
    write(tmp_path / "two.csv", "path,identity,emotion", "a.png,Bob,sad")
    assert read_dataset(tmp_path / "one.csv").identities == ("Ann",)
    assert read_dataset(tmp_path, manifest=tmp_path / "two.csv").identities == ("Bob",)
    with pytest.raises(DatasetError, match=r"got 2 tables.*one\.csv, two\.csv"):
        read_dataset(tmp_path)


def test_a_table_elsewhere_names_pictures_below_the_root(tmp_path, add):
    add("pictures/a.png")
    write(tmp_path / "tables" / "set.csv", "path,identity,emotion", "a.png,Ann,sad")
    (record,) = read_dataset(tmp_path / "pictures", manifest=tmp_path / "tables" / "set.csv")
    assert record.path == tmp_path / "pictures" / "a.png" and record.name == "a.png"


def test_absolute_paths_are_kept(tmp_path, add):
    add("far/a.png")
    write(tmp_path / "near" / "set.csv", "path,identity,emotion", f"{tmp_path}/far/a.png,Ann,sad")
    (record,) = read_dataset(tmp_path / "near")
    assert record.path == tmp_path / "far" / "a.png"
    assert record.name == (tmp_path / "far" / "a.png").as_posix()


def test_rows_without_a_person_or_an_emotion_are_listed(tmp_path, add):
    add("a.png", "b.png", "c.png")
    write(
        tmp_path / "set.csv",
        "path,identity,emotion",
        "a.png,Ann,calm",
        "b.png,,sad",
        "",
        "c.png,Ann,sad",
    )
    dataset = read_dataset(tmp_path)
    assert [record.name for record in dataset] == ["c.png"]
    details = {p.path: p.detail for p in dataset.problems}
    assert details["a.png"].startswith("row 2 of set.csv: got emotion 'calm'")
    assert details["b.png"].startswith("row 3 of set.csv: got no identity")


def test_a_row_whose_picture_is_missing_is_listed(tmp_path, add):
    add("a.png")
    write(tmp_path / "set.csv", "path,identity,emotion", "a.png,Ann,sad", "gone.png,Ann,sad")
    dataset = read_dataset(tmp_path)
    assert len(dataset) == 1
    (problem,) = dataset.problems
    assert (problem.kind, problem.path) == ("unreadable", "gone.png")
    assert "No such file" in problem.detail


@pytest.mark.parametrize(("text", "used"), [("", 2), ("0", 2), ("False", 2), ("blurred", 1)])
def test_a_reason_in_the_exclude_column_leaves_the_picture_out(tmp_path, add, text, used):
    add("a.png", "b.png")
    rows = ["path,identity,emotion,exclude", "a.png,A,sad,", f"b.png,A,sad,{text}"]
    write(tmp_path / "set.csv", *rows)
    dataset = read_dataset(tmp_path)
    assert len(dataset) == used
    assert [record.excluded for record in dataset.excluded] == ["excluded: blurred"] * (2 - used)


def test_pictures_of_unknown_angle_survive_the_choice_of_angles(tmp_path, add):
    add("a.png", "b.png", "c.png")
    rows = ["path,identity,emotion,view", "a.png,A,sad,S", "b.png,A,sad,HL", "c.png,A,sad,"]
    write(tmp_path / "set.csv", *rows)
    assert [record.name for record in read_dataset(tmp_path, views="S")] == ["a.png", "c.png"]


def test_missing_columns_are_named(tmp_path, add):
    add("a.png")
    write(tmp_path / "set.csv", "path,person", "a.png,Ann")
    message = "columns path, person, expected path, identity, emotion; add identity, emotion"
    with pytest.raises(DatasetError, match=message):
        read_dataset(tmp_path / "set.csv")


def test_a_table_without_these_columns_is_passed_over(tmp_path, add):
    add("happy/F01.png")
    write(tmp_path / "notes.csv", "when,what", "today,nothing")
    assert read_dataset(tmp_path).layout == "folders"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00bad", b"\x89PNG\r\n\x1a\n\x00"])
def test_what_is_no_table_is_refused_by_name(tmp_path, content):
    (tmp_path / "set.csv").write_bytes(content)
    with pytest.raises(DatasetError, match=r"set\.csv"):
        read_dataset(tmp_path / "set.csv")


def test_a_missing_table_is_named(tmp_path, add):
    add("a.png")
    with pytest.raises(FileAccessError, match=r"gone\.csv"):
        read_dataset(tmp_path, manifest=tmp_path / "gone.csv")
    with pytest.raises(DatasetError, match="without a CSV table"):
        read_dataset(tmp_path, layout="manifest")


def test_a_table_and_another_layout_contradict_each_other(tmp_path, add):
    add("a.png")
    write(tmp_path / "set.csv", "path,identity,emotion", "a.png,Ann,sad")
    with pytest.raises(InputError, match="got layout 'kdef' and a table"):
        read_dataset(tmp_path / "set.csv", layout="kdef")
