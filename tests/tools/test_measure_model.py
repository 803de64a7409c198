import json
import math

import pytest

from icaedit.models import load_model, save_model, tiny_model
from icaedit.portraits import STYLES
from icaedit.schema import EMOTIONS

FEW = ["--pictures", "21", "--style-pictures", "3", "--fit-people", "3", "--edit-people", "1",
       "--batch", "8", "--device", "cpu"]  # fmt: skip


@pytest.fixture
def model_file(tmp_path):
    model = tiny_model()
    path = tmp_path / "model.safetensors"
    save_model(path, model.generator, encoder=model.encoder, card={})
    return path


@pytest.mark.filterwarnings("ignore::icaedit.errors.IcaeditWarning")  # random weights
def test_every_part_is_measured_printed_and_written(tool, model_file, tmp_path, capsys):
    output = tmp_path / "measured.json"
    tool("measure_model").main([str(model_file), "--json", str(output), *FEW])
    captured = capsys.readouterr()
    result = json.loads(output.read_text())
    assert json.loads(captured.out) == result
    assert "fidelity: 21 of 21" in captured.err
    assert result["model"] == load_model(model_file).fingerprint and result["size"] == 16
    fidelity = result["fidelity"]
    assert fidelity["pictures"] == 21
    assert 0 < fidelity["psnr"] < 60 and 0 < fidelity["psnr_face"] < 60
    assert -1 < fidelity["ssim"] < 1
    lost = [
        fidelity["scores"]["originals"][e] - fidelity["scores"]["reconstructions"][e]
        for e in EMOTIONS
    ]
    assert fidelity["mean_drop"] == pytest.approx(sum(lost) / 7, abs=1e-3)
    assert fidelity["worst_drop"] == pytest.approx(max(lost), abs=1e-3)
    assert result["realism"]["samples"]["mean"] > result["realism"]["other_renders"]["mean"]
    assert set(result["styles"]["cosine"]) == set(STYLES)
    assert set(result["edits"]["target_read"]) == set(EMOTIONS[1:])
    assert all(math.isfinite(value) for value in result["edits"]["posed_strength"].values())
    assert result["judge"]["unseen_renders"]["posed_accuracy"] > 0


def test_single_parts_can_be_asked_for(tool, model_file, capsys):
    tool("measure_model").main([str(model_file), "--part", "judge", "--part", "styles", *FEW])
    assert set(json.loads(capsys.readouterr().out)) == {"judge", "model", "size", "styles"}
