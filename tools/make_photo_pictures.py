"""Make the pictures of docs/photographs.md from scikit-image's astronaut, with the embedded model.

    python tools/make_photo_pictures.py docs/images

Needs the extra `landmarks`. The photo is NASA's of Eileen Collins, in the public domain.
"""

import argparse
from pathlib import Path

from skimage import data

from icaedit.editor import Editor, default_directions
from icaedit.faces import prepare_faces
from icaedit.images import save_image
from icaedit.models import load_model
from icaedit.plots import numbered_faces, picture_grid

SHOWN = (slice(0, 220), slice(110, 330))  # rows and columns around the face
STRENGTH = 3.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    photo = data.astronaut()
    model = load_model()
    editor = Editor(model, default_directions(model))
    added, replaced = (
        editor.edit(photo, {"happy": STRENGTH}, blend=blend).image
        for blend in ("residual", "replace")
    )
    page = picture_grid(
        [picture[SHOWN].copy() for picture in (photo, added, replaced)],
        columns=3,
        column_labels=["photo", f"happy {STRENGTH:g}", "--blend replace"],
        cell=220,
    )
    save_image(folder / "photograph.jpg", page)
    faces = prepare_faces(photo, align="always", doubtful=True)
    save_image(folder / "faces.jpg", numbered_faces(photo, faces)[:, :400].copy())


if __name__ == "__main__":
    main()
