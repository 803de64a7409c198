"""Take outputs, counts and an editor's metadata out of the notebooks, before they are committed.

    python tools/strip_notebooks.py [NOTEBOOK ...]

Notebooks that have none are left as they are, byte for byte.
"""

import sys
from pathlib import Path

import nbformat
from notebook_pages import stripped

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"


def main(arguments: list[str] | None = None) -> int:
    """Strip the notebooks that are named, or all, and say which were changed."""
    given = sys.argv[1:] if arguments is None else arguments
    for path in [Path(name) for name in given] or sorted(NOTEBOOKS.glob("*.ipynb")):
        before = path.read_text(encoding="utf-8")
        after = nbformat.writes(stripped(nbformat.reads(before, as_version=4))) + "\n"
        if after != before:
            path.write_text(after, encoding="utf-8")
            print(f"stripped {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
