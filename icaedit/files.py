"""Reading and writing files whole or not at all, and their digests."""

import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np

from icaedit.errors import FileAccessError, IcaeditError, InputError

__all__ = [
    "atomic_path",
    "atomic_write",
    "ensure_writable_folder",
    "read_bytes",
    "sha256_arrays",
    "sha256_file",
    "sha256_text",
]

_CHUNK = 1 << 20  # bytes


@contextmanager
def atomic_path(path: str | os.PathLike) -> Iterator[Path]:
    """Give a temporary path to write to, and rename it to `path` when the block ends well.

    The temporary file lies in the same folder and has the same suffix. If the block raises, it
    is removed and whatever stood at `path` stays as it was.

    Parameters
    ----------
    path : path
        The file to write. Its folder must exist. A symbolic link is written through.

    Raises
    ------
    FileAccessError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "note.txt"
    >>> with atomic_path(target) as temporary:
    ...     _ = temporary.write_text("whole")
    >>> target.read_text(), len(list(target.parent.iterdir()))
    ('whole', 1)
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.stem}-{secrets.token_hex(6)}.tmp{target.suffix}")
    try:
        if target.exists() and not target.is_file():
            raise FileAccessError(
                f"got {path}, which is no regular file, expected a file to write; name a file"
            )
        # mode 0o666 less the umask, as any new file; the exclusive flag never follows a link
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        yield temporary
        _flush(temporary)
        os.replace(temporary, target)
    except OSError as err:
        if isinstance(err, IcaeditError) or _is_about_another(err, target, temporary):
            raise
        raise _not_written(path, err) from err
    finally:
        with suppress(OSError):
            temporary.unlink()


def atomic_write(path: str | os.PathLike, content: bytes) -> None:
    """Write bytes to a file, whole or not at all.

    Raises
    ------
    FileAccessError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "note.bin"
    >>> atomic_write(target, b"whole")
    >>> target.read_bytes()
    b'whole'
    """
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def ensure_writable_folder(path: str | os.PathLike) -> Path:
    """Create a folder where needed, and check that a file can be made in it.

    Raises
    ------
    FileAccessError
        If the folder cannot be made or nothing can be written there.

    Examples
    --------
    >>> import tempfile
    >>> ensure_writable_folder(Path(tempfile.mkdtemp()) / "a" / "b").is_dir()
    True
    """
    folder = Path(path)
    probe = folder / f".{secrets.token_hex(6)}.tmp"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        os.close(os.open(probe, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        probe.unlink()
    except OSError as err:
        raise _not_written(folder, err) from err
    return folder


def read_bytes(path: str | os.PathLike) -> bytes:
    """Return the content of a file.

    Raises
    ------
    FileAccessError
        If the file is missing, is a folder, or cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as err:
        raise _not_read(path, err) from err


def sha256_file(path: str | os.PathLike) -> str:
    """Return the SHA-256 of a file's content in hex.

    Raises
    ------
    FileAccessError
        If the file is missing, is a folder, or cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except OSError as err:
        raise _not_read(path, err) from err
    return digest.hexdigest()


def sha256_text(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8 bytes in hex.

    Examples
    --------
    >>> sha256_text("abc")[:8]
    'ba7816bf'
    """
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def sha256_arrays(arrays: Mapping[str, np.ndarray]) -> str:
    """Return one SHA-256 over named arrays, in hex.

    Name, dtype, shape and values count; the order of the names, the memory layout and the byte
    order of the machine do not.

    Parameters
    ----------
    arrays : mapping of str to ndarray
        Numeric or bool arrays of any shape.

    Raises
    ------
    InputError
        If an array holds Python objects.

    Examples
    --------
    >>> a, b = np.arange(3), np.ones((2, 2))
    >>> sha256_arrays({"a": a, "b": b}) == sha256_arrays({"b": b, "a": a})
    True
    """
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.asarray(arrays[name])
        if array.dtype.hasobject:
            raise InputError(f"got objects in {name!r}, expected numeric values; convert them")
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        head = json.dumps([name, array.dtype.str, list(array.shape)])
        digest.update(head.encode("utf-8") + b"\n" + array.tobytes(order="C"))
    return digest.hexdigest()


def _flush(path: Path) -> None:
    with open(path, "rb+") as stream:
        os.fsync(stream.fileno())


def _is_about_another(err: OSError, *paths: Path) -> bool:
    return err.filename is not None and Path(os.fsdecode(err.filename)) not in paths


def _not_written(path: str | os.PathLike, err: OSError) -> FileAccessError:
    return FileAccessError(
        f"got {err.strerror or err} when writing {path}, expected an existing folder that may be "
        "written to; choose another place or change its permissions"
    )


def _not_read(path: str | os.PathLike, err: OSError) -> FileAccessError:
    return FileAccessError(
        f"got {err.strerror or err} when reading {path}, expected a readable file; check the path"
    )
