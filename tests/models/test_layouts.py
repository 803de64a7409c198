"""Foreign layouts come in bit for bit, and what is not supported is named."""

import argparse
import dataclasses

import numpy as np
import pytest
import torch

from icaedit.errors import FileAccessError, FormatError, InputError
from icaedit.models import LatentModel, load_model


def tensors_of(module):
    return {name: tensor for name, tensor in module.state_dict().items()}


def same(module, other, besides=()):
    ours, theirs = tensors_of(module), tensors_of(other)
    return ours.keys() == theirs.keys() and all(
        torch.equal(ours[name], theirs[name]) for name in ours.keys() - set(besides)
    )


@pytest.fixture
def save(tmp_path):
    def save(tree, **how):
        torch.save(tree, tmp_path / "file", **how)
        return tmp_path / "file"

    return save


@pytest.fixture
def e4e(fabricate, pairs):
    return fabricate.encoder_tree(pairs["e4e"])


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "before torch 1.6"])
@pytest.mark.parametrize("layout", ["e4e", "psp", "rosinality"])
def test_a_torch_file_comes_in_bit_for_bit(layout, legacy, write, pairs):
    model = load_model(write(layout, legacy=legacy), device="cpu")
    pair = pairs[layout]
    assert model.generator.config == pair.generator.config
    assert same(model.generator, pair.generator)
    assert model.has_encoder == (layout != "rosinality")
    if model.has_encoder:
        assert model.encoder.config == pair.encoder.config
        assert same(model.encoder, pair.encoder)
    assert model.card["layout"] == layout


def test_the_heads_of_psp_give_whole_codes_and_those_of_e4e_offsets(write, pairs):
    images = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    e4e, psp = (load_model(write(layout), device="cpu").encoder for layout in ("e4e", "psp"))
    assert same(e4e, psp)  # the same tensors
    whole, added = psp(images) - psp.latent_avg, e4e(images) - e4e.latent_avg
    torch.testing.assert_close(whole[:, :1], added[:, :1])
    torch.testing.assert_close(whole[:, 1:] + whole[:, :1], added[:, 1:])
    base, offsets = psp.split(images)
    torch.testing.assert_close(base[:, None] + offsets, whole)


def test_a_network_pickle_comes_in_with_its_clamp(write, pairs):
    model = load_model(write("nvidia"), device="cpu")
    assert same(model.generator, pairs["nvidia"].generator)
    assert model.generator.config.conv_clamp == 256
    assert model.generator.synthesis.convs[2].clamp == 256
    assert not model.has_encoder


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_network_pickle_may_have_any_binary_protocol(protocol, fabricate, pairs, tmp_path):
    pair = pairs["rosinality"]
    state = fabricate.foreign_state(pair.generator, fabricate.nvidia_places(pair.generator))
    networks = {"G_ema": fabricate.nvidia_tree(state, conv_clamp=None)}
    path = tmp_path / "file"
    path.write_bytes(fabricate.NvidiaPickler().dumps(networks, protocol))
    model = load_model(path, device="cpu")
    assert same(model.generator, pair.generator)
    assert model.generator.config.conv_clamp is None


def test_training_checkpoints_hold_a_namespace_and_no_average(write, pairs):
    paths = write("rosinality", "a", training=True), write("rosinality", "b", training=True)
    models = [load_model(path, device="cpu") for path in paths]
    assert same(models[0].generator, pairs["rosinality"].generator, ["mapping.latent_avg"])
    average = models[0].generator.mapping.latent_avg
    z = np.random.RandomState(0).standard_normal((10_000, 5)).astype(np.float32)
    codes = models[0].generator.mapping(torch.from_numpy(z))
    torch.testing.assert_close(average, codes.mean(0), rtol=1e-4, atol=1e-5)
    assert models[0].fingerprint == models[1].fingerprint
    assert "seed 0" in models[0].card["latent_avg"]


def test_options_may_be_a_namespace_and_only_those_about_the_model_are_kept(save, e4e):
    model = load_model(save(e4e | {"opts": argparse.Namespace(**e4e["opts"])}), device="cpu")
    kept = {"dataset_type", "encoder_type", "start_from_latent_avg"}
    assert set(model.card["opts"]) == kept


@pytest.mark.parametrize("value", [torch.ones(3), [], {"a": 1}, "x" * 100, 2**70, float("nan")])
def test_options_of_another_kind_do_no_harm(value, save, e4e):
    keys = ("label_nc", "n_styles", "stylegan_size", "learn_in_w", "max_steps")
    e4e["opts"] |= dict.fromkeys(keys, value)
    try:
        load_model(save(e4e), device="cpu")
    except FormatError as err:
        assert "label maps" in str(err)


