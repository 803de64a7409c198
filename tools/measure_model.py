"""Measure a portrait model, and directions fitted in it, on people that neither ever saw.

    python tools/measure_model.py [MODEL] [--pictures 500] [--json measured.json]

Everything is rendered at the model's own size. Five parts, all of them unless --part names some:

fidelity  PSNR, PSNR inside the face and SSIM of encode-then-synthesize, and what the judge reads
          before and after, on people with seven posed expressions each
realism   kernel distances to renders: of pictures of sampled W, of reconstructions and, for what
          chance leaves, of other renders
styles    cosine of (latents - average) between portraits and the same portraits restyled
edits     directions fitted on 30 people; the neutral faces of 20 others edited at strength 3
judge     the judge's own errors, as its file states them
"""

import argparse
import json
import math
import sys
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np

from icaedit.artifacts import LatentSet
from icaedit.editor import Editor
from icaedit.evaluation import (
    Judge,
    load_judge,
    measure_fidelity,
    measure_realism,
    measure_styles,
    score_edits,
)
from icaedit.fitting import fit_directions
from icaedit.models import LatentModel, load_model
from icaedit.portraits import mixed_portraits, plan_portraits, render, sample_portraits
from icaedit.schema import EMOTIONS

UNSEEN_SEED, REFERENCE_SEED, FIT_SEED = 4321, 4322, 7
"""Of the people measured on, of those compared with, and of those that directions are fitted on."""

PARTS = ("judge", "fidelity", "realism", "styles", "edits")


def fidelity(model: LatentModel, judge: Judge, options: argparse.Namespace) -> dict:
    """Return what `measure_fidelity` finds, with the drops in accuracy."""
    n = options.pictures
    plan = plan_portraits(math.ceil(n / len(EMOTIONS)), seed=UNSEEN_SEED)
    found = measure_fidelity(
        model,
        judge,
        plan.parameters.rows(slice(n)),
        emotion=plan.emotion[:n],
        identity=plan.identity[:n],
        batch_size=options.batch,
        progress=progress_of("fidelity"),
    )
    drops = {"mean_drop": found.scores.drop, "worst_drop": found.scores.worst_drop}
    return {**asdict(found), **{name: round(value, 4) for name, value in drops.items()}}


def realism(model: LatentModel, judge: Judge, options: argparse.Namespace) -> dict:
    """Return what `measure_realism` finds on portraits drawn as for training, each of another."""
    drawn = [
        mixed_portraits(options.pictures, shots=1, random_state=seed).parameters
        for seed in (REFERENCE_SEED, UNSEEN_SEED)
    ]
    return asdict(
        measure_realism(
            model,
            judge,
            (drawn[0], drawn[1]),
            batch_size=options.batch,
            progress=progress_of("realism"),
        )
    )


def styles(model: LatentModel, judge: Judge, options: argparse.Namespace) -> dict:
    """Return what `measure_styles` finds on one portrait each of different people."""
    portraits = sample_portraits(options.style_pictures, random_state=UNSEEN_SEED)
    progress = progress_of("styles")
    return asdict(measure_styles(model, portraits, batch_size=options.batch, progress=progress))


def edits(model: LatentModel, judge: Judge, options: argparse.Namespace) -> dict:
    """Fit directions, edit neutral faces of other people, and read the results."""
    plan = plan_portraits(options.fit_people, seed=FIT_SEED)
    latents = [
        model.encode(render(plan.parameters.rows(rows), size=model.size).images)
        for rows in np.array_split(
            np.arange(len(plan.names)), math.ceil(len(plan.names) / options.batch)
        )
    ]
    fitted = LatentSet(
        np.concatenate(latents),
        plan.identity,
        emotion=plan.emotion,
        model_fingerprint=model.fingerprint,
    )
    directions = fit_directions(
        fitted, method=options.method, threshold=options.threshold, n_bootstrap=0
    )
    others = plan_portraits(options.edit_people, seed=UNSEEN_SEED)
    neutral = np.flatnonzero(np.array(others.emotion) == "neutral")
    faces = render(others.parameters.rows(neutral), size=model.size).images
    editor = Editor(model, directions)
    edited = {
        target: np.stack([editor.edit(face, {target: options.strength}).edited for face in faces])
        for target in directions.emotions
    }
    return {
        "fit_people": options.fit_people,
        "edit_people": options.edit_people,
        "method": options.method,
        "threshold": options.threshold,
        "strength": options.strength,
        **asdict(score_edits(judge, faces, edited)),
        "posed_strength": {k: round(v, 3) for k, v in directions.posed_strength.items()},
    }


def progress_of(part: str):
    """Return a progress callback that says on stderr, at most every 20 s, how far a part is."""
    begun = said = time.monotonic()

    def progress(done: int, total: int) -> None:
        nonlocal said
        now = time.monotonic()
        if now - said > 20 or done == total:
            said = now
            print(f"{part}: {done} of {total}, {now - begun:.0f} s", file=sys.stderr, flush=True)

    return progress


def main(arguments: list[str] | None = None) -> None:
    """Measure, print the result as JSON, and write it where --json says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default="portraits", help="name or file")
    parser.add_argument("--judge", type=Path, help="file; the one in the package where absent")
    parser.add_argument("--part", action="append", choices=PARTS, help="repeats; all where absent")
    parser.add_argument("--pictures", type=int, default=500)
    parser.add_argument("--style-pictures", type=int, default=200)
    parser.add_argument("--fit-people", type=int, default=30)
    parser.add_argument("--edit-people", type=int, default=20)
    parser.add_argument("--strength", type=float, default=3.0)
    parser.add_argument("--method", default="group-ica")
    parser.add_argument("--threshold", default="mean")
    parser.add_argument("--batch", type=int, default=32, help="pictures held at a time")
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--json", type=Path, help="also write the result here")
    options = parser.parse_args(arguments)
    model = load_model(options.model, device=options.device)
    judge = load_judge(options.judge)
    result = {"model": model.fingerprint, "size": model.size}
    for part in options.part or PARTS:
        if part == "judge":
            result[part] = {"size": judge.size, "unseen_renders": judge.unseen_renders}
        else:
            measure = {f.__name__: f for f in (fidelity, realism, styles, edits)}[part]
            result[part] = measure(model, judge, options)
    text = json.dumps(result, indent=2, sort_keys=True)
    print(text)
    if options.json:
        options.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
