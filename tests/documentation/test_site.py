"""The whole site: it builds without a warning, and nothing in it leads nowhere."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from check_site import check_site

from icaedit.cli.main import COMMANDS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-E", "-d",
               str(folder / "doctrees"), str(DOCS), str(folder / "html")]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "NO_COLOR": "1"}
    )
    assert (done.returncode, done.stderr) == (0, "")
    return folder / "html"


@pytest.mark.slow
def test_the_site_builds_without_warnings_and_has_no_faults(site):
    assert check_site(site) == []


@pytest.mark.slow
def test_every_public_name_and_command_is_documented(site):
    names = json.loads((ROOT / "tests" / "golden" / "public_names.json").read_text())
    for room in sorted(set(names) - {"icaedit", "icaedit.cli"}):
        page = (site / "api" / f"{room.removeprefix('icaedit.')}.html").read_text()
        missing = [name for name in names[room] if f'id="{room}.{name}"' not in page]
        assert missing == [], room
    assert {path.stem for path in (site / "commands").glob("*.html")} >= set(COMMANDS)


@pytest.mark.slow
def test_formulas_are_drawn_by_the_browser_alone(site):
    page = (site / "method.html").read_text()
    assert page.count("<math ") > 30
    assert not re.search(r"<script[^>]*math", page, re.IGNORECASE)
    assert "$$" not in page
