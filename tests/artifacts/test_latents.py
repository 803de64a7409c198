import numpy as np
import pytest

from icaedit.artifacts import LatentSet, load_latents, load_tensors, save_tensors
from icaedit.errors import FormatError, InputError


def a_set(**changes):
    content = {
        "latents": np.arange(24.0).reshape(3, 2, 4),
        "identity": ["F01", "F01", "M02"],
        "emotion": ["neutral", "joy", "AF"],
        "view": ["S", "HL", "S"],
        "take": ["A", "A", "B"],
        "paths": ["a.jpg", "b.jpg", "ü c.jpg"],
        "digests": ["d0", "d1", "d2"],
        "model_fingerprint": "f" * 64,
        "provenance": {"seed": 0},
    }
    return LatentSet(**{**content, **changes})


def same(one, other):
    names = ("latents", "identity", "emotion", "view", "take", "paths", "digests")
    return (
        all(np.array_equal(getattr(one, name), getattr(other, name)) for name in names)
        and one.model_fingerprint == other.model_fingerprint
        and one.provenance == other.provenance
    )


def test_a_saved_set_comes_back_whole(tmp_path):
    latents = a_set()
    latents.save(tmp_path / "l")
    assert same(load_latents(tmp_path / "l"), latents)


def test_loading_and_saving_again_gives_the_same_bytes(tmp_path):
    a_set().save(tmp_path / "1")
    load_latents(tmp_path / "1").save(tmp_path / "2")
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_an_empty_set_comes_back(tmp_path):
    nothing = a_set().select([])
    nothing.save(tmp_path / "l")
    assert load_latents(tmp_path / "l").latents.shape == (0, 2, 4)


def test_latents_are_float32_and_emotions_canonical():
    latents = a_set()
    assert latents.latents.dtype == np.float32
    assert latents.emotion.tolist() == ["neutral", "happy", "afraid"]
    assert latents.identity.dtype.kind == "U"


def test_the_set_does_not_share_memory_with_its_arguments():
    codes = np.zeros((3, 2, 4), dtype=np.float32)
    latents = a_set(latents=codes)
    codes[:] = 7
    assert not latents.latents.any()


def test_labels_left_out_are_empty_texts():
    latents = LatentSet(np.zeros((2, 2, 4)), ["a", "b"], emotion=["sad", "sad"])
    assert latents.view.tolist() == ["", ""] and latents.digests.tolist() == ["", ""]


def test_select_keeps_rows_together_in_the_order_asked():
    chosen = a_set().select([2, 0])
    assert len(chosen) == 2
    assert chosen.latents[:, 0, 0].tolist() == [16, 0]
    assert chosen.identity.tolist() == ["M02", "F01"]
    assert chosen.paths.tolist() == ["ü c.jpg", "a.jpg"]
    assert chosen.model_fingerprint == "f" * 64 and chosen.provenance == {"seed": 0}


def test_select_takes_a_bool_mask():
    latents = a_set()
    assert latents.select(latents.take == "A").digests.tolist() == ["d0", "d1"]


def test_the_dataset_digest_ignores_order_latents_and_model():
    latents = a_set()
    other = a_set(latents=np.zeros((3, 2, 4)), model_fingerprint="0")
    assert latents.dataset_digest == other.select([2, 1, 0]).dataset_digest


@pytest.mark.parametrize("name", ["identity", "emotion", "paths", "digests"])
def test_the_dataset_digest_depends_on_what_each_picture_shows(name):
    changed = ["sad"] * 3 if name == "emotion" else ["x"] * 3
    assert a_set(**{name: changed}).dataset_digest != a_set().dataset_digest


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"latents": np.zeros((3, 8))}, r"got latents of shape \(3, 8\), expected \(N, L, C\)"),
        ({"identity": ["F01"]}, r"got identity of shape \(1,\), expected \(3,\)"),
        ({"digests": ["d"] * 4}, r"got digests of shape \(4,\)"),
        ({"emotion": ["neutral", "joy", "smug"]}, "got emotion 'smug'"),
    ],
)
def test_contradictions_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        a_set(**changes)


@pytest.mark.parametrize(
    "change", [{"identity": ["F01"]}, {"emotion": ["smug"] * 3}, {"view": None}, {"provenance": 3}]
)
def test_a_file_that_contradicts_itself_is_refused_by_name(tmp_path, change):
    a_set().save(tmp_path / "good")
    tensors, header = load_tensors(tmp_path / "good", expect="icaedit.latents", version=1)
    header.update(change)
    if change.get("view", "") is None:
        del header["view"]
    save_tensors(tmp_path / "bad", tensors, header=header)
    with pytest.raises(FormatError, match="got .*bad with incomplete or contradictory"):
        load_latents(tmp_path / "bad")


def test_a_file_without_latents_is_refused_by_name(tmp_path):
    a_set().save(tmp_path / "good")
    _, header = load_tensors(tmp_path / "good", expect="icaedit.latents", version=1)
    save_tensors(tmp_path / "bad", {"other": np.ones(1)}, header=header)
    with pytest.raises(FormatError, match="bad with incomplete"):
        load_latents(tmp_path / "bad")


def test_latents_that_are_not_finite_may_be_held_but_not_written(tmp_path):
    broken = a_set(latents=np.full((3, 2, 4), np.nan))
    with pytest.raises(InputError, match="NaN or infinite values in 'latents'"):
        broken.save(tmp_path / "a.safetensors")


def test_a_foreign_file_with_nan_is_refused_unless_asked_for(tmp_path):
    path = tmp_path / "a.safetensors"
    a_set(latents=np.full((3, 2, 4), 7.0)).save(path)
    seven, nan = np.float32(7).tobytes(), np.float32(np.nan).tobytes()
    whole = path.read_bytes()
    at = whole.rindex(seven)
    path.write_bytes(whole[:at] + nan + whole[at + 4 :])
    with pytest.raises(FormatError, match="NaN or infinite values in 'latents' of .*a.safet"):
        load_latents(path)
    assert np.isnan(load_latents(path, finite=False).latents).sum() == 1
