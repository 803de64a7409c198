import numpy as np
import pytest

from icaedit.analysis.fastica import batched_fastica
from icaedit.analysis.fastica.rotation import rotate_many
from icaedit.analysis.fastica.whitening import whiten
from icaedit.analysis.search import best_rotation


@pytest.fixture
def white():
    rng = np.random.default_rng(0)
    sources = np.concatenate([rng.laplace(size=(4, 2000)), rng.random(size=(2, 2000))])
    return whiten(rng.normal(size=(6, 6)) @ sources)[0]


def test_any_seed_ends_at_the_same_rotation(white):
    found = [best_rotation(white, np.random.default_rng(seed)) for seed in range(3)]
    assert found[0].settled.all()
    for other in found[1:]:
        overlap = np.abs(found[0].matrix @ other.matrix.T)
        np.testing.assert_allclose(np.sort(overlap.max(axis=1)), 1, atol=1e-9)
        assert other.contrast == pytest.approx(found[0].contrast, rel=1e-7)


def test_no_start_of_the_plain_engine_has_a_better_contrast(white):
    best = best_rotation(white, np.random.default_rng(0)).contrast
    plain = batched_fastica(white[None], n_starts=30, tol=1e-9, random_state=5)
    assert plain.contrast[0] <= best * (1 + 1e-6)


def test_starts_that_end_elsewhere_are_not_counted_as_agreeing():
    # noise has many optima
    noise = whiten(np.random.default_rng(0).normal(size=(10, 300)))[0]
    search = best_rotation(noise, np.random.default_rng(0))
    assert 1 <= search.n_agreeing < search.n_starts == 24


def test_the_best_of_the_optima_that_were_polished_is_kept(monkeypatch):
    stages = []

    def recording(problems, **options):
        stages.append(rotate_many(problems, **options))
        return stages[-1]

    monkeypatch.setattr("icaedit.analysis.search.rotate_many", recording)
    monkeypatch.setattr("icaedit.analysis.search.SEARCHED", (1.0, 8))
    monkeypatch.setattr("icaedit.analysis.search.COMPARED", (1.0, 3))
    noise = whiten(np.random.default_rng(0).normal(size=(10, 300)))[0]
    search = best_rotation(noise, np.random.default_rng(0))
    searched, compared, polished = (stage.contrast for stage in stages)
    assert (len(searched), len(compared), len(polished)) == (24, 8, 3)
    assert polished.max() > polished.min() * (1 + 1e-6)
    assert search.contrast == polished.max()


def test_one_start_is_the_rows_as_they_are():
    rng = np.random.default_rng(0)
    white = whiten(rng.laplace(size=(3, 4000)))[0]
    search = best_rotation(white, rng, n_starts=1)
    assert search.n_agreeing == search.n_starts == 1
    np.testing.assert_allclose(search.matrix @ search.matrix.T, np.eye(3), atol=1e-10)
