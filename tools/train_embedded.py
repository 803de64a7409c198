"""Train the embedded portrait model: encoder and generator together, from renders alone.

Each stage is a subcommand, resumes where it stopped, and logs to the run folder:

    python tools/train_embedded.py renders  RUN --people 6000
    python tools/train_embedded.py readout  RUN --minutes 4
    python tools/train_embedded.py model    RUN --minutes 60
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

RENDER_SEED, MODEL_SEED = 1001, 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stage", choices=["renders", "readout", "model", "mapping", "export"])
    parser.add_argument("run", type=Path)
    parser.add_argument(
        "--people", type=int, default=6000, help="people rendered, seven times each"
    )
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--minutes", type=float, default=60, help="wall-clock budget of the stage")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--start", type=Path, help="model: go on from this run's model.pt")
    parser.add_argument("-o", "--output", type=Path)
    options = parser.parse_args()
    torch.set_flush_denormal(True)
    torch.set_num_threads(options.threads)
    torch.manual_seed(MODEL_SEED)
    options.run.mkdir(parents=True, exist_ok=True)
    renders = options.run / "renders"
    if options.stage == "renders":
        make_renders(renders, options.people, size=options.size, seed=RENDER_SEED)
        return
    if options.stage == "readout":
        train_readout(options.run, open_renders(renders), options.minutes, options.device)
    elif options.stage == "model":
        train_model(
            options.run,
            open_renders(renders),
            options.minutes,
            device=options.device,
            start=options.start,
        )
    elif options.stage == "mapping":
        print(json.dumps(fit_mapping(options.run, open_renders(renders)), indent=1))
    else:
        export_model(options.run, options.output)


if __name__ == "__main__":
    main()
