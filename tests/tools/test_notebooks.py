"""The notebooks as they are kept; `make notebooks` runs them."""

import ast
import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LINES, WIDTH = 16, 92
LINK = re.compile(r"\]\((?!\w+:|#)([^)\s#]+)")

pytestmark = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells_of(path, kind):
    cells = nbformat.read(path, as_version=4).cells
    return [cell for cell in cells if cell.cell_type == kind]


def test_a_notebook_is_valid_and_its_cells_keep_their_names(path):
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    names = [cell.id for cell in notebook.cells]
    assert len(set(names)) == len(names)
    # not the random ones that an editor gives: they would change with every copy
    assert all(re.fullmatch("[a-z][a-z-]+", name) for name in names), names


def test_nothing_that_was_put_out_is_stored(path):
    for cell in cells_of(path, "code"):
        assert cell.outputs == [] and cell.execution_count is None, (
            f"{path.name}, cell {cell.id}: run `python tools/strip_notebooks.py`"
        )


def test_stripping_leaves_a_stored_notebook_as_it_is(path, tool):
    stripped = tool("notebook_pages").stripped(nbformat.read(path, as_version=4))
    assert nbformat.writes(stripped) + "\n" == path.read_text(encoding="utf-8")


def test_cells_are_short_plain_python(path):
    for cell in cells_of(path, "code"):
        lines = cell.source.splitlines()
        assert 1 <= len(lines) <= LINES, cell.id
        assert max(map(len, lines)) <= WIDTH, cell.id
        ast.parse(cell.source)  # magics and shell lines do not parse
        assert "get_ipython" not in cell.source


def test_a_notebook_begins_with_its_title_and_ends_with_what_to_do_next(path, tool):
    notebook = nbformat.read(path, as_version=4)
    assert tool("notebook_pages").title_of(notebook)
    assert notebook.cells[-1].cell_type == "markdown"
    assert notebook.cells[-1].source.startswith("## What next\n")


def test_every_link_leads_somewhere(path):
    for cell in cells_of(path, "markdown"):
        for target in LINK.findall(cell.source):
            assert (path.parent / target).exists(), f"{path.name}, cell {cell.id}: {target}"
