"""Models are added once, whole or not at all, and found by their names."""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from icaedit.errors import FileAccessError, FormatError, InputError
from icaedit.models import add_model, adding, library, load_model, save_model, tiny_model


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The user's folder of models, not made yet."""
    monkeypatch.setenv("ICAEDIT_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


@pytest.mark.parametrize("layout", ["e4e", "psp", "rosinality", "nvidia", "icaedit"])
def test_an_added_model_is_the_one_in_the_file(layout, write, folder):
    path = write(layout)
    assert add_model(path, "mine") == folder / "mine"
    direct, added = load_model(path, device="cpu"), load_model("mine", device="cpu")
    assert added.fingerprint == direct.fingerprint
    assert added.name == "mine"
    assert added.generator.config == direct.generator.config
    assert np.array_equal(added.synthesize(added.latent_avg), direct.synthesize(direct.latent_avg))
    if direct.has_encoder:
        face = np.random.default_rng(0).integers(0, 256, (1, 40, 40, 3), dtype=np.uint8)
        assert np.array_equal(added.encode(face), direct.encode(face))


def test_the_provenance_says_where_a_model_is_from(write, folder):
    path = write("nvidia", "network-snapshot.pkl")
    add_model(path, "mine")
    facts = json.loads((folder / "mine" / "provenance.json").read_text())
    assert facts["source"] == {
        "file": "network-snapshot.pkl",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "bytes": path.stat().st_size,
    }
    assert (facts["layout"], facts["conv_clamp"], facts["encoder"]) == ("nvidia", 256.0, None)
    assert facts["fingerprint"] == load_model("mine", device="cpu").fingerprint
    assert facts["verified_against"] == ["stylegan2_nvidia_64"]
    assert "non-commercial" in facts["terms"]


def test_private_options_of_a_checkpoint_are_not_kept(write, folder):
    add_model(write("e4e"), "mine")
    for file in (folder / "mine").iterdir():
        assert b"/home/somebody" not in file.read_bytes()


def test_every_golden_case_that_is_claimed_is_there(fabricate):
    for cases in adding.VERIFIED_AGAINST.values():
        for case in cases:
            assert (fabricate.GOLDEN / f"{case.split()[0]}.json").is_file()


def test_weights_of_an_added_model_are_mapped_into_memory(write, folder):
    add_model(write("e4e"), "mine")
    model = load_model("mine", device="cpu")
    assert "mine/model.safetensors" in Path("/proc/self/maps").read_text()
    with torch.no_grad():
        model.generator.mapping.layers[0].weight.zero_()  # in memory, not in the file
    assert load_model("mine", device="cpu").generator.mapping.layers[0].weight.any()


def test_a_name_that_is_taken_is_kept_unless_it_is_to_be_replaced(write, folder):
    add_model(write("e4e"), "mine")
    before = load_model("mine", device="cpu").fingerprint
    with pytest.raises(InputError, match="--replace"):
        add_model(write("nvidia"), "mine")
    assert load_model("mine", device="cpu").fingerprint == before
    add_model(write("nvidia"), "mine", replace=True)
    assert load_model("mine", device="cpu").fingerprint != before
    assert [path.name for path in folder.iterdir()] == ["mine"]


@pytest.mark.parametrize("name", ["", "a b", "../x", "a.b", "-x", "portraits", "x" * 65, "a/b"])
def test_a_name_that_cannot_be_used_is_refused(name, write, folder):
    with pytest.raises(InputError, match="got the name"):
        add_model(write("nvidia"), name)
    assert not folder.exists()


def test_a_model_that_is_refused_leaves_nothing(write, folder):
    path = write("e4e")
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(FormatError):
        add_model(path, "mine")
    with pytest.raises(FileAccessError, match="gone"):
        add_model(path.with_name("gone"), "mine")
    assert not folder.exists() or not list(folder.iterdir())


@pytest.mark.parametrize("function", ["save_model", "_try", "atomic_write", "_put"])
def test_a_failure_on_the_way_leaves_the_old_model_and_nothing_else(
    function, write, folder, monkeypatch
):
    add_model(write("e4e"), "mine")
    before = load_model("mine", device="cpu").fingerprint

    def fail(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(adding, function, fail)
    with pytest.raises(FileAccessError, match="No space left.*free some space"):
        add_model(write("nvidia"), "mine", replace=True)
    assert [path.name for path in folder.iterdir()] == ["mine"]
    assert load_model("mine", device="cpu").fingerprint == before


def test_an_old_model_comes_back_when_its_successor_cannot_be_put_there(write, folder, monkeypatch):
    add_model(write("e4e"), "mine")
    before, rename = load_model("mine", device="cpu").fingerprint, os.rename

    def fail(source, target):
        if str(source).endswith(".tmp"):
            raise OSError(5, "Input/output error")
        rename(source, target)

    monkeypatch.setattr(os, "rename", fail)
    with pytest.raises(FileAccessError, match="Input/output"):
        add_model(write("nvidia"), "mine", replace=True)
    assert load_model("mine", device="cpu").fingerprint == before


def test_a_model_that_draws_nothing_finite_is_not_added(folder, tmp_path):
    model = tiny_model()
    model.generator.synthesis.input.fill_(3e38)
    path = tmp_path / "wild.safetensors"
    save_model(path, model.generator, encoder=None, card={}, dtype="float32")
    with pytest.raises(FormatError, match="average face is not finite"):
        add_model(path, "wild")
    assert not list(folder.iterdir())


def test_damage_to_an_added_model_is_noticed(write, folder):
    add_model(write("e4e"), "mine")
    file = folder / "mine" / "model.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(FormatError, match="fingerprint"):
        load_model("mine")


def test_names_come_before_files_and_unknown_ones_tell_those_that_there_are(
    write, folder, monkeypatch, tmp_path
):
    add_model(write("e4e"), "mine")
    monkeypatch.chdir(tmp_path)
    write("nvidia", "mine")
    assert load_model("mine", device="cpu").has_encoder
    assert not load_model("./mine", device="cpu").has_encoder
    with pytest.raises(InputError, match="got model 'other', expected mine, portraits"):
        load_model("other")
    write("nvidia", "other")
    assert not load_model("other", device="cpu").has_encoder


def test_the_folder_of_a_model_is_a_path_to_it(write, folder):
    added = add_model(write("e4e"), "mine")
    assert load_model(added, device="cpu").name == "mine"
    assert load_model(added / "model.safetensors", device="cpu").name == "mine"


def test_without_the_variable_models_lie_in_the_users_data_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("ICAEDIT_MODELS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert library.models_folder() == tmp_path / "icaedit" / "models"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")  # the standard says to pass over it
    monkeypatch.setenv("HOME", "/home/me")
    assert str(library.models_folder()) == "/home/me/.local/share/icaedit/models"


def test_halfmade_and_foreign_folders_are_not_listed(write, folder):
    add_model(write("e4e"), "mine")
    for name in (".mine-00.tmp", "empty"):
        (folder / name).mkdir()
    (folder / ".mine-00.tmp" / "model.safetensors").write_bytes(b"")
    assert list(library.added_models()) == ["mine"]
