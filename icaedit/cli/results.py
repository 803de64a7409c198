"""Where a command's result goes, and the record of the run that is left beside it."""

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from icaedit.errors import FileAccessError

__all__ = [
    "asked_arguments",
    "command_text",
    "record_run",
    "require_parent",
    "run_record_path",
    "tell",
]

_NOT_RECORDED = ("quiet",)
_NOT_TOLD = ("output", "quiet", "device", "no_metadata", "overwrite", "strict", "contact_sheet")
"""Arguments that the content of a picture does not depend on."""


def run_record_path(output: Path) -> Path:
    """Return where the record of a run goes: beside a file and named after it, or in a folder.

    Examples
    --------
    >>> run_record_path(Path("made") / "face.png").as_posix()
    'made/face.png.run.json'
    """
    if output.is_dir():
        return output / "run.json"
    return output.with_name(output.name + ".run.json")


def require_parent(output: Path) -> Path:
    """Check, before any long work, that a file can be written where it is wanted.

    Raises
    ------
    FileAccessError
        If its folder does not exist, cannot be written, or the path is a folder itself.
    """
    from icaedit.files import ensure_writable_folder

    if not output.parent.is_dir():
        raise FileAccessError(
            f"got {output}, whose folder {output.parent} does not exist, expected a file in an "
            "existing folder; make the folder or choose another place"
        )
    if output.is_dir():
        raise FileAccessError(f"got {output}, which is a folder, expected a file; add a file name")
    ensure_writable_folder(output.parent)
    return output


def record_run(
    output: Path,
    *,
    inputs: Mapping[str, str],
    outputs: Sequence[Path] | None = None,
    settled: Mapping[str, Any] | None = None,
) -> Path:
    """Write the record of the command that is running, and return its path.

    Parameters
    ----------
    output : Path
        The result, a file or a folder.
    inputs : mapping of str to str
        SHA-256 of what was read, by name.
    outputs : sequence of Path, optional
        The files written, if not `output` alone.
    settled : mapping, optional
        What arguments that were not given became.
    """
    from icaedit.artifacts import write_run_record

    context = click.get_current_context()
    path = run_record_path(output)
    write_run_record(
        path,
        command=context.info_name or "",
        arguments=asked_arguments() | {name: _plain(v) for name, v in (settled or {}).items()},
        seed=context.params.get("seed"),
        inputs=inputs,
        outputs=[output] if outputs is None else outputs,
    )
    return path


def asked_arguments() -> dict[str, Any]:
    """Return the arguments of the command that is running, as JSON can hold them."""
    return {
        name: _plain(value)
        for name, value in click.get_current_context().params.items()
        if name not in _NOT_RECORDED
    }


def command_text(picture: Path) -> str:
    """Return the command that is running, as if for one picture, with file names and no folders.

    What does not change the picture is left out: where it goes, the device, the options that were
    not given.
    """
    context = click.get_current_context()
    words = ["icaedit", context.info_name or ""]
    for parameter in context.command.params:
        value = context.params.get(parameter.name)
        if isinstance(parameter, click.Argument):
            words.append(picture.name)
        elif parameter.name not in _NOT_TOLD and value != parameter.get_default(context):
            words += _option_words(parameter, value)
    return shlex.join(words)


def _option_words(parameter: click.Parameter, value: Any) -> list[str]:
    """Return an option with its value, once for each value."""
    name = max(parameter.opts, key=len)
    if value is True:
        return [name]
    if not parameter.multiple:
        return [] if value in (None, False) else [name, _word(value)]
    return [word for one in value for word in (name, _word(one))]


def _word(value: Any) -> str:
    if isinstance(value, Path):
        return value.name
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple) and value and isinstance(value[0], str):  # --set
        return "=".join(_word(part) for part in value)
    if isinstance(value, tuple):
        return ",".join(_word(part) for part in value)
    return os.path.basename(value) if isinstance(value, str) and os.sep in value else str(value)


def tell(line: str) -> None:
    """Print a remark on stderr, where it does not mix with the result."""
    click.echo(line, err=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return value
