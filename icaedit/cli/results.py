"""Where a command's result goes, and the record of the run that is left beside it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from icaedit.errors import FileAccessError

__all__ = ["record_run", "require_parent", "run_record_path", "tell"]

_NOT_RECORDED = ("quiet",)


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
    arguments = {
        name: _plain(value)
        for name, value in {**context.params, **(settled or {})}.items()
        if name not in _NOT_RECORDED
    }
    path = run_record_path(output)
    write_run_record(
        path,
        command=context.info_name or "",
        arguments=arguments,
        seed=context.params.get("seed"),
        inputs=inputs,
        outputs=[output] if outputs is None else outputs,
    )
    return path


def tell(line: str) -> None:
    """Print a remark on stderr, where it does not mix with the result."""
    click.echo(line, err=True)


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return value.as_posix()
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    return value
