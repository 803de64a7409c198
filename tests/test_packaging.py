"""What is built to be installed: a wheel and an sdist, whole, without more, and that they work."""

import email
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

import pytest
from packaging.metadata import Metadata
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
SOURCES = ("setup.cfg", "pyproject.toml", "README.md", "LICENSE", "CITATION.cff", "CONTRIBUTING.md")
LARGEST_WHEEL = 40e6  # bytes: the embedded weights and little else
EXTRAS = {"app", "bench", "dev", "distributed", "docs", "landmarks", "notebooks", "recognition"}
DATA = {
    "icaedit/py.typed",
    "icaedit/evaluation/weights/judge.safetensors",
    "icaedit/models/weights/portraits.safetensors",
    "icaedit/models/weights/portraits.directions.safetensors",
    "icaedit/models/weights/portraits.md",
}
INFO = {"METADATA", "WHEEL", "RECORD", "entry_points.txt", "top_level.txt", "licenses/LICENSE"}


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A folder with the sdist of this checkout and the wheel that is made from it."""
    copy = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "icaedit", copy / "icaedit")  # with caches, as a checkout has them
    shutil.copytree(ROOT / "tests" / "artifacts", copy / "tests" / "artifacts")
    for name in SOURCES:
        shutil.copy(ROOT / name, copy)
    output = tmp_path_factory.mktemp("built")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", output, copy],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return output


@pytest.fixture(scope="module")
def wheel(built) -> Path:
    (wheel,) = built.glob("icaedit-*-py3-none-any.whl")
    return wheel


def package_files() -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "icaedit").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_the_wheel_holds_the_package_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        info = {name.partition(".dist-info/")[2] for name in names if ".dist-info/" in name}
        assert info == INFO
        assert {name for name in names if ".dist-info/" not in name} == package_files()
        assert DATA <= names
        for name in DATA:
            assert archive.read(name) == (ROOT / name).read_bytes()


def test_the_wheel_is_hardly_larger_than_its_weights(wheel):
    weights = sum((ROOT / name).stat().st_size for name in DATA)
    assert weights / 2 < wheel.stat().st_size < min(weights + 2e6, LARGEST_WHEEL)


def test_the_sdist_holds_what_the_wheel_is_built_from(built):
    (sdist,) = built.glob("icaedit-*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {str(PurePosixPath(*PurePosixPath(name).parts[1:])) for name in archive.getnames()}
    assert package_files() | {"setup.cfg", "pyproject.toml", "README.md", "LICENSE"} <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith(".")][1:]
    assert sdist.stat().st_size < LARGEST_WHEEL


def test_the_metadata_is_valid_and_complete(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
        raw = archive.read(name)
    metadata = Metadata.from_email(raw, validate=True)
    assert metadata.name == "icaedit"
    assert metadata.license == "MIT"
    assert set(metadata.provides_extra) == EXTRAS
    assert metadata.description_content_type.startswith("text/markdown")
    assert metadata.description.strip() == (ROOT / "README.md").read_text().strip()
    # no address is known under which the project could be found
    assert not metadata.project_urls and not metadata.home_page
    assert email.message_from_bytes(raw)["Home-page"] is None


def test_the_versions_of_python_that_are_claimed_are_those_that_are_allowed(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
        metadata = Metadata.from_email(archive.read(name))
    claimed = [
        line.rpartition(" :: ")[2]
        for line in metadata.classifiers
        if line.startswith("Programming Language :: Python :: 3.")
    ]
    assert claimed == ["3.11", "3.12", "3.13"]
    assert metadata.requires_python == SpecifierSet(f">={claimed[0]}")


@pytest.mark.slow
def test_the_wheel_works_in_an_environment_of_its_own(wheel, tmp_path):
    home = tmp_path / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    (own,) = home.glob("lib/python3.*/site-packages")
    shared = [place for place in sys.path if place.endswith("site-packages")]
    (own / "shared.pth").write_text("\n".join(shared))  # comes after what is installed here
    pip = [sys.executable, "-m", "pip", "--python", home / "bin" / "python"]
    install = [*pip, "install", "--quiet", "--no-deps", "--no-index", "--force-reinstall", wheel]
    subprocess.run(install, check=True)
    here = tmp_path / "here"
    here.mkdir()

    def run(*words: str) -> str:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        done = subprocess.run(
            [home / "bin" / words[0], *words[1:]], cwd=here, env={**kept, "HOME": str(tmp_path)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    where = run("python", "-c", "import icaedit; print(icaedit.__file__)")
    assert Path(where.strip()).parent == own / "icaedit"
    assert run("icaedit", "--version") == run("python", "-m", "icaedit", "--version")
    run("icaedit", "portraits", "kdef", "--identities", "3", "--size", "128")
    run("icaedit", "fit-directions", "kdef", "--bootstrap", "9")
    words = ("--emotion", "happy", "--strength", "3", "--directions", "directions.safetensors")
    run("icaedit", "edit", "kdef/AF01/AF01NES.JPG", *words, "-o", "happy.png")
    run("icaedit", "export-mask", "directions.safetensors")
    assert "6 emotion directions" in run("icaedit", "show", "directions.safetensors")
    report = json.loads(run("icaedit", "doctor", "--json"))
    assert report["ok"] and Path(report["system"]["installed_in"]) == own / "icaedit"
