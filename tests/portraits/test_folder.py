import csv

import numpy as np
import pytest

from icaedit.errors import InputError
from icaedit.images import read_image
from icaedit.portraits import PARAMETERS, plan_portraits, render, write_portraits


def test_a_folder_is_named_as_kdef_is(tmp_path):
    table = write_portraits(tmp_path / "kdef", n_identities=2, takes=2, size=32)
    files = sorted(
        path.relative_to(tmp_path / "kdef").as_posix() for path in table.parent.rglob("*.JPG")
    )
    assert len(files) == 2 * 2 * 7
    assert files[0] == "AF01/AF01AFS.JPG"
    assert "BM01/BM01SUS.JPG" in files


def test_the_table_holds_the_true_parameters(tmp_path):
    table = write_portraits(tmp_path, n_identities=1, size=32, seed=3)
    rows = list(csv.DictReader(table.read_text().splitlines()))
    plan = plan_portraits(1, seed=3)
    assert [row["path"] for row in rows] == list(plan.names)
    assert rows[1]["emotion"] == "happy"
    read = np.array([[float(row[name]) for name in PARAMETERS] for row in rows])
    np.testing.assert_allclose(read, plan.parameters.values, rtol=1e-5, atol=1e-6)


def test_the_pictures_are_the_renders_of_the_table(tmp_path):
    write_portraits(tmp_path, n_identities=1, size=64, seed=3)
    plan = plan_portraits(1, seed=3)
    expected = render(plan.parameters, size=64).images[1].astype(int)
    assert np.abs(read_image(tmp_path / plan.names[1]) - expected).mean() < 3


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        write_portraits(tmp_path / name, n_identities=1, size=32, seed=5)
    for path in sorted((tmp_path / "one").rglob("*.*")):
        twin = tmp_path / "two" / path.relative_to(tmp_path / "one")
        assert path.read_bytes() == twin.read_bytes()


def test_people_do_not_depend_on_how_many_there_are():
    few, many = plan_portraits(2, seed=1), plan_portraits(5, seed=1, takes=2)
    both = [many.names.index(name) for name in few.names]
    np.testing.assert_array_equal(few.parameters.values, many.parameters.values[both])


def test_another_seed_gives_other_people():
    assert (
        plan_portraits(1, seed=1).parameters.values != plan_portraits(1).parameters.values
    ).any()


def test_light_and_clothes_stay_for_a_session_and_pose_changes():
    plan = plan_portraits(1, seed=2, takes=2)
    session = np.array(plan.session)
    for name in ("light_azimuth", "clothes_hue", "background_hue"):
        column = plan.parameters[name]
        assert len(set(column[session == "A"])) == 1
        assert set(column[session == "A"]) != set(column[session == "B"])
    assert len(set(plan.parameters["yaw"][session == "A"])) == 7


def test_views_turn_the_head(tmp_path):
    plan = plan_portraits(1, views="all")
    yaw = dict(zip(plan.view[:5], plan.parameters["yaw"][:5], strict=True))
    assert yaw["FL"] < yaw["HL"] < yaw["S"] < yaw["HR"] < yaw["FR"]


def test_progress_counts_to_the_end(tmp_path):
    calls = []
    write_portraits(tmp_path, n_identities=1, size=32, progress=lambda *call: calls.append(call))
    assert calls[-1] == (7, 7)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"n_identities": 0}, "0 identities"),
        ({"takes": 3}, "3 takes"),
        ({"seed": -1}, "seed -1"),
        ({"views": "XX"}, "XX"),
        ({"size": 4}, "size 4"),
    ],
)
def test_numbers_out_of_range_are_refused_before_anything_is_written(tmp_path, change, text):
    with pytest.raises(InputError, match=text):
        write_portraits(tmp_path / "out", **{"n_identities": 1, **change})
    assert not (tmp_path / "out").exists()
