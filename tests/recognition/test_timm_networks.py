"""Networks of timm by name, tried on a stand-in of the package with its interface."""

import sys
import types

import pytest
import torch
from torch import nn

from icaedit.errors import FormatError, InputError, MissingDependencyError
from icaedit.recognition import load_backbone


class Net(nn.Module):
    """A network with the methods that every network of timm has."""

    default_cfg = {"classifier": "head"}

    def __init__(self, n_classes):
        super().__init__()
        self.stem = nn.Conv2d(3, 5, 4, stride=4)
        self.head = nn.Linear(5, n_classes)

    def forward_features(self, x):
        return self.stem(x)

    def forward_head(self, x, pre_logits=False):
        pooled = x.mean((2, 3))
        return pooled if pre_logits else self.head(pooled)

    def forward(self, x):
        return self.forward_head(self.forward_features(x))


@pytest.fixture
def timm(monkeypatch):
    """Put a stand-in into the place of timm, and return the calls that it gets."""
    calls = []

    def create_model(name, **options):
        calls.append((name, options))
        if "img_size" in options:
            raise TypeError("unexpected keyword argument 'img_size'")
        return Net(options["num_classes"])

    config = {"mean": (0.5, 0.4, 0.3), "std": (0.2, 0.2, 0.2), "crop_pct": 0.875}
    config["input_size"] = (3, 56, 56)
    package, data = types.ModuleType("timm"), types.ModuleType("timm.data")
    package.create_model, package.is_model = create_model, lambda name: name == "tiny_net"
    package.data = data
    data.resolve_model_data_config = lambda model: dict(config)
    monkeypatch.setitem(sys.modules, "timm", package)
    monkeypatch.setitem(sys.modules, "timm.data", data)
    return calls


def test_a_network_of_timm_has_its_own_units_and_nothing_is_downloaded(timm):
    backbone = load_backbone("timm:tiny_net", labels="fer2013")
    assert timm == [("tiny_net", {"pretrained": False, "num_classes": 7})]
    assert backbone.normalisation.mean == (0.5, 0.4, 0.3)
    assert (backbone.normalisation.size, backbone.normalisation.shorter_side) == (56, 64)
    assert (backbone.n_features, backbone.kind, backbone.emotions[0]) == (
        5, "timm:tiny_net", "angry"
    )  # fmt: skip
    x = torch.rand(3, 3, 56, 56)
    model = backbone.network.model
    torch.testing.assert_close(model.head(backbone.features(x)), backbone.logits(x))
    torch.testing.assert_close(backbone(x).features, backbone.features(x))


def test_another_size_cuts_in_proportion(timm):
    backbone = load_backbone("timm:tiny_net", size=112)
    assert (backbone.normalisation.size, backbone.normalisation.shorter_side) == (112, 128)
    assert timm[0][1]["img_size"] == 112 and "img_size" not in timm[1][1]


def test_weights_come_from_a_file(timm, save):
    weights = {name: tensor + 1 for name, tensor in Net(7).state_dict().items()}
    backbone = load_backbone("timm:tiny_net", save(weights))
    assert torch.equal(backbone.network.model.head.weight, weights["head.weight"])
    many = {name: tensor + 1 for name, tensor in Net(1000).state_dict().items()}
    with pytest.raises(FormatError, match="'head.bias' missing, too many or of another shape"):
        load_backbone("timm:tiny_net", save(many))
    started = load_backbone("timm:tiny_net", trunk=save(many))
    assert torch.equal(started.network.model.stem.weight, many["stem.weight"])
    assert started.network.model.head.weight.shape == (7, 5)


def test_it_is_drawn_by_the_seed(timm):
    one, two, other = (load_backbone("timm:tiny_net", random_state=seed) for seed in (0, 0, 1))
    stems = [backbone.network.model.stem.weight for backbone in (one, two, other)]
    assert torch.equal(stems[0], stems[1]) and not torch.equal(stems[0], stems[2])


def test_an_unknown_name_is_refused(timm):
    with pytest.raises(InputError, match="timm:huge_net, expected a network of timm"):
        load_backbone("timm:huge_net")


def test_without_timm_the_message_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    monkeypatch.setitem(sys.modules, "timm.data", None)
    with pytest.raises(MissingDependencyError, match="install timm, or use dan, dacl or rul"):
        load_backbone("timm:tiny_net")


def test_a_recogniser_on_it_is_kept_in_a_file(timm, tmp_path):
    from icaedit.recognition import Recogniser, load_recogniser

    recogniser = Recogniser(load_backbone("timm:tiny_net"))
    recogniser.save(tmp_path / "r.safetensors")
    loaded = load_recogniser(tmp_path / "r.safetensors")
    assert torch.equal(loaded.backbone.network.model.stem.weight,
                       recogniser.backbone.network.model.stem.weight)  # fmt: skip
