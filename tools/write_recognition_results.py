"""Bring the numbers and figures of docs/recognition-results.md up to date.

    python tools/write_recognition_results.py [FOLDER]

FOLDER is what `icaedit recognize reproduce -o FOLDER` left; without it the command is run first,
in the folder `reproduction`, where it goes on if it was stopped.
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
BEGIN, END = "<!-- made by tools/write_recognition_results.py -->", "<!-- end -->"
FIGURES = {
    "portraits-accuracy.png": "recognition-accuracy.png",
    "portraits-confusions.png": "recognition-confusions.png",
}
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


def write(folder: Path) -> None:
    """Copy the page of a reproduction between the marks, and its figures beside it."""
    made = (folder / "recognition.md").read_text().split("\n", 2)[2].strip()
    made = re.sub(r"^(#+) ", r"#\1 ", made, flags=re.MULTILINE)  # one level below the page's own
    text = PAGE.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n\n{made}\n\n{END}{after}")
    shutil.copy(folder / "recognition.csv", DOCS / "recognition-results.csv")
    for source, target in FIGURES.items():
        shutil.copy(folder / source, DOCS / "images" / target)
    show_faces(folder)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, help="of a run that has ended")
    options = parser.parse_args()
    folder = options.folder or Path("reproduction")
    if options.folder is None:
        code = icaedit(["recognize", "reproduce", "-o", str(folder), "--device", "cpu"])
        if code:
            return code
    write(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
