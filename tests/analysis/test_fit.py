import json

import numpy as np
import pytest

from icaedit.analysis import fit_directions
from icaedit.errors import (
    ConvergenceWarning,
    DatasetError,
    IcaeditWarning,
    InputError,
    StabilityWarning,
)
from icaedit.schema import EMOTIONS, METHODS

ICA_METHODS = ("group-ica", "paper")


def fit(data, rows=slice(None), **options):
    options = {"n_bootstrap": 0, **options}
    return fit_directions(*data.take(rows), **options)


# PCA's components are orthogonal mixtures, so that its bar is the lowest
@pytest.mark.parametrize(
    ("method", "bar"), [("group-ica", 0.99), ("paper", 0.98), ("mean-difference", 0.99), ("pca", 0)]
)
def test_planted_directions_are_recovered_in_sign_and_length(planted, cosines, method, bar):
    data = planted()
    found = fit(data, method=method)
    assert found.emotions == EMOTIONS[1:]
    cosine = cosines(found.patterns, data.truth)
    assert cosine.min() > bar
    if method != "pca":
        lengths = np.linalg.norm(found.patterns, axis=1)
        np.testing.assert_allclose(lengths, 1, atol=0.1)


def test_pca_finds_an_emotion_that_dominates(planted, cosines):
    data = planted(emotions=("neutral", "sad"))
    assert cosines(fit(data, method="pca").patterns, data.truth)[0] > 0.99


def test_component_recovers_pure_sources_where_posed_emotions_are_mixtures(planted, cosines):
    data = planted(people=20, size=1000)
    blend = np.eye(6) + 0.35 * (np.eye(6, k=1) + np.eye(6, k=-2))
    latents = data.latents.astype(float)
    for row, name in enumerate(EMOTIONS[1:]):
        latents[data.emotion == name] += (blend[row] - np.eye(6)[row]) @ data.truth
    rest = {"identity": data.identity, "emotion": data.emotion, "n_bootstrap": 25}
    component = fit_directions(latents, estimand="component", **rest)
    emotion = fit_directions(latents, estimand="emotion", **rest)
    assert component.estimand == "component"
    assert cosines(component.patterns, data.truth).min() > 0.97
    assert cosines(emotion.patterns, blend @ data.truth).min() > 0.98
    assert cosines(emotion.patterns, data.truth).min() < 0.95


@pytest.mark.filterwarnings("ignore::icaedit.errors.ConvergenceWarning")
def test_unstable_components_are_given_up_with_a_warning(planted, cosines):
    data = planted(kind="gauss")
    with pytest.warns(StabilityWarning, match="estimand emotion is used"):
        found = fit(data, estimand="component", n_bootstrap=25)
    assert found.estimand == "emotion"
    assert found.report["estimand_requested"] == "component"
    assert cosines(found.patterns, data.truth).min() > 0.9


def test_components_that_nobody_checked_are_kept_with_a_warning(planted):
    with pytest.warns(StabilityWarning, match="no bootstrap"):
        assert fit(planted(), estimand="component").estimand == "component"


def test_gaussian_directions_leave_ica_unsettled_and_it_says_so(planted):
    with pytest.warns(ConvergenceWarning, match="unsettled after 1000 iterations"):
        fit(planted(kind="gauss", size=2000))


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_images_changes_nothing(planted, method):
    data = planted(people=6, size=200, takes=2)
    order = np.random.default_rng(2).permutation(len(data.latents))
    a, b = fit(data, method=method), fit(data, order, method=method)
    assert a.vectors.tobytes() == b.vectors.tobytes()
    assert a.posed_strength == b.posed_strength


@pytest.mark.parametrize("method", METHODS)
def test_renaming_people_changes_nothing(planted, method):
    data = planted(people=6, size=200)
    names = dict(zip(np.unique(data.identity), "zyxwvu", strict=True))
    renamed = [names[name] for name in data.identity]
    a = fit(data, method=method)
    b = fit_directions(data.latents, renamed, data.emotion, method=method, n_bootstrap=0)
    np.testing.assert_allclose(a.vectors, b.vectors, atol=1e-5)


