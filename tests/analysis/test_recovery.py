"""Planted mixtures are recovered, and what cannot be recovered is noticed.

After the kinds of simulation in which spatial ICA is known to win or to collapse: sparse sources,
posed emotions that blend them, a head pitch that leaks into every emotion, Gaussian sources, and
Gaussian sources under one envelope of layers.
"""

import numpy as np
import pytest

from icaedit.analysis import fit_directions
from icaedit.analysis.cells import cell_means
from icaedit.analysis.centring import centre_people
from icaedit.analysis.group_ica import component_weights, group_ica
from icaedit.schema import EMOTIONS

BLEND = np.eye(6) + 0.4 * (np.eye(6, k=1) + np.eye(6, k=-2))


def sparse(rng, count, size, share=0.15):
    maps = rng.standard_t(4, size=(count, size)) * (rng.random((count, size)) < share)
    return maps / np.linalg.norm(maps, axis=1, keepdims=True)


def simulate(kind, *, people=24, size=2000, noise=0.25, seed=0):
    """Latents (P, 7, D) as labelled rows, and the true sources (6, D)."""
    rng = np.random.default_rng(seed)
    truth, posed = sparse(rng, 6, size), np.eye(6)
    if kind in ("gauss", "envelope"):
        truth = rng.normal(size=(6, size))
        if kind == "envelope":
            truth *= np.repeat(np.exp(rng.normal(size=20)), size // 20)
        truth /= np.linalg.norm(truth, axis=1, keepdims=True)
    if kind == "blend":
        posed = BLEND
    latents = 2 * rng.normal(size=(people, 1, size)) / np.sqrt(size)
    latents = latents + np.concatenate([np.zeros((1, size)), posed @ truth])
    if kind == "confound":
        pitch = 0.8 * rng.normal(size=7) + 0.5 * rng.normal(size=(people, 7))
        latents = latents + pitch[..., None] * sparse(rng, 1, size)[0]
    latents = latents + noise * rng.normal(size=latents.shape) / np.sqrt(size)
    labels = np.repeat(np.arange(people), 7).astype(str), np.tile(EMOTIONS, people)
    return latents.reshape(-1, size), *labels, truth


def amari_distance(product):
    """How far a product of unmixing and mixing is from a scaled permutation (Amari et al. 1996)."""
    size = np.abs(product)
    rows = (size.sum(1) / size.max(1) - 1).sum()
    columns = (size.sum(0) / size.max(0) - 1).sum()
    return (rows + columns) / (2 * len(size) * (len(size) - 1))


@pytest.mark.parametrize("kind", ["sparse", "blend", "confound"])
def test_planted_sources_are_unmixed_and_each_emotion_gets_its_own(kind, cosines):
    latents, identity, emotion, truth = simulate(kind)
    centred = centre_people(cell_means(latents, identity, emotion))
    fit = group_ica(centred, np.random.default_rng(0))
    weights, used = component_weights(fit)
    sources = fit.unmixing[used.argmax(axis=1)] @ centred.matrix
    zero_mean = truth - truth.mean(axis=1, keepdims=True)
    # columns of the true mixing in terms of the found sources
    assert amari_distance(sources @ zero_mean.T / truth.shape[1]) < 0.05
    assert cosines(weights @ centred.matrix, truth).min() > 0.99


@pytest.mark.parametrize("kind", ["sparse", "blend", "confound"])
def test_the_estimand_component_recovers_pure_sources_past_the_gate(kind, cosines):
    latents, identity, emotion, truth = simulate(kind)
    fit = fit_directions(
        latents, identity, emotion, estimand="component", threshold="none", n_bootstrap=40
    )
    assert fit.estimand == "component"
    assert cosines(fit.patterns, truth).min() > 0.99
    assert fit.report["stability"]["ratio"]["component"] > 0.9


def test_the_estimand_emotion_is_the_blend_as_posed(cosines):
    latents, identity, emotion, truth = simulate("blend")
    fit = fit_directions(latents, identity, emotion, n_bootstrap=0)
    assert cosines(fit.patterns, BLEND @ truth).min() > 0.99
    assert cosines(fit.patterns, truth).max() < 0.95


@pytest.mark.filterwarnings("ignore::icaedit.errors.ConvergenceWarning")
@pytest.mark.parametrize("kind", ["gauss", "envelope"])
def test_sources_that_cannot_be_told_apart_do_not_pass_the_gate(kind, cosines):
    latents, identity, emotion, truth = simulate(kind)
    with pytest.warns(UserWarning, match="estimand emotion is used instead"):
        fit = fit_directions(
            latents, identity, emotion, estimand="component", threshold="none", n_bootstrap=40
        )
    stability = fit.report["stability"]
    assert stability["ratio"]["component"] < 0.8
    assert stability["agreement"]["mean-difference"] > 0.95
    # the emotion as posed is found all the same
    assert cosines(fit.patterns, truth).min() > 0.98
    assert max(fit.report["emotions"][name]["iq"] for name in fit.emotions) < 0.9


@pytest.mark.parametrize("kind", ["sparse", "blend"])
def test_the_paper_s_method_recovers_sparse_sources(kind, cosines):
    latents, identity, emotion, truth = simulate(kind, noise=0.15)
    fit = fit_directions(
        latents, identity, emotion, method="paper", threshold="none", n_bootstrap=0
    )
    assert cosines(fit.patterns, truth).min() > 0.99
