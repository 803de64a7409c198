"""Files outside docs that become pages: their links are turned to where the pages lie."""

import os
import posixpath
import re
from pathlib import Path

from sphinx.application import Sphinx

__all__ = ["PAGES", "setup", "turned"]

PAGES = {
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "icaedit/models/weights/portraits.md": "embedded-model.md",
}
"""The files of the repository that a page includes, and the page."""

_LINK = re.compile(r"\]\((?!\w+:|#)([^)\s#]+)(#[^)\s]*)?\)")


def turned(text: str, *, where: str, root: Path) -> str:
    """Return Markdown whose links start from docs instead of from the folder it lies in.

    Parameters
    ----------
    text : str
        Markdown.
    where : str
        Path of the file within the repository, with slashes.
    root : Path
        Of the repository.
    """

    def turn(match: re.Match) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(where), match[1]))
        if not (root / target).exists():
            raise FileNotFoundError(f"got a link to {target} in {where}, expected a file there")
        target = PAGES.get(target) or os.path.relpath(target, "docs")
        return f"]({target}{match[2] or ''})"

    return _LINK.sub(turn, text)


def _on_include(app: Sphinx, path: Path, parent: str, content: list[str]) -> None:
    root = Path(app.srcdir).parent
    where = Path(os.path.normpath(Path(app.srcdir) / path)).relative_to(root).as_posix()
    if where in PAGES:
        content[0] = turned(content[0], where=where, root=root)


def setup(app: Sphinx) -> dict[str, bool]:
    """Turn the links whenever a file is included."""
    app.connect("include-read", _on_include)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
