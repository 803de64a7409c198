"""icaedit doctor: what it finds, and what it says of a broken installation."""

import json
import shutil
import socket
from types import SimpleNamespace

import pytest

from icaedit.cli import diagnosis as module
from icaedit.cli.diagnosis import diagnosis, problems_in
from icaedit.models import load_model


@pytest.fixture(scope="module")
def found():
    return diagnosis("cpu")


@pytest.fixture
def told(monkeypatch):
    """Make the command tell of another installation than this one."""

    def told(found: dict) -> None:
        monkeypatch.setattr(module, "diagnosis", lambda device: found)

    return told


def test_a_whole_installation_is_told_and_has_no_problems(found, run, told):
    told(found)
    outcome = run("doctor")
    assert (outcome.code, outcome.err) == (0, "")
    fingerprint = load_model("portraits").fingerprint[:12]
    for words in ("torch 2.", "numpy 2.", "dlib-bin", f"fingerprint {fingerprint}", "6 directions"):
        assert words in outcome.out
    assert outcome.out.splitlines()[-1].startswith("an edit with the embedded model works (on cpu")
    assert max(len(line) for line in outcome.out.splitlines() if "/" not in line) <= 130


def test_json_holds_the_same_and_says_ok(found, run, told):
    told(found)
    outcome = run("doctor", "--json")
    report = json.loads(outcome.out)
    assert (outcome.code, report["ok"], report["problems"]) == (0, True, [])
    assert report["models"]["portraits"]["fingerprint"] == load_model("portraits").fingerprint
    assert report["packages"]["torch"]["version"].startswith("2.")
    assert {"models", "working", "temporary"} == set(report["folders"])


def test_nothing_leaves_the_machine(monkeypatch):
    def refuse(*arguments, **more):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert problems_in(diagnosis("cpu")) == []


def test_a_missing_package_ends_with_1_and_the_line_that_installs_it(found, run, told):
    broken = {"version": None, "wanted": "torch>=2.4", "problem": "not installed"}
    told({**found, "packages": {**found["packages"], "torch": broken}})
    outcome = run("doctor")
    assert outcome.code == 1
    assert outcome.err == "icaedit: torch: not installed; do `pip install 'torch>=2.4'`\n"
    assert "torch: not installed" in outcome.out


def test_a_package_that_cannot_be_imported_is_found(monkeypatch):
    def failing(name):
        if name == "dlib":
            raise ImportError("libopenblas.so.0: cannot open shared object file")
        return SimpleNamespace()

    monkeypatch.setattr(module, "import_module", failing)
    packages = module._packages()
    assert "cannot be imported (libopenblas.so.0" in packages["dlib-bin"]["problem"]
    assert "problem" not in packages["numpy"]


def test_a_package_older_than_wanted_is_found(monkeypatch):
    monkeypatch.setattr(module, "import_module", lambda name: None)
    monkeypatch.setattr(module, "_metadata", lambda: ["numpy>=2.0", "torch>=2.4"])
    versions = {"numpy": "1.26.4", "torch": "2.4.0+cpu"}
    monkeypatch.setattr(module, "_version", versions.get)
    packages = module._packages()
    assert packages["numpy"]["problem"] == "1.26.4 is installed, expected numpy>=2.0"
    assert "problem" not in packages["torch"]


def test_extras_tell_what_they_are_for_and_how_they_are_installed(monkeypatch, found, run, told):
    lines = ["numpy>=2.0", 'gradio>=6.0; extra == "app"', 'furo>=2024.8; extra == "docs"']
    monkeypatch.setattr(module, "_metadata", lambda: lines)
    monkeypatch.setattr(module, "_version", {"furo": "2025.1"}.get)
    extras = module._extras()
    assert extras["app"]["missing"] == ["gradio"]
    assert extras["docs"] == {
        "for": "building the documentation", "versions": {"furo": "2025.1"}, "missing": []
    }  # fmt: skip
    told({**found, "extras": extras})
    out = run("doctor").out
    assert 'do pip install "icaedit[app]"' in out
    assert "docs: furo 2025.1" in out


def test_a_device_that_is_not_there_is_a_problem(monkeypatch, run):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    outcome = run("doctor", "--device", "cuda")
    assert outcome.code == 1
    assert "expected a usable CUDA device; use cpu or auto" in outcome.err


def test_a_damaged_added_model_is_told_and_is_no_problem_of_the_main_job(
    monkeypatch, world, tmp_path
):
    monkeypatch.setenv("ICAEDIT_MODELS", str(tmp_path))
    for name in ("good", "bad"):
        (tmp_path / name).mkdir()
        shutil.copy(world / "model.safetensors", tmp_path / name)
    with (tmp_path / "bad" / "model.safetensors").open("r+b") as file:
        file.truncate(2000)
    models = module._models()
    assert "problem" not in models["good"] and not models["good"]["embedded"]
    assert "bad" in models["bad"]["problem"]
    found = {"packages": {}, "models": models, "main_job": {"seconds": 1}}
    assert problems_in(found) == []


def test_a_full_or_unwritable_folder_is_told(monkeypatch):
    monkeypatch.setattr(module.shutil, "disk_usage", lambda path: SimpleNamespace(free=5e6))
    assert module._folders()["temporary"]["problem"] == "only 5 MB are free"
    monkeypatch.setattr(module.os, "access", lambda path, how: False)
    assert "cannot be written" in module._folders()["working"]["problem"]


def test_without_the_embedded_model_the_main_job_is_a_problem(monkeypatch, tmp_path):
    from icaedit.models import library

    monkeypatch.setattr(library, "EMBEDDED_FOLDER", tmp_path)
    job = module._main_job("cpu")
    assert "got model 'portraits'" in job["problem"]
    (line,) = problems_in({"packages": {}, "main_job": job})
    assert line == job["problem"]
