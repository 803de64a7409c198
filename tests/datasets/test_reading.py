import os
import subprocess
import sys
from pathlib import Path

import pytest

from icaedit.datasets import Dataset, Problem, Record, read_dataset
from icaedit.errors import DatasetError, FileAccessError, InputError


def test_an_empty_folder_says_what_is_read(tmp_path):
    with pytest.raises(DatasetError, match="nothing in it, expected pictures.* in KDEF.*a CSV"):
        read_dataset(tmp_path)


def test_a_folder_of_texts_says_what_was_found(tmp_path):
    (tmp_path / "a.txt").write_text("x")
    (tmp_path / "b.txt").write_text("x")
    with pytest.raises(DatasetError, match=r"no picture but 2 other files such as a\.txt"):
        read_dataset(tmp_path)


@pytest.mark.parametrize("layout", ["auto", "kdef", "folders"])
def test_a_missing_folder_is_named(tmp_path, layout):
    with pytest.raises(FileAccessError, match="gone, which does not exist"):
        read_dataset(tmp_path / "gone", layout=layout)


def test_a_picture_in_place_of_a_folder_is_refused(tmp_path, add):
    add("a.png")
    with pytest.raises(DatasetError, match=r"a\.png, which is a file"):
        read_dataset(tmp_path / "a.png")


def test_pictures_none_of_which_can_be_used_are_counted_by_fault(tmp_path, add):
    add("AF01HAS.JPG", level=0)
    (tmp_path / "AF01SAS.JPG").write_bytes(b"text")
    with pytest.raises(DatasetError, match="1 near-black, 1 unreadable, such as AF01"):
        read_dataset(tmp_path)


def test_an_unknown_layout_or_view_is_refused(tmp_path, add):
    add("AF01HAS.JPG")
    with pytest.raises(InputError, match="got layout 'raf', expected one of auto, kdef"):
        read_dataset(tmp_path, layout="raf")
    with pytest.raises(InputError, match="got views 'X'"):
        read_dataset(tmp_path, views="X")


def test_one_person_with_one_emotion_is_a_dataset(tmp_path, add):
    add("AF01HAS.JPG")
    dataset = read_dataset(tmp_path)
    assert (dataset.identities, dataset.emotions) == (("F01",), ("happy",))


def test_hidden_files_and_archive_leftovers_are_passed_over(tmp_path, add, problems):
    add("AF01/AF01HAS.JPG", "AF01/._AF01SAS.JPG", "__MACOSX/AF01SAS.JPG", ".git/AF01SAS.JPG")
    dataset = read_dataset(tmp_path)
    assert len(dataset) == 1 and problems(dataset) == []


def test_linked_folders_are_searched_once(tmp_path, add, problems):
    add("outside/AF01HAS.JPG")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link").symlink_to(tmp_path / "outside")
    (tmp_path / "outside" / "back").symlink_to(tmp_path / "root")
    dataset = read_dataset(tmp_path / "root")
    assert [record.name for record in dataset] == ["link/AF01HAS.JPG"]
    assert problems(dataset) == []


def test_a_folder_that_cannot_be_searched_is_listed(tmp_path, add, problems, monkeypatch):
    add("AF01/AF01HAS.JPG", "AF02/AF02HAS.JPG")
    search = os.scandir

    def refuse(path):
        if str(path).endswith("AF02"):
            raise PermissionError(13, "Permission denied", str(path))
        return search(path)

    monkeypatch.setattr(os, "scandir", refuse)
    dataset = read_dataset(tmp_path)
    assert len(dataset) == 1 and problems(dataset) == [("AF02", "unreadable")]
    with pytest.raises(FileAccessError, match="Permission denied when reading .*AF02"):
        read_dataset(tmp_path / "AF02")


def test_a_relative_root_gives_absolute_paths(tmp_path, add, monkeypatch):
    add("set/AF01HAS.JPG")
    monkeypatch.chdir(tmp_path)
    (record,) = read_dataset("set")
    assert record.path == tmp_path / "set" / "AF01HAS.JPG"
    assert record.name == "AF01HAS.JPG"


def test_a_chosen_layout_wins_over_the_guess(tmp_path, add):
    add("happy/AF01SAS.JPG")
    assert read_dataset(tmp_path)[0].emotion == "sad"
    assert read_dataset(tmp_path, layout="folders")[0].emotion == "happy"


def test_most_names_decide_between_kdef_and_folders(tmp_path, add):
    add("happy/AF01SAS.JPG", "happy/x_1.JPG", "sad/y_2.JPG")
    assert read_dataset(tmp_path).layout == "folders"


def test_reading_twice_gives_the_same(tmp_path, add):
    add("AF01HAS.JPG", "AF01SAS.JPG", "BM03SAS.JPG")
    one, two = read_dataset(tmp_path), read_dataset(tmp_path)
    assert one.records == two.records and one.digest == two.digest


def a_dataset(*records, problems=(), excluded=()):
    return Dataset(Path("/d"), "kdef", records, excluded, problems)


def a_record(name, identity="F01", emotion="sad", **more):
    return Record(Path("/d") / name, name, identity, emotion, **more)


def test_a_dataset_is_a_sequence_of_its_usable_records():
    one, two = a_record("a"), a_record("b")
    dataset = a_dataset(one, two, excluded=(a_record("c", excluded="near-black"),))
    assert len(dataset) == 2 and list(dataset) == [one, two]
    assert dataset[-1] is two and dataset[:1] == (one,)


def test_identities_are_sorted_and_emotions_in_the_usual_order():
    dataset = a_dataset(
        a_record("a", "M02", "contempt"),
        a_record("b", "F01", "afraid"),
        a_record("c", "M02", "happy"),
    )
    assert dataset.identities == ("F01", "M02")
    assert dataset.emotions == ("happy", "afraid", "contempt")


def test_the_digest_ignores_order_and_place_but_not_content():
    one, two = a_record("a", digest="1"), a_record("b", digest="2")
    digest = a_dataset(one, two).digest
    assert digest == a_dataset(two, one).digest
    assert digest != a_dataset(one, a_record("b", digest="3")).digest
    assert digest != a_dataset(one, a_record("b", emotion="happy", digest="2")).digest
    assert digest != a_dataset(one, a_record("b", identity="F02", digest="2")).digest


def test_the_report_counts_and_lists_by_kind():
    problems = [Problem("near-black", f"{n}.jpg", "dark; not used") for n in range(3)]
    problems.append(Problem("unreadable", "x.jpg", "cut; not used"))
    dataset = a_dataset(a_record("a"), a_record("b", "F02"), problems=tuple(problems))
    assert dataset.report().splitlines() == [
        "2 pictures of 2 people with 1 emotion (layout kdef)",
        "unreadable: 1",
        "  x.jpg: cut; not used",
        "near-black: 3",
        "  0.jpg: dark; not used",
        "  1.jpg: dark; not used",
        "  2.jpg: dark; not used",
    ]
    assert dataset.report(limit=1).splitlines()[-2:] == ["  0.jpg: dark; not used", "  and 2 more"]


def test_importing_the_room_loads_nothing_heavy():
    code = "import sys, icaedit.datasets; print(sorted(sys.modules))"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True)
    for name in ("torch", "PIL", "scipy", "sklearn", "matplotlib"):
        assert f"'{name}'" not in loaded