@pytest.mark.parametrize("method", ICA_METHODS)
def test_turning_the_latents_around_turns_the_directions_around(planted, method):
    data = planted(people=6, size=300)
    a = fit(data, method=method, threshold="none")
    b = fit_directions(
        -data.latents, data.identity, data.emotion, method=method, threshold="none", n_bootstrap=0
    )
    np.testing.assert_allclose(a.patterns, -b.patterns, atol=1e-5)


@pytest.mark.parametrize("method", ICA_METHODS)
def test_a_constant_added_to_all_latents_changes_nothing(planted, cosines, method):
    data = planted(people=8, size=1000, noise=0.2)
    a = fit(data, method=method)
    b = fit_directions(
        data.latents + np.float32(50), data.identity, data.emotion, method=method, n_bootstrap=0
    )
    assert cosines(a.patterns, b.patterns).min() > 0.99999


def test_the_same_seed_gives_the_same_bytes_and_report(planted):
    data = planted(people=6, size=200)
    a, b = (fit(data, n_bootstrap=5) for _ in range(2))
    assert a.vectors.tobytes() == b.vectors.tobytes()
    assert json.dumps(a.report) == json.dumps(b.report)


@pytest.mark.parametrize("method", METHODS)
def test_layers_and_channels_keep_their_shape_and_types(planted, method):
    data = planted(people=4, size=60)
    flat = fit(data, method=method)
    deep = fit_directions(
        data.latents.reshape(-1, 6, 10), data.identity, data.emotion, method=method, n_bootstrap=0
    )
    assert deep.vectors.shape == deep.masks.shape == deep.patterns.shape == (6, 6, 10)
    assert (deep.vectors.dtype, deep.masks.dtype) == (np.float32, np.bool_)
    assert deep.vectors.ravel().tobytes() == flat.vectors.ravel().tobytes()
    assert not deep.vectors[~deep.masks].any()


@pytest.mark.parametrize("method", ("group-ica", "mean-difference"))
def test_directions_survive_missing_cells(planted, cosines, method):
    data = planted(people=20, size=800, noise=0.3)
    keep = np.random.default_rng(0).random(len(data.latents)) > 0.25
    found = fit(data, keep, method=method)
    assert cosines(found.patterns, data.truth).min() > 0.98
    assert len(found.report["missing_cells"]) == (~keep).sum()


def test_the_paper_s_method_survives_missing_cells(planted, cosines):
    data = planted(people=12, size=800)
    keep = np.random.default_rng(0).random(len(data.latents)) > 0.25
    assert cosines(fit(data, keep, method="paper").patterns, data.truth).min() > 0.95


@pytest.mark.parametrize("method", METHODS)
def test_duplicated_images_leave_the_result_finite_and_alike(planted, cosines, method):
    data = planted(people=6, size=300)
    rows = np.concatenate([np.arange(len(data.latents)), np.arange(14)])
    a = fit(data, method=method)
    with pytest.warns(IcaeditWarning, match="got 14 pairs of latents that are the same"):
        b = fit(data, rows, method=method)
    assert np.isfinite(b.vectors).all()
    assert b.report["n_duplicates"] == 14
    np.testing.assert_allclose(a.patterns, b.patterns, atol=1e-6)


@pytest.mark.parametrize("method", ICA_METHODS)
def test_an_emotion_copied_onto_another_person_s_is_no_trouble_to_ica(planted, method):
    data = planted(people=5, size=300)
    latents = data.latents.copy()
    latents[2] = latents[1]  # one person's sad is their happy: a rank less
    with pytest.warns(IcaeditWarning, match="P00 happy .row 1. = P00 sad .row 2."):
        found = fit_directions(latents, data.identity, data.emotion, method=method, n_bootstrap=0)
    assert np.isfinite(found.vectors).all()


