"""`make test` runs against the installed package, and the package is complete."""

import os
from importlib.metadata import entry_points, requires, version
from pathlib import Path

import pytest

import icaedit

CHECKOUT = Path(__file__).parents[1] / "icaedit"

installed = pytest.mark.skipif(
    os.environ.get("ICAEDIT_TEST_INSTALLED") != "1", reason="only `make test` installs the package"
)


@installed
def test_the_package_under_test_is_the_installed_one():
    assert Path(icaedit.__file__).parent != CHECKOUT
    assert "site-packages" in icaedit.__file__


@installed
def test_every_file_of_the_checkout_is_installed_and_nothing_else():
    def files(folder: Path) -> dict[str, bytes]:
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and path.suffix != ".pyc"
        }

    there, here = files(Path(icaedit.__file__).parent), files(CHECKOUT)
    assert sorted(there) == sorted(here)
    assert all(there[name] == here[name] for name in here)


@installed
def test_the_command_and_the_version_are_those_of_the_metadata():
    (command,) = entry_points(group="console_scripts", name="icaedit")
    assert command.value == "icaedit.cli.main:main"
    assert icaedit.__version__ == version("icaedit")
    assert not any("torchvision" in line for line in requires("icaedit"))
