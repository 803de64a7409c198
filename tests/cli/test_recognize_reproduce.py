"""icaedit recognize reproduce."""

import csv
import json

import pytest

from icaedit.recognition import load_experiment


@pytest.fixture(scope="module")
def made(world, tmp_path_factory):
    """The smallest study, run by the command."""
    from icaedit.cli.main import main

    folder = tmp_path_factory.mktemp("made") / "reproduction"
    words = ["recognize", "reproduce", "--size", "quick", "-o", str(folder), "--quiet"]
    files = [
        "--model",
        world / "model.safetensors",
        "--directions",
        world / "directions.safetensors",
    ]
    assert main([*words, *map(str, files)]) == 0
    return folder


def test_it_leaves_tables_scores_and_figures(made):
    names = {path.name for path in made.iterdir()}
    assert {
        "recognition.md", "recognition.csv", "costs.csv", "portraits-scores.safetensors",
        "portraits-along-scores.safetensors", "portraits-accuracy.png",
        "portraits-confusions.png", "run.json",
    } <= names  # fmt: skip


def test_the_page_says_how_it_was_made_and_has_all_five_tables(made):
    page = (made / "recognition.md").read_text()
    assert "`icaedit recognize reproduce --size quick`" in page
    for title in ("## Table 1", "## Tables 2 to 4", "## Table 5", "disagree"):
        assert title in page
    assert "| dan + latents | 12 | 270 |" in page


def test_the_csv_fits_the_scores(made):
    experiment = load_experiment(made / "portraits-scores.safetensors")
    with (made / "recognition.csv").open() as lines:
        rows = {(r["trained"], r["backbone"], r["condition"]): r for r in csv.DictReader(lines)}
    right = experiment.scores["dacl", "mean mask"].argmax(-1) == experiment.labels
    assert float(rows["stored", "dacl", "mean mask"]["accuracy"]) == pytest.approx(
        right.mean(), abs=1e-6
    )


def test_the_record_names_model_and_faces(made):
    record = json.loads((made / "run.json").read_text())
    assert record["command"] == "reproduce"
    assert {"model", "portraits"} <= set(record["inputs"])


def test_a_folder_that_is_no_data_set_is_one_line(run, world, tmp_path):
    outcome = run(
        "recognize", "reproduce", tmp_path, "--size", "quick", "-o", tmp_path / "out",
        "--model", world / "model.safetensors",
        "--directions", world / "directions.safetensors",
    )  # fmt: skip
    assert outcome.code == 1
    assert "none of raf-db, ck+, kdef" in outcome.err


def test_a_model_without_directions_asks_for_them(run, world, tmp_path):
    outcome = run(
        "recognize", "reproduce", "--size", "quick", "-o", tmp_path / "out",
        "--model", world / "model.safetensors",
    )  # fmt: skip
    assert outcome.code == 1
    assert "directions" in outcome.err


def test_the_page_names_the_trunk_and_the_number_of_trainings(run, world, tmp_path):
    from safetensors.torch import save_file

    from icaedit.recognition import load_backbone

    trunk = load_backbone("dacl", size=32).network.trunk
    save_file(trunk.state_dict(), tmp_path / "faces.safetensors")
    outcome = run(
        "recognize", "reproduce", "--size", "quick", "--seeds", "1", "-o", tmp_path / "out",
        "--trunk", tmp_path / "faces.safetensors",
        "--model", world / "model.safetensors",
        "--directions", world / "directions.safetensors",
    )  # fmt: skip
    assert outcome.code == 0
    page = (tmp_path / "out/recognition.md").read_text()
    assert "reproduce --size quick --seeds 1 --trunk faces.safetensors`" in page
    record = json.loads((tmp_path / "out/run.json").read_text())
    assert any(name.endswith("faces.safetensors") for name in record["inputs"])
