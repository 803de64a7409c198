import numpy as np
from scipy.linalg import polar

from icaedit.analysis.fastica.decorrelation import decorrelate, random_rotations


def assert_orthogonal(matrices):
    identity = np.broadcast_to(np.eye(matrices.shape[-1]), matrices.shape)
    np.testing.assert_allclose(matrices @ matrices.mT, identity, atol=1e-9)


def test_each_matrix_goes_to_its_polar_factor():
    matrices = np.random.default_rng(0).normal(size=(3, 5, 4, 4))
    found = decorrelate(matrices)
    np.testing.assert_allclose(found[1, 2], polar(matrices[1, 2])[0], atol=1e-10)
    assert_orthogonal(found)


def test_singular_and_zero_matrices_become_orthogonal_and_leave_the_others_alone():
    whole = np.random.default_rng(0).normal(size=(3, 3))
    stack = np.stack([whole, np.diag([2.0, 1.0, 1e-9]), np.zeros((3, 3)), whole])
    found = decorrelate(stack)
    assert_orthogonal(found)
    np.testing.assert_array_equal(found[0], decorrelate(whole))
    np.testing.assert_array_equal(found[0], found[3])


def test_drawn_rotations_are_orthogonal_and_the_first_do_not_depend_on_how_many():
    few, many = (random_rotations(np.random.default_rng(0), n, 4) for n in (2, 5))
    np.testing.assert_array_equal(few, many[:2])
    assert_orthogonal(many)
