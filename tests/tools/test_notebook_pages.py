import base64

import pytest
from nbformat import v4

PNG = b"\x89PNG..."


@pytest.fixture
def pages(tool):
    return tool("notebook_pages")


def executed(*outputs, source="1", **metadata):
    cell = v4.new_code_cell(source, id="the-cell", outputs=list(outputs), metadata=metadata)
    return v4.new_notebook(cells=[v4.new_markdown_cell("# A title\n\ntext", id="title"), cell])


def shown(pages, *outputs, **metadata):
    return pages.page_of(executed(*outputs, **metadata), "01-name")


def displayed(**data):
    kinds = {name.replace("_", "/"): content for name, content in data.items()}
    return v4.new_output("display_data", data=kinds)


def test_text_stays_and_code_and_print_are_fenced(pages):
    page, pictures = shown(pages, v4.new_output("stream", text="one\n\x1b[31mtwo\x1b[0m\n"))
    assert page.startswith("# A title\n\ntext\n\n```python\n1\n```\n\n```text\none\ntwo\n```\n")
    assert pictures == {}
    assert "{download}`01-name.ipynb <../../notebooks/01-name.ipynb>`" in page


def test_a_fence_is_longer_than_any_within(pages):
    notebook = executed(source='print("""\n````\n""")')
    assert '`````python\nprint("""\n````\n""")\n`````' in pages.page_of(notebook, "n")[0]


def test_a_picture_becomes_a_file_with_the_text_of_its_cell(pages):
    picture = displayed(image_png=base64.b64encode(PNG).decode(), text_plain="<Figure>")
    page, pictures = shown(pages, picture, alt="A face")
    assert "![A face](01-name-the-cell-0.png)" in page and "Figure" not in page
    assert pictures == {"01-name-the-cell-0.png": PNG}


def test_a_picture_without_a_text_is_refused_by_its_cell(pages):
    picture = displayed(image_png=base64.b64encode(PNG).decode())
    with pytest.raises(ValueError, match="'the-cell'.*add 'alt'"):
        shown(pages, picture)


def test_html_is_taken_over_plain_text_and_plain_text_over_nothing(pages):
    assert "```{raw} html\n<b>x</b>\n```" in shown(
        pages, displayed(text_html="<b>x</b>", text_plain="x")
    )[0]
    assert "```text\nx\n```" in shown(pages, displayed(text_plain="x"))[0]


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("02-other.ipynb", "02-other.md"),
        ("02-other.ipynb#part", "02-other.md#part"),
        ("../docs/fitting.md#the-bootstrap", "../fitting.md#the-bootstrap"),
        ("../README.md", "../../README.md"),
        ("https://example.org/a.ipynb", "https://example.org/a.ipynb"),
        ("#here", "#here"),
    ],
)
def test_links_lead_to_the_same_place_from_the_page(pages, link, expected):
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell(f"# T\n[a]({link}) b", id="a")])
    assert f"[a]({expected}) b" in pages.page_of(notebook, "n")[0]


def test_stripping_keeps_sources_names_and_the_text_of_pictures_only(pages):
    notebook = executed(v4.new_output("stream", text="x"), alt="A face", collapsed=True)
    notebook.cells[1].execution_count = 7
    notebook.metadata["somebody"] = "me"
    stripped = pages.stripped(notebook)
    title, cell = stripped.cells
    assert (cell.outputs, cell.execution_count) == ([], None)
    assert cell.metadata == {"alt": "A face"} and cell.id == "the-cell" and cell.source == "1"
    assert title.source == "# A title\n\ntext"
    assert set(stripped.metadata) == {"kernelspec", "language_info"}
    assert notebook.cells[1].outputs, "the notebook that was given is left alone"


def test_a_title_is_the_first_heading(pages):
    assert pages.title_of(executed()) == "A title"
    with pytest.raises(ValueError, match="expected a heading"):
        pages.title_of(v4.new_notebook(cells=[v4.new_markdown_cell("text", id="a")]))
