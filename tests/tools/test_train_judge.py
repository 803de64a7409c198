import json

import numpy as np
import pytest

from icaedit.artifacts import load_tensors
from icaedit.evaluation import load_judge
from icaedit.portraits import render
from icaedit.schema import EMOTIONS

SMALL = ["--people", "6", "--unseen", "12", "--batch", "4", "--size", "16", "--seed", "3",
         "--device", "cpu", "--threads", "1"]  # fmt: skip


def test_a_stopped_training_goes_on_to_the_same_judge(tool, tmp_path, capsys):
    train = tool("train_judge").main
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    train([str(whole), "-o", str(whole / "judge.safetensors"), "--steps", "3", *SMALL])
    steps = tool("judging.learning")
    real, calls = steps.batch_loss, []

    def failing(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(*arguments)

    module = tool("train_judge")
    module.batch_loss, module.SAVE_SECONDS = failing, 0
    with pytest.raises(KeyboardInterrupt):
        train([str(broken), "-o", str(broken / "judge.safetensors"), "--steps", "3", *SMALL])
    train([str(broken), "-o", str(broken / "judge.safetensors"), "--steps", "3", *SMALL])
    assert len(calls) == 4  # two steps, the one that failed, and that one again
    made = [(folder / "judge.safetensors").read_bytes() for folder in (whole, broken)]
    assert made[0] == made[1]
    judge = load_judge(whole / "judge.safetensors")
    assert judge.size == 16
    assert judge.emotions == EMOTIONS
    assert 0 <= judge.unseen_renders["turned_posed_accuracy"] <= 1
    _, header = load_tensors(whole / "judge.safetensors", expect="icaedit.judge", version=2)
    assert header["settings"] == {"people": 6, "steps": 3, "batch": 4, "seed": 3}


def test_renders_go_on_where_they_stopped(tool, tmp_path, monkeypatch, capsys):
    renders = tool("judging.renders")
    portraits = renders.draw_portraits(2, 5)
    drawn = []

    def counted(parameters, size):
        drawn.append(len(parameters))
        if len(drawn) == 3:
            raise KeyboardInterrupt
        return render(parameters, size=size)

    monkeypatch.setattr(renders, "render", counted)
    with pytest.raises(KeyboardInterrupt):
        renders.make_renders(tmp_path, portraits, 16, name="some", chunk=4)
    images = renders.make_renders(tmp_path, portraits, 16, name="some", chunk=4).images
    assert drawn == [4, 4, 4, 4, 2]
    np.testing.assert_array_equal(images, render(portraits.parameters, size=16).images)
    with pytest.raises(SystemExit, match="other pictures"):
        renders.make_renders(tmp_path, renders.draw_portraits(2, 6), 16, name="some")


def test_errors_are_those_of_what_is_read(tool):
    errors, renders = tool("judging.errors"), tool("judging.renders")
    portraits = renders.draw_portraits(25, 9, turned=0.5)
    truth = renders.JudgeRenders(np.zeros((175, 32, 32, 3), np.uint8), portraits)

    class Clairvoyant:
        def read(self, images):
            from icaedit.evaluation import Reading

            person = np.eye(25)[portraits.identity]
            person[8] = person[0]  # the second picture of the second person
            return Reading(
                units=truth.units,
                probabilities=np.eye(7)[portraits.emotion],
                embedding=person,
                yaw=truth.pose[:, 0] + 3,
                pitch=truth.pose[:, 1],
                light=truth.light,
                emotions=EMOTIONS,
            )

    found = errors.measure_errors(Clairvoyant(), truth)
    assert found["posed_accuracy"] == found["units_r2"] == found["r2_light_level"] == 1
    assert found["yaw_rmse_degrees"] == 3 and found["pitch_rmse_degrees"] == 0
    assert found["identity_top1_of_20"] == 24 / 25
    assert np.abs(truth.pose[:, 0]).max() > 15


def test_a_mirrored_picture_has_mirrored_truths(tool, monkeypatch):
    import torch

    from icaedit.evaluation.network import JudgeNetwork, JudgeOutput

    learning, renders = tool("judging.learning"), tool("judging.renders")
    portraits = renders.draw_portraits(4, 2)
    truth = renders.JudgeRenders(render(portraits.parameters, size=16).images, portraits)
    rows = np.arange(14)
    flips = []
    monkeypatch.setattr(
        learning,
        "augment",
        lambda images, flip, rng: flips.append(flip) or torch.zeros(14, 3, 16, 16),
    )

    class Right(JudgeNetwork):
        def forward(self, images):
            sign = torch.from_numpy(np.where(flips[-1], -1.0, 1.0).astype(np.float32))
            pose, light = (torch.from_numpy(v[rows].copy()) for v in (truth.pose, truth.light))
            pose[:, 0] *= sign
            light[:, 0] *= sign
            emotion = torch.from_numpy(portraits.emotion[rows]).clamp(min=0)
            return JudgeOutput(
                torch.from_numpy(truth.units[rows]),
                1000 * torch.nn.functional.one_hot(emotion, 7).float(),
                torch.eye(14)[np.repeat(np.arange(7), 2)],
                pose,
                light,
            )

    loss, parts = learning.batch_loss(Right(15, 7, size=16), truth, rows, np.random.default_rng(0))
    assert flips[-1].any() and not flips[-1].all()
    assert parts["pose"] == parts["light"] == parts["units"] == parts["emotion"] == 0
    assert loss < 0.01


def test_augmented_pictures_are_mirrored_where_told_and_keep_their_level(tool):
    learning = tool("judging.learning")
    image = np.zeros((1, 32, 32, 3), np.uint8)
    image[:, :, :16] = 200
    images = np.repeat(image, 40, axis=0)
    flip = np.arange(40) % 2 == 1
    x = learning.augment(images, flip, np.random.default_rng(0)).numpy()
    left, right = x[:, :, :, :12].mean((1, 2, 3)), x[:, :, :, 20:].mean((1, 2, 3))
    assert ((left > right) == ~flip).all()
    bright = np.where(flip, right, left)
    np.testing.assert_allclose(bright, 200 / 127.5 - 1, atol=0.03)


def test_the_log_is_json_lines(tool, tmp_path, capsys):
    module = tool("train_judge")
    module.log(tmp_path, {"step": 1})
    module.log(tmp_path, {"step": 2})
    lines = (tmp_path / "log.jsonl").read_text().splitlines()
    assert [json.loads(line)["step"] for line in lines] == [1, 2]
