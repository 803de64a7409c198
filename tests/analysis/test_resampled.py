import numpy as np
import pytest

from icaedit.analysis.cells import cell_means
from icaedit.analysis.centring import (
    centre_people,
    contrast_operator,
    effects_of_contrasts,
    two_way_gram,
    two_way_shift,
)
from icaedit.analysis.fastica.whitening import weighted_principal_rows
from icaedit.analysis.group_ica import component_weights, emotion_weights, group_ica
from icaedit.analysis.resampled import leading_rows, resampled_group_ica


def centred_cells(data, missing=0.0):
    keep = np.random.default_rng(1).random(len(data.latents)) >= missing
    return centre_people(cell_means(*data.take(keep)))


def resamples(centred, count, seed=0):
    people = len(centred.cells.identities)
    draws = np.random.default_rng(seed).multinomial(people, np.full(people, 1 / people), count)
    draws = draws.astype(float)
    return draws, np.stack([contrast_operator(centred, draw) for draw in draws])


def refitted(centred, draws, contrasts, n_components=8):
    matrix = (centred.matrix - centred.row_means[:, None]).astype(np.float32)
    return resampled_group_ica(
        centred,
        draws,
        contrasts,
        np.random.default_rng(0),
        n_components=n_components,
        matrix=matrix,
    )


@pytest.mark.parametrize("missing", [0.0, 0.1])
def test_resamples_refitted_together_are_those_fitted_one_by_one(planted, cosines, missing):
    centred = centred_cells(planted(people=12, size=800), missing)
    draws, contrasts = resamples(centred, 4)
    together = refitted(centred, draws, contrasts)
    for draw in range(4):
        alone = group_ica(
            centred, np.random.default_rng(1), n_components=8, person_weights=draws[draw]
        )
        for read in (
            lambda fit: emotion_weights(fit).weights,
            lambda fit: component_weights(fit)[0],
        ):
            a, b = read(together)[draw] @ centred.matrix, read(alone) @ centred.matrix
            assert cosines(a, b).min() > 0.995
            np.testing.assert_allclose(
                np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1), rtol=0.02
            )


@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_leading_rows_span_what_the_exact_ones_span(planted, missing):
    centred = centred_cells(planted(people=9, size=400), missing)
    draws, contrasts = resamples(centred, 3)
    presence = effects = None
    if missing:
        presence, effects = centred.presence, effects_of_contrasts(contrasts)
    rows = leading_rows(
        centred.gram,
        draws[:, centred.cells.person],
        np.random.default_rng(0),
        n_components=5,
        presence=presence,
        effects=effects,
    )
    for draw in range(3):
        gram = two_way_gram(centred.gram, two_way_shift(centred, draws[draw]))
        weights = draws[draw][centred.cells.person]
        exact = weighted_principal_rows(gram, weights, 5)
        np.testing.assert_allclose(rows[draw] @ gram @ rows[draw].T, np.eye(5), atol=1e-8)
        cosine = np.linalg.svd(rows[draw] @ gram @ exact.T, compute_uv=False)
        assert cosine.min() > 0.99


def test_a_resample_of_low_rank_is_filled_up_with_zeros(planted):
    centred = centred_cells(planted(people=4, size=300))
    draws = np.array([[4.0, 0, 0, 0], [1.0, 1, 1, 1]])  # one person's cells have rank six
    contrasts = np.stack([contrast_operator(centred, draw) for draw in draws])
    fit = refitted(centred, draws, contrasts)
    assert np.isfinite(fit.unmixing).all()
    assert np.abs(fit.unmixing).any(axis=2).sum(axis=1).tolist() == [6, 8]
    assert not fit.settled[0, 6:].any()


def test_people_who_are_not_drawn_have_no_say(planted):
    centred = centred_cells(planted(people=5, size=300))
    draws = np.array([[2.0, 0, 1, 1, 1]])
    fit = refitted(centred, draws, np.stack([contrast_operator(centred, draws[0])]))
    assert not fit.unmixing[0][:, centred.cells.person == 1].any()


def test_many_coordinates_are_searched_by_the_fourth_and_finished_on_all(planted, cosines):
    data = planted(people=6, size=8400, noise=0.2)
    centred = centred_cells(data)
    draws, contrasts = resamples(centred, 2)
    fit = refitted(centred, draws, contrasts)
    weights, used = component_weights(fit)
    assert fit.settled[:, None].repeat(6, axis=1)[used].all()
    for draw in range(2):
        assert cosines(weights[draw] @ centred.matrix, data.truth).min() > 0.98
