"""icaedit models: add, list, show, and --model with what was added."""

import numpy as np
import pytest
import torch

from icaedit.images import save_image
from icaedit.models import save_model, tiny_model


@pytest.fixture
def checkpoint(tmp_path):
    """A file of a tiny model, and one of its generator alone."""
    model = tiny_model()
    for name, encoder in (("whole", model.encoder), ("generator", None)):
        path = tmp_path / f"{name}.bin"
        save_model(path, model.generator, encoder=encoder, card={"about": "x"}, dtype="float32")
    return tmp_path


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("ICAEDIT_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def test_a_model_is_added_listed_and_shown(run, checkpoint, folder):
    added = run("models", "add", checkpoint / "whole.bin", "--name", "mine")
    assert added.code == 0
    assert added.out.startswith("mine: 16 px, 8 channels, icaedit, with encoder, ")
    assert added.out.rstrip().endswith(f"from whole.bin; kept in {folder / 'mine'}")
    names = sorted(path.name for path in (folder / "mine").iterdir())
    assert names == ["model.safetensors", "provenance.json", "run.json"]
    listed = run("models", "list").out.splitlines()
    assert [line.partition(":")[0] for line in listed] == ["portraits", "mine"]
    shown = run("models", "show", "mine").out
    assert listed[1] in shown
    for words in ("fingerprint: ", "layout: icaedit", "sha256: ", "verified_against", "about: x"):
        assert words in shown


def test_the_same_name_again_is_refused_in_one_line(run, checkpoint):
    arguments = ("models", "add", checkpoint / "whole.bin", "--name", "mine", "--quiet")
    assert run(*arguments).code == 0
    again = run(*arguments)
    assert again.code == 1
    assert "say --replace" in again.err and len(again.err.splitlines()) == 1
    assert run(*arguments, "--replace").code == 0


def test_a_file_that_is_no_model_is_refused_in_one_line(run, tmp_path):
    path = tmp_path / "page.pt"
    path.write_text("<html>confirm the download</html>")
    outcome = run("models", "add", path, "--name", "mine", "--quiet")
    assert outcome.code == 1
    assert "a web page" in outcome.err and len(outcome.err.splitlines()) == 1


def test_commands_take_an_added_model_by_its_name(run, world, checkpoint, tmp_path):
    run("models", "add", checkpoint / "whole.bin", "--name", "mine")
    output = tmp_path / "latents.safetensors"
    encoded = run("encode", world / "people", "--model", "mine", "--align", "none", "-o", output)
    assert encoded.code == 0
    assert output.is_file()


def test_a_generator_alone_says_why_it_cannot_encode(run, world, checkpoint, tmp_path):
    run("models", "add", checkpoint / "generator.bin", "--name", "mine")
    for command in ("encode", "fit-directions"):
        output = tmp_path / "out.safetensors"
        outcome = run(command, world / "people", "--model", "mine", "--align", "none", "-o", output)
        assert outcome.code == 1
        assert "'mine', a generator without an encoder" in outcome.err.splitlines()[-1]
        assert "e4e or pSp" in outcome.err


def test_a_damaged_model_does_not_hide_the_others(run, checkpoint, folder):
    for name in ("a", "b"):
        run("models", "add", checkpoint / "whole.bin", "--name", name)
    (folder / "a" / "model.safetensors").write_bytes(b"x")
    outcome = run("models", "list")
    assert outcome.code == 0
    assert "b: 16 px" in outcome.out and "a: cannot be read" in outcome.err


def test_a_foreign_checkpoint_is_shown_without_being_added(run, tmp_path):
    path = tmp_path / "direction.pt"
    torch.save({"mean": torch.ones(3)}, path)
    for words in (("show", path), ("models", "show", path)):
        outcome = run(*words)
        assert outcome.code == 1
        assert "holding 'mean', expected the checkpoint" in outcome.err


def test_a_picture_named_as_a_model_is_told(run, tmp_path):
    save_image(tmp_path / "face.png", np.zeros((8, 8, 3), np.uint8))
    outcome = run("models", "show", tmp_path / "face.png")
    assert (outcome.code, "a picture" in outcome.err) == (1, True)
