"""The portraits that come with the page."""

import shlex

from icaedit.app.gallery import ORIGIN, PEOPLE, SEED, make_gallery
from icaedit.datasets import read_dataset
from icaedit.portraits import plan_portraits


def test_portraits_are_the_files_that_the_command_writes(portraits, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = shlex.split(ORIGIN)
    assert words[0] == "icaedit"
    few = [word if word != str(PEOPLE) else "1" for word in words[1:]]
    assert run(*few).code == 0
    first = portraits[0]
    assert (tmp_path / first.name).read_bytes() == first.path.read_bytes()
    assert first.identity == "F01" and first.emotion == "neutral"


def test_portraits_are_of_people_whom_the_directions_were_not_fitted_on():
    shown, fitted = (plan_portraits(PEOPLE, seed=seed).parameters for seed in (SEED, 0))
    known = {row.tobytes() for row in fitted.values}
    assert not known & {row.tobytes() for row in shown.values}


def test_a_gallery_is_a_dataset_of_its_own(tmp_path):
    make_gallery(tmp_path, count=2)
    records = read_dataset(tmp_path)
    assert [record.identity for record in records] == ["F01", "M01"]
    assert {record.emotion for record in records} == {"neutral"}
