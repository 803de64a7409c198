import json

import numpy as np
import pytest

from icaedit.artifacts import (
    Directions,
    load_directions,
    load_index_mask,
    load_tensors,
    save_tensors,
)
from icaedit.errors import FormatError, InputError, ModelMismatchError

# sizes of happy: 4 1 3 0 2 2, mean 2, median 2; its positive entries 1 3 2: mean 2
HAPPY = [[-4.0, 1, 3], [0, 2, -2]]
SAD = [[1.0, 1, 1], [1, 1, -7]]


def a_fit(**changes):
    patterns = np.array([HAPPY, SAD], dtype=np.float32)
    masks = np.abs(patterns) >= 2
    content = {
        "emotions": ("happy", "sad"),
        "vectors": patterns * masks / 3,
        "masks": masks,
        "patterns": patterns,
        "posed_strength": {"happy": 3.0, "sad": 2.5},
        "method": "group-ica",
        "threshold": "mean",
        "report": {"happy": {"cosine": 0.99}},
        "model_fingerprint": "a" * 64,
        "provenance": {"seed": 0},
    }
    return Directions(**{**content, **changes})


def test_saved_directions_come_back_whole(tmp_path):
    fit = a_fit()
    fit.save(tmp_path / "d")
    back = load_directions(tmp_path / "d")
    for name in ("vectors", "masks", "patterns"):
        assert np.array_equal(getattr(back, name), getattr(fit, name))
        assert getattr(back, name).dtype == getattr(fit, name).dtype
    for name in ("emotions", "posed_strength", "method", "threshold", "report",
                 "model_fingerprint", "provenance"):
        assert getattr(back, name) == getattr(fit, name)


def test_a_numeric_threshold_comes_back_as_a_number(tmp_path):
    a_fit(threshold=0.25).save(tmp_path / "d")
    assert load_directions(tmp_path / "d").threshold == 0.25


def test_loading_and_saving_again_gives_the_same_bytes(tmp_path):
    a_fit().save(tmp_path / "1")
    load_directions(tmp_path / "1").save(tmp_path / "2")
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_an_alias_gives_the_displacement_of_that_emotion():
    fit = a_fit()
    assert np.array_equal(fit["Sadness"], fit.vectors[1])
    assert np.array_equal(fit.mask("SA"), fit.masks[1])


def test_what_is_handed_out_cannot_change_the_fit():
    fit = a_fit()
    fit["happy"][:] = 9
    fit.mask("happy")[:] = False
    assert fit.vectors[0].max() < 9 and fit.masks[0].any()


@pytest.mark.parametrize("name", ["neutral", "angry"])
def test_an_emotion_that_was_not_fitted_lists_those_that_were(name):
    with pytest.raises(InputError, match=f"'{name}', expected one of the fitted happy, sad"):
        a_fit()[name]


def test_an_unknown_emotion_is_refused():
    with pytest.raises(InputError, match="'smug'"):
        a_fit()["smug"]


def test_exported_masks_are_those_fitted(tmp_path):
    fit = a_fit()
    fit.export_mask(tmp_path / "mask.json")
    mask = load_index_mask(tmp_path / "mask.json")
    assert mask.shape == (2, 3)
    assert np.array_equal(mask.mask("happy"), fit.mask("happy"))
    assert np.array_equal(mask.mask("sad"), fit.mask("sad"))
    assert (mask.model, mask.rule, mask.threshold) == ("a" * 64, "two-sided", "mean")


def test_another_threshold_is_applied_to_the_sizes_of_each_pattern_alone(tmp_path):
    mask = a_fit().export_mask(tmp_path / "mask.json", "median")
    # happy: median 2 keeps 4 3 2 2; sad: median 1 keeps all
    assert mask.emotions["happy"].tolist() == [0, 2, 4, 5]
    assert mask.emotions["sad"].tolist() == [0, 1, 2, 3, 4, 5]
    assert mask.threshold == "median"


def test_a_number_and_none_are_thresholds_too():
    assert a_fit().index_mask(3).emotions["happy"].tolist() == [0, 2]
    assert a_fit().index_mask("none").emotions["happy"].tolist() == [0, 1, 2, 3, 4, 5]


def test_the_paper_method_thresholds_the_signed_values():
    mask = a_fit(method="paper", threshold="none").index_mask("mean")
    # happy: positive entries 1 3 2, mean 2; sad: only positive entries of 1
    assert mask.emotions["happy"].tolist() == [2, 4]
    assert mask.emotions["sad"].tolist() == [0, 1, 2, 3, 4]
    assert mask.rule == "one-sided"