@pytest.mark.parametrize("shape", [(6,), (1, 6), (4, 6)])
def test_the_average_latent_may_have_three_shapes(shape, save, e4e):
    average = torch.arange(24.0).reshape(4, 6) if shape == (4, 6) else torch.arange(6.0)
    model = load_model(save(e4e | {"latent_avg": average.reshape(shape)}), device="cpu")
    expected = average.expand(4, 6)
    assert np.array_equal(model.latent_avg, expected)
    torch.testing.assert_close(model.generator.mapping.latent_avg, expected.mean(0))


def test_an_encoder_that_does_not_start_from_the_average_gets_none_added(save, e4e):
    e4e["opts"]["start_from_latent_avg"] = False
    model = load_model(save(e4e), device="cpu")
    assert not model.latent_avg.any()
    torch.testing.assert_close(model.generator.mapping.latent_avg, e4e["latent_avg"].mean(0))


def test_an_average_that_is_needed_and_missing_is_named(save, e4e):
    del e4e["latent_avg"]
    with pytest.raises(FormatError, match="without 'latent_avg'"):
        load_model(save(e4e))


def test_half_precision_comes_in_as_float32(save, fabricate, pairs):
    tree = fabricate.rosinality_tree(pairs["rosinality"])
    tree["g_ema"] = {name: tensor.half() for name, tensor in tree["g_ema"].items()}
    generator = load_model(save(tree), device="cpu").generator
    assert {tensor.dtype for tensor in generator.parameters()} == {torch.float32}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"encoder_type": "BackboneEncoder"}, "ReStyle"),
        ({"encoder_type": "GradualStyleEncoder", "n_iters_per_batch": 5}, "ReStyle"),
        ({"encoder_type": "SingleStyleCodeEncoder"}, "into W and not"),
        ({"encoder_type": "BackboneEncoderUsingLastLayerIntoWPlus"}, "into W and not"),
        ({"encoder_type": "GradualStyleEncoder", "label_nc": 19}, "label maps"),
        ({"encoder_type": "Other"}, "encoder type 'Other'"),
        ({"encoder_type": None}, "encoder type None"),
    ],
)
def test_encoders_of_another_kind_are_refused_by_name(options, words, save, e4e):
    e4e["opts"] |= options
    with pytest.raises(FormatError, match=words):
        load_model(save(e4e))


@pytest.mark.parametrize(
    ("size_key", "relative"), [("stylegan_size", True), ("output_size", False)]
)
def test_options_older_than_encoder_type_tell_e4e_from_psp(size_key, relative, save, e4e):
    del e4e["opts"]["encoder_type"]
    e4e["opts"][size_key] = 8
    assert load_model(save(e4e), device="cpu").encoder.config.relative is relative


def test_an_encoder_of_six_colours_is_restyle(save, e4e):
    e4e["state_dict"]["encoder.input_layer.0.weight"] = torch.zeros(4, 6, 3, 3)
    with pytest.raises(FormatError, match="ReStyle"):
        load_model(save(e4e))


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["hypernet.input_layer.0.weight", "decoder.input.input"], "HyperStyle"),
        (["synthesis.L0_36_512.weight", "synthesis.input.freqs"], "alias-free"),
        (["mapping.embed.weight", "mapping.w_avg"], "class-conditional"),
        (["g_synthesis.blocks.0.weight"], "StyleGAN of 2019"),
        (["backbone.synthesis.b4.const"], "EG3D"),
        (["synthesis.b8.skip.weight"], "'resnet'"),
        (["input_layer.0.weight", "output_layer.3.weight"], "IR-SE50"),
    ],
)
def test_networks_that_are_not_supported_are_refused_by_name(
    names, words, save, fabricate, tmp_path
):
    state = {name: torch.zeros(2) for name in names}
    for tree in ({"state_dict": state}, {"g_ema": state}, state):
        with pytest.raises(FormatError, match=words):
            load_model(save(tree))
    networks = {"G_ema": fabricate.nvidia_tree(state)}
    path = tmp_path / "pickle"
    path.write_bytes(fabricate.NvidiaPickler().dumps(networks))
    with pytest.raises(FormatError, match=words):
        load_model(path)


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"activation": "relu"}, "activation 'relu'"),
        ({"architecture": "orig"}, "architecture 'orig'"),
        ({"conv_clamp": -1}, "conv_clamp -1"),
    ],
)
def test_attributes_that_ask_for_another_generator_are_refused(
    attributes, words, fabricate, pairs, tmp_path
):
    pair = pairs["nvidia"]
    state = fabricate.foreign_state(pair.generator, fabricate.nvidia_places(pair.generator))
    path = tmp_path / "file"
    tree = fabricate.nvidia_tree(state, **attributes)
    path.write_bytes(fabricate.NvidiaPickler().dumps({"G_ema": tree}))
    with pytest.raises(FormatError, match=words):
        load_model(path)


