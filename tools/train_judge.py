"""Train the judge that `icaedit.evaluation` reads pictures with.

It sees renders of procedural people only, never a generated or edited picture, and it has nothing
in common with the readout inside the embedded model's training loss: other architecture, other
seed, other people. One command makes it, in about four minutes of one core; stopped, it
goes on where it was:

    python tools/train_judge.py RUN -o icaedit/evaluation/weights/judge.safetensors --threads 1
"""

import argparse
import json
import math
import os
import time
from pathlib import Path

import numpy as np
import torch
from judging.errors import measure_errors
from judging.learning import batch_loss, draw_rows
from judging.renders import SHOTS, TURNED, JudgeRenders, draw_portraits, make_renders

from icaedit.artifacts import save_tensors
from icaedit.evaluation.judge import VERSION, Judge
from icaedit.evaluation.network import JudgeNetwork
from icaedit.models import resolve_device
from icaedit.portraits import ACTION_UNITS
from icaedit.schema import EMOTIONS

RATE, WARM_UP, WEIGHT_DECAY = 3e-3, 100, 1e-3
SAVE_SECONDS = 60


def judge_of(network: JudgeNetwork, size: int, unseen: dict[str, float]) -> Judge:
    """Return a judge on the processor, with a network rounded as the file will hold it."""
    copy = JudgeNetwork(len(ACTION_UNITS), len(EMOTIONS), size=size)
    copy.load_state_dict(
        {
            name: value.cpu().half().float() if value.is_floating_point() else value.cpu()
            for name, value in network.state_dict().items()
        }
    )
    return Judge(copy.eval(), ACTION_UNITS, EMOTIONS, size=size, unseen_renders=unseen)


def train(
    run: Path, network: JudgeNetwork, renders: JudgeRenders, watched: JudgeRenders,
    *, steps: int, people: int, seed: int,
) -> None:  # fmt: skip
    """Train for a number of steps, from the newest checkpoint of the run folder on.

    Every step draws from a generator of its own, so that a run that was stopped sees what an
    unbroken one sees.
    """
    optimiser = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=WEIGHT_DECAY)
    path, step = run / "checkpoint.pt", 0
    if path.exists():
        state = torch.load(path, weights_only=True)
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
        step = state["step"]
    n_people = len(renders.images) // SHOTS
    saved = time.monotonic()
    network.train()
    while step < steps:
        rng = np.random.default_rng([seed, step])
        rate = RATE * min(1, (step + 1) / WARM_UP) * 0.5 * (1 + math.cos(math.pi * step / steps))
        for group in optimiser.param_groups:
            group["lr"] = rate
        loss, parts = batch_loss(network, renders, draw_rows(n_people, rng, people=people), rng)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        step += 1
        if step % 50 == 0 or step == steps:
            log(run, {"step": step, "loss": round(loss.item(), 4), **parts})
        if step % 500 == 0:
            judge = judge_of(network, watched.images.shape[1], {})
            log(run, {"step": step, **measure_errors(judge, watched)})
        if time.monotonic() - saved > SAVE_SECONDS or step == steps:
            saved = time.monotonic()
            state = {"network": network.state_dict(), "optimiser": optimiser.state_dict()}
            torch.save({**state, "step": step}, path.with_suffix(".tmp"))
            os.replace(path.with_suffix(".tmp"), path)


def log(run: Path, line: dict) -> None:
    """Print a line, and keep it in the run folder."""
    text = json.dumps(line)
    print(text, flush=True)
    with open(run / "log.jsonl", "a") as stream:
        stream.write(text + "\n")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="folder for renders, checkpoint and log")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--size", type=int, default=64, help="pixels it looks at")
    parser.add_argument("--people", type=int, default=1500, help="seven pictures of each")
    parser.add_argument("--unseen", type=int, default=150, help="people its errors are stated on")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument(
        "--batch", type=int, default=32, help="people in a batch, two pictures each"
    )
    parser.add_argument("--seed", type=int, default=77)
    parser.add_argument("--device", default="auto", choices=["auto", "cpu", "cuda"])
    parser.add_argument("--threads", type=int, default=0, help="0: as many as torch likes")
    options = parser.parse_args(arguments)
    torch.set_flush_denormal(True)
    if options.threads:
        torch.set_num_threads(options.threads)
    device = resolve_device(options.device)
    size, seed, run = options.size, options.seed, options.run
    portraits = draw_portraits(options.people, seed, turned=TURNED)
    renders = make_renders(run, portraits, size, name="train")
    unseen = make_renders(run, draw_portraits(options.unseen, seed + 1), size, name="unseen")
    aside = draw_portraits(options.unseen, seed + 2, turned=1.0)
    turned = make_renders(run, aside, size, name="turned")
    torch.manual_seed(seed)
    network = JudgeNetwork(len(ACTION_UNITS), len(EMOTIONS), size=size)
    network = network.to(device, memory_format=torch.channels_last)
    train(run, network, renders, unseen, steps=options.steps, people=options.batch, seed=seed)

    judge = judge_of(network, size, {})
    errors = measure_errors(judge, unseen)
    for name, value in measure_errors(judge, turned).items():
        if name.endswith("_degrees") or name == "posed_accuracy":
            errors[f"turned_{name}"] = value
    print(json.dumps(errors, indent=1))
    tensors = {
        name: value.numpy().astype(np.float16 if value.is_floating_point() else np.int64)
        for name, value in judge.network.state_dict().items()
    }
    settings = {name: getattr(options, name) for name in ("people", "steps", "batch", "seed")}
    header = {
        "format": "icaedit.judge",
        "version": VERSION,
        "size": size,
        "units": list(ACTION_UNITS),
        "emotions": list(EMOTIONS),
        "settings": settings,
        "unseen_renders": errors,
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    save_tensors(options.output, tensors, header=header)


if __name__ == "__main__":
    main()
