"""icaedit evaluate."""

import csv
import json

import numpy as np
import pytest

import icaedit.evaluation
from icaedit.artifacts import LatentSet, load_directions, load_latents
from icaedit.evaluation import Scores
from icaedit.images import read_image
from icaedit.models import load_model


@pytest.fixture(scope="module")
def strangers(world, tmp_path_factory):
    """Other people, as latents: those of the world, moved and renamed."""
    latents = load_latents(world / "directions.latents.safetensors")
    moved = LatentSet(
        latents.latents + 0.01,
        [f"other {name}" for name in latents.identity],
        emotion=latents.emotion,
        model_fingerprint=latents.model_fingerprint,
    )
    path = tmp_path_factory.mktemp("strangers") / "faces.safetensors"
    moved.save(path)
    return path


@pytest.fixture
def template_scorer(world, monkeypatch):
    """A scorer for the tiny model, whose pictures the judge cannot read: posed faces' likeness."""
    model = load_model(world / "model.safetensors", device="cpu")
    latents = load_latents(world / "directions.latents.safetensors")
    directions = load_directions(world / "directions.safetensors")
    start = model.synthesize(latents.latents.mean(0)).astype(float)
    names = directions.emotions
    templates = np.stack(
        [
            model.synthesize(latents.latents.mean(0) + 3 * directions[name])[0] - start[0]
            for name in names
        ]
    ).reshape(len(names), -1)
    inverse = np.linalg.pinv(templates)

    def scorer(images):
        return Scores(names, (images - start).reshape(len(images), -1) @ inverse)

    monkeypatch.setattr(icaedit.evaluation, "judge_scorer", lambda: scorer)


@pytest.fixture
def evaluate(run, world, strangers, tmp_path):
    def evaluate(*words, directions="directions.safetensors", faces=strangers):
        return run(
            "evaluate", world / directions, "--model", world / "model.safetensors",
            "--faces", faces, "-o", tmp_path / "made", *words,
        )  # fmt: skip

    return evaluate


def test_a_comparison_leaves_table_csv_and_record(evaluate, template_scorer, tmp_path):
    outcome = evaluate("--against", "pca,svm,mean-difference", "--change", "0.1")
    assert outcome.code == 0
    assert outcome.err.count("\n") == 1 and "trained on rendered portraits" in outcome.err
    first = [line.split()[0] for line in outcome.out.splitlines()[:6]]
    assert first == ["method", "group-ica", "pca", "svm", "mean-difference", "own-face"]
    assert "3 faces were edited until the target had moved by 10%" in outcome.out
    made = tmp_path / "made"
    rows = list(csv.DictReader((made / "comparison.csv").read_text().splitlines()))
    assert {row["method"] for row in rows} == set(first[1:])
    assert (made / "comparison.md").read_text().startswith("| method |")
    assert read_image(made / "comparison.png").shape[2] == 3
    record = json.loads((made / "run.json").read_text())
    assert record["arguments"]["against"] == ["pca", "svm", "mean-difference"]
    assert {name.rsplit("/", 1)[-1] for name in record["inputs"]} == {
        "model", "directions.safetensors", "directions.latents.safetensors", "faces.safetensors",
    }  # fmt: skip


def test_the_same_comparison_gives_the_same_bytes(evaluate, template_scorer, tmp_path):
    written = []
    for _ in range(2):
        assert evaluate("--against", "sefa", "--change", "0.1").code == 0
        written.append([path.read_bytes() for path in sorted((tmp_path / "made").iterdir())])
    assert written[0] == written[1]


def test_people_who_were_fitted_on_are_not_edited(evaluate, world):
    outcome = evaluate(faces=world / "directions.latents.safetensors")
    assert outcome.code == 1
    assert "F01, F02, M01, who were fitted on" in outcome.err


def test_latents_of_another_fit_are_refused(evaluate, strangers):
    outcome = evaluate("--latents", strangers)
    assert outcome.code == 1
    assert "not what the directions were fitted to" in outcome.err


def test_directions_of_another_model_are_refused(evaluate):
    outcome = evaluate(directions="foreign-directions.safetensors")
    assert outcome.code == 1
    assert "foreign-directions.safetensors fitted on model" in outcome.err


def test_a_model_that_draws_no_portraits_needs_faces(run, world, tmp_path):
    outcome = run(
        "evaluate", world / "directions.safetensors", "--model", world / "model.safetensors",
        "-o", tmp_path / "made",
    )  # fmt: skip
    assert outcome.code == 1
    assert "give them by --faces" in outcome.err


def test_directions_without_their_latents_are_told(run, world, strangers, tmp_path):
    alone = tmp_path / "alone.safetensors"
    alone.write_bytes((world / "directions.safetensors").read_bytes())
    outcome = run(
        "evaluate", alone, "--model", world / "model.safetensors", "--faces", strangers,
        "-o", tmp_path / "made",
    )  # fmt: skip
    assert outcome.code == 1
    assert "without the latents they were fitted to" in outcome.err


def test_identity_may_be_read_by_another_network(evaluate, template_scorer, tmp_path, monkeypatch):
    def embed(images):
        return images.reshape(len(images), -1)[:, :7].astype(float)

    monkeypatch.setattr(icaedit.evaluation, "dlib_embedder", lambda: embed)
    words = ("--against", "svm", "--change", "0.1")
    assert evaluate(*words).code == 0
    text = (tmp_path / "made" / "comparison.csv").read_text()
    assert ",all,identity,,," in text  # the template scorer tells nobody apart
    assert evaluate(*words, "--identity", "dlib").code == 0
    text = (tmp_path / "made" / "comparison.csv").read_text()
    assert ",all,identity,,," not in text


def test_a_missing_identity_network_is_told_before_the_work(evaluate, tmp_path):
    outcome = evaluate("--identity", tmp_path / "none.pth")
    assert outcome.code == 1
    assert "none.pth" in outcome.err.splitlines()[-1]


def test_an_unknown_method_is_a_usage_error(evaluate):
    outcome = evaluate("--against", "pca,magic")
    assert outcome.code == 2
    assert "expected some of group-ica" in outcome.err


@pytest.mark.slow
def test_the_shipped_directions_are_compared_without_further_words(run, tmp_path):
    outcome = run("evaluate", "--people", 4, "--against", "mean-difference", "-o", tmp_path)
    assert outcome.code == 0
    assert "own-face" in outcome.out
