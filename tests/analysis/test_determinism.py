"""Neither the seed, nor the order of the pictures, nor people's names show in the directions."""

import numpy as np
import pytest

from icaedit.analysis import fit_directions


def fitted(data, order=slice(None), names=None, **options):
    identity = data.identity if names is None else np.array([names[n] for n in data.identity])
    return fit_directions(
        data.latents[order], identity[order], data.emotion[order], threshold="none", **options
    )


def shuffled(data, seed):
    order = np.random.default_rng(seed).permutation(len(data.latents))
    people = np.unique(data.identity)
    names = dict(zip(people, np.random.default_rng(seed).permutation(people), strict=True))
    return {"order": order, "names": names}


@pytest.mark.parametrize(
    "options",
    [
        {"method": "group-ica", "n_bootstrap": 0},
        {"method": "group-ica", "n_components": 7, "n_bootstrap": 0},
        {"method": "group-ica", "estimand": "component", "n_bootstrap": 20},
        {"method": "paper", "n_bootstrap": 0},
    ],
    ids=lambda options: "-".join(map(str, options.values())),
)
def test_three_seeds_and_any_order_and_names_give_the_same_directions(planted, cosines, options):
    data = planted(people=10, size=1000, noise=0.3)
    reference = fitted(data, random_state=0, **options)
    for seed in (1, 2):
        other = fitted(data, random_state=seed, **shuffled(data, seed), **options)
        assert other.estimand == reference.estimand
        assert cosines(reference.patterns, other.patterns).min() > 0.99999
        np.testing.assert_allclose(other.vectors, reference.vectors, atol=1e-4)


@pytest.mark.parametrize("method", ["group-ica", "paper"])
def test_the_seed_does_not_show_where_sources_can_be_told_apart(planted, cosines, method):
    data = planted(people=10, size=1000, noise=0.3)
    a, b = (fitted(data, method=method, random_state=seed, n_bootstrap=0) for seed in (0, 1))
    assert cosines(a.patterns, b.patterns).min() > 1 - 1e-10


@pytest.mark.filterwarnings("ignore::icaedit.errors.ConvergenceWarning")
def test_seeds_show_little_even_where_ica_finds_no_rest(planted, cosines):
    # any turn of Gaussian sources is as good as another; their sum is not turned
    data = planted(people=10, size=600, kind="gauss")
    a, b = (fitted(data, random_state=seed, n_bootstrap=0) for seed in (0, 1))
    assert a.report["emotions"]["sad"]["components_unsettled"]
    assert cosines(a.patterns, b.patterns).min() > 0.9999


def test_the_report_too_is_the_same_for_any_order_and_names(planted):
    data = planted(people=8, size=600, noise=0.2)
    a = fitted(data, n_bootstrap=20).report["stability"]
    b = fitted(data, **shuffled(data, 3), n_bootstrap=20).report["stability"]
    # the same people are drawn; in a resample of few of them, rounding may turn a component
    for name, margin in (("mean-difference", 1e-9), ("emotion", 2e-3), ("component", 0.03)):
        assert b["agreement"][name] == pytest.approx(a["agreement"][name], abs=margin)


@pytest.mark.parametrize("method", ["group-ica", "paper"])
def test_turning_one_source_around_turns_its_direction_and_leaves_the_masks(planted, method):
    data = planted(people=8, size=600, noise=0.03)
    latents = data.latents.copy()
    sad = data.emotion == "sad"
    latents[sad] -= (2 * data.truth[1]).astype(np.float32)
    options = {"method": method, "sided": "two", "threshold": "mean", "n_bootstrap": 0}
    a = fit_directions(data.latents, data.identity, data.emotion, **options)
    b = fit_directions(latents, data.identity, data.emotion, **options)
    assert (a.patterns[1] * b.patterns[1]).sum() < -0.9 * (a.patterns[1] ** 2).sum()
    # the noise is not turned around, and may lift a coordinate at the threshold over it
    assert (a.masks == b.masks).mean(axis=1).min() > 0.99
