"""Trainings of a study, each of which is run once."""

from dataclasses import replace

import numpy as np
import pytest

import icaedit.studies.running as running
from icaedit.artifacts import LatentSet
from icaedit.recognition import load_recogniser
from icaedit.schema import EMOTIONS
from icaedit.studies import CONDITIONS, condition_masks, run_study
from icaedit.studies.running import ALONE, ALONG, OWN_LAYER


@pytest.fixture
def untrained(monkeypatch):
    """Trainings fail from here on."""

    def refuse(*_, **__):
        raise AssertionError("trained again")

    monkeypatch.setattr(running, "train_recogniser", refuse)
    monkeypatch.setattr(running, "fit_head", refuse)
    return monkeypatch


def folder_of(study):
    return study.folder / "trainings"


def test_every_backbone_is_tested_under_every_condition(study):
    stored = study.result.stored
    assert stored.backbones == ("dacl", ALONE)
    assert {c for b, c in stored.scores if b == "dacl"} == {OWN_LAYER, *CONDITIONS}
    assert {c for b, c in stored.scores if b == ALONE} == set(CONDITIONS) - {"without"}
    assert study.result.along is None


def test_networks_are_trained_along_with_the_layers_under_some_conditions(
    study, settings, monkeypatch
):
    assert set(ALONG) <= set(CONDITIONS)
    monkeypatch.setattr(running, "ALONG", ("without", "fifth"))
    one = replace(settings, seeds=(0,), along=("dacl",))
    along = run_study(study.source, folder_of(study), settings=one).along
    assert set(along.scores) == {("dacl", "without"), ("dacl", "fifth")}
    assert not np.array_equal(along.scores["dacl", "without"], along.scores["dacl", "fifth"])
    stored = study.result.stored.scores
    assert not np.array_equal(along.scores["dacl", "without"][0], stored["dacl", "without"][0])


def test_scores_are_those_of_the_test_people_by_seed(study):
    stored = study.result.stored
    assert all(scores.shape == (2, 21, 7) for scores in stored.scores.values())
    tested = [r for r in study.source.records if r.split == "test"]
    assert stored.names == tuple(record.name for record in tested)
    assert stored.identities == tuple(record.identity for record in tested)
    assert [EMOTIONS[label] for label in stored.labels] == [record.emotion for record in tested]
    first, second = stored.scores["dacl", "full"]
    assert not np.array_equal(first, second)


def test_coordinates_are_counted(study):
    coordinates = study.result.stored.coordinates
    masks = condition_masks(study.source.directions)
    assert coordinates["without"] == 0
    assert coordinates["full"] == study.source.latents.latents[0].size
    assert coordinates["mean mask"] == masks["mean mask"].sum()


def test_own_scores_are_those_of_the_network_that_was_kept(study):
    (path, *_) = sorted(folder_of(study).glob("network-*.safetensors"))
    recogniser = load_recogniser(path)
    from icaedit.images import read_image

    tested = [r for r in study.source.records if r.split == "test"]
    own = recogniser.scores([read_image(record.path) for record in tested])
    known = study.result.stored.scores["dacl", OWN_LAYER]
    assert any(np.allclose(own, scores, atol=1e-5) for scores in known)


def test_networks_never_see_the_test(study):
    for path in folder_of(study).glob("network-*.safetensors"):
        people = load_recogniser(path).provenance["people"]
        assert set(people["train"]) == {"train-001", "train-002"}
        assert set(people["validation"]) == {"validation-001"}


def test_a_second_run_trains_nothing_and_gives_the_same(study, settings, untrained):
    again = run_study(study.source, folder_of(study), settings=settings)
    for pair, scores in study.result.stored.scores.items():
        assert np.array_equal(again.stored.scores[pair], scores)


def test_a_lost_cell_is_made_again_alike(study, settings):
    cells = sorted(folder_of(study).glob("head-*.safetensors"))
    content = cells[0].read_bytes()
    cells[0].unlink()
    run_study(study.source, folder_of(study), settings=settings)
    assert cells[0].read_bytes() == content


def test_other_latents_need_no_other_networks_but_other_last_layers(study, settings, monkeypatch):
    kept = study.source.latents
    other = replace(
        study.source,
        latents=LatentSet(
            kept.latents[::-1], kept.identity, emotion=kept.emotion, paths=kept.paths,
            digests=kept.digests, model_fingerprint=kept.model_fingerprint,
        ),
    )  # fmt: skip

    def refuse(*_, **__):
        raise AssertionError("trained again")

    monkeypatch.setattr(running, "train_recogniser", refuse)
    again = run_study(other, folder_of(study), settings=settings).stored
    for condition in ("without", OWN_LAYER):
        assert np.array_equal(
            again.scores["dacl", condition], study.result.stored.scores["dacl", condition]
        )
    assert not np.array_equal(
        again.scores["dacl", "full"], study.result.stored.scores["dacl", "full"]
    )


def test_other_labels_are_other_trainings(study, settings, untrained):
    records = list(study.source.records)
    records[0] = replace(records[0], emotion="sad" if records[0].emotion != "sad" else "happy")
    with pytest.raises(AssertionError, match="trained again"):
        run_study(replace(study.source, records=tuple(records)), folder_of(study),
                  settings=settings)  # fmt: skip


def test_networks_that_start_from_a_trunk_are_other_trainings(
    study, settings, monkeypatch, tmp_path
):
    trunk = tmp_path / "trunk.pth"
    trunk.write_bytes(b"weights")
    started = []

    def load(name, **options):
        started.append(options["trunk"])
        raise AssertionError("loaded anew")

    monkeypatch.setattr(running, "load_backbone", load)
    with pytest.raises(AssertionError, match="loaded anew"):
        run_study(study.source, folder_of(study), settings=replace(settings, trunk=trunk))
    assert started == [trunk]


def test_a_face_that_was_not_found_is_a_row_without_scores(study, settings, untrained):
    lost = replace(study.source.records[-1], name="test/lost.png", digest="0")
    missed = replace(study.source, missed=(lost,))
    stored = run_study(missed, folder_of(study), settings=settings).stored
    for scores in stored.scores.values():
        assert np.isnan(scores[:, -1]).all() and not np.isnan(scores[:, :-1]).any()
    assert stored.names[-1] == "test/lost.png"


def test_people_that_are_not_known_are_not_made_up(study, settings, untrained):
    lost = replace(study.source.records[-1], name="test/lost.png", identity="")
    stored = run_study(
        replace(study.source, missed=(lost,)), folder_of(study), settings=settings
    ).stored
    assert stored.identities is None


def test_progress_tells_each_training_and_ends(study):
    words = [what for what, _, _ in study.said]
    assert "training dacl, seed 1" in words
    assert study.said[-1] == ("done", 4, 4)
