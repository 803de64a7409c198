"""icaedit recognize evaluate, on networks whose weights are drawn."""

import json

import numpy as np
import pytest

from icaedit.artifacts import load_directions, load_latents
from icaedit.datasets import read_dataset
from icaedit.encode import encode_dataset
from icaedit.errors import InputError
from icaedit.images import pencil_sketch, read_image, save_image
from icaedit.models import load_model
from icaedit.recognition import (
    Experiment,
    FusionClassifier,
    Recogniser,
    evaluate_recogniser,
    load_backbone,
    load_recogniser,
)


@pytest.fixture(scope="module")
def tested(world, tmp_path_factory):
    """A folder with recognisers that were trained on nobody of the world, or on some."""
    folder = tmp_path_factory.mktemp("tested")
    people = read_dataset(world / "people").identities
    mask = load_directions(world / "directions.safetensors").index_mask()
    held = {"train": ["someone"], "validation": people[:1], "test": people[1:]}
    fused = FusionClassifier(load_backbone("dacl", size=32), mask, hidden=4).eval()
    origin = {"align": "none", "people": held}
    Recogniser(fused, provenance=origin).save(folder / "fused.safetensors")
    network = load_backbone("dacl", size=32, random_state=1)
    Recogniser(network, provenance={"align": "none"}).save(folder / "alone.safetensors")
    model = load_model(world / "model.safetensors")
    latents = encode_dataset(read_dataset(world / "people"), model, align="none")
    latents.save(folder / "latents.safetensors")
    seen = {"align": "none", "people": {**held, "train": people[2:]}}
    Recogniser(network, provenance=seen).save(folder / "seen.safetensors")
    return folder


@pytest.fixture
def evaluate(run, world, tested, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def evaluate(name, *arguments):
        model = ("--model", world / "model.safetensors")
        return run("recognize", "evaluate", tested / f"{name}.safetensors", world / "people",
                   *arguments, *model, "--device", "cpu")  # fmt: skip

    return evaluate


def test_two_recognisers_are_tested_on_the_people_left_for_it(
    evaluate, run, world, tested, tmp_path
):
    outcome = evaluate(
        "fused", "--against", tested / "alone.safetensors", "-o", "report.json",
        "--figure", "confusion.png", "--reliability", "reliability.svg",
    )  # fmt: skip
    assert (outcome.code, outcome.err) == (0, "")
    report = json.loads((tmp_path / "report.json").read_text())
    records = read_dataset(world / "people")
    expected = evaluate_recogniser(
        load_recogniser(tested / "fused.safetensors"),
        records,
        latents=load_latents(tested / "latents.safetensors"),
        against=load_recogniser(tested / "alone.safetensors"),
    )
    assert (report["pictures"], report["people"]) == (14, 2)
    assert report["confusion"] == expected.measures.counts.tolist()
    assert report["difference"]["only_this_right"] == expected.difference.gained.tolist()
    assert report["calibration_fitted"]["temperature"] == pytest.approx(
        expected.fitted.temperature, rel=1e-4
    )
    lines = outcome.out.splitlines()
    assert lines[0].split("  ")[0] == "" and lines[1].startswith("fused")
    assert lines[2].startswith("alone") and lines[3].startswith("points")
    assert lines[-1] == "report.json, confusion.png, reliability.svg"
    assert read_image(tmp_path / "confusion.png").std() > 0
    record = json.loads((tmp_path / "report.json.run.json").read_text())
    assert sorted(record["outputs"]) == ["confusion.png", "reliability.svg", "report.json"]
    assert len(record["inputs"]) == 3
    shown = run("show", "report.json").out.splitlines()
    assert shown == ["evaluation of a recogniser", *lines[:-1]]


def test_the_same_command_gives_the_same_bytes(evaluate, tested, tmp_path):
    written = []
    for name in ("a.md", "b.md"):
        outcome = evaluate("fused", "-o", name, "--latents", tested / "latents.safetensors")
        assert outcome.code == 0
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    assert b"| emotion | pictures | recall" in written[0]


def test_latents_that_training_left_are_used_if_they_are_of_every_picture(
    run, world, tested, tmp_path, monkeypatch
):
    def refuse(*arguments, **options):
        raise InputError("encoded anew")

    monkeypatch.setattr("icaedit.cli.recognition_testing.encoded", refuse)
    recogniser = tmp_path / "fused.safetensors"
    recogniser.symlink_to(tested / "fused.safetensors")
    stored = load_latents(tested / "latents.safetensors")
    command = ("recognize", "evaluate", recogniser, world / "people",
               "--model", world / "model.safetensors", "--device", "cpu")  # fmt: skip
    stored.save(tmp_path / "fused.latents.safetensors")
    assert run(*command).code == 0
    stored.select(np.arange(len(stored) - 1)).save(tmp_path / "fused.latents.safetensors")
    assert "encoded anew" in run(*command).err
    stored.save(tmp_path / "fused.latents.safetensors")
    assert "encoded anew" in run(*command, "--align", "auto").err


def test_photographs_and_their_sketches_of_the_same_names_are_tested_together(
    evaluate, world, tmp_path
):
    for record in read_dataset(world / "people"):
        drawing = tmp_path / "drawings" / record.name
        drawing.parent.mkdir(parents=True, exist_ok=True)
        save_image(drawing, pencil_sketch(read_image(record.path)))
    assert evaluate("fused", "drawings", "-o", "report.json").code == 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["pictures"], report["people"]) == (28, 2)
    rows = report["picture_shown_read_probability"]
    first, second = rows[:14], rows[14:]
    assert [row[:2] for row in first] == [row[:2] for row in second]
    assert first != second


