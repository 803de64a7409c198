"""Measure the embedded model and its directions on people that neither was fitted on.

    python tools/measure_gate.py [--model portraits] [--people 60] [--json gate.json]

Reconstructions: `--people` unseen people with seven expressions each, read by the judge before and
after encode-then-synthesize. Edits: directions fitted on 30 people (seed 7), and 20 unseen
people's neutral faces edited by strength 3 towards each emotion.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np

from icaedit.artifacts import LatentSet
from icaedit.editor import Editor
from icaedit.evaluation import load_judge, score_edits, score_reconstructions
from icaedit.fitting import fit_directions
from icaedit.images import resize
from icaedit.models import load_model
from icaedit.portraits import plan_portraits, render

FIT_SEED, UNSEEN_SEED = 7, 4321


def rendered(n_people: int, seed: int, size: int) -> tuple:
    """Return (plan, pictures (N, size, size, 3)) of people with seven expressions."""
    plan = plan_portraits(n_people, seed=seed)
    images = render(plan.parameters, size=256, batch_size=8).images
    return plan, np.stack([resize(image, size) for image in images])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="portraits")
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--fit-people", type=int, default=30)
    parser.add_argument("--edit-people", type=int, default=20)
    parser.add_argument("--strength", type=float, default=3.0)
    parser.add_argument("--method", default="group-ica")
    parser.add_argument("--threshold", default="mean")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    model, judge = load_model(options.model), load_judge()

    plan, images = rendered(options.people, UNSEEN_SEED, model.size)
    emotion, identity = np.array(plan.emotion), np.array(plan.identity)
    latents = model.encode(images)
    kept = score_reconstructions(
        judge, images, model.synthesize(latents), emotion=emotion, identity=identity
    )

    fit_plan, fit_images = rendered(options.fit_people, FIT_SEED, model.size)
    fitted = LatentSet(
        model.encode(fit_images),
        fit_plan.identity,
        emotion=fit_plan.emotion,
        model_fingerprint=model.fingerprint,
    )
    directions = fit_directions(
        fitted, method=options.method, threshold=options.threshold, n_bootstrap=0
    )
    editor = Editor(model, directions)
    neutral = images[emotion == "neutral"][: options.edit_people]
    edits = {
        target: np.stack([editor.edit(face, {target: options.strength}).image for face in neutral])
        for target in directions.emotions
    }
    made = score_edits(judge, neutral, edits)
    result = {
        "model": model.fingerprint,
        "judge_on_unseen_renders": judge.unseen_renders,
        "reconstruction": {**asdict(kept), "mean_drop": round(kept.drop, 4)},
        "edits": {
            "strength": options.strength,
            "method": options.method,
            "threshold": options.threshold,
            **asdict(made),
        },
        "posed_strength": {k: round(v, 3) for k, v in directions.posed_strength.items()},
    }
    text = json.dumps(result, indent=2, sort_keys=True)
    print(text)
    if options.json:
        options.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
