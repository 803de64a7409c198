import csv
import io

import numpy as np
import pytest

from icaedit.errors import FormatError, InputError
from icaedit.recognition.evaluating import (
    Experiment,
    compare_scores,
    experiment_csv,
    experiment_markdown,
    experiment_overview,
    experiment_rows,
    load_experiment,
    measure_scores,
)
from icaedit.statistics import holm_adjusted

FAST = {"n_bootstrap": 200}


@pytest.fixture
def experiment(faces):
    """Two backbones; the second was not tried with the random mask. Three faces were not found."""
    scores = {}
    for place, (backbone, condition) in enumerate(
        [
            ("dan", "without"),
            ("dan", "mean"),
            ("dan", "random"),
            ("rul", "mean"),
            ("rul", "without"),
        ]
    ):
        skill = {"without": 1.0, "mean": 2.0, "random": 1.1}[condition]
        values, labels, identities = faces(3, skill=skill, n_seeds=2)
        noise = np.random.default_rng(place).normal(0, 0.7, values.shape)
        scores[backbone, condition] = values + noise
    scores["dan", "mean"][:, :3] = np.nan
    return Experiment(
        scores, labels, identities, seeds=[0, 5], coordinates={"without": 0, "mean": 1100}
    )


def test_a_row_is_what_the_scores_give_alone(experiment):
    rows = experiment_rows(experiment, "without", **FAST)
    pairs = [(row.backbone, row.condition) for row in rows]
    assert pairs == [
        ("dan", "without"), ("dan", "mean"), ("dan", "random"), ("rul", "without"), ("rul", "mean")
    ]  # fmt: skip
    row = rows[4]
    options = {"identities": experiment.identities, **FAST}
    own, base = (experiment.scores["rul", name] for name in ("mean", "without"))
    alone = measure_scores(own, experiment.labels, **options)
    gap = compare_scores(own, base, experiment.labels, **options)
    assert row.measures.as_json() == alone.as_json()
    assert row.difference.as_json() == gap.as_json()
    assert (row.coordinates, rows[2].coordinates) == (1100, None)


def test_p_values_are_adjusted_for_all_differences_of_the_table(experiment):
    rows = experiment_rows(experiment, "without", **FAST)
    tested = [row for row in rows if row.difference is not None]
    assert [row.condition for row in tested] == ["mean", "random", "mean"]
    expected = holm_adjusted([row.difference.p for row in tested])
    np.testing.assert_array_equal([row.p_holm for row in tested], expected)
    assert np.isnan([rows[0].p_holm, rows[3].p_holm]).all()


def test_another_condition_may_be_compared_with_though_a_backbone_lacks_it(experiment):
    rows = {(r.backbone, r.condition): r for r in experiment_rows(experiment, "random", **FAST)}
    assert rows["dan", "mean"].difference.points.value > 0
    assert rows["rul", "mean"].difference is None
    with pytest.raises(InputError, match="'full' to compare with, expected one of without, mean"):
        experiment_rows(experiment, "full")


def test_the_overview_has_a_line_a_condition_and_a_column_a_backbone(experiment):
    rows = experiment_rows(experiment, "without", **FAST)
    lines = experiment_overview(rows).splitlines()
    assert lines[0] == "| condition | coordinates | dan | rul |"
    assert [line.split(" | ")[:2] for line in lines[2:]] == [
        ["| without", "0"], ["| mean", "1100"], ["| random", "-"]
    ]  # fmt: skip
    accuracy, points = rows[1].measures.accuracy.value, rows[1].difference.points.value
    assert f"| {100 * accuracy:.1f} % ({points:+.1f}) |" in lines[3]
    assert lines[4].endswith("| - |")


def test_the_long_table_says_who_was_tested_and_what_was_missed(experiment):
    text = experiment_markdown(experiment_rows(experiment, "without", **FAST))
    head, _, *body = text.split("\n\n")[0].splitlines()
    assert {line.count("|") for line in (head, *body)} == {14}
    assert "points to without, 95 %" in head
    assert "300 pictures of 20 people; means over 2 seeds." in text
    assert "In up to 3 pictures no face was found; these count as wrong." in text
    assert "ECE, 15 bins of equal width" in text
    assert "not known" not in text


