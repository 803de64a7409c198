"""Recognisers on disk: the same after as before, and everything else refused by name."""

import json

import numpy as np
import pytest
import torch

from icaedit.artifacts import load_tensors, save_tensors
from icaedit.errors import FileAccessError, FormatError, InputError
from icaedit.recognition import Recogniser, describe_recogniser, load_backbone, load_recogniser


@pytest.fixture
def stored(trained, tmp_path):
    trained.save(tmp_path / "recogniser.safetensors")
    return tmp_path / "recogniser.safetensors"


def test_a_recogniser_is_the_same_after_it_was_written(trained, world, stored):
    recogniser = load_recogniser(stored, network=world.network(seed=3))
    np.testing.assert_array_equal(
        recogniser.predict(world.images(), world.latents),
        trained.predict(world.images(), world.latents),
    )
    assert recogniser.emotions == trained.emotions
    assert recogniser.model_fingerprint == trained.model_fingerprint == "a" * 64
    assert recogniser.summary() == trained.summary() == describe_recogniser(stored)
    assert not recogniser.network.training


def test_the_same_recogniser_gives_the_same_bytes(trained, world, stored):
    again = stored.with_name("again.safetensors")
    load_recogniser(stored, network=world.network()).save(again)
    assert again.read_bytes() == stored.read_bytes()


def test_the_network_that_was_given_stays_as_it_is(world, stored):
    network = world.network(seed=3)
    before = network[0].weight.clone()
    load_recogniser(stored, network=network)
    assert torch.equal(network[0].weight, before)


@pytest.mark.parametrize("kind", ["dan", "dacl", "rul"])
def test_known_networks_are_built_from_the_file_alone(kind, tmp_path):
    backbone = load_backbone(kind, size=40, training_parts=kind == "rul", labels="affectnet-7")
    path = tmp_path / "recogniser.safetensors"
    recogniser = Recogniser(backbone, temperature=1.5)
    recogniser.save(path)
    images = np.random.default_rng(0).integers(0, 256, (2, 50, 50, 3), dtype=np.uint8)
    found = load_recogniser(path)
    np.testing.assert_array_equal(found.predict(images), recogniser.predict(images))
    assert found.backbone.normalisation == backbone.normalisation
    assert found.backbone.emotions == backbone.emotions and found.temperature == 1.5
    assert not any("log_var" in name for name in load_tensors(path, expect="icaedit.recogniser",
                                                              version=1)[0])  # fmt: skip


def test_classes_that_are_not_known_stay_so(cases, save, tmp_path):
    from icaedit.recognition import FusionClassifier

    backbone = load_backbone("dacl", save(cases["dacl"].tree()))
    assert backbone.emotions is None
    path = tmp_path / "recogniser.safetensors"
    Recogniser(FusionClassifier(backbone, None)).save(path)
    assert load_recogniser(path).backbone.emotions is None


def test_a_network_of_ones_own_is_asked_for(world, stored, tmp_path):
    with pytest.raises(InputError, match="expected network to be given"):
        load_recogniser(stored)
    known = tmp_path / "dacl.safetensors"
    Recogniser(load_backbone("dacl", size=32)).save(known)
    with pytest.raises(InputError, match="expected network to be given"):
        load_recogniser(known, network=world.network())
    with pytest.raises(InputError, match="expected encoder to be given"):
        load_recogniser(stored, network=world.network(), encoder=torch.nn.Identity())


def rewritten(path, change):
    tensors, header = load_tensors(path, expect="icaedit.recogniser", version=1)
    tensors, header = dict(tensors), json.loads(json.dumps(header))
    change(tensors, header)
    save_tensors(path, tensors, header=header)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t, h: h.update(version=2), "of version 2, expected at most 1"),
        (lambda t, h: h.update(format="icaedit.latents"), "holding icaedit.latents"),
        (lambda t, h: h.pop("emotions"), "contradictory content .*emotions"),
        (lambda t, h: h.update(head="third"), "head 'third'"),
        (lambda t, h: h.update(hidden=9), "'first.weight' of shape"),
        (lambda t, h: t.pop("last.bias"), "'last.bias' of shape none"),
        (lambda t, h: t.update(more=np.ones(2)), "'more', which its network does not have"),
        (lambda t, h: h.update(latent_shape=[1, 2]), "contradictory content"),
        (lambda t, h: h.update(temperature=0), "temperature 0"),
        (lambda t, h: h["backbone"].update(labels=["happy", "sad"]), "contradictory content"),
    ],
)
def test_a_file_that_is_not_right_is_refused(world, stored, change, message):
    rewritten(stored, change)
    with pytest.raises(FormatError, match=message) as caught:
        load_recogniser(stored, network=world.network())
    assert stored.name in str(caught.value)


def test_a_file_that_is_cut_short_or_missing_is_refused(stored):
    stored.write_bytes(stored.read_bytes()[:-10])
    with pytest.raises(FormatError, match="no whole safetensors"):
        load_recogniser(stored)
    with pytest.raises(FileAccessError):
        load_recogniser(stored.with_name("none.safetensors"))


def test_an_encoder_trained_along_is_in_the_file(world, tmp_path):
    from icaedit.recognition import CollaborativeEncoder

    def encoder():
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(1)
            return torch.nn.Sequential(
                torch.nn.Flatten(), torch.nn.Linear(3 * 64, 8), torch.nn.Unflatten(1, (2, 4))
            )

    along = CollaborativeEncoder(encoder(), size=8, model_fingerprint="a" * 64)
    recogniser = world.train(latents=along)
    path = tmp_path / "recogniser.safetensors"
    recogniser.save(path)
    found = load_recogniser(path, network=world.network(), encoder=encoder())
    np.testing.assert_array_equal(
        found.predict(world.images()), recogniser.predict(world.images())
    )
    assert not torch.equal(found.encoder.network[1].weight, encoder()[1].weight)
    with pytest.raises(InputError, match="makes its own"):
        found.predict(world.images(), world.latents)
    assert "made by its own encoder" in describe_recogniser(path)