def test_the_recogniser_gets_the_fitted_temperature_on_request(evaluate, tested, tmp_path):
    latents = tested / "latents.safetensors"
    outcome = evaluate("fused", "--calibrated", "mended.safetensors", "--latents", latents)
    assert outcome.code == 0
    before, after = (
        load_recogniser(folder / name)
        for folder, name in ((tested, "fused.safetensors"), (tmp_path, "mended.safetensors"))
    )
    assert before.temperature == 1.0 != after.temperature
    images = np.full((1, 32, 32, 3), 90, np.uint8)
    codes = np.ones((1, *before.latent_shape), np.float32)
    np.testing.assert_array_equal(before.scores(images, codes), after.scores(images, codes))
    outcome = evaluate("alone", "--calibrated", "other.safetensors")
    assert outcome.code == 1
    assert "without anyone of the validation" in outcome.err
    assert not (tmp_path / "other.safetensors").exists()


def test_people_seen_in_training_are_refused(evaluate, world):
    outcome = evaluate("seen")
    assert (outcome.code, outcome.out) == (1, "")
    person = read_dataset(world / "people").identities[2]
    assert f"got {person} in the test, whom the recogniser was trained on" in outcome.err


def test_pictures_in_which_no_face_is_found_are_named_and_wrong(run, world, tested, tmp_path):
    folder = tmp_path / "faces"
    folder.mkdir()
    rows = ["path,identity,emotion"]
    for place, emotion in enumerate(("happy", "sad")):
        save_image(folder / f"{place}.png", np.full((60, 90, 3), 40 + 90 * place, np.uint8))
        rows.append(f"{place}.png,X{place},{emotion}")
    record = read_dataset(world / "people")[0]
    save_image(folder / "face.png", read_image(record.path))
    rows.append("face.png,X9,happy")
    (folder / "faces.csv").write_text("\n".join(rows) + "\n")
    recogniser = tested / "alone.safetensors"
    outcome = run("recognize", "evaluate", recogniser, folder / "faces.csv", "--align", "auto")
    assert outcome.code == 0
    assert "counts as wrong: 0.png: " in outcome.err and "counts as wrong: 1.png" in outcome.err
    assert "In 2 pictures no face was found; they count as wrong." in outcome.out
    assert "No picture shows neutral, surprised" in outcome.out


def test_a_report_of_an_unknown_kind_is_refused_before_any_work(evaluate, tmp_path):
    for option, name in (("-o", "report.txt"), ("--figure", "a.gif"), ("--calibrated", "a.pt")):
        outcome = evaluate("fused", option, name)
        assert outcome.code == 1
        assert name in outcome.err
    assert list(tmp_path.iterdir()) == []


def test_scores_of_an_experiment_are_told_as_a_table(run, tmp_path):
    right, half = np.eye(7)[[[0, 1, 2, 3]]], np.eye(7)[[[0, 1, 0, 0]]]
    scores = {("dan", "without"): half, ("dan", "mean mask"): right}
    path = tmp_path / "scores.safetensors"
    Experiment(scores, [0, 1, 2, 3], list("aabb"), seeds=[5]).save(path)
    assert run("show", path).out.splitlines() == [
        "scores of 4 pictures of 2 people, seeds 5",
        "| condition | coordinates | dan |",
        "|---|---|---|",
        "| without | - | 50.0 % |",
        "| mean mask | - | 100.0 % (+50.0) |",
    ]
