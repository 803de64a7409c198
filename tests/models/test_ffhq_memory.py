"""A checkpoint of FFHQ's size (297 million numbers) runs on two cores in under 6 GB."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

MOST = 6e9  # bytes
WRITE = """
import importlib.util, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("fabricate", sys.argv[1])
fabricate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fabricate)
from icaedit.models.config import EncoderConfig, GeneratorConfig
pair = fabricate.make_pair(GeneratorConfig.ffhq(), EncoderConfig.ffhq())
fabricate.write_checkpoint(Path(sys.argv[2]), "e4e", pair)
"""
MEASURE = """
import json, resource, sys, time
import numpy as np, torch
torch.set_num_threads(2)
from icaedit.models import add_model, load_model
start, steps = time.perf_counter(), {}
def note(step):
    steps[step] = round(time.perf_counter() - start, 1)
what, place = sys.argv[1:]
if what == "add":
    add_model(place, "ffhq")
    note("added")
else:
    model = load_model(place, device="cpu")
    note("loaded")
    latents = model.encode(np.random.default_rng(0).integers(0, 256, (1, 1024, 1024, 3), np.uint8))
    note("encoded")
    image = model.synthesize(latents)
    note("drawn")
    assert latents.shape == (1, 18, 512) and np.isfinite(latents).all()
    assert image.shape == (1, 1024, 1024, 3) and image.std() > 5
    steps["fingerprint"] = model.fingerprint
steps["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps(steps))
"""


def python(code: str, *arguments: object) -> dict:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout or "{}")


@pytest.mark.slow
def test_an_ffhq_checkpoint_is_added_and_runs_in_under_6_gigabytes(tmp_path, monkeypatch):
    monkeypatch.setenv("ICAEDIT_MODELS", str(tmp_path / "models"))
    path = tmp_path / "file"
    python(WRITE, Path(__file__).parent / "conftest.py", path)
    assert path.stat().st_size > 1.18e9
    direct = python(MEASURE, "run", path)
    added = python(MEASURE, "add", path)
    path.unlink()
    named = python(MEASURE, "run", "ffhq")
    assert direct["fingerprint"] == named["fingerprint"]
    for step, told in {"direct": direct, "added": added, "named": named}.items():
        print(step, told)
        assert told["peak"] < MOST
