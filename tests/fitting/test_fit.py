import numpy as np
import pytest

from icaedit import analysis
from icaedit.artifacts import LatentSet, load_directions
from icaedit.errors import DatasetError, IcaeditWarning
from icaedit.fitting import fit_directions
from icaedit.schema import EMOTIONS

FINGERPRINT = "ab" * 32


@pytest.fixture
def pictures():
    rng = np.random.default_rng(0)
    posed = rng.laplace(size=(7, 4, 50)) * (rng.random((7, 4, 50)) < 0.3)
    posed[0] = 0
    latents = rng.normal(size=(6, 1, 4, 50)) + posed + 0.1 * rng.normal(size=(6, 7, 4, 50))
    return LatentSet(
        latents.reshape(42, 4, 50),
        np.repeat([f"F{i:02d}" for i in range(6)], 7),
        emotion=EMOTIONS * 6,
        view=["S", "HL"] * 21,
        paths=[f"{i}.png" for i in range(42)],
        digests=[f"{i:064d}" for i in range(42)],
        model_fingerprint=FINGERPRINT,
    )


def test_directions_are_those_of_the_analysis(pictures):
    directions = fit_directions(pictures, n_bootstrap=5)
    fit = analysis.fit_directions(
        pictures.latents, pictures.identity, pictures.emotion, n_bootstrap=5
    )
    assert directions.vectors.tobytes() == fit.vectors.tobytes()
    assert directions.masks.tobytes() == fit.masks.tobytes()
    assert directions.posed_strength == fit.posed_strength
    assert directions.report == fit.report
    assert directions.emotions == EMOTIONS[1:]


def test_options_reach_the_analysis(pictures):
    directions = fit_directions(pictures, method="pca", threshold="median", n_bootstrap=0)
    assert (directions.method, directions.threshold) == ("pca", "median")
    assert directions.masks.mean() == pytest.approx(0.5, abs=0.02)


def test_provenance_tells_where_directions_come_from(pictures):
    directions = fit_directions(pictures, method="mean-difference", random_state=3, n_bootstrap=0)
    provenance = directions.provenance
    assert directions.model_fingerprint == FINGERPRINT
    assert provenance["dataset_digest"] == pictures.dataset_digest
    assert (provenance["n_identities"], provenance["n_images"]) == (6, 42)
    assert provenance["identities"] == sorted(set(pictures.identity.tolist()))
    assert directions.index_mask().people == tuple(provenance["identities"])
    assert provenance["views"] == ["HL", "S"]
    assert provenance["random_state"] == 3
    assert provenance["versions"]["numpy"] == np.__version__
    assert set(provenance["versions"]) == {"icaedit", "numpy", "scipy", "scikit-learn"}


def test_fitting_twice_writes_the_same_bytes_and_reads_back(pictures, tmp_path):
    paths = [tmp_path / name for name in ("a.safetensors", "b.safetensors")]
    for path in paths:
        fit_directions(pictures, n_bootstrap=5).save(path)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    again = load_directions(paths[0], model_fingerprint=FINGERPRINT)
    assert again.report["sentences"]


def test_the_exported_mask_under_the_fitted_rule_is_the_fitted_mask(pictures):
    directions = fit_directions(pictures, method="paper", n_bootstrap=0, threshold="median")
    anew = directions.index_mask("median").emotions["sad"]
    assert anew.tolist() == np.flatnonzero(directions.mask("sad")).tolist()


def test_one_person_is_refused(pictures):
    with pytest.raises(DatasetError, match="one person only"):
        fit_directions(pictures.select(pictures.identity == "F00"))


def test_broken_latents_in_a_set_quarantine_their_person(pictures):
    latents = pictures.latents.copy()
    latents[8, 2, 3] = np.inf  # one of F01's pictures
    broken = LatentSet(
        latents, pictures.identity, emotion=pictures.emotion, model_fingerprint=FINGERPRINT
    )
    with pytest.warns(IcaeditWarning, match="infinite latents of F01, expected"):
        directions = fit_directions(broken, n_bootstrap=5)
    expected = fit_directions(pictures.select(pictures.identity != "F01"), n_bootstrap=5)
    assert directions.vectors.tobytes() == expected.vectors.tobytes()
    assert directions.report["quarantined"] == ["F01"]
    assert "F01" not in directions.index_mask().people
    for key in ("neutral_score", "identities", "n_identities", "n_images"):
        assert directions.provenance[key] == expected.provenance[key]
    assert directions.provenance["n_images"] == 35


def test_sides_and_components_reach_the_file_and_its_masks(pictures, tmp_path):
    path = tmp_path / "d.safetensors"
    fit_directions(pictures, sided="one", n_components=7, n_bootstrap=0).save(path)
    again = load_directions(path)
    assert (again.sided, again.provenance["n_components"]) == ("one", 7)
    anew = again.index_mask("median")
    assert anew.rule == "one-sided"
    kept = np.zeros(again.masks[0].size, dtype=bool)
    kept[anew.emotions["sad"]] = True
    assert again.patterns[1].ravel()[kept].min() > 0


@pytest.mark.parametrize(("method", "count"), [("mean-difference", 1000), ("pca", 200)])
def test_the_number_of_resamples_goes_by_what_a_refit_takes(pictures, method, count):
    directions = fit_directions(pictures, method=method)
    assert directions.report["stability"]["n_bootstrap"] == count
    assert directions.provenance["n_bootstrap"] == count


def test_progress_counts_the_resamples_to_their_end():
    seen = []
    smile = np.array([[0.0, 3.0], [-1.0, 0.0]])
    people = np.random.default_rng(0).normal(size=(6, 1, 2, 2))
    codes = np.concatenate([people, people + smile], axis=1).reshape(12, 2, 2)
    pictures = LatentSet(codes, np.repeat(list("abcdef"), 2), emotion=["NE", "HA"] * 6)
    options = {"method": "mean-difference", "n_bootstrap": 60}
    told = fit_directions(
        pictures, **options, progress=lambda done, total: seen.append((done, total))
    )
    assert [total for _, total in seen] == [60, 60, 60]
    assert [done for done, _ in seen] == [25, 50, 60]
    assert np.array_equal(told.vectors, fit_directions(pictures, **options).vectors)
