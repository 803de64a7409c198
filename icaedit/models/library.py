"""Where models lie: those of the package, those the user added, and any file by its path."""

import os
import re
from pathlib import Path

from icaedit.errors import FileAccessError, InputError

__all__ = [
    "EMBEDDED_FOLDER",
    "FOLDER_VARIABLE",
    "WEIGHTS_NAME",
    "added_models",
    "check_name",
    "embedded_models",
    "find_model",
    "models_folder",
]

EMBEDDED_FOLDER = Path(__file__).parent / "weights"
"""Where the models that come with the package lie, as NAME.safetensors."""
FOLDER_VARIABLE = "ICAEDIT_MODELS"
"""The environment variable that names another folder for added models."""
WEIGHTS_NAME = "model.safetensors"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def models_folder() -> Path:
    """Return the user's folder of added models, each in a folder of its own name.

    It is what the variable ``ICAEDIT_MODELS`` names, or else ``icaedit/models`` in the user's
    data folder (``XDG_DATA_HOME``, by default ``~/.local/share``). It need not exist.
    """
    if named := os.environ.get(FOLDER_VARIABLE):
        return Path(named).expanduser()
    data = os.environ.get("XDG_DATA_HOME", "")
    base = Path(data) if os.path.isabs(data) else Path.home() / ".local" / "share"
    return base / "icaedit" / "models"


def embedded_models() -> dict[str, Path]:
    """Return the files of the models that come with the package, by name."""
    files = sorted(EMBEDDED_FOLDER.glob("*.safetensors"))
    return {file.stem: file for file in files if "." not in file.stem}  # others are directions


def added_models() -> dict[str, Path]:
    """Return the files of the models that the user added, by name.

    Raises
    ------
    FileAccessError
        If the folder cannot be read.
    """
    folder = models_folder()
    try:
        files = sorted(folder.glob(f"*/{WEIGHTS_NAME}")) if folder.is_dir() else []
    except OSError as err:
        raise FileAccessError(
            f"got {err.strerror or err} when reading {folder}, expected a readable folder of "
            f"models; change its permissions or set {FOLDER_VARIABLE}"
        ) from err
    return {file.parent.name: file for file in files if _NAME.fullmatch(file.parent.name)}


def check_name(name: str) -> str:
    """Return the name if a model may be added under it.

    Raises
    ------
    InputError
        If it is no plain word, or that of a model of the package.

    Examples
    --------
    >>> check_name("ffhq-e4e")
    'ffhq-e4e'
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            f"got the name {name!r}, expected letters, digits, - and _, up to 64 of them; choose "
            "such a name"
        )
    if name in embedded_models():
        raise InputError(
            f"got the name {name!r}, which a model of the package has, expected another; choose "
            "one such as ffhq"
        )
    return name


def find_model(name_or_path: str | os.PathLike) -> tuple[Path, str]:
    """Return the file of a model and the model's name.

    A plain word is a name before it is a path; write ``./word`` for a file of that name.

    Parameters
    ----------
    name_or_path : str or path
        The name of a model of the package or of an added one, or the path of a file.

    Raises
    ------
    InputError
        If a plain word names no model and no file.
    FileAccessError
        If a path leads to no file.

    Examples
    --------
    >>> find_model("portraits")[1]
    'portraits'
    """
    path = Path(name_or_path)
    if isinstance(name_or_path, str) and _NAME.fullmatch(name_or_path):
        known = {**added_models(), **embedded_models()}
        if name_or_path in known:
            return known[name_or_path], name_or_path
        if not path.is_file():
            raise InputError(
                f"got model {name_or_path!r}, expected {', '.join(sorted(known)) or 'a model'} or "
                "the path of a model file; check the name, or add one by `icaedit models add`"
            )
    if not path.exists():
        raise FileAccessError(f"got model {path}, expected an existing file; check the path")
    if path.is_dir():
        inside = path / WEIGHTS_NAME
        if not inside.is_file():
            raise FileAccessError(f"got model {path}, which is a folder, expected a file; name one")
        return inside, path.name
    # elsewhere the folder may have the name of a person
    added = path.name == WEIGHTS_NAME and path.parent.parent == models_folder()
    return path, path.parent.name if added else path.stem
