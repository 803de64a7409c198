import pytest

PAGE = """# Page

Words.

<!-- made by tools/write_recognition_results.py -->
old
<!-- end -->

More words.

<!-- made by tools/write_recognition_results.py --trunk -->
older
<!-- end -->
"""

MADE = """# Tables

Made by `X`; data are in `recognition.csv`.

## Table 1: without

| {} |

## Table 5: costs

| 6 ms |

| the paper's Table 5 |

### Machine

## Faces

### What came out

## Where the paper's tables disagree

1. Here.
"""


@pytest.fixture
def writer(tool, tmp_path, monkeypatch):
    """The tool, with a page of its own in place of the documentation."""
    module = tool("write_recognition_results")
    (tmp_path / "docs/images").mkdir(parents=True)
    monkeypatch.setattr(module, "DOCS", tmp_path / "docs")
    monkeypatch.setattr(module, "PAGE", tmp_path / "docs/page.md")
    monkeypatch.setattr(module, "show_faces", lambda folder: None)
    module.PAGE.write_text(PAGE)
    for name in ("scratch", "trunk"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "recognition.md").write_text(MADE.format(name))
        (tmp_path / name / "recognition.csv").write_text(name)
        for figure in module.FIGURES:
            (tmp_path / name / f"portraits-{figure}.png").write_text(f"{name} {figure}")
    return module


def test_each_folder_fills_its_own_part_and_leaves_the_other(writer, tmp_path):
    writer.main(["--trunk", str(tmp_path / "trunk")])
    page = writer.PAGE.read_text()
    assert page.startswith(PAGE.split("older")[0]) and page.count("| trunk |") == 1
    assert "older" not in page and "### Table 1: without" in page
    writer.main([str(tmp_path / "scratch")])
    first, second = writer.PAGE.read_text().split("More words.")
    assert "| scratch |" in first and "| trunk |" in second
    assert "old\n" not in first
    once = writer.PAGE.read_text()
    writer.main([str(tmp_path / "scratch"), "--trunk", str(tmp_path / "trunk")])
    assert writer.PAGE.read_text() == once


def test_what_does_not_depend_on_the_trunk_is_said_once(writer, tmp_path):
    writer.main([str(tmp_path / "scratch"), "--trunk", str(tmp_path / "trunk")])
    first, second = writer.PAGE.read_text().split("More words.")
    for said in ("### Table 5: costs", "| the paper's Table 5 |", "#### Machine", "disagree"):
        assert said in first and said not in second
    for said in ("Made by `X`", "### Faces", "#### What came out"):
        assert said in first and said in second


def test_data_and_figures_lie_beside_each_other(writer, tmp_path):
    writer.main([str(tmp_path / "scratch"), "--trunk", str(tmp_path / "trunk")])
    first, second = writer.PAGE.read_text().split("More words.")
    assert "`recognition-results.csv`" in first and "`recognition-results-trunk.csv`" in second
    docs = writer.DOCS
    assert (docs / "recognition-results.csv").read_text() == "scratch"
    assert (docs / "recognition-results-trunk.csv").read_text() == "trunk"
    assert (docs / "images/recognition-accuracy.png").read_text() == "scratch accuracy"
    assert (docs / "images/recognition-confusions-trunk.png").read_text() == "trunk confusions"
