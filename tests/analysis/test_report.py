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
    assert fit.report["kept_in_union"] == fit.masks.any(axis=0).sum()
    assert any("style layers" in s for s in fit.report["sentences"])


def test_missing_cells_are_listed(planted):
    data = planted(people=4, size=60)
    keep = np.arange(len(data.latents)) != 8
    fit = fit_directions(*data.take(keep), method="mean-difference", n_bootstrap=0)
    assert fit.report["missing_cells"] == [["P01", "happy"]]
    assert any("1 person-and-emotion combination had no picture" in s
               for s in fit.report["sentences"])
