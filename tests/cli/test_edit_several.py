"""Many pictures edited by one command."""

import importlib
import json
from pathlib import Path

import numpy as np
import pytest

from icaedit.images import read_image, read_provenance, save_image

HAPPY = ("--emotion", "happy", "--strength", 15)


def noise(seed: int, height: int = 32, width: int = 32) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """The folder that the commands run in, with pictures that count as aligned."""
    monkeypatch.chdir(tmp_path)
    for index, name in enumerate(("in/a.png", "in/b.jpg", "in/deep/a.png", "other/a.png")):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        save_image(name, noise(index))
    return tmp_path


@pytest.fixture
def edit(run, desk, world):
    """Run `icaedit edit` on the tiny model."""
    model, directions = world / "model.safetensors", world / "directions.safetensors"

    def edit(*words, emotion=HAPPY):
        tiny = ("--model", model, "--directions", directions, "--align", "none")
        return run("edit", *words, *emotion, *tiny)

    return edit


@pytest.fixture
def without_face(monkeypatch):
    """Make a picture's name decide whether there is a face in it."""
    from icaedit.editor import Editor
    from icaedit.errors import FaceNotFoundError

    edit = Editor.edit

    def edited(self, image, *arguments, **options):
        if image.shape[0] == 48:
            raise FaceNotFoundError("got no face, expected one; do something")
        return edit(self, image, *arguments, **options)

    monkeypatch.setattr(Editor, "edit", edited)
    return lambda name: save_image(name, noise(9, 48, 48))


def files_in(folder: str) -> list[str]:
    found = Path(folder).rglob("*")
    return sorted(path.relative_to(folder).as_posix() for path in found if path.is_file())


def test_files_folders_and_patterns_go_into_one_folder_under_their_names(edit):
    outcome = edit("other/a.png", "in", "in/*.png", "-o", "out")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == "out: 4 pictures with happy 15\n"
    assert files_in("out") == ["a-2.png", "a.png", "b.jpg", "deep/a.png", "run.json"]
    assert not np.array_equal(read_image("out/a.png"), read_image("out/a-2.png"))


def test_a_pattern_reaches_into_folders_and_passes_over_results(edit):
    assert edit("**/*.png", "-o", "out").out == "out: 3 pictures of **/*.png with happy 15\n"
    assert edit("**/*.png", "-o", "out").out.startswith("out: 3 pictures (3 done before)")


def test_each_result_has_the_bytes_that_it_has_alone(edit):
    edit("in", "-o", "out")
    for name in ("a.png", "b.jpg"):
        edit(f"in/{name}", "-o", name)
        assert Path(name).read_bytes() == Path("out", name).read_bytes()


def test_one_picture_can_go_into_a_folder_that_is_there(edit, desk):
    (desk / "out").mkdir()
    assert edit("in/a.png", "-o", "out").out == "out: 1 picture of in/a.png with happy 15\n"
    assert files_in("out") == ["a.png", "run.json"]


