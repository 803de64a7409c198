"""Every command and every piece of Python that README and docs show does what it is shown for."""

import importlib.util

import numpy as np
import pytest

from icaedit.faces import prepare

from . import exceptions, reading, words
from .desk import Desk, Shelf

POINTS = np.array([(203, 102), (246, 103), (223, 130), (201, 140), (246, 141)], float)
HELP = reading.help_examples()
CODE = (*reading.SHELL, *reading.PYTHON)


def with_code() -> list[str]:
    """Return the pages that have something to run, the help texts among them."""
    pages = [
        page
        for page in reading.pages()
        if any(block.language in CODE for block in reading.blocks(reading.read(page), page))
    ]
    return pages + list(HELP)


@pytest.fixture(scope="session")
def shelf(tmp_path_factory) -> Shelf:
    return Shelf(tmp_path_factory.mktemp("shelf"))


@pytest.fixture
def desk(request, shelf, tmp_path, monkeypatch) -> Desk:
    if importlib.util.find_spec("face_recognition_models") is None:

        def points(image, box, *, model):  # about where they are in the detector's box
            return (POINTS - (179, 83)) * box.side / 88 + (box.left, box.top)

        monkeypatch.setattr(prepare, "predicted_landmarks", points)
    return Desk(request.getfixturevalue("page"), tmp_path, shelf, monkeypatch)


@pytest.mark.parametrize("page", with_code())
def test_what_a_page_shows_runs(page, desk):
    if page in HELP:
        for command in HELP[page]:
            desk.execute(command)
        return
    for block in reading.blocks(reading.read(page), page):
        if block.language in CODE:
            desk.run(block)


@pytest.mark.parametrize("page", reading.pages())
def test_every_block_of_a_page_says_what_it_is(page):
    text = reading.read(page)
    for block in reading.blocks(text, page):
        known = block.language in (*CODE, *reading.NO_CODE)
        assert known, f"{page}:{block.line}: {block.language!r} is neither run nor known as text"
    assert reading.unfenced_commands(text) == [], f"{page}: fence these commands"


@pytest.mark.parametrize("page", reading.pages())
def test_commands_named_in_sentences_exist(page):
    for quoted in reading.quoted_words(reading.read(page)):
        words.check_extras(quoted, page)
        if quoted.startswith("icaedit ") and not quoted.endswith("..."):
            words.check_icaedit(quoted.split(), page)


def test_commands_in_notebooks_exist():
    for command in reading.notebook_commands():
        if command.text.startswith("icaedit "):
            words.check_icaedit(command.text.split(), str(command))
        words.check_extras(command.text, str(command))


def test_commands_in_the_text_of_notebooks_are_such_as_pages_show_and_run():
    shown = {command.text for example in HELP.values() for command in example}
    for page in reading.pages():
        for block in reading.blocks(reading.read(page), page):
            if block.language in reading.SHELL:
                shown |= {command.text for command in reading.commands(block)}
    for notebook, text in reading.notebook_texts().items():
        assert reading.unfenced_commands(text) == [], f"{notebook}: fence these commands"
        for block in reading.blocks(text, notebook):
            for command in reading.commands(block):
                assert command.text in shown, f"{notebook}: {command.text}"
        for quoted in reading.quoted_words(text):
            words.check_extras(quoted, notebook)
            if quoted.startswith("icaedit "):
                words.check_icaedit(quoted.split(), notebook)


def test_every_exception_is_still_in_use():
    shown, python = [], []
    for page in reading.pages():
        for block in reading.blocks(reading.read(page), page):
            if block.language in reading.SHELL:
                shown += [command.text for command in reading.commands(block)]
            elif block.language in reading.PYTHON:
                python.append(block.text)
    shown += [command.text for example in HELP.values() for command in example]
    for exact in (*exceptions.NOT_RUN, *exceptions.EXIT_CODES):
        assert exact in shown, f"{exact!r} is shown no longer; take it off the list"
    for start in exceptions.CHECKED_ONLY:
        assert any(text.startswith(start) for text in shown), start
    for part in exceptions.SMALLER:
        assert any(part in text for text in shown), part
    for part in exceptions.PYTHON_SMALLER:
        assert any(part in text for text in python), part
