"""Bring the numbers and figures of docs/recognition-results.md up to date.

    python tools/write_recognition_results.py [FOLDER] [--trunk FOLDER]

FOLDER is what `icaedit recognize reproduce -o FOLDER` left, with networks from scratch; and after
--trunk with networks that started from the weights which tools/train_trunk.py makes. Without any,
the first command is run in the folder `reproduction`, where it goes on if it was stopped.
"""

import argparse
import re
import shutil
import sys
from pathlib import Path

from PIL import Image

from icaedit.cli.main import main as icaedit
from icaedit.images import read_image

DOCS = Path(__file__).parents[1] / "docs"
PAGE = DOCS / "recognition-results.md"
BEGIN, END = "<!-- made by tools/write_recognition_results.py{} -->", "<!-- end -->"
FIGURES = ("accuracy", "confusions")
TRUNK = "-trunk"
SAID_ONCE = ("Table 5: costs", "Where the paper's tables disagree")
"""Sections that are the same whatever networks start from."""

SHOWN_PEOPLE = ("test-001", "test-002", "test-005", "test-008")
_CELL = 128


def show_faces(folder: Path) -> None:
    """Put drawings of some people of the test into one picture, an emotion a column."""
    rows = []
    for person in SHOWN_PEOPLE:
        paths = sorted((folder / "work/portraits/drawings/test" / person).glob("*.png"))
        cells = [Image.fromarray(read_image(path)) for path in paths]
        row = Image.new("L", (_CELL * len(cells), _CELL), 255)
        for place, cell in enumerate(cells):
            row.paste(cell, (_CELL * place, 0))
        rows.append(row)
    sheet = Image.new("L", (rows[0].width, _CELL * len(rows)), 255)
    for place, row in enumerate(rows):
        sheet.paste(row, (0, _CELL * place))
    sheet.save(DOCS / "images/hard-portraits.png", optimize=True)


def write(folder: Path, *, trunk: bool = False) -> None:
    """Copy the page of a reproduction between its marks, and its figures and data beside it."""
    suffix = TRUNK if trunk else ""
    begin = BEGIN.format(" --trunk" if trunk else "")
    sections = (folder / "recognition.md").read_text().split("\n", 2)[2].strip()
    chosen = [
        section.strip()
        for section in re.split(r"^(?=## )", sections, flags=re.MULTILINE)
        if not (trunk and section.startswith(tuple(f"## {title}" for title in SAID_ONCE)))
    ]
    made = re.sub(r"^(#+) ", r"#\1 ", "\n\n".join(chosen), flags=re.MULTILINE)  # one level down
    made = made.replace("`recognition.csv`", f"`recognition-results{suffix}.csv`")
    before, rest = PAGE.read_text().split(begin)
    after = rest.split(END, 1)[1]
    PAGE.write_text(f"{before}{begin}\n\n{made}\n\n{END}{after}")
    shutil.copy(folder / "recognition.csv", DOCS / f"recognition-results{suffix}.csv")
    for figure in FIGURES:
        target = DOCS / "images" / f"recognition-{figure}{suffix}.png"
        shutil.copy(folder / f"portraits-{figure}.png", target)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, help="of a run that has ended")
    parser.add_argument("--trunk", type=Path, metavar="FOLDER", help="of one with --trunk")
    options = parser.parse_args(arguments)
    folder = options.folder
    if folder is None and options.trunk is None:
        folder = Path("reproduction")
        code = icaedit(["recognize", "reproduce", "-o", str(folder), "--device", "cpu"])
        if code:
            return code
    if folder is not None:
        write(folder)
        show_faces(folder)
    if options.trunk is not None:
        write(options.trunk, trunk=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
