"""Backbones from files: what is unwrapped, what is refused and what the message says."""

import re

import pytest
import torch

from icaedit.datasets import LABEL_ORDERS
from icaedit.errors import FileAccessError, FormatError, InputError
from icaedit.recognition import load_backbone
from icaedit.recognition.backbones.resnet18 import ResNet18
from icaedit.schema import EMOTIONS


@pytest.fixture(scope="module")
def small(cases):
    """DACL's weights by their public names: the smallest of the three files."""
    return dict(cases["dacl"].weights)


def same_weights(one, other):
    ours, theirs = one.state_dict(), other.state_dict()
    return ours.keys() == theirs.keys() and all(torch.equal(ours[k], theirs[k]) for k in ours)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda weights: weights,
        lambda weights: {"state_dict": weights},
        lambda weights: {"model_state_dict": {f"module.{k}": v for k, v in weights.items()}},
        lambda weights: {f"module.module.{k}": v for k, v in weights.items()},
        lambda weights: {k: v.half() if v.is_floating_point() else v for k, v in weights.items()},
    ],
    ids=["bare", "state_dict", "module", "module twice", "half precision"],
)
def test_weights_are_found_in_every_wrapping(small, save, wrap):
    backbone = load_backbone("dacl", save(wrap(small)))
    stored = small["layer4.1.conv2.weight"]
    found = backbone.state_dict()["network.trunk.layer4.1.conv2.weight"]
    torch.testing.assert_close(found, stored, rtol=1e-3, atol=1e-4)
    assert found.dtype == torch.float32
    assert not backbone.training and all(w.requires_grad for w in backbone.parameters())


def test_both_containers_of_torch_give_the_same_network(small, save):
    new = load_backbone("dacl", save(small))
    old = load_backbone("dacl", save(small, "old.pth", _use_new_zipfile_serialization=False))
    assert same_weights(new, old)


def test_a_file_that_counts_no_batches_loads(small, save):
    old = {name: w for name, w in small.items() if not name.endswith("num_batches_tracked")}
    assert (
        load_backbone("dacl", save(old)).state_dict()["network.trunk.bn1.num_batches_tracked"] == 0
    )


def test_entries_that_share_memory_are_trained_apart(small, save):
    shared = small | {"bn1.bias": small["bn1.weight"]}
    trunk = load_backbone("dacl", save(shared)).network.trunk
    with torch.no_grad():
        trunk.bn1.weight.zero_()
    assert trunk.bn1.bias.abs().sum() > 0


def test_the_parts_that_only_training_uses_may_be_left_in_the_file(cases, save):
    tree = cases["rul"].tree()
    assert load_backbone("rul", save(tree)).network.log_var is None
    assert load_backbone("rul", save(tree), training_parts=True).network.log_var is not None


def without(weights, name):
    return {key: tensor for key, tensor in weights.items() if key != name}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda w: without(w, "layer2.0.bn1.bias"), "without 'layer2.0.bn1.bias', expected every"),
        (lambda w: without(w, "fc.weight"), "without 'fc.weight', expected every"),
        (lambda w: w | {"layer5.x": torch.zeros(1)}, "with 'layer5.x', expected no entry"),
        (lambda w: w | {"bn1.bias": torch.zeros(3)}, r"'bn1.bias' of shape \(3,\)"),
        (lambda w: w | {"bn1.bias": torch.zeros(64).long()}, "'bn1.bias' of torch.int64"),
        (lambda w: w | {"bn1.bias": 3}, "'bn1.bias' that is no tensor"),
        (lambda w: w | {"bn1.bias": torch.full((64,), torch.nan)}, "NaN .* 'bn1.bias'"),
        (lambda w: w | {"fc.weight": torch.zeros(8, 512)}, "with 8 classes, expected 7; give lab"),
        (lambda w: {"epoch": 3}, "without weights of a network, expected them"),
        (lambda w: [1, 2], "without weights of a network, expected them"),
        (lambda w: {"x": torch.zeros(2)}, "of no known network, expected one of dacl"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_by_its_name(small, save, change, message):
    path = save(change(small))
    with pytest.raises(FormatError, match=f"{re.escape(str(path))}.*|{message}") as caught:
        load_backbone("dacl", path)
    assert str(path) in str(caught.value)
    assert re.search(message, str(caught.value))


@pytest.mark.parametrize(("kind", "wanted"), [("dan", "rul"), ("rul", "dan"), ("dacl", "dan")])
def test_the_file_of_another_network_is_refused(cases, save, kind, wanted):
    with pytest.raises(FormatError, match=f"network.pth, a checkpoint of {kind}, .* {wanted}; "):
        load_backbone(wanted, save(cases[kind].tree()))


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path):
    path = tmp_path / "network.pth"
    with pytest.raises(FileAccessError, match="network.pth"):
        load_backbone("dan", path)
    path.write_bytes(b"<html>")
    with pytest.raises(FormatError, match="network.pth, which torch did not write; "):
        load_backbone("dan", path)


