"""Files that ``torch.save`` wrote, read through ``weights_only=True`` after every check.

Two containers exist: a zip archive of a pickle and one file a storage (since torch 1.6), and
before that a row of pickles followed by the storages. Both are read by the machine of
`icaedit.foreign_files.pickles` first, which names what must not be there, and compares every
storage and every tensor with the bytes that the file really holds.
"""

import errno
import io
import mmap
import os
import pickle
import struct
import warnings
import zipfile
from typing import Any, BinaryIO

import torch

from icaedit.errors import FormatError
from icaedit.foreign_files.pickles import Name, Pickled, Stored, read_pickle, shown

__all__ = ["LEGACY_START", "Record", "ZIP_START", "fits", "read_torch"]

ZIP_START = b"PK\x03\x04"
LEGACY_START = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""The first pickle of the older container: torch's magic number."""

_ITEM_SIZES = {
    "torch.DoubleStorage": 8,
    "torch.FloatStorage": 4,
    "torch.HalfStorage": 2,
    "torch.BFloat16Storage": 2,
    "torch.LongStorage": 8,
    "torch.IntStorage": 4,
    "torch.ShortStorage": 2,
    "torch.CharStorage": 1,
    "torch.ByteStorage": 1,
    "torch.BoolStorage": 1,
}
_REBUILD = ("torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2")
_NAMESPACE = "argparse.Namespace"
_ALLOWED = frozenset(
    [
        *_ITEM_SIZES,
        *_REBUILD,
        "torch._utils._rebuild_parameter",
        "torch.nn.parameter.Parameter",
        "collections.OrderedDict",
        _NAMESPACE,
    ]
)
_WHOLE_MODEL = (
    "a whole pickled network, which can only be loaded by running its code; save its "
    "`state_dict()` where its code is trusted, and use that"
)
_ADVICE = {
    "torch_utils.persistence": f"this is {_WHOLE_MODEL}",
    "torch.nn.modules": f"this is {_WHOLE_MODEL}",
    "models.": f"this is {_WHOLE_MODEL}",
    "__torch__": "this is a TorchScript archive; use the checkpoint it was exported from",
}
_LARGEST_PICKLE = 1 << 26  # bytes; e4e's is some 100 kB
_MOST_ENTRIES = 100_000
_PROTOCOL = 1001
_CHUNK = 1 << 20  # bytes
_FOLDER = 0x10  # among the attributes of an entry
_PLAIN_FLAGS = 0x808  # sizes after the content, and a name in UTF-8


class Record:
    """What stands for a record of options in a checkpoint: its attributes, and nothing else."""

    def __setstate__(self, state: Any) -> None:
        self.__dict__.update(state if type(state) is dict else {})


def read_torch(source: str | os.PathLike | bytes, *, where: str | None = None) -> Any:
    """Return what a torch file holds: tensors, plain values, and `Record` for namespaces.

    Parameters
    ----------
    source : path or bytes
        A file, or its content.
    where : str, optional
        What messages call it; the path without it.

    Raises
    ------
    FormatError
        If it is damaged, or holds anything else; the message names it.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> buffer = io.BytesIO()
    >>> torch.save({"a": torch.ones(2)}, buffer)
    >>> read_torch(buffer.getvalue(), where="x")["a"]
    tensor([1., 1.])
    """
    where = str(where or source)
    with io.BytesIO(source) if isinstance(source, bytes) else open(source, "rb") as stream:
        start = stream.read(len(LEGACY_START))
        if start.startswith(ZIP_START):
            _check_archive(stream, where)
        elif start == LEGACY_START:
            _check_legacy(stream, where)
        else:
            raise FormatError(f"got {where}, which torch did not write; download it again")
        stream.seek(0)
        return _load(stream, where)


