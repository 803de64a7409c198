"""What a backbone takes, and any network as one."""

import numpy as np
import pytest
import torch
from PIL import Image

from icaedit.errors import InputError
from icaedit.recognition import Normalisation, load_backbone

HALF = Normalisation((0.5, 0.25, 0.5), (0.5, 0.5, 0.25), size=8)


def test_pictures_are_stretched_to_the_square_and_put_into_units(pictures):
    x = HALF.apply(pictures)
    assert x.shape == (4, 3, 8, 8) and x.dtype == torch.float32
    small = Image.fromarray(pictures[1]).resize((8, 8), Image.Resampling.BILINEAR)
    expected = (np.asarray(small)[3, 5] / 255 - [0.5, 0.25, 0.5]) / [0.5, 0.5, 0.25]
    np.testing.assert_allclose(x[1, :, 3, 5], expected, atol=1e-6)


@pytest.mark.parametrize("turned", [False, True])
def test_the_middle_is_cut_out_where_the_shorter_side_is_given(turned):
    columns = np.arange(24, dtype=np.uint8) * 10
    picture = np.broadcast_to(columns[None, :, None], (12, 24, 3))
    if turned:
        picture = picture.transpose(1, 0, 2)
    whole = Normalisation((0, 0, 0), (1, 1, 1), size=6, shorter_side=12)
    values = whole.apply(picture[None])[0, 0] * 255
    values = values.T if turned else values
    np.testing.assert_allclose(values[0], columns[9:15], atol=1e-4)


def test_backbones_have_the_size_and_units_they_were_trained_in(pictures):
    dan, dacl = load_backbone("dan"), load_backbone("dacl")
    assert dan.normalise(pictures).shape == dacl.normalise(pictures).shape == (4, 3, 224, 224)
    assert dan.normalisation.shorter_side is None and dacl.normalisation.shorter_side == 256
    grey = np.full((1, 300, 300, 3), 128, np.uint8)
    red = (128 / 255 - 0.5752) / 0.2086
    assert dacl.normalise(grey)[0, 0, 0, 0].item() == pytest.approx(red, abs=1e-5)
    assert dan.normalise(grey)[0, 0, 0, 0].item() == pytest.approx(
        (128 / 255 - 0.485) / 0.229, abs=1e-5
    )


@pytest.mark.parametrize(
    "wrong", [np.zeros((8, 8, 3), np.uint8), np.zeros((1, 8, 8, 3)), np.zeros((1, 8, 8), np.uint8)]
)
def test_what_are_no_pictures_is_refused(wrong):
    with pytest.raises(InputError, match="got pictures of .*, expected uint8 .*; "):
        HALF.apply(wrong)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"std": (1, 0, 1)}, "got std"),
        ({"mean": (1, 1)}, "got mean"),
        ({"mean": (1, 1, np.nan)}, "got mean"),
        ({"size": 0}, "got size 0"),
        ({"shorter_side": 7}, "got size 8 with shorter side 7"),
    ],
)
def test_a_normalisation_that_cannot_be_is_refused(how, message):
    with pytest.raises(InputError, match=message):
        Normalisation(**({"mean": (0, 0, 0), "std": (1, 1, 1), "size": 8} | how))


@pytest.mark.parametrize(
    ("kind", "shape"),
    [("rul", (1, 3, 64, 64)), ("dacl", (1, 1, 64, 64)), ("dacl", (3, 64, 64))],
)
def test_an_input_of_another_shape_is_refused(kind, shape):
    with pytest.raises(InputError, match=f"got torch.float32 .* for {kind}, expected .*; use its"):
        load_backbone(kind).features(torch.zeros(shape))


def test_an_input_of_bytes_is_refused():
    with pytest.raises(InputError, match="got torch.uint8"):
        load_backbone("dacl").logits(torch.zeros((1, 3, 64, 64), dtype=torch.uint8))


