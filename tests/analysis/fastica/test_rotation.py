import numpy as np
import pytest

from icaedit.analysis.fastica import rotation
from icaedit.analysis.fastica.decorrelation import random_rotations
from icaedit.analysis.fastica.rotation import rotate_many
from icaedit.analysis.fastica.whitening import whiten


@pytest.fixture
def whites(mixtures):
    return [whiten(x)[0] for x in mixtures(count=7)[0]]


def starts(size=5, n_starts=3, seed=0):
    return random_rotations(np.random.default_rng(seed), n_starts, size)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 8, 9])
def test_every_number_of_rows_is_rotated_to_independence(mixtures, amari, size):
    x, mixing, _ = mixtures(count=1, size=size)
    white, whitening = whiten(x[0])
    found = rotate_many([(white, starts(size))])
    assert found.converged[0]
    product = found.matrix[0] @ whitening.matrix @ mixing[0]
    np.testing.assert_allclose(found.matrix[0] @ found.matrix[0].T, np.eye(size), atol=1e-9)
    assert size == 1 or amari(product) < 0.05


@pytest.mark.parametrize("at_work", [1, 2, 50])
def test_how_many_run_side_by_side_changes_nothing(whites, monkeypatch, at_work):
    expected = rotate_many((white, starts()) for white in whites)
    monkeypatch.setattr(rotation, "AT_WORK", at_work)
    found = rotate_many((white, starts()) for white in whites)
    np.testing.assert_array_equal(found.matrix, expected.matrix)
    np.testing.assert_array_equal(found.n_iter, expected.n_iter)
    np.testing.assert_array_equal(found.contrast, expected.contrast)


def test_the_length_of_the_pieces_changes_nothing_but_rounding(whites, monkeypatch):
    expected = rotate_many(((white, starts()) for white in whites), lead=False)
    monkeypatch.setattr(rotation, "CACHE_BYTES", 10_000)
    found = rotate_many(((white, starts()) for white in whites), lead=False)
    np.testing.assert_allclose(found.matrix, expected.matrix, atol=1e-10)


@pytest.mark.parametrize("tol", [1e-4, 1e-13])
def test_led_in_float32_a_float64_problem_ends_where_it_would_have(whites, tol):
    alone = rotate_many(((white, starts(5, 1)) for white in whites), lead=False, tol=tol)
    led = rotate_many(((white, starts(5, 1)) for white in whites), tol=tol)
    assert alone.converged.all() and led.converged.all()
    assert max(change.max() for change in led.change) < tol
    np.testing.assert_allclose(led.n_iter, alone.n_iter, atol=1)
    for a, b, number in zip(alone.matrix, led.matrix, alone.n_iter == led.n_iter, strict=True):
        # one more iteration leads closer, by as much as the tolerance leaves open
        np.testing.assert_allclose(a, b, atol=1e-6 if number else 3 * np.sqrt(tol))


def test_the_last_iteration_runs_in_the_dtype_of_the_data(whites, monkeypatch):
    dtypes = []
    plain = rotation.find_contrast("logcosh")

    def curve(y):
        dtypes.append(y.dtype.name)
        return plain.curve(y)

    watched = rotation.Contrast(curve, plain.distance)
    monkeypatch.setattr(rotation, "find_contrast", lambda fun: watched)
    rotate_many([(whites[0], starts(5, 1))])
    assert dtypes[0] == "float32" and dtypes[-1] == "float64"
    dtypes.clear()
    rotate_many([(whites[0], starts(5, 1))], max_iter=2, tol=0.0)
    assert dtypes == ["float32", "float64"]


def test_of_starts_that_end_in_the_same_place_the_first_is_kept(whites):
    several = starts()
    alone = [rotate_many([(whites[0], start[None])]) for start in several]
    assert np.ptp([one.contrast[0] for one in alone]) < 1e-6 * alone[0].contrast[0]
    found = rotate_many([(whites[0], several)])
    np.testing.assert_array_equal(found.matrix[0], alone[0].matrix[0])


def test_problems_are_taken_a_few_at_a_time(whites):
    taken = []

    def count():
        for number, white in enumerate(whites):
            taken.append(number)
            yield white, starts()

    originals = rotation.find_contrast("logcosh")
    seen = []

    def watch(y):
        seen.append(len(taken))
        g, slope = originals.curve(y.copy())
        return g, slope / y.shape[-1]

    rotate_many(count(), fun=watch)
    assert seen[0] <= rotation.AT_WORK and seen[-1] == len(whites)


def test_kinds_may_come_in_any_order(whites):
    narrow = [white[:3] for white in whites]
    single = [white.astype(np.float32) for white in whites]
    order = [(whites[0], 5), (narrow[1], 3), (single[2], 5), (whites[3], 5), (narrow[4], 3)]
    found = rotate_many((white, starts(size)) for white, size in order)
    for number, (white, size) in enumerate(order):
        alone = rotate_many([(white, starts(size))])
        np.testing.assert_array_equal(found.matrix[number], alone.matrix[0])


def test_sources_still_moving_are_told_from_those_at_rest():
    rng = np.random.default_rng(0)
    white, _ = whiten(np.vstack([rng.laplace(size=(2, 4000)), rng.normal(size=(6, 4000))]))
    found = rotate_many([(white, starts(8, 1))], max_iter=15, tol=1e-12)
    assert not found.converged[0]
    kurtosis = ((found.matrix[0] @ white) ** 4).mean(axis=1) - 3
    assert found.settled(0)[kurtosis > 1].all()
    assert not found.settled(0)[kurtosis < 1].all()


def test_what_met_its_tolerance_is_at_rest_however_wide_that_is(whites):
    found = rotate_many([(whites[0], starts(5, 1))], tol=0.9)
    assert found.converged[0] and found.change[0].max() > 1e-3
    assert found.settled(0).all()


def test_the_contrast_is_that_of_the_sources_found(whites):
    from icaedit.analysis.fastica.contrasts import negentropy

    found = rotate_many((white, starts()) for white in whites)
    for matrix, white, contrast in zip(found.matrix, whites, found.contrast, strict=True):
        assert contrast == pytest.approx(negentropy(matrix @ white))
