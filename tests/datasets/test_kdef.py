import itertools

import pytest

from icaedit.datasets import read_dataset
from icaedit.errors import DatasetError
from icaedit.schema import EMOTION_OF_KDEF_CODE, VIEWS

CODES = tuple(EMOTION_OF_KDEF_CODE)
CELLS = [code + view for code, view in itertools.product(CODES, VIEWS)]


def session(name, cells=CELLS, suffix=".JPG"):
    return [f"{name}/{name}{cell}{suffix}" for cell in cells]


def straight(name):
    return session(name, [code + "S" for code in CODES])


def test_a_name_tells_session_person_emotion_and_angle(tmp_path, add):
    add("AF01/AF01AFFL.JPG", "AM35/AM35SUHR.JPG")
    first, second = read_dataset(tmp_path)
    assert (first.identity, first.take, first.emotion, first.view) == ("F01", "A", "afraid", "FL")
    assert (second.identity, second.take, second.emotion, second.view) == (
        "M35", "A", "surprised", "HR",
    )  # fmt: skip


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("view", VIEWS)
def test_every_emotion_and_angle_is_told_apart(tmp_path, code, view):
    (tmp_path / f"AF01{code}{view}.JPG").touch()
    (record,) = read_dataset(tmp_path, check=False)
    assert (record.emotion, record.view) == (EMOTION_OF_KDEF_CODE[code], view)


def test_both_sessions_are_takes_of_one_person(tmp_path, add):
    add("AF01/AF01HAS.JPG", "BF01/BF01HAS.JPG")
    dataset = read_dataset(tmp_path)
    assert dataset.identities == ("F01",)
    assert [record.take for record in dataset] == ["A", "B"]


@pytest.mark.parametrize("prefix", ["", "KDEF/", "KDEF_and_AKDEF/KDEF_and_AKDEF/KDEF/"])
def test_any_nesting_is_read(tmp_path, add, prefix):
    add(f"{prefix}AF01/AF01HAS.JPG", f"{prefix}AF01/AF01SAS.JPG")
    dataset = read_dataset(tmp_path)
    assert dataset.layout == "kdef" and len(dataset) == 2
    assert dataset[0].name == f"{prefix}AF01/AF01HAS.JPG"
    assert dataset[0].path == tmp_path / prefix / "AF01" / "AF01HAS.JPG"


@pytest.mark.parametrize("name", ["AF01HAS.jpg", "AF01HAS.png", "AF01HAS.PNG", "af01has.jpeg"])
def test_case_and_file_kind_do_not_matter(tmp_path, add, name):
    add(name)
    (record,) = read_dataset(tmp_path)
    assert (record.identity, record.emotion, record.view) == ("F01", "happy", "S")


def test_records_are_ordered_by_name(tmp_path, add):
    add("BF01/BF01HAS.JPG", "AM02/AM02SAS.JPG", "AF01/AF01SAS.JPG", "AF01/AF01HAS.JPG")
    names = [record.name for record in read_dataset(tmp_path)]
    assert names == sorted(names) and len(names) == 4


def test_a_table_beside_the_pictures_does_not_matter(tmp_path, add, problems):
    add(*straight("AF01"))
    (tmp_path / "portraits.csv").write_text("path,identity,emotion\nAF01/AF01HAS.JPG,X,sad\n")
    dataset = read_dataset(tmp_path)
    assert dataset.layout == "kdef" and dataset.identities == ("F01",)
    assert len(dataset) == 7 and problems(dataset) == []


def test_averages_are_excluded_with_their_reason(tmp_path, add):
    add("KDEF/AF01/AF01HAS.JPG", "AKDEF/FHAS.JPG", "AKDEF/FAHR.JPG")
    dataset = read_dataset(tmp_path)
    assert [record.name for record in dataset] == ["KDEF/AF01/AF01HAS.JPG"]
    reasons = {record.name: record.excluded for record in dataset.excluded}
    assert reasons == dict.fromkeys(["AKDEF/FHAS.JPG", "AKDEF/FAHR.JPG"], "average face of AKDEF")
    assert "not used: 2 (average face of AKDEF)" in dataset.report()


