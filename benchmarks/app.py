"""How long the page takes to answer a slider, without the browser.

    python benchmarks/app.py [--moves 40] [--threads 2]

Each move edits an aligned portrait, reads it with the judge and makes the page's HTML and PNGs, as
the server does for one slider. Printed: wall-clock and processor seconds, the median and the worst.
"""

import argparse
import io
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from icaedit.app import Request, Studio, make_gallery
from icaedit.app.handlers import Handlers
from icaedit.editor import Editor, default_directions
from icaedit.models import load_model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moves", type=int, default=40)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    model = load_model(device="cpu")
    with tempfile.TemporaryDirectory() as folder:
        portraits = make_gallery(Path(folder), count=2)
        studio = Studio(Editor(model, default_directions(model)), portraits=portraits)
        handlers = Handlers(studio, Path(folder))
        began = time.perf_counter()
        sitting = handlers.portrait(0, Request(), None, "picture").sitting
        print(f"opening a portrait: {time.perf_counter() - began:.3f} s")
        wall, processor = [], []
        for strength in np.linspace(-3, 3, arguments.moves):
            began = time.perf_counter(), time.process_time()
            view = handlers.view(sitting, Request({"happy": float(strength)}), None, "picture")
            for picture in (*view.compare, view.edited):
                Image.fromarray(picture).save(io.BytesIO(), "PNG")
            wall.append(time.perf_counter() - began[0])
            processor.append(time.process_time() - began[1])
    for name, seconds in (("wall", wall), ("processor", processor)):
        print(
            f"{name}: median {np.median(seconds):.3f} s, least {min(seconds):.3f}, most "
            f"{max(seconds):.3f} of {arguments.moves} moves on {arguments.threads} threads"
        )


if __name__ == "__main__":
    main()
