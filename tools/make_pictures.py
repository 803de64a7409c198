"""Make the pictures of README.md with the embedded model.

    python tools/make_pictures.py docs/images

The people shown (seed 4321) are not among those that the model or the directions were fitted on.
"""

import argparse
from pathlib import Path

import numpy as np

from icaedit.editor import Editor, default_directions
from icaedit.images import save_image
from icaedit.models import load_model
from icaedit.plots import layer_map, picture_grid
from icaedit.portraits import plan_portraits, render
from icaedit.schema import EMOTIONS

SEED = 4321


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=int, nargs=3, default=[2, 5, 8])
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    plan = plan_portraits(12, seed=SEED)
    images = render(plan.parameters, size=256, batch_size=7).images.reshape(12, 7, 256, 256, 3)
    model = load_model()
    directions = default_directions(model)
    editor = Editor(model, directions)

    shown = images[options.people].reshape(-1, 256, 256, 3)
    page = picture_grid(list(shown), columns=7, column_labels=list(EMOTIONS), cell=128)
    save_image(options.folder / "portraits.png", page)

    strengths = [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]
    cells = []
    for person in options.people[:2]:
        results = editor.sweep(images[person, 0], "happy", strengths=strengths)
        cells += [result.image for result in results]
    page = picture_grid(
        cells, columns=7, column_labels=[f"{value:+g}" for value in strengths], cell=128
    )
    save_image(options.folder / "sweep.png", page)

    rows = []
    for person in options.people:
        results = [editor.edit(images[person, 0], {name: 3.0}) for name in directions.emotions]
        rows += [images[person, 0], results[0].reconstruction, *(r.image for r in results)]
    labels = ["portrait", "strength 0", *directions.emotions]
    page = picture_grid(rows, columns=len(labels), column_labels=labels, cell=128)
    save_image(options.folder / "directions.png", page)
    save_image(options.folder / "layers.png", layer_map(directions.masks, directions.emotions))

    # From a sad face through neutral to happy: take the posed sadness away, then smile.
    person = options.people[0]
    sad = directions.posed_strength["sad"]
    steps = np.concatenate([np.linspace(0, 1, 4), np.linspace(1, 2, 4)[1:]])
    frames = []
    for step in steps:
        mixture = {"sad": -sad * min(step, 1.0), "happy": 3.0 * max(step - 1.0, 0.0)}
        frames.append(editor.edit(images[person, EMOTIONS.index("sad")], mixture).image)
    labels = ["sad", "", "", "neutral", "", "", "happy"]
    page = picture_grid(frames, columns=7, column_labels=labels, cell=128)
    save_image(options.folder / "sad-to-happy.png", page)


if __name__ == "__main__":
    main()