def test_the_two_misnamed_files_of_kdef_are_deduced(tmp_path, add, problems):
    names = session("AF31") + session("AM31") + session("AF01", ["HAS", "SAS"])
    wrong = {"AF31/AF31SAHL.JPG": "AF31/AF31V.JPG", "AM31/AM31SUHR.JPG": "AM31/AM31H.JPG"}
    add(*(wrong.get(name, name) for name in names))
    dataset = read_dataset(tmp_path)
    found = {record.name: record for record in dataset}
    first, second = found["AF31/AF31V.JPG"], found["AM31/AM31H.JPG"]
    assert (first.identity, first.take, first.emotion, first.view) == ("F31", "A", "sad", "HL")
    assert (second.identity, second.emotion, second.view) == ("M31", "surprised", "HR")
    assert problems(dataset, "misnamed", "unparsed") == [
        ("AF31/AF31V.JPG", "misnamed"),
        ("AM31/AM31H.JPG", "misnamed"),
    ]
    assert "taken for AF31SAHL" in dataset.report()
    assert len(dataset) == 72


def test_a_misnamed_file_is_told_by_its_folder_too(tmp_path, add):
    names = straight("AF01") + straight("AF02")
    names[names.index("AF02/AF02DIS.JPG")] = "AF02/scan.JPG"
    add(*names)
    found = {record.name: record for record in read_dataset(tmp_path)}
    assert (found["AF02/scan.JPG"].identity, found["AF02/scan.JPG"].emotion) == ("F02", "disgusted")


def test_only_occurring_angles_count_as_lacking(tmp_path, add, problems):
    names = straight("AF01")
    names[names.index("AF01/AF01DIS.JPG")] = "AF01/AF01X.JPG"
    add(*names, *straight("BF01"))
    assert problems(read_dataset(tmp_path)) == [("AF01/AF01X.JPG", "misnamed")]


@pytest.mark.parametrize(
    ("drop", "extra"),
    [
        (["AF01/AF01DIS.JPG", "AF01/AF01HAS.JPG"], ["AF01/AF01X.JPG"]),
        (["AF01/AF01DIS.JPG"], ["AF01/AF01X.JPG", "AF01/AF01Y.JPG"]),
        (["AF01/AF01DIS.JPG"], ["AF01/AF01HAX.JPG"]),
        (["AF01/AF01DIS.JPG"], ["elsewhere/scan.JPG"]),
        ([], ["AF01/AF01X.JPG"]),
    ],
    ids=["two lacking", "two misnamed", "another emotion stated", "no session", "none lacking"],
)
def test_what_cannot_be_deduced_is_listed_and_not_used(tmp_path, add, problems, drop, extra):
    add(*(name for name in straight("AF01") if name not in drop), *straight("AF02"), *extra)
    dataset = read_dataset(tmp_path)
    assert problems(dataset, "unparsed", "misnamed") == [(name, "unparsed") for name in extra]
    assert not {record.name for record in dataset} & set(extra)


def test_a_misnamed_file_may_be_black_as_any_other(tmp_path, add, problems):
    names = [name for name in straight("AF01") if "DIS" not in name]
    add(*names, *straight("BF01"))
    add("AF01/AF01X.JPG", level=0)
    dataset = read_dataset(tmp_path)
    assert problems(dataset, "misnamed", "near-black") == [
        ("AF01/AF01X.JPG", "misnamed"),
        ("AF01/AF01X.JPG", "near-black"),
    ]
    assert len(dataset) == 13


def test_a_second_file_of_the_same_name_is_listed_and_not_used(tmp_path, add, problems):
    add("copy/AF01HAS.JPG", "orig/AF01HAS.JPG", "orig/AF01SAS.JPG")
    dataset = read_dataset(tmp_path)
    assert [record.name for record in dataset] == ["copy/AF01HAS.JPG", "orig/AF01SAS.JPG"]
    assert problems(dataset) == [("orig/AF01HAS.JPG", "duplicate")]


def test_views_keep_only_those_angles(tmp_path, add):
    add(*session("AF01", ["HAS", "HAHL", "HAFR"]))
    assert [r.view for r in read_dataset(tmp_path, views="S,FR")] == ["FR", "S"]
    assert [r.view for r in read_dataset(tmp_path, views=("HL",))] == ["HL"]
    assert len(read_dataset(tmp_path)) == 3


def test_angles_that_are_not_there_are_refused_by_those_that_are(tmp_path, add):
    add(*session("AF01", ["HAHL", "HAHR"]))
    with pytest.raises(DatasetError, match="views HL, HR only, expected S"):
        read_dataset(tmp_path, views="S")


def test_cells_of_the_grid_without_a_picture_are_listed(tmp_path, add):
    add("AF01NES.JPG", "BF01SAS.JPG", "AF02NES.JPG", "AM01SAS.JPG")
    missing = [p for p in read_dataset(tmp_path).problems if p.kind == "missing-cell"]
    assert [(p.path, p.detail) for p in missing] == [
        ("F02", "no usable picture that shows sad"),
        ("M01", "no usable picture that shows neutral"),
    ]
