import json

import numpy as np
import pytest

from icaedit.artifacts import load_tensors
from icaedit.datasets import read_table
from icaedit.images import read_image
from icaedit.recognition import BACKBONES, Recogniser, load_backbone
from icaedit.schema import EMOTIONS
from icaedit.studies import plan_hard_portraits

SMALL = ["--people", "3", "--aside", "2", "--unseen", "2", "--epochs", "1", "--size", "32"]


def test_every_network_starts_from_the_trunk_and_a_second_run_makes_the_same(
    tool, tmp_path, capsys
):
    train = tool("train_trunk").main
    made = [tmp_path / name / "trunk.safetensors" for name in ("a", "b")]
    train([str(tmp_path / "work"), "-o", str(made[0]), *SMALL])
    printed = json.loads(capsys.readouterr().out)
    train([str(tmp_path / "work"), "-o", str(made[1]), *SMALL])  # the pictures are there now
    assert made[0].read_bytes() == made[1].read_bytes()

    tensors, header = load_tensors(made[0], expect="icaedit.trunk", version=1)
    assert printed["accuracy_on_unseen_drawings"] == header["accuracy_on_unseen_drawings"]
    for name in BACKBONES:
        ours = load_backbone(name, size=32, trunk=made[0]).network.trunk.state_dict()
        for key, tensor in tensors.items():
            np.testing.assert_array_equal(ours[key].numpy(), tensor, err_msg=f"{name} {key}")
    drawn = load_backbone("dacl", size=32, random_state=2000).network.trunk.state_dict()
    assert not np.array_equal(drawn["conv1.weight"].numpy(), tensors["conv1.weight"])
    assert tensors["bn1.running_mean"].any()  # it has seen pictures


def test_it_learns_from_photographs_and_is_tested_on_strangers_in_both(
    tool, tmp_path, monkeypatch, capsys
):
    module, started = tool("train_trunk"), []
    real = module.train_recogniser

    def watched(records, backbone, **options):
        started.append(backbone.network.trunk.conv1.weight.detach().clone())
        return real(records, backbone, **options)

    monkeypatch.setattr(module, "train_recogniser", watched)
    module.main([str(tmp_path), "-o", str(tmp_path / "t.safetensors"), *SMALL])
    seeded = load_backbone("dacl", size=32, random_state=module.SEED).network.trunk.conv1.weight
    assert started[0].equal(seeded)
    learned = read_table(tmp_path / "photographs/portraits.csv").records
    unseen = {
        name: read_table(tmp_path / f"unseen-{name}/portraits.csv").records
        for name in ("photographs", "drawings")
    }
    assert {r.split for r in learned} == {"train", "validation"}
    assert all(read_image(r.path).ndim == 3 for r in (*learned, *unseen["photographs"]))
    assert all(np.ptp(read_image(r.path), axis=2).max() > 20 for r in learned)  # in colour
    for photograph, drawing in zip(unseen["photographs"], unseen["drawings"], strict=True):
        assert photograph.name == drawing.name and photograph.emotion == drawing.emotion
        image = np.atleast_3d(read_image(drawing.path))
        assert image.shape[0] == 64 and np.ptp(image, axis=2).max() == 0
    assert not {r.digest for r in learned} & {r.digest for r in unseen["photographs"]}


def test_accuracy_counts_what_is_read_rightly(tool, tmp_path):
    module = tool("train_trunk")
    records = module.pictures(tmp_path, {"test": 2}, size=32, seed=5)

    class Happy(Recogniser):
        def scores(self, images):
            assert len(images) == 14
            return np.eye(7)[[EMOTIONS.index("happy")] * 14]

    assert module.accuracy(Happy(load_backbone("dacl", size=32)), records) == 2 / 14


def test_people_of_the_study_are_refused(tool, tmp_path, capsys):
    module = tool("train_trunk")
    with pytest.raises(SystemExit):
        module.main([str(tmp_path), "-o", str(tmp_path / "t.safetensors"), *SMALL, "--seed", "0"])
    assert "whose people the study tests" in capsys.readouterr().err
    people = {"train": 3, "validation": 2, "test": 2}
    study, ours = (plan_hard_portraits(people=people, seed=seed) for seed in (0, module.SEED))
    traits = [{tuple(row) for row in plan.parameters.values[:, :5]} for plan in (study, ours)]
    assert not traits[0] & traits[1]
