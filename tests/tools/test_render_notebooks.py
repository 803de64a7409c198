import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

TOOLS = Path(__file__).parents[2] / "tools"


@pytest.fixture
def write(tmp_path):
    def write(name, *sources):
        cells = [v4.new_markdown_cell("# Title", id="title")]
        cells += [v4.new_code_cell(text, id=f"cell-{i}") for i, text in enumerate(sources)]
        path = tmp_path / f"{name}.ipynb"
        nbformat.write(v4.new_notebook(cells=cells), path)
        return path

    return write


def test_notebooks_run_in_folders_of_their_own_and_those_that_fail_are_named(write, tmp_path):
    good = write("good", "open('left-behind', 'w').close()\nprint(1)\nprint(2)\n6 * 7")
    bad = write("bad", "1 / 0", "print('never reached')")
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "good-old-0.png").touch()
    before = good.read_bytes()
    done = subprocess.run(
        [sys.executable, TOOLS / "render_notebooks.py", bad, good, "--pages", pages],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    error = done.stderr
    assert done.returncode == 1
    assert "bad.ipynb" in error and "ZeroDivisionError" in error and "never" not in error
    assert "1 of 2 notebooks ran" in done.stdout
    assert "Parent appears to have exited" not in error  # from a kernel that was left running
    assert "```text\n1\n2\n```\n\n```text\n42\n```" in (pages / "good.md").read_text()
    assert sorted(path.name for path in pages.iterdir()) == ["good.md"]
    assert good.read_bytes() == before
    assert not (tmp_path / "left-behind").exists()


def test_a_notebook_that_is_not_there_is_named(tool, tmp_path, capsys):
    missing = tmp_path / "missing.ipynb"
    assert tool("render_notebooks").main([str(missing)]) == 1
    assert "missing.ipynb" in capsys.readouterr().err


def test_stripping_says_what_it_changed_and_changes_nothing_twice(tool, write, capsys):
    path = write("stored", "1")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].execution_count = 3
    nbformat.write(notebook, path)
    tool("strip_notebooks").main([str(path)])
    assert "stored.ipynb" in capsys.readouterr().out
    assert nbformat.read(path, as_version=4).cells[1].execution_count is None
    tool("strip_notebooks").main([str(path)])
    assert capsys.readouterr().out == ""
