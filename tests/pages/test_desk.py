"""The folder in which commands are run: what it notices, lays down and remembers."""

from pathlib import Path

import pytest

from . import desk as module
from .desk import Desk, Shelf
from .reading import Block, Command


@pytest.fixture
def shelf(tmp_path) -> Shelf:
    (tmp_path / "shelf").mkdir()
    return Shelf(tmp_path / "shelf")


@pytest.fixture
def desks(shelf, tmp_path, monkeypatch):
    """Make desks for pages that share a shelf."""

    def desk(page: str) -> Desk:
        folder = tmp_path / page
        folder.mkdir()
        return Desk(page, folder, shelf, monkeypatch)

    return desk


def execute(desk: Desk, text: str, shown: str | None = None) -> None:
    desk.execute(Command("page.md", 7, text, shown))


@pytest.mark.parametrize(
    "line",
    [
        "icaedit show nothing.png",
        "icaedit bogus",
        "ls nothing",
        "false | true",
        "icaedit completion bash | grep nothing",
    ],
)
def test_a_command_that_fails_is_told_with_its_place(desks, line):
    with pytest.raises(AssertionError, match=r"^page.md:7: "):
        execute(desks("a"), line)


def test_a_command_that_does_not_make_what_it_names_is_told(desks, monkeypatch):
    monkeypatch.setattr(module, "main", lambda words: 0)
    with pytest.raises(AssertionError, match=r"did not make out\.png"):
        execute(desks("a"), "icaedit edit face.png --emotion happy --strength 1 -o out.png")


def test_output_that_differs_from_what_is_shown_is_told(desks):
    desk = desks("a")
    execute(desk, "icaedit --version", "icaedit ...\n")
    with pytest.raises(AssertionError, match="the page shows"):
        execute(desk, "icaedit --version", "icaedit of another time\n")


def test_cd_and_export_last_and_the_shell_does_what_it_does(desks, tmp_path):
    desk = desks("a")
    for line in ("mkdir sub", "cd sub", "export WORD=two", "icaedit completion $SHELL_ || true"):
        execute(desk, line)
    execute(desk, 'for n in one "$WORD"; do touch $n.txt; done')
    execute(desk, "icaedit completion fish > ~/script")
    assert sorted(path.name for path in Path().iterdir()) == ["one.txt", "two.txt"]
    assert "_icaedit_completion" in (tmp_path / "a" / "home" / "script").read_text()


def test_what_a_command_names_is_laid_down_unless_the_command_makes_it(desks):
    desk = desks("a")
    execute(desk, "icaedit show face.png")
    assert Path("face.png").is_file()
    execute(desk, "icaedit sketch face.png -o photo.jpg")
    assert not Path("kdef").exists() and not Path("points.csv").exists()
    execute(desk, "icaedit portraits kdef --identities 1 --size 16")
    assert len(list(Path("kdef").rglob("*.JPG"))) == 7


def test_a_costly_command_is_run_once_for_the_same_words_and_files(desks, monkeypatch):
    monkeypatch.setattr(module, "_WORTH_KEEPING", 0.0)
    runs = []

    def counted(words):
        runs.append(words)
        return original(words)

    original = module.main
    monkeypatch.setattr(module, "main", counted)
    line = "icaedit portraits people --identities 1 --size 16 --seed {}"
    pictures = []
    for page, seed in (("a", 1), ("b", 1), ("c", 2)):
        execute(desks(page), line.format(seed))
        pictures.append({p.name: p.read_bytes() for p in Path("people").rglob("*.JPG")})
    assert len(runs) == 2
    assert pictures[0] == pictures[1] != pictures[2]
    for page, content in (("d", "1"), ("e", "2"), ("f", "2")):
        desk = desks(page)
        Path("t.csv").write_text(f"path,identity,emotion\n{content}.png,F01,sad\n")
        execute(desk, "icaedit show t.csv")
    assert len(runs) == 4


def test_python_shares_names_over_a_page_and_tells_its_line(desks):
    desk = desks("a")
    desk.run(Block("page.md", 3, "python", "number = 3"))
    desk.run(Block("page.md", 9, "pycon", ">>> number + 1\n4"))
    with pytest.raises(AssertionError, match="Expected"):
        desk.run(Block("page.md", 9, "pycon", ">>> number + 1\n5"))
    with pytest.raises(NameError) as failure:
        desk.run(Block("page.md", 20, "python", "\nnumbr"))
    assert (failure.traceback[-1].lineno, str(failure.traceback[-1].path)) == (20, "page.md")


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("icaedit portraits kdef --identities 3", ["kdef"]),
        ("python -m icaedit portraits people/ --seed 1", ["people"]),
        ("icaedit models show portraits", []),
        ("icaedit edit a.png --model portraits -o b.png", ["b.png"]),
        ("cp a.png -o b.png", []),
    ],
)
def test_what_a_command_makes_is_read_from_its_words(line, made):
    assert module._made_by(line) == made
