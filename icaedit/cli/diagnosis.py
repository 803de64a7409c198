"""What this installation can do: versions, devices, models, folders, and a try of the main job."""

import os
import platform
import shutil
import sys
import tempfile
import time
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from icaedit.errors import IcaeditError

__all__ = ["diagnosis", "problems_in"]

_MODULES = {
    "click": "click",
    "dlib-bin": "dlib",
    "matplotlib": "matplotlib",
    "numpy": "numpy",
    "packaging": "packaging",
    "pillow": "PIL",
    "rich": "rich",
    "safetensors": "safetensors",
    "scikit-learn": "sklearn",
    "scipy": "scipy",
    "torch": "torch",
}
"""The packages that icaedit needs, and what each is imported as."""
_EXTRAS = {
    "landmarks": "aligning photographs",
    "recognition": "training recognisers",
    "distributed": "fits in several processes",
    "app": "the page in the browser; it opens in the browser that is there",
    "notebooks": "running the notebooks",
    "docs": "building the documentation",
}
"""What each extra is for; those for developers are left out."""
_LEAST_FREE = 200e6  # bytes: room for a converted model or an encoded dataset


def diagnosis(device: str = "auto") -> dict[str, Any]:
    """Look at this installation, and try the main job with the embedded model.

    Nothing is sent anywhere, and nothing is written but a temporary file.

    Parameters
    ----------
    device : {"auto", "cpu", "cuda"}
        Where the main job is tried.

    Returns
    -------
    dict
        Plain values by part: ``system``, ``packages``, ``extras``, ``devices``, ``models``,
        ``landmarks``, ``folders``, ``terminal``, ``main_job``. What is wrong stands under
        ``problem`` beside what it is about.
    """
    packages = _packages()
    whole = not any("problem" in package for package in packages.values())
    return {
        "system": _system(),
        "packages": packages,
        "extras": _extras(),
        "devices": _devices() if whole else {},
        "models": _models() if whole else {},
        "landmarks": _landmarks(),
        "folders": _folders(),
        "terminal": _terminal(),
        "main_job": _main_job(device) if whole else {"problem": "packages are missing"},
    }


def problems_in(found: dict[str, Any]) -> list[str]:
    """Return what keeps the main job from running, each with what to do.

    Examples
    --------
    >>> problems_in({"packages": {"torch": {"problem": "not installed"}}, "main_job": {}})
    ["torch: not installed; do `pip install 'torch'`"]
    """
    lines = []
    for name, package in found["packages"].items():
        if "problem" in package:
            wanted = package.get("wanted", name)
            lines.append(f"{name}: {package['problem']}; do `pip install '{wanted}'`")
    if not lines and "problem" in found["main_job"]:
        lines.append(found["main_job"]["problem"])
    return lines


def _system() -> dict[str, Any]:
    memory = {}
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            name, _, value = line.partition(":")
            memory[name] = int(value.split()[0]) * 1024
    except (OSError, ValueError, IndexError):
        memory = {}
    return {
        "icaedit": _version("icaedit"),
        "installed_in": str(Path(__file__).parents[1]),
        "python": platform.python_version(),
        "executable": sys.executable,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "memory_bytes": memory.get("MemTotal"),
        "memory_free_bytes": memory.get("MemAvailable"),
    }


def _packages() -> dict[str, dict[str, Any]]:
    """Return version, requirement and problem of each package that icaedit needs."""
    wanted = _requirements("")
    found: dict[str, dict[str, Any]] = {}
    for name, module in _MODULES.items():
        entry = found[name] = {"version": _version(name), "wanted": wanted.get(name, name)}
        try:
            import_module(module)
        except Exception as err:  # a broken package may raise anything
            broken = find_spec(module) is not None
            entry["problem"] = f"cannot be imported ({err})" if broken else "not installed"
        else:
            if not _satisfied(entry["wanted"], entry["version"]):
                entry["problem"] = f"{entry['version']} is installed, expected {entry['wanted']}"
    return found


def _extras() -> dict[str, dict[str, Any]]:
    """Return for each extra what it is for, what is missing, and how it is installed."""
    found = {}
    for name, use in _EXTRAS.items():
        wanted = _requirements(name)
        missing = [
            package
            for package, requirement in wanted.items()
            if _version(package) is None or not _satisfied(requirement, _version(package))
        ]
        versions = {package: _version(package) for package in wanted}
        found[name] = {"for": use, "versions": versions, "missing": missing}
        if missing:
            found[name]["install"] = f'pip install "icaedit[{name}]"'
    return found


