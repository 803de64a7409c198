import hashlib
import json
import platform
import subprocess
import sys

import numpy as np
import pytest

from icaedit.artifacts import package_versions, write_run_record
from icaedit.errors import FileAccessError


def record(folder, **changes):
    content = {
        "command": "edit",
        "arguments": {"strength": [3.0], "model": None},
        "seed": 0,
        "inputs": {"face.png": "d" * 64},
        "outputs": [],
    }
    write_run_record(folder / "run.json", **{**content, **changes})
    return json.loads((folder / "run.json").read_text())


def test_the_record_holds_what_was_asked(tmp_path):
    written = record(tmp_path)
    assert written["command"] == "edit"
    assert written["arguments"] == {"strength": [3.0], "model": None}
    assert written["seed"] == 0
    assert written["inputs"] == {"face.png": "d" * 64}


def test_outputs_are_recorded_with_their_digest(tmp_path):
    (tmp_path / "out.png").write_bytes(b"picture")
    written = record(tmp_path, outputs=[tmp_path / "out.png"])
    digest = hashlib.sha256(b"picture").hexdigest()
    assert written["outputs"] == {str(tmp_path / "out.png"): digest}


def test_a_missing_output_is_named(tmp_path):
    with pytest.raises(FileAccessError, match=r"gone\.png"):
        record(tmp_path, outputs=[tmp_path / "gone.png"])
    assert not (tmp_path / "run.json").exists()


def test_the_same_run_leaves_the_same_bytes(tmp_path):
    record(tmp_path, arguments={"a": 1, "b": 2})
    first = (tmp_path / "run.json").read_bytes()
    record(tmp_path, arguments={"b": 2, "a": 1})
    assert (tmp_path / "run.json").read_bytes() == first


def test_versions_are_those_installed():
    versions = package_versions()
    assert versions["python"] == platform.python_version()
    assert versions["numpy"] == np.__version__


def test_a_package_that_is_not_installed_has_no_version(monkeypatch):
    monkeypatch.setattr("icaedit.artifacts.run_record._PACKAGES", ("no-such-package-here",))
    assert package_versions()["no-such-package-here"] is None


def test_nothing_heavy_is_loaded_for_it():
    code = "import sys, icaedit.artifacts as a; a.package_versions(); print(sorted(sys.modules))"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True)
    for name in ("torch", "PIL", "scipy", "sklearn", "matplotlib"):
        assert f"'{name}'" not in loaded