def test_the_fitted_threshold_by_name_is_the_fitted_mask():
    fit = a_fit(masks=np.ones((2, 2, 3), bool))
    assert fit.index_mask("mean").emotions["happy"].size == 6


def test_fdr_is_exported_only_if_it_was_fitted(tmp_path):
    with pytest.raises(InputError, match="refit with threshold fdr"):
        a_fit().export_mask(tmp_path / "mask.json", "fdr")
    assert not list(tmp_path.iterdir())
    assert a_fit(threshold="fdr").index_mask("fdr").emotions["happy"].tolist() == [0, 2, 4, 5]


def test_directions_of_another_model_are_refused_by_both_fingerprints(tmp_path):
    a_fit().save(tmp_path / "d")
    with pytest.raises(ModelMismatchError, match="d fitted on model a{12}, expected model b{12};"):
        load_directions(tmp_path / "d", model_fingerprint="b" * 64)
    assert load_directions(tmp_path / "d", model_fingerprint="a" * 64).method == "group-ica"


def test_the_summary_names_method_threshold_and_each_emotion():
    lines = a_fit().summary().splitlines()
    assert "group-ica" in lines[1] and "mean" in lines[1]
    happy, sad = lines[-2:]
    assert happy.split()[0] == "happy" and "66.7%" in happy and "3.00" in happy
    assert sad.split()[0] == "sad" and "16.7%" in sad and "2.50" in sad


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"emotions": ("sad", "happy")}, "in this order"),
        ({"emotions": ("happy", "happy")}, "each once"),
        ({"emotions": ("neutral", "happy")}, "expected some of happy"),
        ({"emotions": ("happy",), "posed_strength": {"happy": 1}}, r"expected \(1, L, C\)"),
        ({"posed_strength": {"happy": 1}}, "a finite one for each of happy, sad"),
        ({"posed_strength": {"happy": 1, "sad": np.nan}}, "a finite one"),
        ({"masks": np.ones((2, 3, 2), bool)}, r"got masks of shape \(2, 3, 2\)"),
        ({"patterns": np.full((2, 2, 3), np.inf)}, "got patterns of shape"),
        ({"vectors": np.ones((2, 2, 3))}, "not 0 outside their masks"),
        ({"threshold": "most"}, "got threshold 'most'"),
    ],
)
def test_contradictions_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        a_fit(**changes)


@pytest.mark.parametrize(
    "change", [{"emotions": ["happy"]}, {"posed_strength": None}, {"method": None}]
)
def test_a_file_that_contradicts_itself_is_refused_by_name(tmp_path, change):
    a_fit().save(tmp_path / "good")
    tensors, header = load_tensors(tmp_path / "good", expect="icaedit.directions", version=1)
    header.update(change)
    if "method" in change:
        del header["method"]
    save_tensors(tmp_path / "bad", tensors, header=header)
    with pytest.raises(FormatError, match="got .*bad with incomplete"):
        load_directions(tmp_path / "bad")


def test_a_diagnostic_that_is_not_finite_is_kept_as_null(tmp_path):
    a_fit(report={"cosine": np.float64("nan")}).save(tmp_path / "d")
    assert load_directions(tmp_path / "d").report == {"cosine": None}
    json.dumps(load_directions(tmp_path / "d").report, allow_nan=False)


@pytest.mark.parametrize(("method", "sided"), [("paper", "one"), ("svm", "two")])
def test_a_file_of_an_earlier_release_has_the_sides_of_its_method(tmp_path, method, sided):
    a_fit(method=method).save(tmp_path / "d")
    tensors, header = load_tensors(tmp_path / "d", expect="icaedit.directions", version=1)
    assert header.pop("sided") == sided
    save_tensors(tmp_path / "old", tensors, header=header)
    assert load_directions(tmp_path / "old").sided == sided


def test_the_sides_may_differ_from_those_of_the_method(tmp_path):
    a_fit(sided="one").save(tmp_path / "d")
    mask = load_directions(tmp_path / "d").index_mask("median")
    assert mask.rule == "one-sided"
    assert mask.emotions["happy"].tolist() == [2, 4]  # positive entries 1 3 2, median 2
    assert a_fit().index_mask(2.0).emotions["happy"].tolist() == [0, 2, 4, 5]


def test_sides_are_one_or_two():
    with pytest.raises(InputError, match="sided 'left', expected one or two"):
        a_fit(sided="left")