def _requirements(extra: str) -> dict[str, str]:
    """Return the requirements of icaedit, or what an extra adds, by package."""
    from packaging.requirements import Requirement

    found = {}
    for line in _metadata():
        requirement = Requirement(line)
        marker = requirement.marker
        base = marker is None or marker.evaluate({"extra": ""})
        if (base and not extra) or (not base and extra and marker.evaluate({"extra": extra})):
            found[requirement.name] = f"{requirement.name}{requirement.specifier}"
    return found


def _metadata() -> list[str]:
    try:
        return requires("icaedit") or []
    except PackageNotFoundError:  # a checkout that was never installed
        return []


def _satisfied(requirement: str, found: str | None) -> bool:
    from packaging.requirements import Requirement

    if found is None:  # imported, and says no version: it stands outside of pip
        return True
    return Requirement(requirement).specifier.contains(found, prereleases=True)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _devices() -> dict[str, Any]:
    import torch

    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    found: dict[str, Any] = {
        "cores": usable,
        "threads": torch.get_num_threads(),
        "variables": {
            name: os.environ[name]
            for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
            if name in os.environ
        },
        "cuda": [],
    }
    if torch.cuda.is_available():
        for number in range(torch.cuda.device_count()):
            facts = torch.cuda.get_device_properties(number)
            found["cuda"].append({"name": facts.name, "memory_bytes": facts.total_memory})
    found["torch_built_for"] = torch.version.cuda and f"CUDA {torch.version.cuda}"
    return found


def _models() -> dict[str, dict[str, Any]]:
    """Return size, fingerprint and directions of every model, each read as it would be used."""
    from icaedit.editor import default_directions
    from icaedit.models import load_model
    from icaedit.models.library import added_models, embedded_models

    embedded = embedded_models()
    try:
        models = embedded | added_models()
    except IcaeditError as err:
        return {"added models": {"problem": str(err)}}
    found = {}
    for name, path in models.items():
        entry: dict[str, Any] = {"file": str(path), "embedded": name in embedded}
        found[name] = entry
        try:
            entry["bytes"] = path.stat().st_size
            model = load_model(path, device="cpu")
            entry |= {"fingerprint": model.fingerprint, "size": model.size}
            entry["encoder"] = model.has_encoder
            if entry["embedded"]:
                entry["directions"] = list(default_directions(model).emotions)
        except (IcaeditError, OSError) as err:
            entry["problem"] = str(err)
    return found


def _landmarks() -> dict[str, Any]:
    from icaedit.faces.predictor import package_predictor_file

    file = package_predictor_file()
    if file is not None:
        return {"file": str(file), "terms": "not for commercial use"}
    return {"file": None, "install": 'pip install "icaedit[landmarks]"'}


def _folders() -> dict[str, dict[str, Any]]:
    from icaedit.models.library import models_folder

    folders = {
        "models": models_folder(),
        "working": Path.cwd(),
        "temporary": Path(tempfile.gettempdir()),
    }
    found = {}
    for name, folder in folders.items():
        there = next(p for p in (folder, *folder.parents) if p.exists())
        free = shutil.disk_usage(there).free
        entry = found[name] = {"path": str(folder), "exists": folder.exists(), "free_bytes": free}
        if not os.access(there, os.W_OK):
            entry["problem"] = f"{there} cannot be written"
        elif free < _LEAST_FREE:
            entry["problem"] = f"only {free / 1e6:.0f} MB are free"
    return found


def _terminal() -> dict[str, Any]:
    from icaedit.cli.terminal import picture_protocol

    return {
        "pictures": picture_protocol(sys.stdout) or picture_protocol(sys.stderr),
        "columns": shutil.get_terminal_size().columns,
        "name": os.environ.get("TERM"),
    }


def _main_job(device: str) -> dict[str, Any]:
    """Edit a grey picture with the embedded model, as `icaedit edit` would."""
    import numpy as np

    from icaedit.editor import Editor, default_directions
    from icaedit.models import load_model

    start = time.monotonic()
    try:
        model = load_model("portraits", device=device)
        editor = Editor(model, default_directions(model))
        face = np.full((model.size, model.size, 3), 128, np.uint8)
        result = editor.edit(face, {"happy": 3}, align="none")
    except (IcaeditError, OSError, RuntimeError) as err:
        return {"problem": " ".join(str(err).split())}
    if not (result.image != result.reconstruction).any():
        return {"problem": "got a picture that an edit left as it was, expected another; reinstall"}
    return {
        "device": str(next(model.generator.parameters()).device),
        "model": model.name,
        "seconds": round(time.monotonic() - start, 2),
    }
