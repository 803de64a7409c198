import numpy as np
import pytest
from sklearn.svm import SVC

from icaedit.analysis import cell_means, conditional_directions, fit_directions
from icaedit.analysis.centring import centre_people
from icaedit.analysis.mean_difference import mean_difference
from icaedit.analysis.svm import raw_cells, svm_weights
from icaedit.errors import DatasetError, InputError


def normals(centred, **options):
    raw = raw_cells(centred)
    return svm_weights(centred, raw, **options) @ raw.rows


def test_the_direction_is_the_normal_of_scikit_learns_svm_on_raw_latents(planted, cosines):
    data = planted(people=12, size=80, noise=1.5)
    fit = fit_directions(*data.take(slice(None)), method="svm", threshold="none", n_bootstrap=0)
    for pattern, emotion in zip(fit.patterns, fit.emotions, strict=True):
        rows = np.isin(data.emotion, ("neutral", emotion))
        machine = SVC(kernel="linear", tol=1e-8)
        machine.fit(data.latents[rows].astype(float), data.emotion[rows] == emotion)
        assert cosines(pattern[None], machine.coef_)[0] > 1 - 1e-6


def test_the_direction_is_as_long_as_the_mean_difference_along_it(planted):
    centred = centre_people(cell_means(*planted(people=10, size=50).take(slice(None))))
    found, difference = normals(centred), mean_difference(centred)
    along = np.einsum("ed,ed->e", found, difference) / np.linalg.norm(found, axis=1)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), along, rtol=1e-9)
    assert (along > 0).all()


def test_a_person_counted_twice_is_a_person_given_twice(planted):
    data = planted(people=5, size=40, noise=2.0)
    rows = np.concatenate([np.arange(len(data.latents)), np.flatnonzero(data.identity == "P03")])
    names = data.identity[rows].astype("<U4")
    names[len(data.latents) :] = "twin"
    twice = centre_people(cell_means(data.latents[rows], names, data.emotion[rows]))
    once = centre_people(cell_means(*data.take(slice(None))))
    weights = np.array([1.0, 1, 1, 2, 1])
    np.testing.assert_allclose(
        normals(once, person_weights=weights), normals(twice), atol=1e-4
    )


def test_people_of_weight_zero_play_no_part(planted):
    data = planted(people=5, size=40)
    kept = data.identity != "P01"
    weights = np.array([1.0, 0, 1, 1, 1])
    everyone = centre_people(cell_means(*data.take(slice(None))))
    fewer = centre_people(cell_means(*data.take(kept)))
    np.testing.assert_allclose(
        normals(everyone, person_weights=weights), normals(fewer), atol=1e-5
    )


def test_an_emotion_without_people_in_a_resampling_is_told(planted):
    data = planted(people=3, size=20, emotions=("neutral", "happy", "sad"))
    kept = ~((data.emotion == "sad") & (data.identity != "P00"))
    centred = centre_people(cell_means(*data.take(kept)))
    with pytest.raises(DatasetError, match="sad"):
        normals(centred, person_weights=np.array([0.0, 1, 1]))


def test_a_conditional_direction_leaves_the_other_emotions_planes_alone():
    rows = np.random.default_rng(0).normal(size=(4, 3, 5))
    flat = conditional_directions(rows).reshape(4, -1)
    inner = flat @ rows.reshape(4, -1).T
    off = inner[~np.eye(4, dtype=bool)]
    np.testing.assert_allclose(off, 0, atol=1e-12)
    assert (np.diag(inner) > 0).all()


def test_orthogonal_directions_are_conditional_already():
    rows = np.diag([3.0, 2.0, 0.5])
    np.testing.assert_allclose(conditional_directions(rows), rows, atol=1e-12)


def test_a_direction_that_the_others_explain_is_gone_and_repeats_do_no_harm():
    rows = np.array([[1.0, 0, 0], [0, 1.0, 0], [1.0, 1.0, 0], [0, 0, 1.0]])
    found = conditional_directions(rows)
    np.testing.assert_allclose(found[:3], 0, atol=1e-12)
    np.testing.assert_allclose(found[3], rows[3])


@pytest.mark.parametrize("bad", [np.ones(3), [[np.nan, 1.0]]])
def test_directions_that_are_no_table_are_refused(bad):
    with pytest.raises(InputError, match="finite ones of shape"):
        conditional_directions(bad)
