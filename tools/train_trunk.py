"""Train a ResNet-18 on rendered photographs, from which networks that are to read drawings start.

The paper's networks knew millions of photographs of faces before they saw a drawing. This makes
the nearest thing that a processor can make, in about four minutes of one core: a trunk that has
learned emotions from plain photographs of 500 rendered people, and has seen no drawing.

    python tools/train_trunk.py WORK -o trunk.safetensors
    icaedit recognize reproduce --trunk trunk.safetensors -o reproduction-trunk

WORK keeps the pictures, which are not rendered again. It prints how often the network is right on
people it has not seen: on their photographs, and on the same photographs drawn by pencil.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from icaedit.artifacts import save_tensors
from icaedit.datasets import Record, read_table
from icaedit.images import read_image
from icaedit.recognition import (
    Augmentation,
    Recogniser,
    TrainingSettings,
    load_backbone,
    train_recogniser,
)
from icaedit.studies import plan_hard_portraits, write_hard_portraits

PEOPLE = {"train": 500, "validation": 40}
ONE_SHOT = {"train": 1, "validation": 1, "test": 1}
SEED = 2_000


def pictures(
    folder: Path, people: dict[str, int], *, size: int, seed: int, drawn: bool = False
) -> tuple[Record, ...]:
    """Render people with seven emotions each, turned, lit and blended as those of the study are.

    Where the folder holds their table already, they are taken from there.
    """
    plan = plan_hard_portraits(people=people, shots=ONE_SHOT, seed=seed)
    table = folder / "portraits.csv"
    if not table.is_file():
        write_hard_portraits(folder, plan, size=size, drawn=drawn)
    return read_table(table).records


def accuracy(recogniser: Recogniser, records: tuple[Record, ...]) -> float:
    """Return the share of pictures that are read rightly."""
    shown = recogniser.scores([read_image(record.path) for record in records]).argmax(1)
    return float(
        np.mean([recogniser.emotions[s] == r.emotion for s, r in zip(shown, records, strict=True)])
    )


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=Path, help="folder for the pictures")
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--people", type=int, default=PEOPLE["train"], help="to train on")
    parser.add_argument("--aside", type=int, default=PEOPLE["validation"], help="to choose by")
    parser.add_argument("--unseen", type=int, default=60, help="to state its accuracy on")
    parser.add_argument("--epochs", type=int, default=10, help="at most")
    parser.add_argument("--size", type=int, default=64, help="pixels it looks at")
    parser.add_argument("--seed", type=int, default=SEED, help="not that of the study, 0")
    options = parser.parse_args(arguments)
    if options.seed < 1:
        parser.error(f"got --seed {options.seed}, whose people the study tests; give another")
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    size, seed, work = options.size, options.seed, options.work
    learned = {"train": options.people, "validation": options.aside}
    photographs = pictures(work / "photographs", learned, size=size, seed=seed)
    recogniser = train_recogniser(
        photographs,
        load_backbone("dacl", size=size, random_state=seed),  # a plain ResNet-18
        settings=TrainingSettings(
            epochs=options.epochs,
            loss="cross-entropy",
            precision="bfloat16",
            augmentation=Augmentation(flip=0.5, shift=0.06),
            patience=4,
            random_state=seed,
        ),
        progress=lambda done, total: (done % 100 == 0) and print(f"{done} of {total}", flush=True),
    )
    found = {}
    for name, drawn in (("photographs", False), ("drawings", True)):
        strangers = pictures(
            work / f"unseen-{name}", {"test": options.unseen}, size=2 * size, seed=seed, drawn=drawn
        )  # at twice the side, from which the network takes them down, as in the study
        found[f"accuracy_on_unseen_{name}"] = accuracy(recogniser, strangers)
    print(json.dumps(found, indent=1))
    trunk = recogniser.backbone.network.trunk.state_dict()
    header = {
        "format": "icaedit.trunk",
        "version": 1,
        "settings": {**learned, "epochs": options.epochs, "size": size, "seed": seed},
        **found,
    }
    options.output.parent.mkdir(parents=True, exist_ok=True)
    tensors = {name: value.numpy() for name, value in trunk.items() if value.ndim}  # no counters
    save_tensors(options.output, tensors, header=header)


if __name__ == "__main__":
    main()
