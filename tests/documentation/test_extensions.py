"""The extensions that write pages, formulas and the picture of the imports."""

import importlib
import re
from pathlib import Path

import api_pages
import command_pages
import pytest
from docutils import nodes
from import_picture import draw, read_imports, read_layers
from included_links import PAGES, turned
from mathml import _markup
from sphinx.errors import SphinxError

from icaedit.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
SMALL = [["top"], ["left", "right"], ["base"]]


def test_every_command_and_sub_command_gets_a_page():
    words = [words for words, _ in command_pages.commands()]
    assert [name for name in words if " " not in name] == list(COMMANDS)
    assert {"models list", "models add", "recognize train"} <= set(words)


def test_the_table_of_commands_names_each_with_its_page():
    lines = command_pages.table().splitlines()
    assert len(lines) == 2 + len(COMMANDS)
    assert "| [`icaedit edit`](commands/edit.rst) | Change the expression of a face |" in lines


def test_pages_of_commands_say_where_each_is_found():
    for words, place in command_pages.commands():
        module, _, attribute = place.partition(":")
        found = getattr(importlib.import_module(module), attribute)
        assert found.name == words.split()[-1]


def test_examples_of_a_help_text_become_a_listing():
    lines = ["What it does.", "", "| Example:", "|   icaedit a --b", "|   icaedit c", ""]
    command_pages.show_examples(None, None, lines)
    assert lines[2:6] == ["Example:", "", ".. code-block:: sh", ""]
    assert lines[6:] == ["   icaedit a --b", "   icaedit c", ""]


def test_a_help_text_without_an_example_stays():
    lines = ["What it does.", ""]
    command_pages.show_examples(None, None, lines)
    assert lines == ["What it does.", ""]


def test_a_room_s_page_names_all_that_it_offers_once():
    import icaedit.analysis

    page = api_pages.page("analysis")
    named = re.findall(r"^\.\. [\w:]+:: icaedit\.analysis\.(\w+)$", page, re.MULTILINE)
    assert sorted(named) == sorted(icaedit.analysis.__all__)


def test_constants_bring_what_is_said_about_them_in_the_source():
    page = api_pages.page("evaluation")
    entry = page.split("icaedit.evaluation.BETTER")[1].split(".. py:data")[0]
    assert "Measures of which more (1) or less (-1) is better" in entry


def test_bars_of_absolute_values_are_escaped_and_literals_and_examples_stay():
    lines = ["the sum of |a - b| and ``|c|``", "", ">>> print('|d|')", "|d|", "", "| a line block"]
    kept = lines[1:]
    api_pages.keep_bars(lines)
    assert lines == [r"the sum of \|a - b\| and ``|c|``", *kept]


def test_formulas_become_mathml():
    markup = _markup(nodes.math("", r"\sum_e \alpha_e v_e"), as_block=True)
    assert markup.startswith("<math") and 'display="block"' in markup
    assert "∑" in markup and "<msub>" in markup


def test_a_formula_that_cannot_be_read_is_an_error_that_shows_it():
    with pytest.raises(SphinxError, match=r"got the formula .*nonsense"):
        _markup(nodes.math("", r"\nonsense{x}"), as_block=False)


@pytest.mark.parametrize(
    ("where", "link", "expected"),
    [
        ("CONTRIBUTING.md", "docs/architecture.md", "architecture.md"),
        ("CONTRIBUTING.md", "CHANGELOG.md", "changelog.md"),
        ("CONTRIBUTING.md", "docs/fitting.md#the-bootstrap", "fitting.md#the-bootstrap"),
        ("CONTRIBUTING.md", "LICENSE", "../LICENSE"),
        ("icaedit/models/weights/portraits.md", "../../../docs/comparison.md", "comparison.md"),
        ("CHANGELOG.md", "https://semver.org/", "https://semver.org/"),
    ],
)
def test_links_of_included_files_are_turned(where, link, expected):
    assert turned(f"see [x]({link}).", where=where, root=ROOT) == f"see [x]({expected})."


def test_a_link_of_an_included_file_that_leads_nowhere_is_an_error():
    with pytest.raises(FileNotFoundError, match="docs/gone.md in CONTRIBUTING.md"):
        turned("[x](docs/gone.md)", where="CONTRIBUTING.md", root=ROOT)


def test_the_included_files_and_their_pages_are_there():
    for source, page in PAGES.items():
        assert (ROOT / source).is_file()
        assert source in (ROOT / "docs" / page).read_text()


def test_arrows_go_down_the_layers_and_none_is_implied_by_others():
    layers = read_layers(ROOT / "pyproject.toml")
    row = {room: n for n, layer in enumerate(layers) for room in layer}
    imports = read_imports([room for layer in layers for room in layer])
    assert all(row[room] < row[other] for room, other in imports)
    assert ("files", "errors") in imports
    assert ("cli", "errors") not in imports


def test_rooms_are_drawn_without_overlap_and_higher_layers_above():
    picture = draw(SMALL, [("top", "left"), ("top", "base"), ("right", "base")], pages={"left"})
    boxes = re.findall(r'<rect x="([\d.]+)" y="(\d+)" width="([\d.]+)"', picture)
    names = re.findall(r"<text [^>]+>(\w+)</text>", picture)
    place = {n: (float(x), int(y), float(w)) for n, (x, y, w) in zip(names, boxes, strict=True)}
    assert sorted(names) == ["base", "left", "right", "top"]
    assert place["top"][1] < place["left"][1] == place["right"][1] < place["base"][1]
    first, second = sorted((place["left"], place["right"]))
    assert first[0] + first[2] < second[0]
    assert picture.count('class="import"') == 3
    assert '<a href="api/left.html">' in picture and "api/right.html" not in picture
