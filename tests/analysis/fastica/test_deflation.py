import numpy as np

from icaedit.analysis.fastica.contrasts import find_contrast
from icaedit.analysis.fastica.deflation import deflate
from icaedit.analysis.fastica.whitening import whiten


def test_rows_are_orthonormal_and_the_sources_found(mixtures, amari):
    x, mixing, _ = mixtures(count=1)
    white, whitening = whiten(x[0])
    start = np.random.default_rng(0).normal(size=(5, 5))
    matrix, n_iter, converged = deflate(
        white, start, find_contrast("logcosh"), max_iter=200, tol=1e-6
    )
    assert converged.all() and (n_iter > 1).all() and n_iter.max() < 100
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(5), atol=1e-12)
    assert amari(matrix @ whitening.matrix @ mixing[0]) < 0.05


def test_starts_that_leave_nothing_still_end_in_an_orthogonal_matrix(mixtures):
    white, _ = whiten(mixtures(count=1, size=3)[0][0])
    same = np.tile([1.0, 0.0, 0.0], (3, 1))
    # a contrast that never moves
    contrast = find_contrast(lambda y: (y * 0, np.ones(len(y))))
    matrix, _, _ = deflate(white, same, contrast, max_iter=5, tol=1e-6)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-12)
