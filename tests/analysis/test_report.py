import json

import numpy as np
import pytest

from icaedit.analysis import fit_directions, report_sentences


def fitted(data, **options):
    return fit_directions(*data.take(slice(None)), **{"n_bootstrap": 10, **options})


@pytest.mark.parametrize("method", ("group-ica", "paper", "mean-difference", "pca"))
def test_a_report_survives_json_and_says_the_same(planted, method):
    fit = fitted(planted(people=6, size=120), method=method)
    again = json.loads(json.dumps(fit.report, allow_nan=False))
    assert again == fit.report
    assert report_sentences(again) == fit.report["sentences"]


def test_where_ica_adds_nothing_the_report_says_so(planted):
    text = " ".join(fitted(planted(noise=0.2)).report["sentences"])
    assert "ICA adds nothing here over the mean difference" in text
    assert "enough people" in text


def test_agreements_and_their_ratio_are_told(planted):
    report = fitted(planted(noise=0.2)).report
    agreement, ratio = report["stability"]["agreement"], report["stability"]["ratio"]["emotion"]
    assert ratio == pytest.approx(agreement["emotion"] / agreement["mean-difference"], abs=1e-3)
    words = (
        f"at a cosine of {agreement['emotion']:.2f} (mean difference: "
        f"{agreement['mean-difference']:.2f}; ratio {ratio:.2f})"
    )
    assert any(words in s for s in report["sentences"])


def test_where_ica_differs_the_emotions_are_named(planted):
    report = fitted(planted(people=6, noise=1.0), method="paper").report
    different = [
        name
        for name, entry in report["emotions"].items()
        if entry["cosine_to_mean_difference"] < 0.98
    ]
    assert different
    sentence = next(s for s in report["sentences"] if "differs from the mean difference" in s)
    assert all(name in sentence for name in different)


def test_the_mean_difference_does_not_compare_itself(planted):
    report = fitted(planted(people=4, size=100), method="mean-difference").report
    assert not any("adds nothing" in s or "differs" in s for s in report["sentences"])
    cosines = [e["cosine_to_mean_difference"] for e in report["emotions"].values()]
    np.testing.assert_allclose(cosines, 1, atol=1e-6)


def test_too_few_people_are_counted(planted):
    report = fitted(planted(people=4, noise=1.0), method="mean-difference").report
    entry = report["emotions"]["sad"]
    assert entry["people"] == 4 < entry["people_needed"]
    assert entry["people_more"] == entry["people_needed"] - 4
    assert f"sad (you have 4; about {entry['people_more']} more)" in report["sentences"][-1]


@pytest.mark.filterwarnings("ignore::icaedit.errors.ConvergenceWarning")
def test_unstable_components_are_not_to_be_read(planted):
    report = fitted(planted(kind="gauss", size=1000)).report
    assert any("single components behind them are not stable" in s for s in report["sentences"])


def test_the_clusters_of_the_components_are_reported(planted):
    report = fitted(planted(noise=0.2, size=1000), n_bootstrap=60).report
    clusters = report["icasso"]
    count = clusters["n_replicates"] * report["ica"]["n_components"]
    assert clusters["n_replicates"] == 40
    assert len(clusters["labels"]) == len(clusters["linkage"]) + 1 == count
    quality = [entry["iq"] for entry in report["emotions"].values()]
    assert min(quality) > 0.9
    sentence = next(s for s in report["sentences"] if "comes back from resample to resample" in s)
    assert f"happy {quality[0]:.2f}, sad {quality[1]:.2f}" in sentence


def test_for_the_paper_s_method_people_take_the_place_of_resamples(planted):
    report = fitted(planted(people=9, noise=0.1, size=1000), method="paper").report
    assert report["icasso"]["n_replicates"] == 9
    assert len(report["icasso"]["labels"]) == 9 * 7
    assert any("comes back from person to person" in s for s in report["sentences"])


