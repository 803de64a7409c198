"""icaedit encode and icaedit fit-directions."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from icaedit.artifacts import load_directions, load_latents
from icaedit.models import LatentModel

DIES_IN_THE_SECOND_BATCH = """
import os, sys
from icaedit.cli.main import main
from icaedit.models import LatentModel
encode, calls = LatentModel.encode, []

def dying(self, images, **options):
    calls.append(1)
    if len(calls) == 2:
        os._exit(9)
    return encode(self, images, **options)

LatentModel.encode = dying
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def model(world):
    return ("--model", world / "model.safetensors", "--align", "none")


@pytest.fixture
def encoded(monkeypatch) -> list[int]:
    """The numbers of pictures that went through the encoder, call by call."""
    counts = []
    encode = LatentModel.encode

    def counting(self, images, **options):
        counts.append(len(images))
        return encode(self, images, **options)

    monkeypatch.setattr(LatentModel, "encode", counting)
    return counts


def die(*arguments: object) -> None:
    words = [str(argument) for argument in arguments]
    command = [sys.executable, "-c", DIES_IN_THE_SECOND_BATCH, *words]
    assert subprocess.run(command, check=False).returncode == 9


def test_latents_know_who_shows_what(run, world, model, tmp_path):
    output = tmp_path / "latents.safetensors"
    outcome = run("encode", world / "people", "-o", output, *model)
    assert (outcome.code, outcome.err) == (0, "")
    assert "21 pictures" in outcome.out
    latents = load_latents(output)
    assert sorted(set(latents.identity.tolist())) == ["F01", "F02", "M01"]
    assert latents.emotion.tolist().count("afraid") == 3
    record = json.loads((tmp_path / "latents.safetensors.run.json").read_text())
    assert record["inputs"]["model"] == latents.model_fingerprint


def test_what_is_up_to_date_is_not_encoded_again(run, world, model, tmp_path, encoded):
    output = tmp_path / "latents.safetensors"
    run("encode", world / "people", "-o", output, *model)
    assert sum(encoded) == 21
    before = output.stat().st_mtime_ns
    assert run("encode", world / "people", "-o", output, *model).code == 0
    assert sum(encoded) == 21
    assert output.stat().st_mtime_ns == before


def test_a_killed_encode_loses_nothing_and_repeats_nothing(run, world, model, tmp_path, encoded):
    output = tmp_path / "latents.safetensors"
    die("encode", world / "people", "-o", output, *model)
    assert not output.exists()
    assert run("encode", world / "people", "-o", output, *model).code == 0
    assert sum(encoded) == 21 - 16
    assert output.read_bytes() == (world / "directions.latents.safetensors").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "latents.safetensors",
        "latents.safetensors.run.json",
    ]


def test_a_killed_fit_loses_nothing_and_repeats_nothing(run, world, model, tmp_path, encoded):
    output = tmp_path / "directions.safetensors"
    command = ("fit-directions", world / "people", "-o", output, "--bootstrap", 9, *model)
    die(*command)
    assert run(*command).code == 0
    assert sum(encoded) == 21 - 16
    assert output.read_bytes() == (world / "directions.safetensors").read_bytes()


def test_a_changed_picture_alone_is_encoded_again(run, world, model, tmp_path, encoded):
    people = tmp_path / "people"
    shutil.copytree(world / "people", people)
    output = tmp_path / "latents.safetensors"
    run("encode", people, "-o", output, *model)
    encoded.clear()
    shutil.copy(people / "AF01" / "AF01HAS.JPG", people / "AF02" / "AF02NES.JPG")
    (people / "AM01" / "AM01NES.JPG").write_bytes(
        (people / "AM01" / "AM01SAS.JPG").read_bytes() + b"\0"
    )
    assert run("encode", people, "-o", output, *model).code == 0
    assert sum(encoded) <= 2


def test_a_fit_says_what_it_found_and_ends_with_where_it_is(run, world, model, tmp_path):
    output = tmp_path / "d.safetensors"
    words = ("-o", output, "--method", "mean-difference", "--threshold", "median")
    outcome = run("fit-directions", world / "people", *words, *model, "--bootstrap", 0)
    assert outcome.code == 0
    assert "6 emotion directions" in outcome.out
    last = outcome.out.splitlines()[-1]
    assert last == f"{output}: fitted to 21 pictures of 3 people"
    directions = load_directions(output)
    assert (directions.method, directions.threshold) == ("mean-difference", "median")
    assert directions.report["method"] == "mean-difference"
    assert (tmp_path / "d.latents.safetensors").is_file()


