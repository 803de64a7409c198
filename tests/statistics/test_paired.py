import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats

from icaedit.errors import InputError
from icaedit.statistics import holm_adjusted, mcnemar_p, sign_flip_p

SMALL = some.lists(some.integers(-6, 6), min_size=1, max_size=9)
QUICK = settings(max_examples=60, deadline=None)


@pytest.mark.parametrize(("gained", "lost"), [(10, 2), (2, 10), (6, 6), (1, 0), (0, 9), (80, 41)])
def test_mcnemar_is_twice_the_binomial_tail(gained, lost):
    tail = stats.binom.cdf(min(gained, lost), gained + lost, 0.5)
    assert mcnemar_p(gained, lost) == pytest.approx(min(2 * tail, 1.0), rel=1e-12)


def test_models_that_never_differ_are_not_told_apart():
    assert mcnemar_p(0, 0) == 1.0
    with pytest.raises(InputError, match="-1 lost"):
        mcnemar_p(0, -1)


@QUICK
@given(SMALL)
def test_the_flips_are_those_of_every_sign_pattern(differences):
    patterns = itertools.product([-1, 1], repeat=len(differences))
    sums = np.abs([np.dot(pattern, differences) for pattern in patterns])
    share = (sums >= abs(sum(differences))).mean()
    assert sign_flip_p(differences) == pytest.approx(share, rel=1e-12)


def test_the_flips_agree_with_scipy():
    differences = np.array([3, -1, 2, 2, 5, -2, 1, 4])
    found = stats.permutation_test(
        (differences,), np.sum, permutation_type="samples", n_resamples=np.inf
    )
    assert sign_flip_p(differences) == pytest.approx(found.pvalue, rel=1e-12)


@QUICK
@given(some.integers(0, 30), some.integers(0, 30), some.integers(0, 5))
def test_with_one_face_a_person_the_flips_are_mcnemars_test(gained, lost, alike):
    differences = [1] * gained + [-1] * lost + [0] * alike or [0]
    assert sign_flip_p(differences) == pytest.approx(mcnemar_p(gained, lost), rel=1e-9)


@QUICK
@given(SMALL, some.integers(1, 4))
def test_sign_order_and_scale_of_the_differences_do_not_matter(differences, scale):
    p = sign_flip_p(differences)
    for changed in (np.negative(differences), sorted(differences), np.multiply(scale, differences)):
        assert sign_flip_p(changed) == pytest.approx(p, rel=1e-12)


def test_faces_of_one_person_that_move_together_count_as_one():
    assert mcnemar_p(20, 0) < 1e-5
    assert sign_flip_p([10, 10]) == 0.5


def test_thousands_of_people_are_counted_exactly():
    assert sign_flip_p([1] * 1200 + [-1] * 1000) == pytest.approx(mcnemar_p(1200, 1000), rel=1e-9)


@pytest.mark.parametrize("wrong", [[0.5], [np.nan], [[1]]])
def test_differences_that_are_no_counts_are_refused(wrong):
    with pytest.raises(InputError, match="whole numbers"):
        sign_flip_p(wrong)


def test_holm_steps_down():
    # sorted .005 .01 .03 .04 times 4, 3, 2, 1
    adjusted = holm_adjusted([0.04, 0.01, np.nan, 0.03, 0.005])
    np.testing.assert_allclose(adjusted, [0.06, 0.03, np.nan, 0.06, 0.02])
    assert holm_adjusted([0.9, 0.8]).tolist() == [1.0, 1.0]
    with pytest.raises(InputError, match="from 0 to 1"):
        holm_adjusted([1.2])
