"""The house rules that a program can check."""

import ast
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import icaedit

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "icaedit"
MODULES = sorted(PACKAGE.rglob("*.py"))
NAMELESS_ROOMS = {"utils", "util", "misc", "helpers", "common", "io"}
HEAVY = ("torch", "matplotlib", "dlib", "PIL")


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def run_python(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_imports_run_one_way():
    command = "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c())"
    done = run_python("-c", command, "--no-cache", cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ", 0 broken" in done.stdout


def test_the_contract_says_what_the_architecture_says():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    forbidden = {
        room.removeprefix("icaedit."): set(contract["forbidden_modules"])
        for contract in contracts["contracts"]
        if contract["type"] == "forbidden" and "click" not in contract["forbidden_modules"]
        for room in contract["source_modules"]
    }
    assert {"torch", "PIL", "matplotlib", "dlib"} <= forbidden["analysis"]
    assert {"icaedit.analysis", "icaedit.models"} <= forbidden["recognition"]
    (no_click,) = (c for c in contracts["contracts"] if "click" in c.get("forbidden_modules", ()))
    rooms = {path.stem for path in PACKAGE.glob("[!_]*") if (path / "__init__.py").exists()}
    rooms |= {path.stem for path in PACKAGE.glob("[!_]*.py")}
    assert {name.removeprefix("icaedit.") for name in no_click["source_modules"]} == rooms - {"cli"}


def test_the_core_loads_nothing_heavy(tmp_path):
    code = (
        "import sys, icaedit, icaedit.analysis\n"
        f"print([name for name in {HEAVY} if name in sys.modules])"
    )
    done = run_python("-c", code, cwd=ROOT)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_help_loads_neither_numpy_nor_anything_heavy():
    code = (
        "import sys\nfrom icaedit.cli.main import main\nmain(['--help'])\n"
        f"print([name for name in {(*HEAVY, 'numpy', 'rich')} if name in sys.modules])"
    )
    done = run_python("-c", code, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]", done.stdout + done.stderr


def rooms_that_stand_alone() -> list[str]:
    """Rooms that must work without `analysis` and `models`."""
    return ["artifacts", "recognition"]


@pytest.mark.parametrize("room", rooms_that_stand_alone())
def test_a_room_passes_its_tests_with_analysis_and_models_deleted(room, tmp_path):
    copy = tmp_path / "icaedit"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "*.safetensors"))
    for folder in (room, "golden"):
        shutil.copytree(ROOT / "tests" / folder, tmp_path / "tests" / folder)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for missing in ("analysis", "models"):
        shutil.rmtree(copy / missing)
    # python -m puts the working folder, and so the copy, before what is installed
    where = run_python("-c", "import icaedit; print(icaedit.__file__)", cwd=tmp_path)
    assert where.stdout.strip() == str(copy / "__init__.py")
    done = run_python("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_public_names_are_those_of_the_snapshot():
    names = {"icaedit": sorted(icaedit.__all__)}
    for path in sorted(PACKAGE.glob("*/__init__.py")):
        names[f"icaedit.{path.parent.name}"] = sorted(declared_names(path))
    stored = json.loads((ROOT / "tests" / "golden" / "public_names.json").read_text())
    assert names == stored, "run `make public-names` if the change is meant"


def test_every_public_name_of_the_package_can_be_had():
    for name in icaedit.__all__:
        assert getattr(icaedit, name) is not None
    assert set(dir(icaedit)) == set(icaedit.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'fit_direction'"):
        icaedit.fit_direction  # noqa: B018 - the access is what is tested


def declared_names(path: Path) -> list[str] | None:
    for node in ast.parse(path.read_text()).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            return ast.literal_eval(node.value)
    return None


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_declares_its_names_and_stays_readable(path):
    names = declared_names(path)
    assert names is not None, "no __all__"
    assert len(names) == len(set(names))
    assert len(path.read_text().splitlines()) <= 400
    assert not NAMELESS_ROOMS & {path.stem, *path.relative_to(PACKAGE).parent.parts}
    assert ast.get_docstring(ast.parse(path.read_text())), "no docstring"


def lines_with(*words: str, under: Path = PACKAGE) -> list[str]:
    return [
        relative(path)
        for path in sorted(under.rglob("*.py"))
        if any(word in path.read_text() for word in words)
    ]


def test_the_step_from_bytes_to_floats_stands_in_one_place():
    assert lines_with("127.5") == ["icaedit/images/pixels.py"]


def test_the_names_of_foreign_checkpoints_stay_behind_their_walls():
    words = ("g_ema", "cat_head", "model_state_dict", "attention_heads.")
    walls = ("icaedit/models/", "icaedit/recognition/backbones/")
    assert [path for path in lines_with(*words) if not path.startswith(walls)] == []


def test_no_pickle_is_loaded_without_restriction():
    assert lines_with("weights_only=False", "pickle.load", "allow_pickle=True") == []


def test_the_core_opens_no_files():
    assert lines_with("open(", "pathlib", "import os", "torch", under=PACKAGE / "analysis") == []
