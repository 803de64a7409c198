"""Serving the page, without a browser."""

import json
import os
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import pytest

from icaedit.app.server import LARGEST_FILE, _environment


@pytest.fixture(scope="module")
def page(address):
    """The page's answer: its address, headers and text."""
    opener = build_opener(ProxyHandler({}))
    with opener.open(address) as answer:
        return address, dict(answer.headers), answer.read().decode(), opener


def test_every_answer_forbids_the_browser_to_ask_others(page):
    policy = {name.lower(): value for name, value in page[1].items()}["content-security-policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == rules["connect-src"] == "'self'"
    assert "http" not in policy and "*" not in policy


def test_nothing_is_counted_and_no_large_file_is_taken(page):
    text = page[2]
    start = text.index("window.gradio_config = ") + len("window.gradio_config = ")
    config, _ = json.JSONDecoder().raw_decode(text[start:])
    assert config["analytics_enabled"] is False
    assert config["max_file_size"] == LARGEST_FILE
    assert "fonts.googleapis" not in json.dumps(config)
    assert all(not d["api_visibility"] == "public" for d in config["dependencies"])


def test_other_files_of_the_machine_are_not_served(page):
    for path in ("/etc/hostname", str(Path(__file__))):
        with pytest.raises(HTTPError) as caught:
            page[3].open(f"{page[0]}gradio_api/file={path}")
        assert caught.value.code == 403
        caught.value.close()


def test_what_is_set_for_serving_is_set_back(monkeypatch):
    monkeypatch.setenv("ICAEDIT_TEST_OLD", "old")
    monkeypatch.delenv("ICAEDIT_TEST_NEW", raising=False)
    with pytest.raises(KeyError), _environment({"ICAEDIT_TEST_OLD": "1", "ICAEDIT_TEST_NEW": "2"}):
        assert (os.environ["ICAEDIT_TEST_OLD"], os.environ["ICAEDIT_TEST_NEW"]) == ("1", "2")
        raise KeyError
    assert os.environ["ICAEDIT_TEST_OLD"] == "old" and "ICAEDIT_TEST_NEW" not in os.environ