def _load(stream: BinaryIO, where: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's remarks on old files are not for our users
        try:
            with torch.serialization.safe_globals([(Record, _NAMESPACE)]):
                return torch.load(stream, map_location="cpu", weights_only=True)
        except pickle.UnpicklingError as err:
            raise FormatError(
                f"got {where} with more than tensors and plain values ({shown(str(err))}), "
                "expected a checkpoint; do not use this file"
            ) from err
        except Exception as err:  # torch fails on damaged files in many ways, none its own type
            raise FormatError(
                f"got {where}, which torch cannot read ({shown(str(err))}), expected a whole "
                "checkpoint; download or copy it again"
            ) from err


def _check_archive(stream: BinaryIO, where: str) -> None:
    """Refuse an archive that unpacks to more than itself, is damaged, or names what it must not."""
    length = stream.seek(0, os.SEEK_END)
    try:
        _check_directory(stream, length)
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
            total = sum(entry.file_size for entry in entries)
            plain = all(_is_plain(entry) for entry in entries)
            if not plain or total > length or len(entries) > _MOST_ENTRIES:
                raise FormatError(
                    f"got {where}, an archive of {len(entries)} entries that unpacks {length} to "
                    f"{total} bytes, expected one as torch writes it, not packed; do not use it"
                )
            sizes = {entry.filename: entry.file_size for entry in entries}
            tops = {name.partition("/")[0] for name in sizes}
            if len(sizes) != len(entries) or len(tops) != 1:
                raise FormatError(
                    f"got {where}, an archive of {len(tops)} folders or with doubled names, "
                    "expected one folder as torch writes it; download it again"
                )
            top = tops.pop()
            if f"{top}/constants.pkl" in sizes:
                raise FormatError(
                    f"got {where}, a TorchScript archive, expected a checkpoint; use the file it "
                    "was exported from"
                )
            if not 0 < sizes.get(f"{top}/data.pkl", 0) <= _LARGEST_PICKLE:
                raise FormatError(
                    f"got {where}, a zip archive without a checkpoint in it, expected one that "
                    "torch wrote; unpack it if it was zipped once more"
                )
            data = archive.read(f"{top}/data.pkl")
            for entry in entries:  # reading to the end compares the CRC
                with archive.open(entry) as content:
                    while content.read(_CHUNK):
                        pass
    except FormatError:
        raise
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, struct.error,
            EOFError, OverflowError, IndexError, KeyError, OSError) as err:  # fmt: skip
        if isinstance(err, OSError) and err.errno != errno.EINVAL:  # of a place before the start
            raise
        raise FormatError(
            f"got {where}, a damaged archive ({shown(str(err))}), expected a whole checkpoint; "
            "download or copy it again"
        ) from err
    found = read_pickle(data, allowed=_ALLOWED, where=where, advice=_ADVICE)
    storages = _check_storages(found, where)
    for key, (_, n_bytes) in storages.items():
        if sizes.get(f"{top}/data/{key}") != n_bytes:
            raise FormatError(
                f"got {where} with {sizes.get(f'{top}/data/{key}', 'no')} bytes for the numbers "
                f"{shown(key)}, expected {n_bytes}; download or copy it again"
            )
    _check_tensors(found, {key: count for key, (count, _) in storages.items()}, where)


def _check_directory(stream: BinaryIO, length: int) -> None:
    """Refuse a list of entries, last in the archive, that is itself too long to be read."""
    stream.seek(max(length - 42, 0))
    tail = stream.read().rjust(42, b"\0")
    if tail[20:24] != b"PK\5\6" or tail[40:] != b"\0\0":
        raise ValueError("cut short, or something follows it")
    listed = struct.unpack("<I", tail[32:36])[0]
    if tail[:4] == b"PK\6\7":  # the place of a record with 64-bit numbers
        stream.seek(min(struct.unpack("<Q", tail[8:16])[0] + 40, length))
        listed = struct.unpack("<Q", stream.read(8))[0]
    if listed > _LARGEST_PICKLE:
        raise ValueError("too many entries")


