"""Time a whole `icaedit edit` against `import torch`, in alternating pairs.

    python benchmarks/startup.py -o docs/benchmarks/startup.md [--pairs 9]

Each is a process of its own, from its start to its end, on a 256-px portrait and with the embedded
model. The aim: an edit takes at most 1.6 times `python -c "import torch"` plus one second. Wall and
CPU seconds are those of the process; the load of the machine is that of its last minute.
"""

import argparse
import datetime
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

FACTOR, ALLOWANCE = 1.6, 1.0
PACKAGES = ("torch", "numpy", "pillow", "dlib-bin")


class Seconds(NamedTuple):
    """What one process took."""

    wall: float
    cpu: float


def timed(command: list[str], folder: Path) -> Seconds:
    """Run a process in a folder; fail if it does."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    wall = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return Seconds(wall, cpu)


def make_face(folder: Path) -> str:
    """Write a portrait and return its name."""
    from icaedit.images import save_image
    from icaedit.portraits import plan_portraits, render

    person = plan_portraits(1, seed=1).parameters.rows(slice(1))
    save_image(folder / "face.png", render(person, size=256).images[0])
    return "face.png"


def processor() -> str:
    """Return the processor's name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def page(torch: list[Seconds], edit: list[Seconds], loads: list[float]) -> str:
    """Return what was measured, as Markdown."""
    least = {name: Seconds(*map(min, zip(*rows, strict=True))) for name, rows in
             (("torch", torch), ("edit", edit))}  # fmt: skip
    limits = [FACTOR * seconds + ALLOWANCE for seconds in least["torch"]]
    met = sum(e.wall <= FACTOR * t.wall + ALLOWANCE for t, e in zip(torch, edit, strict=True))
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    rows = [
        ('`python -c "import torch"`', torch, least["torch"]),
        ("`icaedit edit FACE --emotion happy --strength 3`", edit, least["edit"]),
    ]
    table = [
        f"| {name} | {low.wall:.2f} | {statistics.median(s.wall for s in all_):.2f} | "
        f"{max(s.wall for s in all_):.2f} | {low.cpu:.2f} | "
        f"{statistics.median(s.cpu for s in all_):.2f} |"
        for name, all_, low in rows
    ]
    lines = [
        "# Start-up",
        "",
        f"A whole process each, in {len(edit)} alternating pairs. Made by "
        "`python benchmarks/startup.py -o docs/benchmarks/startup.md`.",
        "",
        f"{processor()}, {os.cpu_count()} cores, {platform.system()}, Python "
        f"{platform.python_version()}, {packages}, {datetime.date.today()}. Other work went on: "
        f"the load of the last minute was {min(loads):.1f} to {max(loads):.1f}.",
        "",
        "|  | wall s, least | median | most | CPU s, least | median |",
        "|---|---|---|---|---|---|",
        *table,
        f"| limit, {FACTOR} x the first + {ALLOWANCE:g} s | {limits[0]:.2f} |  |  | "
        f"{limits[1]:.2f} |  |",
        "",
        f"Within the limit of its own pair: {met} of {len(edit)}, by wall time.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--pairs", type=int, default=9)
    arguments = parser.parse_args()
    torch, edit, loads = [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        words = ["edit", make_face(folder), "--emotion", "happy", "--strength", "3", "-o", "a.png"]
        commands = (
            [sys.executable, "-c", "import torch"],
            [sys.executable, "-m", "icaedit", *words],
        )
        for command in commands:  # once unmeasured: files come from the disk the first time
            timed(command, folder)
        for _ in range(arguments.pairs):
            torch.append(timed(commands[0], folder))
            edit.append(timed(commands[1], folder))
            loads.append(os.getloadavg()[0])
    written = page(torch, edit, loads)
    print(written)
    if arguments.output is not None:
        arguments.output.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
