"""Where a study's faces come from."""

from dataclasses import replace

import numpy as np
import pytest

import icaedit.studies.sources as sources
from icaedit.datasets import Record, read_dataset
from icaedit.errors import DatasetError, FaceNotFoundError
from icaedit.files import sha256_file
from icaedit.images import pencil_sketch, read_image, save_image
from icaedit.portraits import write_portraits
from icaedit.studies import plan_hard_portraits, read_known, real_source, rendered_source


@pytest.fixture(scope="module")
def kdef(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kdef")
    write_portraits(folder, n_identities=8, size=32)
    return read_dataset(folder)


@pytest.fixture
def simple(monkeypatch, tiny):
    """Faces are where they are, and fits are noted."""
    fitted = []

    def fit(latents, **_):
        fitted.append(latents)
        return tiny.directions

    monkeypatch.setattr(sources, "fit_directions", fit)
    return fitted


def of_kdef(kdef, tiny, folder, **options):
    return real_source("kdef", kdef, folder, tiny.model, **options)


def test_rendered_people_are_taken_again_if_the_plan_is_the_same(study, tiny, monkeypatch):
    monkeypatch.setattr(sources, "write_hard_portraits", None)
    again = rendered_source(
        study.folder / "faces", tiny.model, plan=study.plan, directions=tiny.directions
    )
    assert again.records == study.source.records
    assert np.array_equal(again.latents.latents, study.source.latents.latents)


def test_drawings_of_another_plan_are_refused(study, tiny):
    other = plan_hard_portraits(people={"train": 1}, shots={"train": 1})
    with pytest.raises(DatasetError, match="drawings of another plan"):
        rendered_source(study.folder / "faces", tiny.model, plan=other, directions=tiny.directions)


def test_directions_that_know_people_of_the_test_are_refused(study, tiny):
    knowing = replace(tiny.directions, provenance={"identities": ["test-002", "F01"]})
    with pytest.raises(DatasetError, match="got test-002 in the test"):
        rendered_source(study.folder / "faces", tiny.model, plan=study.plan, directions=knowing)


def test_latents_stand_in_the_order_of_the_records(study, tiny):
    source = study.source
    assert source.latents.paths.tolist() == [record.name for record in source.records]
    row = source.part("test")[3]
    alone = tiny.model.encode(read_image(source.records[row].path)[None])
    assert np.allclose(source.latents.latents[row], alone[0], atol=1e-5)


def test_the_parts_are_rows_of_the_records(study):
    rows = [study.source.part(part) for part in ("train", "validation", "test")]
    assert sorted(sum(rows, [])) == list(range(42))
    assert {study.source.records[row].split for row in rows[2]} == {"test"}


def test_people_of_kdef_stand_in_one_part_and_directions_are_of_the_training(
    kdef, tiny, tmp_path, simple
):
    source = of_kdef(kdef, tiny, tmp_path)
    people = {
        part: {source.records[row].identity for row in source.part(part)}
        for part in ("train", "validation", "test")
    }
    assert sum(map(len, people.values())) == len(set.union(*people.values())) == 8
    (fitted,) = simple
    assert set(fitted.identity.tolist()) == people["train"]
    assert source.directions is tiny.directions


def test_drawings_are_of_the_photographs_and_directions_are_not_of_drawings(
    kdef, tiny, tmp_path, simple
):
    source = of_kdef(kdef, tiny, tmp_path)
    by_name = {record.name: record for record in kdef}
    for record in source.records[:5]:
        photograph = read_image(by_name[record.name].path)
        assert np.array_equal(read_image(record.path), pencil_sketch(photograph))
        assert record.digest == sha256_file(record.path)
    (fitted,) = simple
    photograph = read_image(by_name[fitted.paths[0]].path)
    assert np.allclose(fitted.latents[0], tiny.model.encode(photograph[None])[0], atol=1e-5)


def test_pictures_without_a_face_are_counted_and_those_of_the_test_kept(
    kdef, tiny, tmp_path, simple, monkeypatch
):
    blind = {kdef[0].identity, kdef[20].identity, kdef[50].identity}
    prepare = sources.prepare_face
    hidden = {read_image(r.path).tobytes() for r in kdef
              if r.identity in blind and r.emotion == "sad"}  # fmt: skip

    def look(image, **options):
        if image.tobytes() in hidden:
            raise FaceNotFoundError("got no face")
        return prepare(image, **options)

    monkeypatch.setattr(sources, "prepare_face", look)
    source = of_kdef(kdef, tiny, tmp_path)
    assert len(source.records) == len(kdef) - len(blind)
    assert all(record.split == "test" for record in source.missed)
    assert any(f"found in {len(blind)} of 56" in remark for remark in source.remarks)
    everyone = of_kdef(kdef, tiny, tmp_path)  # the faces found before are still there
    assert everyone.records == source.records


def test_of_raf_db_some_of_the_training_is_held_back_and_the_test_stays(tiny, tmp_path):
    from icaedit.datasets import Dataset

    rng, records = np.random.default_rng(0), []
    for number in range(40):
        path = tmp_path / f"{number}.png"
        save_image(path, rng.integers(0, 256, (32, 32, 3), dtype=np.uint8))
        split = "test" if number >= 30 else "train"
        records.append(Record(path, path.name, "", "sad", digest=sha256_file(path), split=split))
    raf = Dataset(tmp_path, "raf-db", tuple(records), (), ())
    source = real_source("raf-db", raf, tmp_path / "work", tiny.model, directions=tiny.directions)
    assert [len(source.part(p)) for p in ("train", "validation", "test")] == [27, 3, 10]
    assert {r.name for r in source.records if r.split == "test"} == {
        f"{number}.png" for number in range(30, 40)
    }


def test_other_data_than_kdef_need_directions(kdef, tiny, tmp_path):
    with pytest.raises(DatasetError, match="got no directions for ck"):
        real_source("ck+", kdef, tmp_path, tiny.model)


def test_kdef_is_known_by_its_names(kdef):
    name, found = read_known(kdef.root)
    assert name == "kdef"
    assert len(found) == 56


def test_ck_plus_is_known_by_its_folders(tmp_path):
    film = tmp_path / "cohn-kanade-images" / "S005" / "001"
    film.mkdir(parents=True)
    for frame in (1, 2, 3, 4):
        pixels = np.full((16, 16, 3), 40 * frame, np.uint8)
        save_image(film / f"S005_001_0000000{frame}.png", pixels)
    label = tmp_path / "Emotion" / "S005" / "001" / "S005_001_00000004_emotion.txt"
    label.parent.mkdir(parents=True)
    label.write_text("   3.0000000e+00\n")
    assert read_known(tmp_path)[0] == "ck+"


def test_raf_db_is_known_by_its_numbered_folders(tmp_path):
    for number, part in ((1, "train"), (4, "test")):
        path = tmp_path / part / str(number) / f"{part}_0000{number}_aligned.jpg"
        path.parent.mkdir(parents=True)
        save_image(path, np.full((16, 16, 3), 50 * number, np.uint8))
    assert read_known(tmp_path)[0] == "raf-db"


def test_an_unknown_folder_is_refused_with_every_reason(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(DatasetError, match="none of raf-db, ck., kdef") as caught:
        read_known(tmp_path)
    assert "as raf-db:" in str(caught.value)
