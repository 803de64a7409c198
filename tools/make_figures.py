"""Draw the figures that docs/figures.md lists, with the embedded model.

    python tools/make_figures.py FOLDER [--directions FILE]

The dendrogram and the mixing matrix come from the report of the fit; directions without one are
drawn without these two.
"""

import argparse
from pathlib import Path

import numpy as np

from icaedit.analysis import FastICA
from icaedit.artifacts import Directions, load_directions
from icaedit.editor import Editor, default_directions
from icaedit.evaluation import load_judge
from icaedit.images import save_image
from icaedit.models import LatentModel, load_model
from icaedit.plots import (
    direction_map,
    mixing_plot,
    pca_ica_illustration,
    save_figure,
    sketch_strip,
    stability_dendrogram,
    sweep_grid,
    sweep_plot,
    threshold_plot,
)
from icaedit.portraits import plan_portraits, render

SEED = 4321
STRENGTHS = [-3.0, -1.5, 0.0, 1.5, 3.0]


def draw_directions(folder: Path, directions: Directions) -> None:
    """Draw one direction before and after its threshold, and as a map."""
    pattern, mask = directions.patterns[0], directions.mask(directions.emotions[0])
    name = directions.emotions[0]
    save_figure(folder / "threshold.png", threshold_plot(pattern, mask, title=name))
    save_figure(folder / "direction.png", direction_map(pattern, mask, title=name))


def draw_components(folder: Path, directions: Directions) -> None:
    """Draw what the report of the fit says about components."""
    icasso = directions.report.get("icasso")
    if icasso:
        figure = stability_dendrogram(icasso["linkage"], icasso["labels"], iq=icasso["iq"])
        save_figure(folder / "stability.png", figure)
    mixing = (directions.report.get("ica") or {}).get("mixing_by_emotion")
    if mixing:
        save_figure(folder / "mixing.png", mixing_plot(mixing, directions.emotions))


def draw_sweeps(folder: Path, model: LatentModel, directions: Directions) -> None:
    """Draw one unseen person at several strengths, with what the judge reads."""
    judge, editor = load_judge(), Editor(model, directions)
    person = plan_portraits(6, seed=SEED).parameters.rows(np.array([35]))
    face = render(person, size=256).images[0]
    rows, scores = [], []
    for emotion in directions.emotions:
        frames = [r.image for r in editor.sweep(face, emotion, strengths=STRENGTHS)]
        reading = judge.read(np.stack(frames))
        rows.append(frames)
        scores.append(reading.probabilities[:, judge.emotions.index(emotion)])
        if emotion == directions.emotions[0]:
            curves = dict(zip(judge.emotions, reading.probabilities.T, strict=True))
            curves = {emotion: curves.pop(emotion), **curves}
            save_figure(folder / "sweep.png", sweep_plot(frames, STRENGTHS, curves))
    figure = sweep_grid(
        rows, STRENGTHS, row_labels=directions.emotions, scores=np.array(scores),
        score_label="probability of the row's emotion",
    )  # fmt: skip
    save_figure(folder / "grid.png", figure)


def draw_drawing(folder: Path) -> None:
    """Draw the steps from a portrait to its pencil drawing."""
    person = plan_portraits(6, seed=SEED).parameters.rows(np.array([36]))
    save_image(folder / "drawing.png", sketch_strip(render(person, size=256).images[0]))


def draw_illustration(folder: Path) -> None:
    """Draw principal and independent axes of two mixed, sparse sources."""
    rng = np.random.default_rng(0)
    sources = rng.laplace(size=(2500, 2))
    sources = np.sign(sources) * np.abs(sources) ** 1.6
    points = sources @ np.array([[1.0, 0.25], [0.75, 0.9]])
    points -= points.mean(axis=0)
    _, sizes, axes = np.linalg.svd(points, full_matrices=False)
    principal = axes * (sizes / np.sqrt(len(points)))[:, None]
    ica = FastICA(random_state=0, whiten="unit-variance").fit(points)
    figure = pca_ica_illustration(points, principal=principal, independent=ica.mixing_.T)
    save_figure(folder / "pca-ica.png", figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--directions", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    model = load_model(device="cpu")
    directions = (
        default_directions(model)
        if options.directions is None
        else load_directions(options.directions, model_fingerprint=model.fingerprint)
    )
    draw_illustration(options.folder)
    draw_drawing(options.folder)
    draw_directions(options.folder, directions)
    draw_components(options.folder, directions)
    draw_sweeps(options.folder, model, directions)


if __name__ == "__main__":
    main()
