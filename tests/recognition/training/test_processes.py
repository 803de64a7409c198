"""Several processes: what each is given, and that they come to one result."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from icaedit.recognition import load_recogniser
from icaedit.recognition.training.processes import Processes, is_first_process

SCRIPT = """
import importlib.util, os, sys
from pathlib import Path
spec = importlib.util.spec_from_file_location("world", sys.argv[1])
world = importlib.util.module_from_spec(spec)
spec.loader.exec_module(world)
small = world.SmallWorld.__new__(world.SmallWorld)
folder = Path(sys.argv[2]) / os.environ["RANK"]
folder.mkdir()
small.__init__(folder)
recogniser = small.train(epochs=10, learning_rate=0.02, batch_size=6)
recogniser.save(Path(sys.argv[2]) / f"{os.environ['RANK']}.safetensors")
"""


def test_alone_a_process_does_everything():
    alone = Processes()
    assert (alone.index, alone.count, is_first_process()) == (0, 1, True)
    assert alone.share([3, 1, 2]) == [3, 1, 2] and alone.gathered([1]) == [1]


@pytest.mark.parametrize("n_rows", [2, 3, 4, 7, 8])
@pytest.mark.parametrize("count", [2, 3])
def test_shares_are_alike_in_size_hold_everything_and_never_one(n_rows, count):
    shares = []
    for index in range(count):
        process = Processes()
        process.index, process.count = index, count
        shares.append(process.share(range(n_rows)))
    assert {len(share) for share in shares} == {max(2, -(-n_rows // count))}
    assert set().union(*shares) == set(range(n_rows))


@pytest.mark.slow
def test_two_processes_come_to_the_same_recogniser(world, tmp_path):
    pytest.importorskip("accelerate")
    command = [
        sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2",
        "--no-python", sys.executable, "-c", SCRIPT, Path(__file__).parents[1] / "conftest.py",
        tmp_path,
    ]  # fmt: skip
    done = subprocess.run([str(word) for word in command], check=False, capture_output=True,
                          text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr
    first, second = ((tmp_path / f"{rank}.safetensors").read_bytes() for rank in (0, 1))
    assert first == second
    found = load_recogniser(tmp_path / "0.safetensors", network=world.network())
    assert found.provenance["training"]["mean_class_accuracy"] == 1
    probabilities = found.predict(world.images(), world.latents)
    assert np.isfinite(probabilities).all()
