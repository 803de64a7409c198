import numpy as np

from icaedit.analysis.cells import cell_means
from icaedit.analysis.centring import centre_people
from icaedit.analysis.mean_difference import mean_difference
from icaedit.analysis.pca import ganspace_patterns, pca_weights


def test_ganspace_directions_are_singular_vectors_of_the_raw_latents(planted):
    data = planted(people=8, size=60)
    centred = centre_people(cell_means(*data.take(slice(None))))
    means = centred.cells.means
    _, _, vectors = np.linalg.svd(means - means.mean(0), full_matrices=False)
    found = ganspace_patterns(centred)
    units = found / np.linalg.norm(found, axis=1, keepdims=True)
    alike = np.abs(units @ vectors[:20].T)
    np.testing.assert_allclose(alike.max(1), 1, atol=1e-9)
    assert len(set(alike.argmax(1))) == len(found)  # one component for each emotion
    along = np.einsum("ed,ed->e", units, mean_difference(centred))
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), along, rtol=1e-9)


def test_people_stay_in_ganspace_components_and_are_out_of_the_others(cosines):
    # what tells people apart leans towards the emotion, by 45 degrees
    truth, people = np.array([[1.0, 0.0]]), np.array([1.0, 1.0])
    sizes = np.random.default_rng(0).normal(size=30)
    latents = np.concatenate([sizes[:, None] * people, sizes[:, None] * people + truth])
    names = [f"P{i}" for i in range(30)] * 2
    cells = cell_means(latents, names, ["neutral"] * 30 + ["happy"] * 30)
    centred = centre_people(cells)
    assert cosines(pca_weights(centred) @ centred.matrix, truth)[0] > 0.999
    assert cosines(ganspace_patterns(centred), truth)[0] < 0.85
