"""Model files: whole, checked by name, and the same bytes each time."""

import numpy as np
import pytest
import torch

from icaedit.artifacts import load_tensors, save_tensors
from icaedit.errors import FileAccessError, FormatError, InputError
from icaedit.models import load_model, save_model, tiny_model


@pytest.fixture
def path(tmp_path):
    model = tiny_model()
    path = tmp_path / "tiny.safetensors"
    save_model(path, model.generator, encoder=model.encoder, card={"about": "x"}, dtype="float32")
    return path


@pytest.fixture
def rewrite(path):
    def change(edit):
        tensors, header = load_tensors(path, expect="icaedit.model", version=1)
        edit(tensors, header)
        save_tensors(path, tensors, header=header)

    return change


def test_a_model_comes_back_bit_for_bit_with_its_card(path):
    loaded, made = load_model(path, device="cpu"), tiny_model()
    assert loaded.fingerprint == made.fingerprint
    assert (loaded.name, loaded.card) == ("tiny", {"about": "x"})
    face = np.full((1, 16, 16, 3), 90, np.uint8)
    assert np.array_equal(loaded.encode(face), made.encode(face))


def test_the_same_model_gives_the_same_bytes(path, tmp_path):
    model = tiny_model()
    again = tmp_path / "again.safetensors"
    save_model(again, model.generator, encoder=model.encoder, card={"about": "x"}, dtype="float32")
    assert again.read_bytes() == path.read_bytes()


def test_rounding_to_float16_happens_once(path, tmp_path):
    model, paths = tiny_model(), [tmp_path / "a.safetensors", tmp_path / "b.safetensors"]
    save_model(paths[0], model.generator, encoder=model.encoder, card={})
    once = load_model(paths[0], device="cpu")
    save_model(paths[1], once.generator, encoder=once.encoder, card={})
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert paths[0].stat().st_size < path.stat().st_size
    np.testing.assert_allclose(once.latent_avg, model.latent_avg, atol=2e-3)


def test_loading_leaves_torchs_random_state_alone(path):
    torch.manual_seed(0)
    expected = torch.randn(2)
    torch.manual_seed(0)
    load_model(path, device="cpu")
    assert torch.equal(torch.randn(2), expected)


def test_a_missing_tensor_is_named(path, rewrite):
    rewrite(lambda tensors, header: tensors.pop("generator.synthesis.input"))
    with pytest.raises(FormatError, match="without 'generator.synthesis.input'"):
        load_model(path)


def test_a_tensor_too_many_is_named(path, rewrite):
    rewrite(lambda tensors, header: tensors.update(stranger=np.zeros(2)))
    with pytest.raises(FormatError, match="with 'stranger'"):
        load_model(path)


def test_a_tensor_of_another_shape_is_named(path, rewrite):
    rewrite(lambda tensors, header: tensors.update({"encoder.latent_avg": np.zeros((6, 9))}))
    with pytest.raises(FormatError, match=r"'encoder.latent_avg' of shape \(6, 9\)"):
        load_model(path)


def test_integers_in_place_of_weights_are_refused(path, rewrite):
    rewrite(lambda tensors, header: tensors.update({"encoder.latent_avg": np.ones((6, 8), int)}))
    with pytest.raises(FormatError, match="'encoder.latent_avg' of int64"):
        load_model(path)


@pytest.mark.parametrize(
    "edit",
    [
        lambda header: header.pop("encoder"),
        lambda header: header["generator"].update(size=48),
        lambda header: header["generator"].update(colour="red"),
        lambda header: header["encoder"].pop("input_size"),
        lambda header: header.update(generator=3),
    ],
)
def test_a_broken_configuration_is_a_format_error(path, rewrite, edit):
    rewrite(lambda tensors, header: edit(header))
    with pytest.raises(FormatError, match=r"tiny\.safetensors"):
        load_model(path)


def test_a_newer_version_and_another_format_are_refused(path, rewrite):
    rewrite(lambda tensors, header: header.update(version=2))
    with pytest.raises(FormatError, match="version 2"):
        load_model(path)
    rewrite_format = {"format": "icaedit.latents", "version": 1}
    save_tensors(path, {"x": np.ones(1)}, header=rewrite_format)
    with pytest.raises(FormatError, match=r"icaedit\.latents"):
        load_model(path)


def test_a_truncated_file_is_refused(path):
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(FormatError, match=r"tiny\.safetensors"):
        load_model(path)


def test_an_unknown_name_and_a_missing_file_are_told_apart(tmp_path):
    with pytest.raises(InputError, match="got model 'nobody'"):
        load_model("nobody")
    with pytest.raises(FileAccessError, match="check the path"):
        load_model(tmp_path / "gone.safetensors")


def test_a_weight_beyond_float16_is_refused_and_leaves_no_file(tmp_path):
    model = tiny_model()
    model.generator.synthesis.input[0, 0, 0] = 1e6
    with pytest.raises(InputError, match=r"generator\.synthesis\.input"):
        save_model(tmp_path / "a.safetensors", model.generator, encoder=model.encoder, card={})
    assert not list(tmp_path.iterdir())


def test_another_dtype_is_refused(tmp_path):
    model = tiny_model()
    with pytest.raises(InputError, match="got dtype 'int8'"):
        save_model(
            tmp_path / "a.safetensors", model.generator, encoder=model.encoder, card={},
            dtype="int8",
        )  # fmt: skip