def test_one_image_is_enough_except_in_training():
    backbone = load_backbone("dacl")
    x = torch.zeros(1, 3, 64, 64)
    assert backbone.features(x).shape == (1, 512)
    with pytest.raises(InputError, match="got one image in a batch while dacl is trained"):
        backbone.train().features(x)


def test_the_row_of_an_image_does_not_depend_on_its_batch():
    backbone = load_backbone("dan")
    x = torch.randn(3, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        together, alone = backbone.features(x), backbone.features(x[1:2])
    # convolutions of other batches add up in another order, with several threads still another
    torch.testing.assert_close(together[1:2], alone, rtol=1e-4, atol=1e-4)
    assert together[0].sub(together[1]).abs().max() > 1e-4


def test_a_layer_of_any_network_gives_features(plain_network):
    backbone = load_backbone(plain_network, feature_layer="0", normalisation=HALF, labels="ck+48")
    x = torch.rand(5, 3, 8, 8)
    assert backbone.n_features == 12 and backbone.n_classes == 7
    pooled = torch.nn.functional.adaptive_avg_pool2d(x, 2).flatten(1)
    torch.testing.assert_close(backbone.features(x), pooled)
    torch.testing.assert_close(backbone.logits(x), plain_network(x))
    assert backbone.emotions[1] == "contempt"
    with pytest.raises(InputError, match="has no class neutral"):
        backbone.scores(x)


def test_a_network_of_ones_own_is_left_as_it_was(plain_network):
    plain_network.append(torch.nn.BatchNorm1d(7)).train()
    plain_network[0].eval()
    before = plain_network.state_dict()["3.running_mean"].clone()
    backbone = load_backbone(plain_network, feature_layer="1", normalisation=HALF)
    assert plain_network.training and not plain_network[0].training and plain_network[3].training
    assert torch.equal(plain_network[3].running_mean, before)
    backbone.features(torch.rand(2, 3, 8, 8))
    assert not any(module._forward_hooks for module in plain_network.modules())


def test_features_of_ones_own_network_pass_gradients(plain_network):
    backbone = load_backbone(plain_network, feature_layer="2", normalisation=HALF)
    backbone.features(torch.rand(2, 3, 8, 8)).sum().backward()
    assert plain_network[2].weight.grad.abs().sum() > 0


class Unfit(torch.nn.Module):
    """Gives something else than rows of class scores."""

    def __init__(self, made):
        super().__init__()
        self.layer, self.unused, self.made = torch.nn.Identity(), torch.nn.Identity(), made

    def forward(self, x):
        return self.made(self.layer(x))


@pytest.mark.parametrize(
    ("layer", "made", "message"),
    [
        ("head", lambda x: x.mean((2, 3)), "got feature layer 'head', expected a layer .* layer, "),
        ("unused", lambda x: x.mean((2, 3)), "got NoneType from the layer unused for 2 images"),
        ("layer", lambda x: x.mean(0), "from the network for 2 images"),
        ("layer", lambda x: (x, x), "got tuple from the network"),
        ("layer", lambda x: x, r"got class scores of shape \(2, 3, 8, 8\)"),
    ],
)
def test_a_network_that_cannot_serve_is_refused(layer, made, message):
    with pytest.raises(InputError, match=message):
        load_backbone(Unfit(made), feature_layer=layer, normalisation=HALF)


@pytest.mark.parametrize(
    "how", [{}, {"feature_layer": "1"}, {"normalisation": HALF}, {"trunk": "resnet18.pth"}]
)
def test_a_network_of_ones_own_needs_its_layer_and_normalisation(plain_network, how):
    with pytest.raises(InputError, match="expected the two alone"):
        load_backbone(plain_network, **how)


def test_labels_of_another_number_than_the_classes_are_refused(plain_network):
    with pytest.raises(InputError, match="got Sequential with 7 classes and the label order"):
        load_backbone(plain_network, feature_layer="1", normalisation=HALF, labels="affectnet-8")