class Harmful:
    """Would make a file where it is unpickled without restriction."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_nothing_in_a_file_is_executed(small, save, tmp_path):
    path = save({"model_state_dict": small, "best": Harmful(tmp_path / "harm")})
    with pytest.raises(FormatError, match="network.pth"):
        load_backbone("dacl", path)
    assert not (tmp_path / "harm").exists()


def test_rul_has_the_order_of_raf_db_and_the_others_must_be_told(cases, save):
    assert load_backbone("rul", save(cases["rul"].tree())).emotions == LABEL_ORDERS["raf-db"]
    path = save(cases["dacl"].tree())
    silent = load_backbone("dacl", path)
    assert silent.emotions is None
    with pytest.raises(InputError, match=r"network.pth, which does not say .*labels='raf-db'"):
        silent.scores(torch.zeros(1, 3, 32, 32))
    assert load_backbone("dacl", path, labels="affectnet-7").emotions[6] == "angry"
    with pytest.raises(FormatError, match="network.pth with 7 classes, expected 8; give labels"):
        load_backbone("dacl", path, labels="affectnet-8")


def test_a_file_of_eight_classes_loads_with_eight_labels(small, save):
    eight = small | {"fc.weight": torch.zeros(8, 512), "fc.bias": torch.arange(8.0)}
    backbone = load_backbone("dacl", save(eight), labels="affectnet-8")
    scores = backbone.scores(torch.zeros(1, 3, 32, 32), ["contempt", "neutral"])
    assert scores.tolist() == [[7.0, 0.0]]


def test_scores_are_the_classes_in_our_order(cases, save):
    case = cases["dacl"]
    backbone = load_backbone("dacl", save(case.tree()), labels="raf-db")
    with torch.inference_mode():
        scores = backbone.scores(case.x)
    # RAF-DB: surprise, fear, disgust, happiness, sadness, anger, neutral
    torch.testing.assert_close(
        scores, case.expected["logits"][:, [6, 3, 4, 0, 5, 2, 1]], rtol=1e-4, atol=1e-4
    )
    assert EMOTIONS[:4] == ("neutral", "happy", "sad", "surprised")


def test_weights_that_are_drawn_are_those_of_their_seed():
    assert same_weights(load_backbone("dacl"), load_backbone("dacl"))
    other = load_backbone("dacl", random_state=1)
    assert not same_weights(load_backbone("dacl"), other)
    before = torch.get_rng_state()
    load_backbone("dacl")
    assert torch.equal(torch.get_rng_state(), before)


def test_the_trunk_comes_from_a_resnet18_of_any_number_of_classes(save):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        start = ResNet18(1000)
    assert len(start.state_dict()) == 122
    path = save({"state_dict": start.state_dict()}, "resnet18_msceleb.pth")
    trunk = load_backbone("dan", trunk=path).network.trunk.state_dict()
    assert len(trunk) == 120
    assert all(torch.equal(tensor, start.state_dict()[name]) for name, tensor in trunk.items())
    with pytest.raises(InputError, match="got checkpoint .* and trunk .*; drop the trunk"):
        load_backbone("dan", path, trunk=path)
    with pytest.raises(FormatError, match="with 1000 classes, expected 7; give it as the trunk"):
        load_backbone("dacl", path)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"network": "vgg"}, "got backbone 'vgg', expected one of dan, dacl, rul"),
        ({"network": "dan", "feature_layer": "fc"}, "for dan, expected neither"),
        ({"network": "dan", "labels": "raf"}, "got label order 'raf'"),
    ],
)
def test_options_that_do_not_fit_are_refused(how, message):
    with pytest.raises(InputError, match=message):
        load_backbone(**how)
