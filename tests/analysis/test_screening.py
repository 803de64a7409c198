import numpy as np
import pytest

from icaedit.analysis import fit_directions
from icaedit.analysis.cells import cell_means
from icaedit.analysis.centring import centre_people
from icaedit.analysis.screening import screen_latents, wild_coordinates
from icaedit.errors import DatasetError, IcaeditWarning, InputError


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("method", ["group-ica", "mean-difference"])
def test_a_person_with_a_broken_latent_is_left_out_by_name(planted, bad, method):
    data = planted(people=7, size=200)
    latents = data.latents.copy()
    latents[3 * 7 + 2, 5] = bad  # one number of one picture of P03
    options = {"method": method, "n_bootstrap": 5}
    with pytest.warns(IcaeditWarning, match="NaN or infinite latents of P03, expected"):
        found = fit_directions(latents, data.identity, data.emotion, **options)
    without = data.identity != "P03"
    expected = fit_directions(*data.take(without), **options)
    assert found.vectors.tobytes() == expected.vectors.tobytes()
    assert found.report["quarantined"] == ["P03"]
    assert found.used.tolist() == without.tolist()
    assert found.report["n_people"] == 6
    assert any("P03 was left out" in sentence for sentence in found.report["sentences"])


def test_several_broken_people_are_all_named(planted):
    data = planted(people=5, size=100)
    latents = data.latents.copy()
    latents[[0, 8, 9]] = np.nan
    with pytest.warns(IcaeditWarning, match="P00, P01, expected"):
        screening = screen_latents(latents, data.identity, data.emotion)
    assert screening.quarantined == ("P00", "P01")
    assert screening.used.sum() == 21


def test_broken_people_may_leave_too_few(planted):
    data = planted(people=2, size=100)
    latents = data.latents.copy()
    latents[0, 0] = np.nan
    with pytest.raises(DatasetError, match="leave 1 of 2 people"):
        screen_latents(latents, data.identity, data.emotion)


def test_constant_latents_are_left_out_one_by_one_and_named(planted):
    data = planted(people=5, size=100)
    latents = data.latents.copy()
    latents[9] = 0.25
    with pytest.warns(IcaeditWarning, match="constant latents in P01 sad .row 9."):
        found = fit_directions(latents, data.identity, data.emotion, n_bootstrap=0)
    expected = fit_directions(*data.take(np.arange(35) != 9), n_bootstrap=0)
    assert found.vectors.tobytes() == expected.vectors.tobytes()
    assert found.report["constant_rows"] == [9]
    assert found.report["missing_cells"] == [["P01", "sad"]]
    assert any("1 picture is left out" in sentence for sentence in found.report["sentences"])


def test_a_constant_picture_of_a_person_left_out_is_not_told_again(planted):
    data = planted(people=4, size=100)
    latents = data.latents.copy()
    latents[8, 0], latents[9] = np.nan, 0.25
    with pytest.warns(IcaeditWarning, match="of P01, expected"):
        screening = screen_latents(latents, data.identity, data.emotion)
    assert (screening.quarantined, screening.constant) == (("P01",), ())


def test_nothing_but_constants_is_refused():
    with pytest.raises(DatasetError, match="constant latents that leave 0 of 2"):
        fit_directions(np.ones((4, 5)), list("aabb"), ["NE", "HA"] * 2)


@pytest.mark.parametrize("gap", [0.0, 1e-3])
def test_a_picture_that_is_there_twice_is_named_also_when_only_almost(planted, gap):
    data = planted(people=6, size=300)
    latents = data.latents.copy()
    latents[15] = latents[1] + np.float32(gap / np.sqrt(300))  # P02's happy is P00's
    match = r"1 pair of latents .* P00 happy \(row 1\) = P02 happy \(row 15\)"
    with pytest.warns(IcaeditWarning, match=match):
        found = fit_directions(
            latents, data.identity, data.emotion, method="mean-difference", n_bootstrap=0
        )
    assert found.report["n_duplicates"] == 1
    assert found.report["duplicate_rows"] == [[1, 15]]
    assert any("the same as another" in sentence for sentence in found.report["sentences"])


def test_pictures_that_are_merely_alike_are_not_called_copies(planted):
    # two takes that differ by a fourteenth, or by a fortieth, of an expression
    for noise in (0.05, 0.02):
        data = planted(people=4, size=300, takes=2, noise=noise)
        assert screen_latents(data.latents, data.identity, data.emotion).duplicates == ()


def test_hundreds_of_copies_are_each_paired_with_the_first():
    latents = np.random.default_rng(0).normal(size=(4, 50))
    latents = np.concatenate([latents, np.repeat(latents[:1], 300, axis=0)])
    people = ["a", "a", "b", "b"] + ["a"] * 300
    with pytest.warns(IcaeditWarning, match="300 pairs .* and 295 more"):
        screening = screen_latents(latents, people, ["NE", "HA"] * 152)
    assert screening.duplicates[0] == (0, 4) and len(screening.duplicates) == 300


def test_a_wild_number_is_named_with_its_place_and_picture(planted):
    data = planted(people=8, size=600)
    latents = data.latents.copy()
    latents[2 * 7 + 3, 41] += 20  # hundreds of times the noise: P02 surprised
    with pytest.warns(IcaeditWarning, match="layer 1 channel 11 .largest in P02 surprised"):
        found = fit_directions(
            latents.reshape(-1, 20, 30), data.identity, data.emotion, n_bootstrap=0
        )
    assert found.report["wild_coordinates"] == [[1, 11]]
    assert any("far larger" in sentence for sentence in found.report["sentences"])


def test_a_wild_number_is_found_also_where_it_makes_up_no_component(planted):
    data = planted(people=20, size=600)
    latents = data.latents.copy()
    latents[5 * 7 + 4, 123] += 2.5
    centred = centre_people(cell_means(latents, data.identity, data.emotion))
    assert [coordinate for coordinate, _ in wild_coordinates(centred, 6)] == [123]


def test_a_coordinate_that_is_wild_in_every_picture_is_named(planted):
    data = planted(people=8, size=600)
    latents = data.latents.copy()
    latents[:, 7] += 30 * np.random.default_rng(0).normal(size=56).astype(np.float32)
    centred = centre_people(cell_means(latents, data.identity, data.emotion))
    assert [coordinate for coordinate, _ in wild_coordinates(centred, 6)] == [7]


@pytest.mark.parametrize("kind", ["sparse", "gauss", "dense"])
def test_no_coordinate_of_a_sound_dataset_is_wild(planted, kind):
    for seed in range(3):
        data = planted(people=6, size=400, kind=kind, seed=seed)
        centred = centre_people(cell_means(data.latents, data.identity, data.emotion))
        assert wild_coordinates(centred, 6) == []


@pytest.mark.parametrize("name", ["identity", "emotion"])
def test_labels_of_another_length_are_refused(planted, name):
    data = planted(people=2, size=50)
    labels = {"identity": data.identity, "emotion": data.emotion}
    labels[name] = labels[name][:-1]
    with pytest.raises(InputError, match=f"{name} of shape"):
        screen_latents(data.latents, **labels)


def test_emotions_that_nobody_shows_are_listed(planted):
    data = planted(people=4, size=100)
    report = fit_directions(*data.take(data.emotion != "afraid"), n_bootstrap=0).report
    assert report["emotions_not_shown"] == ["afraid"]
    assert "Nobody shows afraid, so there is no direction for it." in report["sentences"]
