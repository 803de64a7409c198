"""A folder in which a page's commands and its Python run, one after the other."""

import doctest
import glob
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import warnings
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import click

from icaedit.cli.main import cli, main
from icaedit.errors import TermsWarning

from . import words
from .exceptions import CHECKED_ONLY, EXIT_CODES, NOT_RUN, PYTHON_SMALLER, SMALLER
from .reading import PYTHON, Block, Command, commands
from .stock import GIVEN, MODELS, NEEDS, STOCK

__all__ = ["Desk", "Shelf"]

_WORTH_KEEPING = 0.5  # s
_PROGRAMS = {
    "accelerate": "-m accelerate.commands.accelerate_cli",
    "icaedit": "-m icaedit",
    "python": "",
    "python3": "",
    "torchrun": "-m torch.distributed.run",
}
_FOR_BASH = set("|&;<>()")


class Shelf:
    """What pages share: the stock, made once, and what costly commands have left behind."""

    def __init__(self, folder: Path) -> None:
        self.stock, self.results = folder / "stock", folder / "results"
        self.shims = folder / "shims"
        self.stock.mkdir()
        self.results.mkdir()
        self.shims.mkdir()
        for name, start in _PROGRAMS.items():
            shim = self.shims / name
            shim.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {start} "$@"\n')
            shim.chmod(0o755)

    def take(self, name: str) -> Path:
        """Return the file or folder of a name, made on first use."""
        path = self.stock / name
        if not path.exists():
            for needed in NEEDS.get(STOCK[name], ()):
                self.take(needed)
            STOCK[name](path)
        return path


