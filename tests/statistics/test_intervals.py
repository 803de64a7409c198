import numpy as np
import pytest
from scipy import stats

from icaedit.errors import InputError
from icaedit.statistics import (
    bootstrap_interval,
    cluster_interval,
    cluster_sums,
    wilson_interval,
)


def mean_of(total):
    return total[:, :1] / total[:, 1:]


@pytest.mark.parametrize(("k", "n"), [(8, 10), (0, 7), (7, 7), (2586, 3068)])
def test_the_share_has_wilsons_interval(k, n):
    z = stats.norm.ppf(0.975)
    share = k / n
    centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    expected = [share, max(centre - half, 0), min(centre + half, 1)]
    np.testing.assert_allclose(wilson_interval(k, n), expected, atol=1e-12)


def test_a_share_of_nothing_is_not_known_and_one_beyond_the_whole_is_refused():
    assert np.isnan(wilson_interval(0, 0)).all()
    with pytest.raises(InputError, match="got 3 of 2"):
        wilson_interval(3, 2)
    with pytest.raises(InputError, match="level of 95"):
        wilson_interval(1, 2, level=95)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(200):
        _, low, high = bootstrap_interval(rng.normal(1.0, 2.0, 40), n_bootstrap=400)
        covered += low <= 1.0 <= high
    assert 0.88 <= covered / 200 <= 0.99


def test_people_without_a_value_are_left_out_and_a_seed_repeats():
    values = np.array([1.0, np.nan, 3.0, 5.0])
    assert bootstrap_interval(values) == bootstrap_interval(values[[0, 2, 3]])
    assert bootstrap_interval(values)[0] == 3.0
    assert np.isnan(bootstrap_interval([np.nan])).all()
    assert bootstrap_interval([2.0]) == (2.0, 2.0, 2.0)


def test_rows_are_added_up_by_name_whatever_their_order():
    values = np.arange(8.0).reshape(4, 2)
    assert cluster_sums(values, ["b", "a", "b", "c"]).tolist() == [[2, 3], [4, 6], [6, 7]]
    assert cluster_sums(values, None).tolist() == values.tolist()
    with pytest.raises(InputError, match="1 of them empty"):
        cluster_sums(values, ["b", "", "b", "c"])
    with pytest.raises(InputError, match="one name for each"):
        cluster_sums(values, ["b", "c"])


def people(rng, n_people, n_faces, spread):
    """Return sums and counts of people whose faces have the mean 0 and much in common."""
    own = rng.normal(0, 1, n_people)
    faces = own[:, None] + rng.normal(0, spread, (n_people, n_faces))
    return np.column_stack([faces.sum(1), np.full(n_people, n_faces)])


@pytest.mark.parametrize("n_people", [6, 25])
def test_few_people_with_alike_faces_are_covered_about_as_often_as_promised(n_people):
    rng = np.random.default_rng(0)
    covered, by_face = 0, 0
    for _ in range(300):
        sums = people(rng, n_people, 20, 0.1)
        _, low, high = cluster_interval(sums, mean_of, n_bootstrap=500)
        covered += low[0] <= 0 <= high[0]
        # as if each face were a person of its own
        half = 1.96 / np.sqrt(20 * n_people)
        by_face += abs(sums[:, 0].sum() / (20 * n_people)) <= half
    assert 0.92 <= covered / 300 <= 0.985
    assert by_face / 300 < 0.5


def test_many_people_get_the_percentile_interval_of_plain_resampling():
    values = np.random.default_rng(1).gamma(2.0, 1.0, 400)
    sums = np.column_stack([values, np.ones(400)])
    value, low, high = cluster_interval(sums, mean_of, n_bootstrap=4000, random_state=3)
    plain = bootstrap_interval(values, n_bootstrap=4000, random_state=4)
    np.testing.assert_allclose([value[0], low[0], high[0]], plain, atol=0.012)
    assert low[0] < value[0] < high[0]


def test_a_seed_repeats_and_another_does_not():
    sums = people(np.random.default_rng(2), 12, 3, 1.0)
    first, again, other = (
        cluster_interval(sums, mean_of, n_bootstrap=301, random_state=seed) for seed in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert (first[1] != other[1]).all()


def test_the_level_widens_the_interval():
    sums = people(np.random.default_rng(2), 12, 3, 1.0)
    ends = [cluster_interval(sums, mean_of, level=level)[1:] for level in (0.5, 0.95)]
    assert ends[1][0] < ends[0][0] < ends[0][1] < ends[1][1]


def test_one_person_says_nothing_about_others():
    value, low, high = cluster_interval(np.array([[3.0, 4.0]]), mean_of)
    assert value.tolist() == [0.75]
    assert np.isnan([low, high]).all()


def test_replicates_without_a_value_do_not_count():
    def share(total):
        with np.errstate(invalid="ignore"):
            return np.column_stack([total[:, 0] / total[:, 1], np.full(len(total), np.nan)])

    sums = np.array([[1.0, 2.0], [0.0, 0.0], [2.0, 3.0]])  # the second has no such face
    value, low, high = cluster_interval(sums, share, n_bootstrap=200)
    assert value[0] == 0.6
    assert (low[0], high[0]) == (0.5, pytest.approx(2 / 3))
    assert np.isnan([value[1], low[1], high[1]]).all()


def test_what_cannot_be_resampled_is_refused():
    with pytest.raises(InputError, match=r"shape \(0, 2\)"):
        cluster_interval(np.zeros((0, 2)), mean_of)
    with pytest.raises(InputError, match="0 resamplings"):
        cluster_interval(np.ones((2, 2)), mean_of, n_bootstrap=0)
