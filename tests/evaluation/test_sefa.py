import numpy as np
import pytest

from icaedit.evaluation import Scores, fit_sefa
from icaedit.evaluation.sefa import layer_groups, sefa_eigenvectors
from icaedit.models import tiny_model


@pytest.fixture(scope="module")
def model():
    return tiny_model()


@pytest.mark.parametrize("layers", [[0], [2, 3], range(6), [5]])
def test_the_vectors_are_eigenvectors_of_the_layers_modulation_weights(model, layers):
    synthesis = model.generator.synthesis
    consumers = [*synthesis.convs, synthesis.to_rgbs[-1]]
    stacked = np.concatenate([consumers[i].modulation.weight.numpy() for i in layers])
    gram = stacked.astype(np.float64).T @ stacked
    vectors = sefa_eigenvectors(model, layers, 3)
    products = np.einsum("kc,cd,kd->k", vectors, gram, vectors)
    np.testing.assert_allclose(products, np.linalg.eigvalsh(gram)[::-1][:3], rtol=1e-5)
    np.testing.assert_allclose(gram @ vectors.T, (products[:, None] * vectors).T, atol=1e-4)


def test_each_layers_code_is_read_by_the_weights_taken_for_it(model):
    """Directions the weights do not see change no picture."""
    codes = np.random.default_rng(0).normal(size=(1, 6, 8)).astype(np.float32)
    plain = model.synthesize(codes)
    for layer in range(6):
        moved = codes.copy()
        moved[:, layer] += 3 * sefa_eigenvectors(model, [layer], 1)[0].astype(np.float32)
        assert (model.synthesize(moved) != plain).any()


@pytest.mark.parametrize("n_layers", [6, 10, 12, 18])
def test_the_thirds_hold_every_layer_once(n_layers):
    whole, *thirds = layer_groups(n_layers)
    assert list(whole) == [layer for third in thirds for layer in third] == list(range(n_layers))
    assert max(map(len, thirds)) - min(map(len, thirds)) <= 1


def test_emotions_take_the_eigenvector_that_changes_them_most_and_its_sign(model):
    rng = np.random.default_rng(0)
    neutral = rng.normal(size=(3, 6, 8)).astype(np.float32) / 5
    vector = np.zeros((6, 8), np.float32)
    vector[2:4] = sefa_eigenvectors(model, [2, 3])[1]
    vector *= 2 / np.linalg.norm(vector)
    start = model.synthesize(neutral).astype(float)
    template = model.synthesize(neutral - vector).astype(float) - start

    def scorer(images):
        gap = (images - start).reshape(3, -1)
        sizes = np.linalg.norm(gap, axis=1) * np.linalg.norm(template.reshape(3, -1), axis=1)
        return Scores(("happy",), ((gap * template.reshape(3, -1)).sum(1) / sizes)[:, None])

    found = fit_sefa(model, neutral, scorer, lengths={"happy": 2.0})
    np.testing.assert_allclose(found.displacements[0, 0], -vector, atol=1e-5)