class Desk:
    """One page's folder, home and models, entered by ``with``.

    Parameters
    ----------
    page : str
    folder : Path
        An empty folder.
    shelf : Shelf
    patch : pytest.MonkeyPatch
    """

    def __init__(self, page: str, folder: Path, shelf: Shelf, patch: Any) -> None:
        self.page, self.shelf = page, shelf
        self.folder, self.home, self.models = (folder / name for name in ("here", "home", "models"))
        for each in (self.folder, self.home, self.models):
            each.mkdir()
        patch.chdir(self.folder)
        patch.setenv("HOME", str(self.home))
        patch.setenv("ICAEDIT_MODELS", str(self.models))
        patch.setenv("PATH", f"{shelf.shims}{os.pathsep}{os.environ['PATH']}")
        for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
            patch.delenv(name, raising=False)
        self._patch = patch
        self._names: dict[str, Any] = {"__name__": "__main__"}
        self._given = False

    def run(self, block: Block) -> None:
        """Run a block, and fail with the place of what is wrong in it."""
        if block.language in PYTHON:
            self._python(block)
            return
        for command in commands(block):
            self.execute(command)

    def execute(self, command: Command) -> None:
        """Run a command, or check its words where running it is out of the question."""
        text = command.text
        if text in NOT_RUN:
            return
        if text.startswith(tuple(CHECKED_ONLY)):
            words.check(command)
            return
        for long, (short, _) in SMALLER.items():
            text = re.sub(rf"(?<!\S){re.escape(long)}(?!\S)", short, text)
        self._lay(text, made=_made_by(text))
        code, out, err = self._outcome(text)
        expected = EXIT_CODES.get(command.text, (0,))
        assert code in expected, f"{command}\nexit code {code}\n{out}{err}"
        if command.shown is not None:
            flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
            same = doctest.OutputChecker().check_output(command.shown, out, flags)
            assert same, f"{command}\nthe page shows\n{command.shown}\nand it prints\n{out}"
        for name in _made_by(text):
            assert glob.glob(glob.escape(name)), f"{command}\ndid not make {name}\n{out}{err}"

    def _outcome(self, text: str) -> tuple[int, str, str]:
        tokens = list(shlex.shlex(text, posix=True, punctuation_chars=True))
        simple = not any(set(token) <= _FOR_BASH for token in tokens if token)
        parts = self._expanded(text) if simple else []
        if parts[:1] == ["cd"]:
            os.chdir(parts[1])
            return 0, "", ""
        if parts[:1] == ["export"]:
            name, _, value = parts[1].partition("=")
            self._patch.setenv(name, value)
            return 0, "", ""
        if parts[:3] in (["python", "-m", "icaedit"], ["python3", "-m", "icaedit"]):
            parts = ["icaedit", *parts[3:]]
        if parts[:1] == ["icaedit"]:
            return self._in_process(parts[1:])
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", text], capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL, timeout=300,
        )  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    def _expanded(self, text: str) -> list[str]:
        """Return the words of a command as the shell hands them over."""
        done = subprocess.run(
            ["bash", "-c", f"printf '%s\\0' {text}"], capture_output=True, text=True, check=True
        )
        return done.stdout.split("\0")[:-1]

    def _in_process(self, arguments: list[str]) -> tuple[int, str, str]:
        """Run `icaedit`, or bring back what the same words made of the same files before."""
        key = self._key(arguments)
        kept = self.shelf.results / key
        if kept.is_dir():
            for name in ("here", "models"):
                shutil.copytree(kept / name, self.folder.parent / name, dirs_exist_ok=True)
            return 0, (kept / "out").read_text(), (kept / "err").read_text()
        before, start = self._state(), time.process_time()
        with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
            with warnings.catch_warnings():
                code = main(arguments)
        if code == 0 and time.process_time() - start > _WORTH_KEEPING:
            self._keep(kept, before)
            (kept / "out").write_text(out.getvalue())
            (kept / "err").write_text(err.getvalue())
        return code, out.getvalue(), err.getvalue()

    def _key(self, arguments: list[str]) -> str:
        """Return a digest of the words, where they are said, and the files that they name."""
        place = Path.cwd().relative_to(self.folder.resolve()).as_posix()
        digest = hashlib.sha256(repr((arguments, place)).encode())
        named = {Path(word) for word in arguments} | _default_files(arguments)
        beside = [p for path in named for p in path.parent.glob(f"{glob.escape(path.stem)}*")]
        for path in sorted({*beside, self.models}):
            for file in [path, *sorted(path.rglob("*"))] if path.is_dir() else [path]:
                inside = file.is_relative_to(self.models)
                name = file.relative_to(self.models) if inside else file
                digest.update(f"{name}\n".encode())
                if file.is_file():
                    digest.update(hashlib.sha256(file.read_bytes()).digest())
        return digest.hexdigest()

    def _state(self) -> dict[Path, tuple[int, int]]:
        files = [p for root in (self.folder, self.models) for p in root.rglob("*") if p.is_file()]
        return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in files}

    def _keep(self, kept: Path, before: dict[Path, tuple[int, int]]) -> None:
        for path, stamp in self._state().items():
            if before.get(path) != stamp:
                copy = kept / path.relative_to(self.folder.parent)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, copy)
        for name in ("here", "models"):
            (kept / name).mkdir(parents=True, exist_ok=True)

    def _lay(self, text: str, made: list[str]) -> None:
        """Lay down what a text names of the stock, unless it is there or about to be made."""
        for name in STOCK:
            named = re.search(rf"(?<![\w./-]){re.escape(name)}(?![\w-]|\.\w)", text)
            if named and name not in made and not Path(name).exists():
                _copy(self.shelf.take(name), Path(name))
        for model in MODELS:
            wanted = re.search(rf"(--model[ =]|models show |load_model\(\")({model})\b", text)
            if wanted and not (self.models / model).exists():
                self.add_model(model)

    def add_model(self, name: str) -> None:
        """Add the stand-in for a model of photographs."""
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            file = str(self.shelf.take("e4e_ffhq_encode.pt"))
            assert main(["models", "add", file, "--name", name, "--quiet"]) == 0

    def _python(self, block: Block) -> None:
        code = block.text
        for long, (short, _) in PYTHON_SMALLER.items():
            code = code.replace(long, short)
        if self.page in GIVEN and not self._given:
            needed, names = GIVEN[self.page]
            self._lay(" ".join(needed), made=[])
            self._names |= names()
            self._given = True
        self._lay(code, made=[])
        place = f"{block.page}:{block.line}"
        with redirect_stdout(StringIO()) as out, warnings.catch_warnings():
            warnings.simplefilter("ignore", TermsWarning)
            if block.language == "pycon":
                example = doctest.DocTestParser().get_doctest(
                    code, self._names, place, block.page, block.line
                )
                flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
                failed, _ = doctest.DocTestRunner(verbose=False, optionflags=flags).run(
                    example, clear_globs=False, out=out.write
                )
                assert not failed, out.getvalue()
            else:
                # blank lines before, so that a traceback tells the line of the page
                exec(compile("\n" * (block.line - 1) + code, block.page, "exec"), self._names)


def _made_by(text: str) -> list[str]:
    """Return the files and folders that a command is told to make."""
    if not text.startswith(("icaedit ", "python -m icaedit ")):
        return []
    parts = shlex.split(text, comments=True)
    pairs = zip(parts, parts[1:], strict=False)
    made = [after for word, after in pairs if word in ("-o", "--output")]
    start = parts.index("icaedit") + 1
    if parts[start : start + 1] == ["portraits"]:
        made += parts[start + 1 : start + 2]
    return [name.rstrip("/") for name in made if not set(name) & set("|><;$")]


def _default_files(arguments: list[str]) -> set[Path]:
    """Return the files that a command reads or writes unless told otherwise."""
    context = click.Context(cli)
    command: click.Command | None = cli
    for word in arguments:
        if not isinstance(command, click.Group):
            break
        command = command.get_command(context, word)
    options = command.params if command is not None else []
    return {Path(o.default) for o in options if isinstance(o.default, str | Path) and o.default}


def _copy(source: Path, target: Path) -> None:
    """Copy a file or a folder, with the latents beside a file of directions."""
    if source.is_dir():
        shutil.copytree(source, target)
        return
    shutil.copy(source, target)
    latents = source.with_suffix(".latents.safetensors")
    if latents.exists():
        shutil.copy(latents, target.with_suffix(".latents.safetensors"))