def test_unknown_people_and_missing_emotions_are_told(faces):
    scores, labels, _ = faces()
    labels = np.minimum(labels, 5)
    experiment = Experiment({("dan", "without"): scores}, labels, None, seeds=[0])
    text = experiment_markdown(experiment_rows(experiment, "without", **FAST))
    assert "Who is shown is not known" in text
    assert "No picture shows afraid; no mean counts it." in text
    assert "one seed" in text


def test_the_csv_has_every_number_and_leaves_empty_what_is_unknown(experiment):
    rows = experiment_rows(experiment, "without", **FAST)
    table = list(csv.DictReader(io.StringIO(experiment_csv(rows))))
    assert len(table) == 5
    base, mean = table[:2]
    assert (base["points"], base["p_people"], base["against"]) == ("", "", "")
    gap = rows[1].difference
    found = [float(mean[name]) for name in ("points", "points_low", "points_high")]
    np.testing.assert_allclose(found, gap.points, rtol=1e-5)
    assert mean["gained"] == " ".join(map(str, gap.gained))
    assert float(mean["accuracy"]) == pytest.approx(rows[1].measures.accuracy.value, rel=1e-5)
    assert (mean["faces_not_found"], mean["coordinates"], mean["seeds"]) == ("3", "1100", "2")
    assert table[2]["coordinates"] == ""


def test_a_file_gives_back_the_same_tables_and_the_same_bytes(experiment, tmp_path):
    path, again = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    experiment.save(path)
    stored = load_experiment(path)
    stored.save(again)
    assert path.read_bytes() == again.read_bytes()
    assert list(stored.scores) == list(experiment.scores)
    for pair, values in experiment.scores.items():
        np.testing.assert_array_equal(stored.scores[pair], values)
    tables = [
        experiment_csv(experiment_rows(each, "without", **FAST)) for each in (experiment, stored)
    ]
    assert tables[0] == tables[1]


def test_a_file_that_contradicts_itself_is_refused_by_name(experiment, tmp_path):
    from icaedit.artifacts.tensors import load_tensors, save_tensors
    from icaedit.recognition.evaluating.experiment import FORMAT, VERSION

    experiment.save(tmp_path / "a.safetensors")
    tensors, header = load_tensors(tmp_path / "a.safetensors", expect=FORMAT, version=VERSION)
    for changed in ({"seeds": [0]}, {"identities": ["a"]}, {"emotions": ["happy", "sad"]}):
        save_tensors(tmp_path / "b.safetensors", tensors, header={**header, **changed})
        with pytest.raises(FormatError, match=r"b\.safetensors with incomplete or contradictory"):
            load_experiment(tmp_path / "b.safetensors")
    del tensors["missed.000"]
    save_tensors(tmp_path / "b.safetensors", tensors, header=header)
    with pytest.raises(FormatError, match="incomplete"):
        load_experiment(tmp_path / "b.safetensors")


def test_scores_that_do_not_fit_together_are_refused(faces):
    scores, labels, identities = faces(n_seeds=2)
    pair = ("dan", "without")
    with pytest.raises(InputError, match="for 2 seeds, expected 3: 0, 1, 2"):
        Experiment({pair: scores}, labels, identities, seeds=[0, 1, 2])
    with pytest.raises(InputError, match="no scores"):
        Experiment({}, labels, identities, seeds=[0])
    with pytest.raises(InputError, match="299 identities"):
        Experiment({pair: scores}, labels, identities[1:], seeds=[0, 1])
    with pytest.raises(InputError, match="1 of them empty"):
        Experiment({pair: scores}, labels, None, seeds=[0, 1], names=["", *identities[1:]])
    for table in (experiment_overview, experiment_markdown, experiment_csv):
        with pytest.raises(InputError, match="no rows"):
            table([])