def _is_plain(entry: zipfile.ZipInfo) -> bool:
    """Return whether an entry is a file as torch writes it: neither packed nor locked.

    torch leaves the memory for an entry uninitialised where an attribute says it is a folder.
    """
    packed = entry.compress_type or entry.file_size != entry.compress_size
    return not (packed or entry.external_attr & _FOLDER or entry.flag_bits & ~_PLAIN_FLAGS)


def _check_legacy(stream: BinaryIO, where: str) -> None:
    """Refuse a row of pickles and storages that does not fill the file exactly."""
    data: Any
    if isinstance(stream, io.BytesIO):
        data = stream.getvalue()
    else:
        data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    position, parts = 0, []
    for _ in range(5):  # magic number, protocol, machine, the object, the storages' order
        found = read_pickle(data, position, allowed=_ALLOWED, where=where, advice=_ADVICE)
        position, parts = found.end, [*parts, found]
    protocol, keys = parts[1].value, parts[4].value
    storages = _check_storages(parts[3], where)
    known = type(keys) is list and all(type(key) is str for key in keys)
    if protocol != _PROTOCOL or not known or sorted(keys) != sorted(storages):
        raise FormatError(
            f"got {where} whose storages are not those of its tensors, expected a checkpoint; "
            "download or copy it again"
        )
    for key in keys:
        count, n_bytes = storages[key]
        if data[position : position + 8] != struct.pack("<q", count):
            raise FormatError(
                f"got {where} with another count than {count} for the numbers {shown(key)}, "
                "expected them to agree; download or copy it again"
            )
        position += 8 + n_bytes
    if position != len(data):
        raise FormatError(
            f"got {where} of {len(data)} bytes, expected {position} by what it says of itself; "
            "download or copy it again"
        )
    _check_tensors(parts[3], {key: count for key, (count, _) in storages.items()}, where)


def _check_storages(found: Pickled, where: str) -> dict[str, tuple[int, int]]:
    """Return count and bytes of every storage a pickle asks for, by key."""
    storages: dict[str, tuple[int, int]] = {}
    for stored in found.stored:
        match stored.identifier:
            case ("storage", Name(kind), str(key), str(), int(count), *rest) if (
                kind in _ITEM_SIZES and count >= 0 and rest in ([], [None])
            ):
                entry = count, count * _ITEM_SIZES[kind]
            case _:
                raise FormatError(
                    f"got {where} that asks for {shown(stored.identifier)}, expected the numbers "
                    "of a tensor; do not use this file"
                )
        if storages.setdefault(key, entry) != entry:
            raise FormatError(
                f"got {where} with two sizes for the numbers {shown(key)}, expected one; download "
                "or copy it again"
            )
    return storages


def _check_tensors(found: Pickled, counts: dict[str, int], where: str) -> None:
    """Refuse tensors that reach beyond their storage, or repeat it to seem larger."""
    for call in found.calls:
        if call.path in _REBUILD:
            match call.arguments:
                case (Stored(identifier), int(offset), tuple(size), tuple(stride), *_):
                    count = counts.get(identifier[2], 0)
                case _:
                    raise FormatError(
                        f"got {where} with a tensor made of {shown(call.arguments)}, expected its "
                        "numbers, place and shape; do not use this file"
                    )
            if not fits(offset, size, stride, count):
                raise FormatError(
                    f"got {where} with a tensor of shape {shown(size)} in {count} numbers, "
                    "expected one that fits; download or copy it again"
                )


def fits(offset: int, size: tuple, stride: tuple, count: int) -> bool:
    """Return whether a view lies within `count` numbers and shows none of them twice."""
    if len(size) != len(stride) or len(size) > 8:
        return False
    if not all(type(number) is int and number >= 0 for number in (offset, *size, *stride)):
        return False
    shown_numbers, last = 1, offset
    for side, step in zip(size, stride, strict=True):
        shown_numbers *= side
        last += max(side - 1, 0) * step
    return shown_numbers == 0 or (shown_numbers <= count and last < count)