def test_an_emotion_of_one_person_alone_is_told(planted):
    data = planted(people=6, size=300)
    keep = (data.emotion != "angry") | (data.identity == "P02")
    with pytest.warns(StabilityWarning, match="got angry beside neutral from fewer than 2"):
        found = fit(data, keep, method="mean-difference")
    assert any("angry (you have 1; it takes two" in s for s in found.report["sentences"])


@pytest.mark.parametrize("method", METHODS)
def test_two_people_and_one_emotion_are_enough(planted, cosines, method):
    data = planted(people=2, size=400, emotions=("neutral", "angry"), noise=0.1)
    found = fit(data, method=method, n_bootstrap=5)
    assert found.emotions == ("angry",)
    assert cosines(found.patterns, data.truth)[0] > 0.9


def test_latents_without_any_difference_are_refused():
    latents = np.repeat(np.random.default_rng(0).normal(size=(2, 5)), 2, axis=0)
    with (
        pytest.raises(DatasetError, match="happy that equal those of neutral"),
        pytest.warns(IcaeditWarning, match="2 pairs"),
    ):
        fit_directions(latents, list("aabb"), ["NE", "HA"] * 2)


def test_an_emotion_copied_from_neutral_is_named(planted):
    data = planted(people=4, size=50)
    latents = data.latents.copy()
    latents[data.emotion == "sad"] = latents[data.emotion == "neutral"]
    with (
        pytest.raises(DatasetError, match="latents of sad that equal"),
        pytest.warns(IcaeditWarning, match="P00 neutral .row 0. = P00 sad .row 2."),
    ):
        fit_directions(latents, data.identity, data.emotion, n_bootstrap=0)


def test_the_mask_is_one_sided_for_the_paper_only(planted):
    data = planted(people=6, size=300)
    for method in METHODS:
        found = fit(data, method=method)
        smallest = found.vectors[found.masks].min()
        assert (smallest > 0) == (method == "paper")


@pytest.mark.parametrize("method", ("paper", "mean-difference"))
def test_the_side_of_the_mask_may_be_chosen(planted, method):
    data = planted(people=6, size=300)
    one, two = (fit(data, method=method, sided=sided) for sided in ("one", "two"))
    assert (one.sided, two.sided) == (one.report["sided"], two.report["sided"]) == ("one", "two")
    assert one.vectors[one.masks].min() > 0 > two.vectors[two.masks].min()
    assert any("one-sided" in sentence for sentence in one.report["sentences"])
    assert not any("one-sided" in sentence for sentence in two.report["sentences"])


def test_the_number_of_components_may_be_chosen(planted):
    for count in (7, 11):
        assert fit(planted(people=6), n_components=count).report["ica"]["n_components"] == count


def test_a_threshold_nothing_passes_gives_zero_directions_and_a_warning(planted):
    with pytest.warns(IcaeditWarning, match="past threshold 99"):
        found = fit(planted(people=4, size=50), method="mean-difference", threshold=99)
    assert not found.vectors.any()
    assert set(found.posed_strength.values()) == {0.0}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "magic"}, "method 'magic'"),
        ({"estimand": "truth"}, "estimand 'truth'"),
        ({"threshold": "most"}, "threshold 'most'"),
        ({"sided": "three"}, "sided 'three'"),
        ({"n_components": 0}, "n_components 0"),
        ({"n_components": 8, "method": "pca"}, "option of group-ica"),
        ({"random_state": -1}, "random_state -1"),
        ({"random_state": None}, "random_state None"),
        ({"n_bootstrap": 2.5}, "n_bootstrap 2.5"),
    ],
)
def test_options_that_mean_nothing_are_refused(planted, options, words):
    with pytest.raises(InputError, match=words):
        fit(planted(people=2, size=50), **options)


def test_the_input_is_left_as_it_was(planted):
    data = planted(people=3, size=60)
    before = data.latents.tobytes()
    fit(data)
    assert data.latents.tobytes() == before
