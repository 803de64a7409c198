"""icaedit doctor: what this installation can do, and what is missing."""

import json
from typing import Any

import click

from icaedit.cli.options import shared_options

__all__ = ["command", "diagnosis_lines"]


@click.command("doctor", short_help="Say what this installation can do and what is missing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@shared_options
def command(as_json: bool, device: str, seed: int, quiet: bool) -> None:
    """Look at this installation: versions, devices, models, what is missing and how to get it.

    Every model is read, and an edit is tried with the embedded one. The exit code
    is 0 if that works and 1 if not. Nothing leaves the machine.

    \b
    Example:
      icaedit doctor
      icaedit doctor --json
    """
    from icaedit.cli.diagnosis import diagnosis, problems_in
    from icaedit.errors import MissingDependencyError

    found = diagnosis(device)
    problems = problems_in(found)
    if as_json:
        report = {"ok": not problems, "problems": problems, **found}
        click.echo(json.dumps(report, indent=2, sort_keys=True))
    else:
        for line in diagnosis_lines(found):
            click.echo(line)
    if problems:
        raise MissingDependencyError("; ".join(problems))


def diagnosis_lines(found: dict[str, Any]) -> list[str]:
    """Return a diagnosis in lines for people.

    Parameters
    ----------
    found : dict
        As from `icaedit.cli.diagnosis.diagnosis`.
    """
    system = found["system"]
    memory = ""
    if system["memory_bytes"]:
        free, whole = system["memory_free_bytes"] or 0, system["memory_bytes"]
        memory = f", {free / 1e9:.1f} of {whole / 1e9:.1f} GB memory free"
    lines = [
        f"icaedit {system['icaedit'] or 'of no known version'} in {system['installed_in']}",
        f"Python {system['python']} ({system['executable']}), {system['system']}{memory}",
        "",
        *_section("packages", [_package(*item) for item in found["packages"].items()]),
        *_section("devices", _devices(found["devices"])),
        *_section("models", [_model(*item) for item in found["models"].items()]),
        *_section("extras", [_landmarks(found["landmarks"])]),
        *(_extra(*item) for item in found["extras"].items() if item[0] != "landmarks"),
        *_section("folders", [_folder(*item) for item in found["folders"].items()]),
        *_section("terminal", [_pictures(found["terminal"])]),
    ]
    job = found["main_job"]
    if "problem" in job:
        lines += ["", f"an edit with the embedded model does NOT work: {job['problem']}"]
    else:
        where = f"on {job['device']}, {job['seconds']:.1f} s with loading"
        lines += ["", f"an edit with the embedded model works ({where})"]
    return lines


def _section(name: str, entries: list[str]) -> list[str]:
    return [f"{name if number == 0 else '':<10}{entry}" for number, entry in enumerate(entries)]


def _package(name: str, package: dict[str, Any]) -> str:
    if "problem" in package:
        return f"{name}: {package['problem']}"
    return f"{name} {package['version'] or 'of no known version'}"


def _devices(found: dict[str, Any]) -> list[str]:
    if not found:
        return ["not looked at"]
    settings = ", ".join(f"{name}={value}" for name, value in found["variables"].items())
    lines = [
        f"processor: {found['cores']} cores, torch uses {found['threads']} threads"
        + (f" ({settings})" if settings else "")
    ]
    for card in found["cuda"]:
        lines.append(f"cuda: {card['name']}, {card['memory_bytes'] / 1e9:.0f} GB")
    if not found["cuda"]:
        built = found["torch_built_for"] or "the processor alone"
        lines.append(f"cuda: no device; torch is built for {built}")
    return lines


def _model(name: str, model: dict[str, Any]) -> str:
    if "problem" in model:
        return f"{name}: cannot be read: {model['problem']}"
    parts = [
        "embedded" if model["embedded"] else f"in {model['file']}",
        f"{model['size']} px",
        "with encoder" if model["encoder"] else "no encoder: it cannot edit pictures",
        f"{model['bytes'] / 1e6:.1f} MB",
        f"fingerprint {model['fingerprint'][:12]}",
    ]
    if "directions" in model:
        parts.append(f"{len(model['directions'])} directions")
    return f"{name}: {', '.join(parts)}; reads"


def _landmarks(found: dict[str, Any]) -> str:
    if found["file"] is None:
        return (
            "landmarks: not installed; needed for photographs that are to be aligned; do "
            f"{found['install']}"
        )
    return f"landmarks: {found['file']} ({found['terms']})"


def _extra(name: str, extra: dict[str, Any]) -> str:
    versions = ", ".join(f"{key} {value}" for key, value in extra["versions"].items() if value)
    if extra["missing"]:
        return f"{'':<10}{name}: not installed; for {extra['for']}; do {extra['install']}"
    return f"{'':<10}{name}: {versions or 'nothing is wanted'}"


def _folder(name: str, folder: dict[str, Any]) -> str:
    state = f", {folder['problem']}" if "problem" in folder else ""
    new = "" if folder["exists"] else " (made when it is needed)"
    return f"{name}: {folder['path']}{new}, {folder['free_bytes'] / 1e9:.1f} GB free{state}"


def _pictures(found: dict[str, Any]) -> str:
    if found["pictures"] is None:
        return "pictures: none; `icaedit show FILE -o PICTURE` draws into a file"
    return f"pictures: {found['pictures']}, {found['columns']} columns"
