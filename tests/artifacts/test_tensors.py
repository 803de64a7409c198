import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from icaedit.artifacts import load_tensors, peek_header, save_tensors
from icaedit.errors import FileAccessError, FormatError, InputError

HEADER = {"format": "icaedit.latents", "version": 1}


def load(path):
    return load_tensors(path, expect="icaedit.latents", version=1)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int64", "uint8", "bool"])
def test_arrays_come_back_with_their_dtype_and_values(tmp_path, dtype):
    array = np.arange(6).reshape(2, 3).astype(dtype)
    save_tensors(tmp_path / "a", {"x": array}, header=HEADER)
    tensors, header = load(tmp_path / "a")
    assert tensors["x"].dtype == array.dtype
    assert np.array_equal(tensors["x"], array)
    assert header == HEADER


def test_a_transposed_array_comes_back_as_it_was(tmp_path):
    array = np.arange(6.0).reshape(2, 3).T
    save_tensors(tmp_path / "a", {"x": array}, header=HEADER)
    assert np.array_equal(load(tmp_path / "a")[0]["x"], array)


def test_empty_and_scalar_arrays_come_back(tmp_path):
    save_tensors(tmp_path / "a", {"x": np.zeros((0, 4)), "y": np.float32(3)}, header=HEADER)
    tensors, _ = load(tmp_path / "a")
    assert tensors["x"].shape == (0, 4)
    assert tensors["y"] == 3


def test_the_same_content_in_another_order_gives_the_same_bytes(tmp_path):
    a, b = np.ones(2), np.zeros(3)
    save_tensors(tmp_path / "1", {"a": a, "b": b}, header={**HEADER, "p": 1, "q": {"r": 2, "s": 3}})
    save_tensors(tmp_path / "2", {"b": b, "a": a}, header={"q": {"s": 3, "r": 2}, "p": 1, **HEADER})
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_any_safetensors_reader_can_open_the_file(tmp_path):
    save_tensors(tmp_path / "a", {"x": np.ones(2)}, header=HEADER)
    assert load_file(tmp_path / "a")["x"].tolist() == [1, 1]


def test_numpy_values_in_the_header_become_plain_and_nan_becomes_null(tmp_path):
    extra = {"a": np.float32(0.5), "b": np.array([1, 2]), "c": float("nan"), "d": (True,)}
    save_tensors(tmp_path / "a", {}, header={**HEADER, **extra})
    assert peek_header(tmp_path / "a") == {**HEADER, "a": 0.5, "b": [1, 2], "c": None, "d": [True]}


def test_a_header_that_json_cannot_hold_is_refused_before_writing(tmp_path):
    with pytest.raises(InputError, match="got a set in a header"):
        save_tensors(tmp_path / "a", {}, header={**HEADER, "x": {1}})
    assert not list(tmp_path.iterdir())


def test_a_header_without_its_version_is_refused(tmp_path):
    with pytest.raises(InputError, match="expected format and version"):
        save_tensors(tmp_path / "a", {}, header={"format": "icaedit.latents"})


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_values_that_are_not_finite_are_not_written(tmp_path, bad):
    with pytest.raises(InputError, match="'x'"):
        save_tensors(tmp_path / "a", {"x": np.array([bad])}, header=HEADER)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("read", [load, peek_header])
def test_a_missing_file_and_a_folder_are_named(tmp_path, read):
    with pytest.raises(FileAccessError, match="gone"):
        read(tmp_path / "gone")
    with pytest.raises(FileAccessError, match="when reading"):
        read(tmp_path)


@pytest.mark.parametrize("read", [load, peek_header])
@pytest.mark.parametrize("content", [b"", b"short", b"x" * 100, b"\x08" + bytes(7) + b"notjson!"])
def test_a_foreign_file_is_refused_by_name(tmp_path, read, content):
    (tmp_path / "a.bin").write_bytes(content)
    with pytest.raises(FormatError, match=r"a\.bin, which is no whole safetensors file"):
        read(tmp_path / "a.bin")


@pytest.mark.parametrize("read", [load, peek_header])
@pytest.mark.parametrize("keep", [4, 40, -1])
def test_a_file_cut_short_is_refused_by_name(tmp_path, read, keep):
    save_tensors(tmp_path / "whole", {"x": np.arange(100.0)}, header=HEADER)
    (tmp_path / "cut").write_bytes((tmp_path / "whole").read_bytes()[:keep])
    with pytest.raises(FormatError, match="cut, which is no whole"):
        read(tmp_path / "cut")


@pytest.mark.parametrize("read", [load, peek_header])
@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {"icaedit": "not json"},
        {"icaedit": "[1]"},
        {"icaedit": '{"format": "icaedit.latents"}'},
        {"icaedit": '{"format": "icaedit.latents", "version": "1"}'},
    ],
    ids=["none", "no-json", "no-mapping", "no-version", "text-version"],
)
def test_safetensors_without_our_header_are_refused(tmp_path, read, metadata):
    save_file({"x": np.ones(1)}, tmp_path / "a", metadata=metadata)
    with pytest.raises(FormatError, match="without the header of icaedit"):
        read(tmp_path / "a")


@pytest.mark.parametrize("read", [load, peek_header])
def test_an_unknown_format_is_refused(tmp_path, read):
    header = json.dumps({"format": "other.thing", "version": 1})
    save_file({"x": np.ones(1)}, tmp_path / "a", metadata={"icaedit": header})
    with pytest.raises(FormatError, match="unknown format 'other.thing'"):
        read(tmp_path / "a")


def test_another_kind_of_file_is_refused_by_both_names(tmp_path):
    save_tensors(tmp_path / "a", {}, header={"format": "icaedit.directions", "version": 1})
    with pytest.raises(FormatError, match=r"holding icaedit.directions, expected icaedit.latents"):
        load(tmp_path / "a")


def test_a_newer_version_is_refused_and_an_older_one_read(tmp_path):
    save_tensors(tmp_path / "a", {}, header={**HEADER, "version": 2})
    with pytest.raises(FormatError, match="version 2, expected at most 1.*update icaedit"):
        load(tmp_path / "a")
    assert load_tensors(tmp_path / "a", expect="icaedit.latents", version=3)[1]["version"] == 2


@pytest.mark.parametrize("bad", [np.nan, -np.inf])
def test_stored_values_that_are_not_finite_are_refused(tmp_path, bad):
    save_file({"x": np.array([1, bad])}, tmp_path / "a", metadata={"icaedit": json.dumps(HEADER)})
    with pytest.raises(FormatError, match="NaN or infinite values in 'x' of .*a,"):
        load(tmp_path / "a")


def test_a_dtype_that_numpy_lacks_is_refused(tmp_path):
    content = {
        "__metadata__": {"icaedit": json.dumps(HEADER)},
        "x": {"dtype": "BF16", "shape": [1], "data_offsets": [0, 2]},
    }
    text = json.dumps(content).encode()
    (tmp_path / "a").write_bytes(len(text).to_bytes(8, "little") + text + b"\x80\x3f")
    with pytest.raises(FormatError, match="'x' of .*a"):
        load(tmp_path / "a")


def test_the_header_is_read_without_the_arrays(tmp_path):
    # NaN would be found if the array were read
    save_file({"x": np.array([np.nan])}, tmp_path / "a", metadata={"icaedit": json.dumps(HEADER)})
    assert peek_header(tmp_path / "a") == HEADER
