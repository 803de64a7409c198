"""Train the embedded portrait model: encoder and generator together, from renders alone.

Each stage is one command; it goes on where it stopped, logs to the run folder, and draws what it
draws from the number of the step, on a CPU or a GPU. The settings of the shipped weights are the
defaults:

    python tools/train_embedded.py renders  RUN
    python tools/train_embedded.py readout  RUN
    python tools/train_embedded.py model    RUN
    python tools/train_embedded.py mapping  RUN
    python tools/train_embedded.py export   RUN -o icaedit/models/weights/portraits.safetensors
"""

import argparse
import json
from pathlib import Path

import torch
from training.data import make_renders, open_renders
from training.finish import export_model, fit_mapping
from training.stages import train_model, train_readout

RENDER_SEED = 1001


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stage", choices=["renders", "readout", "model", "mapping", "export"])
    parser.add_argument("run", type=Path)
    parser.add_argument("--people", type=int, default=4000, help="rendered seven times each")
    parser.add_argument("--size", type=int, default=128, help="side of the pictures in pixels")
    parser.add_argument("--pictures", type=int, default=130_000, help="seen by the model")
    parser.add_argument("--steps", type=int, default=1500, help="of the readout")
    parser.add_argument("--threads", type=int, default=2, help="threads, or rendering processes")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("-o", "--output", type=Path)
    options = parser.parse_args()
    torch.set_flush_denormal(True)
    torch.set_num_threads(options.threads)
    options.run.mkdir(parents=True, exist_ok=True)
    folder = options.run / "renders"
    if options.stage == "renders":
        make_renders(
            folder, options.people, size=options.size, seed=RENDER_SEED, workers=options.threads
        )
    elif options.stage == "readout":
        train_readout(options.run, open_renders(folder), options.steps, device=options.device)
    elif options.stage == "model":
        train_model(options.run, open_renders(folder), options.pictures, device=options.device)
    elif options.stage == "mapping":
        print(json.dumps(fit_mapping(options.run, open_renders(folder)), indent=1))
    else:
        export_model(options.run, options.output)


if __name__ == "__main__":
    main()
