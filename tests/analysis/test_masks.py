import numpy as np
import pytest
from scipy import stats

from icaedit.analysis import fit_directions
from icaedit.analysis.cells import cell_means
from icaedit.analysis.masks import direction_masks, false_discovery_mask, layer_counts
from icaedit.analysis.mean_difference import paired_p_values
from icaedit.errors import InputError


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_discoveries_equal_scipy_s_false_discovery_control(seed):
    rng = np.random.default_rng(seed)
    p = np.concatenate([rng.random(300), rng.random(60) ** 8])
    expected = stats.false_discovery_control(p, method="bh") <= 0.05
    assert (false_discovery_mask(p) == expected).all()
    assert expected.any()


def test_a_p_value_exactly_on_the_line_is_a_discovery():
    assert false_discovery_mask([0.025, 0.9]).tolist() == [True, False]


def test_p_values_outside_their_range_are_refused():
    with pytest.raises(InputError, match="outside 0 to 1"):
        false_discovery_mask([0.5, 1.5])
    with pytest.raises(InputError, match="outside 0 to 1"):
        false_discovery_mask([0.5, np.nan])


def test_p_values_equal_scipy_s_paired_test_over_people_who_show_both(planted):
    data = planted(people=8, size=40, noise=2.0)
    keep = np.ones(len(data.latents), dtype=bool)
    keep[[1, 7]] = False  # one person's happy, another's neutral
    cells = cell_means(*data.take(keep))
    people = np.unique(data.identity)[2:]
    posed, neutral = (
        data.latents[(data.emotion == e) & np.isin(data.identity, people)].astype(float)
        for e in ("happy", "neutral")
    )
    expected = stats.ttest_rel(posed, neutral).pvalue
    np.testing.assert_allclose(paired_p_values(cells, 1), expected, rtol=1e-9)


def test_a_coordinate_that_never_changes_is_no_discovery():
    cells = cell_means([[5.0, 0], [5.0, 1]] * 3, list("aabbcc"), ["NE", "HA"] * 3)
    p = paired_p_values(cells, 1)
    assert p[0] == 1 and p[1] < 1e-9


def test_false_discoveries_stay_near_five_percent(planted):
    data = planted(people=20, size=3000, noise=2.0)
    found = fit_directions(
        *data.take(slice(None)), method="mean-difference", threshold="fdr", n_bootstrap=0
    )
    true = data.truth != 0
    false_share = (found.masks & ~true).sum() / found.masks.sum()
    assert found.masks.sum() > 500
    assert false_share < 0.08


def test_the_one_sided_discovery_mask_keeps_positive_entries_only():
    cells = cell_means([[0, 0.0], [1, -1]] * 3, list("aabbcc"), ["NE", "HA"] * 3)
    pattern = np.array([[1.0, -1.0]])
    assert direction_masks(pattern, "fdr", cells=cells).tolist() == [[True, True]]
    one = direction_masks(pattern, "fdr", cells=cells, two_sided=False)
    assert one.tolist() == [[True, False]]


@pytest.mark.parametrize(
    ("threshold", "share", "margin"), [("mean", 17.8, 1.5), ("median", 23.8, 2)]
)
def test_the_paper_s_thresholds_keep_the_paper_s_shares(planted, threshold, share, margin):
    # the paper keeps 1638 and 2194 of 9216 coordinates, 17.8 % and 23.8 %
    data = planted(people=3, size=9216, kind="dense", noise=0.1)
    found = fit_directions(
        *data.take(slice(None)), method="paper", threshold=threshold, n_bootstrap=0
    )
    assert 100 * found.masks.mean() == pytest.approx(share, abs=margin)
    assert f"In the paper the {threshold} keeps {share}%." in found.report["sentences"]


def test_layers_are_counted_along_the_channels():
    masks = np.zeros((2, 3, 4), dtype=bool)
    masks[0, 1] = True
    masks[1, 2, :2] = True
    assert layer_counts(masks).tolist() == [[0, 4, 0], [0, 0, 2]]
