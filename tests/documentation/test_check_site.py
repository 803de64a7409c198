"""What `tools/check_site.py` finds in a built site."""

import pytest
from check_site import check_site

HOME = '<a href="other.html#place">other</a><img src="face.png" alt="a face">'
OTHER = '<h1 id="place">Other</h1><a href="index.html">back</a>'


@pytest.fixture
def site(tmp_path):
    (tmp_path / "index.html").write_text(HOME)
    (tmp_path / "other.html").write_text(OTHER)
    (tmp_path / "face.png").write_bytes(b"")
    return tmp_path


def test_a_sound_site_has_no_faults(site):
    assert check_site(site) == []


@pytest.mark.parametrize(
    ("added", "fault"),
    [
        ('<a href="gone.html">x</a>', "the link gone.html leads nowhere"),
        ('<a href="other.html#gone">x</a>', "the link other.html#gone leads to a page without"),
        ('<a href="#gone">x</a>', "the link #gone leads to a page without that place"),
        ('<img src="gone.png" alt="x">', "gone.png is loaded and does not exist"),
        ('<img src="face.png">', "the picture face.png has no words"),
        ('<img src="face.png" alt=" ">', "the picture face.png has no words"),
        ('<img src="https://far.example/a.png" alt="x">', "loaded from another host"),
        ('<script src="//far.example/a.js"></script>', "loaded from another host"),
        ('<link rel="stylesheet" href="https://far.example/a.css">', "loaded from another host"),
        ('<link rel="preconnect" href="https://far.example">', "loaded from another host"),
        ("<style>@import 'https://far.example/a.css';</style>", "loaded from another host"),
        ('<p style="background: url(https://far.example/a.png)">x</p>', "from another host"),
        ('<img srcset="face.png 1x, http://far.example/b.png 2x" alt="x">', "another host"),
    ],
)
def test_each_fault_is_named_with_its_page(site, added, fault):
    (site / "other.html").write_text(OTHER + added)
    (line,) = check_site(site)
    assert line.startswith("other.html: ")
    assert fault in line


def test_what_is_only_a_link_may_lead_to_another_host(site):
    harmless = (
        '<a href="https://far.example">x</a><link rel="canonical" href="https://far.example">'
        '<img src="data:image/png;base64,AA" alt="x"><a href="mailto:a@far.example">x</a>'
    )
    (site / "other.html").write_text(OTHER + harmless)
    assert check_site(site) == []


def test_style_sheets_are_looked_into(site):
    (site / "a.css").write_text("p { background: url('https://far.example/a.png') }")
    assert check_site(site) == ["a.css: https://far.example/a.png is loaded from another host"]


def test_a_page_that_no_link_leads_to_is_named(site):
    (site / "lost.html").write_text('<a href="index.html">home</a>')
    (site / "search.html").write_text("")
    assert check_site(site) == ["lost.html: cannot be reached from index.html"]