def test_layers_that_disagree_about_the_clamp_are_refused(fabricate, pairs, tmp_path):
    pair = pairs["nvidia"]
    state = fabricate.foreign_state(pair.generator, fabricate.nvidia_places(pair.generator))
    tree = fabricate.nvidia_tree(state, conv_clamp=256)
    tree["modules"]["synthesis"]["modules"]["b8"]["modules"]["conv0"]["attributes"][
        "conv_clamp"
    ] = 2
    path = tmp_path / "file"
    path.write_bytes(fabricate.NvidiaPickler().dumps({"G_ema": tree}))
    with pytest.raises(FormatError, match="2 different conv_clamp"):
        load_model(path)


def test_another_filter_is_refused(save, fabricate, pairs):
    tree = fabricate.rosinality_tree(pairs["rosinality"])
    tree["g_ema"]["convs.0.conv.blur.kernel"] *= 1.01
    with pytest.raises(FormatError, match="'convs.0.conv.blur.kernel' .* filter"):
        load_model(save(tree))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda w: w.pop("encoder.styles.3.linear.bias"), "without 'styles.3.linear.bias'"),
        (lambda w: w.pop("decoder.convs.1.conv.weight"), "without 'convs.1.conv.weight'"),
        (lambda w: w.update({"decoder.extra": torch.ones(1)}), "with 'extra'"),
        (lambda w: w.update({"extra": torch.ones(1)}), "with 'extra'"),
        (
            lambda w: w.update({"decoder.to_rgb1.bias": torch.ones(3)}),
            r"'to_rgb1.bias' of shape \(3,\) .* expected \(1, 3, 1, 1\)",
        ),
        (
            lambda w: w.update({"encoder.latlayer1.bias": torch.ones(16, dtype=torch.int32)}),
            "'latlayer1.bias' of torch.int32",
        ),
    ],
)
def test_a_missing_an_extra_and_a_misshapen_key_are_named(change, words, save, e4e):
    change(e4e["state_dict"])
    with pytest.raises(FormatError, match=words):
        load_model(save(e4e))


def test_an_encoder_for_another_size_is_refused(save, e4e, fabricate):
    config = dataclasses.replace(fabricate.SMALL, size=16, widths=(4, 3, 2))
    other = fabricate.encoder_tree(fabricate.make_pair(config))["state_dict"]
    e4e["state_dict"] |= {name: t for name, t in other.items() if name.startswith("decoder.")}
    with pytest.raises(FormatError, match="encoder of 4 layers .* expected 6"):
        load_model(save(e4e))


def test_tensors_that_share_their_numbers_to_seem_more_are_refused(save):
    one = torch.ones(20_000)
    names = [f"style.{layer}.weight" for layer in range(1, 200)]
    with pytest.raises(FormatError, match="tensors fill 15920000 of its"):
        load_model(save({"g_ema": dict.fromkeys(names, one)}))


def test_a_whole_pickled_network_is_refused_with_what_to_do(save):
    with pytest.raises(FormatError, match="torch.nn.modules.linear.Linear.*state_dict"):
        load_model(save(torch.nn.Linear(2, 2)))


def test_a_tensorflow_pickle_is_refused_with_what_to_do(tmp_path, fabricate):
    path = tmp_path / "file"
    path.write_bytes(fabricate.variants.wrapped(b"cdnnlib.tflib.network\nNetwork\n)\x81"))
    with pytest.raises(FormatError, match="dnnlib.tflib.network.Network.*legacy.py"):
        load_model(path)


def test_a_direction_alone_is_no_model(save):
    with pytest.raises(FormatError, match="holding a Tensor"):
        load_model(save(torch.ones(1, 512)))


def test_a_generator_alone_makes_pictures_and_says_why_it_cannot_encode(write):
    model = load_model(write("rosinality"), device="cpu")
    assert model.synthesize(model.latent_avg).shape == (1, 8, 8, 3)
    with pytest.raises(InputError, match="without an encoder.*e4e or pSp"):
        model.encode(np.zeros((1, 8, 8, 3), np.uint8))
    with pytest.raises(InputError, match="without an encoder"):
        model.encoder  # noqa: B018 - the access is what is tested
    whole = LatentModel(model.generator, load_model(write("e4e"), device="cpu").encoder)
    assert whole.fingerprint != model.fingerprint


def test_a_file_that_cannot_be_read_is_no_format_error(tmp_path):
    with pytest.raises(FileAccessError, match="gone"):
        load_model(tmp_path / "gone.pt")
    with pytest.raises(FileAccessError, match="is a folder"):
        load_model(tmp_path)
