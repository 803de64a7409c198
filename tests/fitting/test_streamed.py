import json
import os
import subprocess
import sys

import numpy as np
import pytest

from icaedit.artifacts import LatentSet, load_directions, load_latents
from icaedit.errors import IcaeditWarning, InputError
from icaedit.fitting import fit_directions, fit_directions_streamed, streamed
from icaedit.schema import EMOTIONS


@pytest.fixture
def pictures():
    """60 people, whose emotions are sparse; one in four pictures is missing."""
    rng = np.random.default_rng(0)
    posed = rng.laplace(size=(7, 200)) * (rng.random((7, 200)) < 0.2)
    posed[0] = 0
    people = rng.normal(size=(60, 1, 200))
    codes = (people + posed + 0.3 * rng.normal(size=(60, 7, 200))).reshape(420, 4, 50)
    kept = rng.random(420) < 0.75
    identity = np.repeat([f"P{i:02d}" for i in range(60)], 7)
    return LatentSet(codes[kept], identity[kept], emotion=np.tile(EMOTIONS, 60)[kept])


def assert_same(a, b):
    assert a.emotions == b.emotions
    for emotion in a.emotions:
        scale = np.abs(a[emotion]).max()
        np.testing.assert_allclose(b[emotion], a[emotion], atol=1e-4 * scale)
        np.testing.assert_array_equal(b.mask(emotion), a.mask(emotion))
        assert b.posed_strength[emotion] == pytest.approx(a.posed_strength[emotion], abs=1e-4)


@pytest.mark.parametrize(
    "method, threshold",
    [("group-ica", "mean"), ("group-ica", "fdr"), ("mean-difference", "median")],
)
def test_passes_over_a_file_give_the_directions_of_a_fit_in_memory(
    pictures, tmp_path, monkeypatch, method, threshold
):
    monkeypatch.setattr(streamed, "BLOCK_NUMBERS", 200 * 30)
    path = tmp_path / "latents.safetensors"
    pictures.save(path)
    mapped = load_latents(path, mapped=True)
    assert isinstance(mapped.latents, np.memmap)
    a = fit_directions(pictures, method=method, threshold=threshold, n_bootstrap=0)
    b = fit_directions_streamed(mapped, method=method, threshold=threshold)
    assert_same(a, b)
    for name, entry in b.report["emotions"].items():
        for key, value in entry.items():
            assert value == pytest.approx(a.report["emotions"][name][key], abs=1e-4), key
    assert b.provenance["neutral_score"] == pytest.approx(a.provenance["neutral_score"], abs=1e-4)
    assert b.provenance["dataset_digest"] == a.provenance["dataset_digest"]


def test_eigenvectors_found_without_the_dense_matrix_are_the_same(pictures, monkeypatch):
    from icaedit.analysis import streamed as sums

    a = fit_directions_streamed(pictures, n_components=8)
    monkeypatch.setattr(sums, "DENSE", 10)
    assert_same(a, fit_directions_streamed(pictures, n_components=8))


def test_many_pictures_are_fitted_in_passes_without_being_asked(pictures, monkeypatch):
    monkeypatch.setattr(streamed, "LARGE", 100)
    assert fit_directions(pictures).report["stability"] is None
    assert fit_directions(pictures, n_bootstrap=3).report["stability"] is not None


def test_people_with_nan_are_left_out_by_name(pictures):
    codes = pictures.latents.copy()
    codes[pictures.identity == "P07"] = np.nan
    broken = LatentSet(codes, pictures.identity, emotion=pictures.emotion)
    with pytest.warns(IcaeditWarning, match="infinite latents of P07, expected"):
        directions = fit_directions_streamed(broken)
    assert directions.report["quarantined"] == ["P07"]
    assert_same(
        fit_directions(pictures.select(pictures.identity != "P07"), n_bootstrap=0), directions
    )


def test_methods_that_need_everybody_at_once_are_refused(pictures):
    with pytest.raises(InputError, match="got method paper .* more people than fit in memory"):
        fit_directions_streamed(pictures, method="paper")


def test_two_processes_give_the_directions_of_one(pictures, tmp_path):
    pytest.importorskip("accelerate")
    source, output = tmp_path / "latents.safetensors", tmp_path / "two.safetensors"
    pictures.save(source)
    command = ["fit-directions", str(source), "-o", str(output), "--stream", "--device", "cpu"]
    script = tmp_path / "run.py"
    script.write_text(
        f"import sys\nfrom icaedit.cli.main import main\nsys.exit(main({json.dumps(command)}))\n"
    )
    where = os.pathsep.join(path for path in sys.path if path)
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    done = subprocess.run(
        [*launch, "--nproc-per-node", "2", str(script)],
        env={**os.environ, "PYTHONPATH": where, "OMP_NUM_THREADS": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert_same(fit_directions_streamed(pictures), load_directions(output))