def test_the_same_command_goes_on_where_it_was_stopped(edit, monkeypatch):
    from icaedit.images import photo

    written = []
    real = photo.atomic_write

    def stopped_at_the_third(path, content):
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(Path(path).name)
        real(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(photo, "atomic_write", stopped_at_the_third)
        assert edit("in", "-o", "out").code == 130
    assert files_in("out") == ["a.png", "b.jpg", "run.json.part"]
    with monkeypatch.context() as patch:
        patch.setattr(
            photo, "atomic_write", lambda path, content: (written.append(path), real(path, content))
        )
        assert (
            edit("in", "-o", "out").out == "out: 3 pictures (2 done before) of in with happy 15\n"
        )
    assert [str(path) for path in written[2:]] == ["out/deep/a.png"]
    assert files_in("out") == ["a.png", "b.jpg", "deep/a.png", "run.json"]


def test_a_run_in_parts_leaves_what_a_run_at_once_leaves(edit):
    edit("in", "-o", "out")
    record = Path("out/run.json").read_bytes()
    save_image("in/c.png", noise(7))
    edit("in", "-o", "out")
    Path("in/c.png").unlink()
    Path("out/c.png").unlink()
    assert edit("in", "-o", "out").code == 0
    assert Path("out/run.json").read_bytes() == record


def test_a_picture_that_changed_is_edited_again(edit):
    edit("in", "-o", "out")
    before = Path("out/a.png").read_bytes()
    save_image("in/a.png", noise(5))
    assert "(2 done before)" in edit("in", "-o", "out").out
    assert Path("out/a.png").read_bytes() != before


def test_a_torn_line_of_the_journal_counts_as_not_written(edit, desk):
    edit("in", "-o", "out")
    record = json.loads((desk / "out" / "run.json").read_text())
    (desk / "out" / "run.json").unlink()
    (desk / "out" / "run.json.part").write_text('{"request": {"comm')
    outcome = edit("in", "-o", "out")
    assert outcome.code == 1
    assert "got 3 results that are there already" in outcome.err
    assert sorted(record["outputs"]) == ["out/a.png", "out/b.jpg", "out/deep/a.png"]


@pytest.mark.parametrize("change", ["another command", "a changed result", "a foreign file"])
def test_results_of_something_else_are_not_replaced_unless_asked(edit, change):
    if change == "a foreign file":
        Path("out").mkdir()
        save_image("out/a.png", noise(6))
    else:
        edit("in", "-o", "out")
    if change == "a changed result":
        save_image("out/a.png", noise(6))
    emotion = ("--emotion", "sad", "--strength", 3) if change == "another command" else HAPPY
    before = Path("out/a.png").read_bytes()
    outcome = edit("in", "-o", "out", emotion=emotion)
    assert outcome.code == 1
    count = 3 if change == "another command" else 1
    assert f"got {count} results that are there already" in outcome.err
    assert "out/a.png" in outcome.err and "--overwrite" in outcome.err
    assert Path("out/a.png").read_bytes() == before
    assert edit("in", "-o", "out", "--overwrite", emotion=emotion).code == 0
    assert Path("out/a.png").read_bytes() != before


def test_pictures_without_a_face_are_counted_and_listed(edit, without_face):
    without_face("in/none.png")
    outcome = edit("in", "-o", "out")
    assert outcome.code == 0
    assert outcome.out == "out: 3 pictures of in with happy 15\n"
    assert outcome.err == "no face was found in 1 of 4 pictures: in/none.png\n"
    assert "none.png" not in files_in("out")
    again = edit("in", "-o", "out", "--quiet")
    assert again.out == "out: 3 pictures (3 done before) of in with happy 15\n"
    assert again.err == outcome.err


def test_strictly_a_picture_without_a_face_is_a_failure_and_the_others_are_done(edit, without_face):
    without_face("in/none.png")
    outcome = edit("in", "-o", "out", "--strict")
    assert outcome.code == 1
    assert "got 1 of 4 pictures that cannot be used (in/none.png)" in outcome.err
    assert files_in("out") == ["a.png", "b.jpg", "deep/a.png", "run.json.part"]


def test_pictures_none_of_which_has_a_face_are_a_failure(edit, without_face, desk):
    (desk / "faceless").mkdir()
    without_face("faceless/a.png")
    outcome = edit("faceless", "-o", "out")
    assert outcome.code == 1
    assert "got 1 pictures without a face (faceless/a.png)" in outcome.err
    assert edit("faceless/a.png", "-o", "a.png").code == 1


def test_pictures_that_cannot_be_read_are_named_and_the_others_are_done(edit, desk):
    (desk / "in" / "bad.png").write_bytes(b"no picture")
    outcome = edit("in", "-o", "out")
    assert outcome.code == 1
    assert "got 1 of 4 pictures that cannot be used (in/bad.png)" in outcome.err
    (desk / "in" / "bad.png").unlink()
    assert "(3 done before)" in edit("in", "-o", "out").out


@pytest.mark.parametrize(
    ("words", "code", "about"),
    [
        (("in",), 2, "add -o OUT"),
        (("in/a.png", "in/b.jpg"), 2, "add -o OUT"),
        (("in", "-o", "other/a.png"), 1, "which is a file"),
        (("in", "-o", "in"), 1, "without a picture in it"),
        (("in/a.png", "in/b.jpg", "-o", "in"), 1, "as a result and as a picture to read"),
        (("in/*.webp", "-o", "out"), 1, "got in/*.webp without a picture"),
        (("in", "-o", "out", "--contact-sheet", "sheet.gif"), 1, "sheet.gif"),
        (("in", "-o", "out", "--landmarks", "points.json"), 2, "--landmarks"),
        ((), 2, "Missing argument"),
    ],
)
def test_words_that_make_no_run_say_what_to_do(edit, words, code, about):
    outcome = edit(*words)
    assert outcome.code == code
    assert about in outcome.err
    assert not Path("out").exists()
    assert read_image("in/a.png").shape == (32, 32, 3)


def test_a_contact_sheet_shows_each_picture_before_and_after(edit):
    outcome = edit("in", "-o", "out", "--contact-sheet", "sheet.png")
    assert outcome.out.splitlines()[1] == "sheet.png: before and after"
    record = json.loads(Path("out/run.json").read_text())
    assert "sheet.png" in record["outputs"]
    assert read_provenance("sheet.png")["contact_sheet_of"] == 3
    sheet = read_image("sheet.png")
    edit("in", "-o", "out", "--contact-sheet", "again.png", "--no-metadata", "--overwrite")
    assert np.array_equal(read_image("again.png"), sheet)
    assert read_provenance("again.png") is None


def test_a_long_contact_sheet_has_several_pages(edit, monkeypatch):
    # the module, which the function of the same name hides
    module = importlib.import_module("icaedit.plots.contact_sheet")
    monkeypatch.setattr(module, "PAIRS_ON_A_PAGE", 2)
    outcome = edit("in", "-o", "out", "--contact-sheet", "sheet.png")
    assert [line.split(":")[0] for line in outcome.out.splitlines()] == [
        "out",
        "sheet.png",
        "sheet-2.png",
    ]
    assert read_provenance("sheet-2.png")["contact_sheet_of"] == 1