def test_a_file_of_latents_gives_the_same_directions_as_its_dataset(run, world, tmp_path):
    output = tmp_path / "d.safetensors"
    latents = world / "directions.latents.safetensors"
    assert run("fit-directions", latents, "-o", output, "--bootstrap", 9).code == 0
    assert output.read_bytes() == (world / "directions.safetensors").read_bytes()


def test_views_choose_among_latents(run, world, tmp_path):
    outcome = run(
        "fit-directions", world / "directions.latents.safetensors", "--views", "FL",
        "-o", tmp_path / "d.safetensors",
    )  # fmt: skip
    assert outcome.code == 1
    assert "got " in outcome.err


def test_the_seed_reaches_the_fit(run, world, tmp_path):
    latents = world / "directions.latents.safetensors"
    for seed in (0, 5):
        output = tmp_path / f"{seed}.safetensors"
        words = ("-o", output, "--bootstrap", 9, "--seed", seed)
        assert run("fit-directions", latents, *words).code == 0
        assert load_directions(output).provenance["random_state"] == seed


def test_a_mask_is_exported_as_fitted_or_under_another_threshold(run, world, tmp_path):
    directions = load_directions(world / "directions.safetensors")
    for threshold, kept in ((None, directions.masks), ("none", np.ones_like(directions.masks))):
        words = () if threshold is None else ("--threshold", threshold)
        output = tmp_path / "mask.json"
        outcome = run("export-mask", world / "directions.safetensors", "-o", output, *words)
        assert (outcome.code, outcome.err) == (0, "")
        happy = json.loads(output.read_text())["emotions"]["happy"]
        assert happy == np.flatnonzero(kept[0]).tolist()
        assert f"{kept.any(0).sum()} of {kept[0].size} coordinates" in outcome.out


def with_a_nan(source, target, row):
    """Copy a file of latents as another program might have written it."""
    latents = load_latents(source)
    number = latents.latents[row].reshape(-1)[0]
    content = source.read_bytes()
    start = len(content) - latents.latents.nbytes + row * latents.latents[0].nbytes
    assert content[start : start + 4] == number.tobytes()
    target.write_bytes(content[:start] + np.float32(np.nan).tobytes() + content[start + 4 :])
    return str(latents.identity[row])


def test_a_person_with_broken_latents_is_left_out_by_name(run, world, tmp_path):
    person = with_a_nan(world / "directions.latents.safetensors", tmp_path / "nan.safetensors", 4)
    words = ("-o", tmp_path / "d.safetensors", "--bootstrap", 5, "--method", "mean-difference")
    outcome = run("fit-directions", tmp_path / "nan.safetensors", *words)
    assert outcome.code == 0
    assert f"NaN or infinite latents of {person}, expected" in outcome.err
    assert f"{person} was left out" in outcome.out
    assert outcome.out.splitlines()[-1].endswith("fitted to 14 pictures of 2 people")


def test_an_encoder_that_gives_nan_is_told_by_picture(run, world, model, tmp_path, monkeypatch):
    encode = LatentModel.encode

    def broken(self, images, **options):
        latents = encode(self, images, **options)
        latents[1] = np.nan
        return latents

    monkeypatch.setattr(LatentModel, "encode", broken)
    outcome = run("encode", world / "people", "-o", tmp_path / "l.safetensors", *model)
    assert outcome.code == 1
    assert "NaN or infinite latents from the encoder" in outcome.err
    assert ".JPG" in outcome.err and "Traceback" not in outcome.err


def test_sides_and_components_are_options(run, world, tmp_path):
    output = tmp_path / "d.safetensors"
    words = ("-o", output, "--bootstrap", 0, "--sided", "one", "--components", 7)
    outcome = run("fit-directions", world / "directions.latents.safetensors", *words)
    assert outcome.code == 0
    assert "one-sided" in outcome.out
    directions = load_directions(output)
    assert directions.sided == "one" and directions.report["ica"]["n_components"] == 7
    refused = run(
        "fit-directions", world / "directions.latents.safetensors", *words, "--method", "pca"
    )
    assert refused.code == 1 and "option of group-ica" in refused.err
