import numpy as np
import pytest
from PIL import Image

from icaedit.datasets import contents, read_dataset
from icaedit.files import sha256_file
from icaedit.images import reading


def test_the_limits_are_those_of_the_room_that_reads_pictures():
    assert contents.SMALLEST_SIDE == reading.SMALLEST_SIDE
    assert contents.LARGEST_PIXELS == reading.LARGEST_PIXELS
    assert contents.FORMATS == reading._FORMATS


def test_every_record_has_the_digest_of_its_file(tmp_path, add):
    add("AF01HAS.JPG", "AF01SAS.JPG")
    for record in read_dataset(tmp_path):
        assert record.digest == sha256_file(record.path)


@pytest.mark.parametrize(("level", "used"), [(0, False), (8, False), (12, True)])
@pytest.mark.parametrize("suffix", ["JPG", "png"])
def test_near_black_pictures_are_found_by_content(tmp_path, add, problems, level, used, suffix):
    add("AF01SAS.JPG")
    add(f"AF01HAS.{suffix}", level=level, size=(200, 300))
    dataset = read_dataset(tmp_path)
    assert len(dataset) == 1 + used
    assert problems(dataset, "near-black") == [(f"AF01HAS.{suffix}", "near-black")] * (not used)


def test_a_dark_picture_with_a_lit_corner_is_not_near_black(tmp_path, add):
    pixels = np.zeros((300, 300, 3), np.uint8)
    pixels[:100, :150] = 255  # mean 42
    Image.fromarray(pixels).save(tmp_path / "AF01HAS.png")
    assert len(read_dataset(tmp_path)) == 1


def test_a_dark_sixteen_bit_picture_is_measured_on_its_own_scale(tmp_path, add, problems):
    add("AF01SAS.png")
    Image.fromarray(np.full((16, 16), 1000, np.uint16)).save(tmp_path / "AF01HAS.png")
    Image.fromarray(np.full((16, 16), 9000, np.uint16)).save(tmp_path / "AF01ANS.png")
    assert problems(read_dataset(tmp_path), "near-black") == [("AF01HAS.png", "near-black")]


def test_transparent_black_is_not_near_black(tmp_path):
    Image.new("RGBA", (16, 16), (0, 0, 0, 0)).save(tmp_path / "AF01HAS.png")
    assert len(read_dataset(tmp_path)) == 1


@pytest.mark.parametrize("name", ["AF01HAS.JPG", "AF01HAS.png", "AF01HAS.tif", "AF01HAS.webp"])
@pytest.mark.parametrize("keep", [0, 0.5, 0.9])
def test_pictures_cut_short_are_listed_and_not_used(tmp_path, add, problems, name, keep):
    add("AF01SAS.JPG", name, size=(300, 400))
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: int(len(content) * keep)])
    dataset = read_dataset(tmp_path)
    assert [record.name for record in dataset] == ["AF01SAS.JPG"]
    assert problems(dataset, "unreadable") == [(name, "unreadable")]
    assert dataset.excluded[0].excluded == "unreadable"


@pytest.mark.parametrize("content", [b"text", b"%!PS-Adobe-3.0 EPSF-3.0\n"])
def test_text_named_as_a_picture_is_listed(tmp_path, add, problems, content):
    add("AF01SAS.JPG")
    (tmp_path / "AF01HAS.JPG").write_bytes(content)
    assert problems(read_dataset(tmp_path), "unreadable") == [("AF01HAS.JPG", "unreadable")]


def test_tiny_and_floating_point_pictures_are_listed_with_the_reason(tmp_path, add):
    add("AF01SAS.JPG")
    add("AF01HAS.JPG", size=(1, 1))
    Image.fromarray(np.ones((20, 16), np.float32)).save(tmp_path / "AF01ANS.tif")
    details = {p.path: p.detail for p in read_dataset(tmp_path).problems if p.kind == "unreadable"}
    assert "1x1 pixels" in details["AF01HAS.JPG"]
    assert "floating-point" in details["AF01ANS.tif"]


def test_a_link_to_nowhere_is_listed(tmp_path, add):
    add("AF01SAS.JPG")
    (tmp_path / "AF01HAS.JPG").symlink_to(tmp_path / "gone.JPG")
    (problem,) = (p for p in read_dataset(tmp_path).problems if p.kind == "unreadable")
    assert problem.path == "AF01HAS.JPG" and "No such file" in problem.detail


def test_of_the_same_picture_twice_the_first_is_used(tmp_path, add, problems):
    add("happy/F01_1.png", "happy/F01_2.png", "happy/F01_3.png", seed=1)
    add("sad/F01_1.png")
    dataset = read_dataset(tmp_path)
    assert [record.name for record in dataset] == ["happy/F01_1.png", "sad/F01_1.png"]
    assert problems(dataset) == [
        ("happy/F01_2.png", "duplicate"),
        ("happy/F01_3.png", "duplicate"),
    ]


@pytest.mark.parametrize("other", ["sad/F01_1.png", "happy/F02_1.png"])
def test_of_the_same_picture_under_two_labels_none_is_used(tmp_path, add, problems, other):
    add("happy/F01_1.png", other, seed=1)
    add("angry/F01_1.png")
    dataset = read_dataset(tmp_path)
    assert [record.name for record in dataset] == ["angry/F01_1.png"]
    found = problems(dataset, "duplicate")
    assert sorted(found) == sorted([("happy/F01_1.png", "duplicate"), (other, "duplicate")])
    assert "neither is used" in dataset.report()


def test_placeholders_are_near_black_and_not_duplicates(tmp_path, add, problems):
    add("AF01HAS.JPG", "AF02SAS.JPG", level=0)
    add("AF01SAS.JPG")
    found = problems(read_dataset(tmp_path), "near-black", "duplicate")
    assert found == [("AF01HAS.JPG", "near-black"), ("AF02SAS.JPG", "near-black")]


def test_a_picture_of_another_size_than_most_is_used_and_listed(tmp_path, add):
    add("AF01HAS.JPG", "AF01SAS.JPG", size=(30, 40))
    add("AF01ANS.JPG", size=(50, 40))
    dataset = read_dataset(tmp_path)
    assert len(dataset) == 3
    (problem,) = dataset.problems
    assert (problem.kind, problem.path) == ("odd-size", "AF01ANS.JPG")
    assert problem.detail == "50x40 pixels, most are 30x40"


def test_sizes_are_not_odd_where_none_is_usual(tmp_path, add, problems):
    add("AF01HAS.JPG", size=(30, 40))
    add("AF01SAS.JPG", size=(50, 40))
    assert problems(read_dataset(tmp_path)) == []


def test_an_excluded_picture_leaves_its_cell_missing(tmp_path, add, problems):
    add("AF01HAS.JPG", "AF02HAS.JPG", "AF02SAS.JPG")
    add("AF01SAS.JPG", level=0)
    assert problems(read_dataset(tmp_path), "missing-cell") == [("F01", "missing-cell")]


def test_without_the_check_no_picture_is_opened(tmp_path):
    (tmp_path / "AF01HAS.JPG").touch()
    (record,) = read_dataset(tmp_path, check=False)
    assert record.digest == ""


def test_progress_counts_every_picture_once(tmp_path, add):
    add("AF01HAS.JPG", "AF01SAS.JPG", "AF02SAS.JPG")
    calls = []
    read_dataset(tmp_path, progress=lambda done, total: calls.append((done, total)))
    assert calls == [(1, 3), (2, 3), (3, 3)]
