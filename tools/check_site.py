"""Check the built documentation: links, pictures, other hosts, and pages that nobody can find.

    python tools/check_site.py docs/_build/html

Exits with 1 and one line for each thing that is wrong.
"""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

__all__ = ["Page", "check_site", "read_page"]

_LOADED = {
    "audio": "src",
    "embed": "src",
    "iframe": "src",
    "img": "src",
    "input": "src",
    "object": "data",
    "script": "src",
    "source": "src",
    "track": "src",
    "video": "src",
}
"""What a browser fetches by itself when it meets an element."""

_LOADED_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "manifest", "prefetch",
                 "preconnect", "dns-prefetch", "shortcut"}  # fmt: skip
_IN_STYLE = re.compile(r"""(?:url\(\s*|@import\s+)["']?([^"')\s]+)""")
_START = "index.html"
_UNLINKED = {"search.html", "genindex.html", "py-modindex.html", "404.html"}
"""Pages that the theme reaches in other ways than by a link, or not at all."""


class Page(HTMLParser):
    """What one page holds: anchors, links, what it loads, and pictures without words."""

    def __init__(self) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.silent: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {key: value or "" for key, value in attrs}
        self.anchors |= {named[key] for key in ("id", "name") if named.get(key)}
        self._in_style = tag == "style"
        self.loads += _IN_STYLE.findall(named.get("style", ""))
        if tag == "a" and "href" in named:
            self.links.append(named["href"])
        if tag == "link" and _LOADED_LINKS & set(named.get("rel", "").split()):
            self.loads.append(named.get("href", ""))
        if named.get(_LOADED.get(tag, "")):
            self.loads.append(named[_LOADED[tag]])
        if "srcset" in named:
            self.loads += [part.split()[0] for part in named["srcset"].split(",") if part.strip()]
        if tag == "img" and not named.get("alt", "").strip():
            self.silent.append(named.get("src", ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.loads += _IN_STYLE.findall(data)


def read_page(path: Path) -> Page:
    """Return what a page holds."""
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    page.close()
    return page


def check_site(root: Path) -> list[str]:
    """Return what is wrong with a built site, one line each.

    Parameters
    ----------
    root : Path
        The folder with ``index.html``.
    """
    pages = {path.resolve(): read_page(path) for path in sorted(root.rglob("*.html"))}
    root = root.resolve()
    wrong = []
    for path, page in pages.items():
        where = path.relative_to(root).as_posix()
        wrong += [f"{where}: {line}" for line in _page_faults(path, page, pages)]
    for path in sorted(root.rglob("*.css")):
        for target in _IN_STYLE.findall(path.read_text(encoding="utf-8")):
            if line := _load_fault(path, target):
                wrong.append(f"{path.relative_to(root).as_posix()}: {line}")
    wrong += [f"{name}: cannot be reached from {_START}" for name in _unreached(root, pages)]
    return wrong


def _page_faults(path: Path, page: Page, pages: dict[Path, Page]) -> Iterator[str]:
    for target in page.loads:
        if line := _load_fault(path, target):
            yield line
    for source in page.silent:
        yield f"the picture {source} has no words in its place"
    for link in page.links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = _resolved(path, parts.path)
        if not target.exists():
            yield f"the link {link} leads nowhere"
        elif parts.fragment and target in pages:
            if unquote(parts.fragment) not in pages[target].anchors:
                yield f"the link {link} leads to a page without that place"


def _load_fault(path: Path, target: str) -> str | None:
    parts = urlsplit(target)
    if parts.scheme == "data" or target.startswith("#"):
        return None
    if parts.scheme or parts.netloc:
        return f"{target} is loaded from another host"
    if not _resolved(path, parts.path).exists():
        return f"{target} is loaded and does not exist"
    return None


def _resolved(path: Path, target: str) -> Path:
    if not target:
        return path
    place = (path.parent / unquote(target)).resolve()
    return place / _START if place.is_dir() else place


def _unreached(root: Path, pages: dict[Path, Page]) -> list[str]:
    """Return the pages that no chain of links from the first one leads to."""
    waiting, seen = [root / _START], set()
    while waiting:
        path = waiting.pop()
        if path in seen or path not in pages:
            continue
        seen.add(path)
        waiting += [_resolved(path, urlsplit(link).path) for link in pages[path].links
                    if not urlsplit(link).netloc]  # fmt: skip
    names = {path.relative_to(root).as_posix() for path in set(pages) - seen}
    return sorted(names - _UNLINKED)


def main() -> None:
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / _START).is_file():
        sys.exit(f"got {sys.argv[1:]}, expected the folder of a built site; run `make docs`")
    wrong = check_site(Path(sys.argv[1]))
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