def test_the_mixing_by_emotion_is_kept(planted):
    fit = fitted(planted(noise=0.2), n_bootstrap=0)
    ica = fit.report["ica"]
    mixing = np.array(ica["mixing_by_emotion"])
    assert mixing.shape == np.array(ica["t_by_emotion"]).shape == (6, ica["n_components"])
    # sources have unit variance over D coordinates, so that this is a direction's length
    for row, entry in enumerate(fit.report["emotions"].values()):
        length = np.sqrt(600 * (mixing[row, entry["components"]] ** 2).sum())
        assert entry["pattern_length"] == pytest.approx(length, rel=0.02)


@pytest.mark.filterwarnings("ignore::icaedit.errors.ConvergenceWarning")
def test_refits_that_came_to_no_rest_are_counted_and_told(planted):
    report = fitted(planted(kind="gauss", size=1000), n_bootstrap=25).report
    counts = report["stability"]["unsettled"]["emotion"]
    assert len(counts) == 6 and 0 < max(counts) <= 25
    assert any(f"In {max(counts)} of these refits ICA was still moving" in s
               for s in report["sentences"])
    assert any("came to no rest" in s for s in report["sentences"])


def test_a_difference_that_is_not_stable_is_nothing_to_rely_on():
    fit = fit_directions(
        np.random.default_rng(0).normal(size=(40, 80)),
        np.repeat(np.arange(20), 2),
        ["NE", "HA"] * 20,
        n_bootstrap=10,
    )
    report = json.loads(json.dumps(fit.report))
    report["emotions"]["happy"]["cosine_to_mean_difference"] = 0.6
    for ratio, words in ((0.5, "adds nothing to rely on"), (1.0, "compare edits with both")):
        report["stability"]["ratio"]["emotion"] = ratio
        assert any(words in s for s in report_sentences(report))


def test_the_false_discovery_rate_is_said_to_be_that_of_the_mean_difference(planted):
    for method, said in (("group-ica", True), ("mean-difference", False)):
        report = fitted(planted(), method=method, threshold="fdr", n_bootstrap=0).report
        assert any("choice of coordinates" in s for s in report["sentences"]) == said


def test_a_report_of_an_earlier_release_still_has_its_sentences(planted):
    report = fitted(planted(people=4, size=100), n_bootstrap=5).report
    later = ("sided", "quarantined", "constant_rows", "n_duplicates", "wild_coordinates",
             "emotions_not_shown", "icasso", "kept_in_union_by_layer", "duplicate_rows")
    old = {key: value for key, value in report.items() if key not in later}
    del old["stability"]["unsettled"]
    for entry in old["emotions"].values():
        for key in ("iq", "people_more", "components_unsettled"):
            entry.pop(key)
    assert len(report_sentences(old)) >= 4


def test_without_a_bootstrap_stability_is_said_to_be_unknown(planted):
    report = fitted(planted(people=3, size=100), n_bootstrap=0, method="pca").report
    assert report["stability"] is None
    assert any("was not measured" in s for s in report["sentences"])


def test_layers_of_the_mask_are_reported(planted):
    data = planted(people=4, size=60)
    fit = fit_directions(
        data.latents.reshape(-1, 6, 10),
        data.identity,
        data.emotion,
        method="mean-difference",
        n_bootstrap=0,
    )
    for row, entry in enumerate(fit.report["emotions"].values()):
        assert entry["kept_by_layer"] == fit.masks[row].sum(axis=1).tolist()
        assert entry["kept"] == fit.masks[row].sum()
    union = fit.masks.any(axis=0)
    assert fit.report["kept_in_union"] == union.sum()
    assert fit.report["kept_in_union_by_layer"] == union.sum(axis=1).tolist()
    assert any("style layers" in s for s in fit.report["sentences"])


def test_missing_cells_are_listed(planted):
    data = planted(people=4, size=60)
    keep = np.arange(len(data.latents)) != 8
    fit = fit_directions(*data.take(keep), method="mean-difference", n_bootstrap=0)
    assert fit.report["missing_cells"] == [["P01", "happy"]]
    assert any("1 person-and-emotion combination had no picture" in s
               for s in fit.report["sentences"])
