"""Run every notebook on the embedded model and write each as a page of the documentation.

    python tools/render_notebooks.py [NOTEBOOK ...] [--pages docs/notebooks] [--jobs 2]

A cell that fails ends the run with exit code 1 and its traceback. The notebooks themselves are not
changed; `tools/strip_notebooks.py` takes away what an editor stored in them.
"""

import argparse
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from notebook_pages import page_of
from traitlets.config import Config

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
TIMEOUT = 1800
"""Seconds that one cell may take."""

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main(arguments: list[str] | None = None) -> int:
    """Run the notebooks that are named, or all, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="all of notebooks/ by default")
    parser.add_argument("--pages", type=Path, default=ROOT / "docs" / "notebooks")
    parser.add_argument("--executed", type=Path, help="a folder for the notebooks with outputs")
    parser.add_argument("--jobs", type=int, default=2, help="notebooks run at a time, 2 by default")
    chosen = parser.parse_args(arguments)
    paths = chosen.notebooks or sorted(NOTEBOOKS.glob("*.ipynb"))
    missing = [path for path in paths if not path.is_file()]
    if missing or not paths:
        print(f"got {missing or NOTEBOOKS}, expected notebooks; check the paths", file=sys.stderr)
        return 1
    for name in _THREADS:  # every kernel has a core to itself
        os.environ.setdefault(name, "1")
    if not chosen.notebooks:
        _forget(chosen.pages, keep={path.stem for path in paths})
    failed = 0
    with ThreadPoolExecutor(max(1, chosen.jobs)) as pool:
        for path, (notebook, fault) in zip(paths, pool.map(_run, paths), strict=True):
            if fault:
                failed += 1
                print(f"{path}: {fault}", file=sys.stderr)
                continue
            _write_page(notebook, path.stem, chosen.pages)
            if chosen.executed is not None:
                chosen.executed.mkdir(parents=True, exist_ok=True)
                nbformat.write(notebook, chosen.executed / path.name)
    print(f"{len(paths) - failed} of {len(paths)} notebooks ran; pages in {chosen.pages}")
    return 1 if failed else 0


def _run(path: Path) -> tuple[nbformat.NotebookNode, str]:
    """Run one notebook in a folder of its own; return it with its outputs, and what went wrong."""
    notebook = nbformat.read(path, as_version=4)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="icaedit-notebook-") as folder:
        # through files of this folder, not through ports that everybody on the machine can reach
        sockets = {"transport": "ipc", "ip": os.path.join(folder, ".kernel")}
        client = NotebookClient(
            notebook,
            timeout=TIMEOUT,
            kernel_name="python3",
            coalesce_streams=True,
            resources={"metadata": {"path": folder}},
            config=Config({"KernelManager": sockets}),
        )
        try:
            client.execute()
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as err:
            return notebook, str(err)
    print(f"{path.name}: {time.monotonic() - start:.0f} s", file=sys.stderr)
    return notebook, ""


def _forget(folder: Path, keep: set[str]) -> None:
    """Remove the pages of notebooks that are no more."""
    for page in folder.glob("[0-9]*.md"):
        if page.stem not in keep:
            for file in (page, *folder.glob(f"{page.stem}-*")):
                file.unlink()


def _write_page(notebook: nbformat.NotebookNode, name: str, folder: Path) -> None:
    page, pictures = page_of(notebook, name)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{name}-*"):
        old.unlink()
    for file, content in pictures.items():
        (folder / file).write_bytes(content)
    (folder / f"{name}.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
