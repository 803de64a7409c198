"""NVIDIA's network pickles (stylegan2-ada-pytorch and stylegan3), read without their source.

Such a pickle holds the source code of its classes, which NVIDIA's own loader executes. Here the
code is never looked at: what is read are the tensors of ``G_ema`` and the plain attributes that
its modules were saved with.
"""

import mmap
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch

from icaedit.errors import FormatError
from icaedit.foreign_files.pickles import Call, read_pickle, shown
from icaedit.foreign_files.torch_files import fits, read_torch

__all__ = ["NetworkPickle", "read_network_pickle"]

_MODULE = "torch_utils.persistence._reconstruct_persistent_obj"
_BYTES = "torch.storage._load_from_bytes"
_ALLOWED = frozenset(
    [
        _MODULE,
        _BYTES,
        "dnnlib.util.EasyDict",
        "collections.OrderedDict",
        "torch._utils._rebuild_tensor_v2",
        "torch._utils._rebuild_parameter",
        "numpy.dtype",
        "numpy.ndarray",
        "_codecs.encode",
        "builtins.set",
        "__builtin__.set",
        *(
            f"{core}.multiarray.{name}"
            for core in ("numpy.core", "numpy._core")
            for name in ("scalar", "_reconstruct")
        ),
    ]
)
_ADVICE = {
    "dnnlib.tflib": "this is a pickle of the TensorFlow code (stylegan2 or stylegan2-ada), which "
    "is not supported; convert it with `python legacy.py` of NVIDIA's stylegan2-ada-pytorch, or "
    "take the .pkl that was published for PyTorch",
    "torch.": "this is no network pickle of NVIDIA's; give the checkpoint's .pt file",
}
_MOST_MODULES = 4000
_DEEPEST = 8


@dataclass(frozen=True)
class NetworkPickle:
    """The generator of a network pickle.

    Attributes
    ----------
    weights : dict of str to Tensor
        Parameters and buffers by name, as `state_dict` names them.
    attributes : dict of str to dict
        Plain attributes (numbers, texts, truth values, None) of every module by its name; that of
        the generator itself is ``""``.
    class_name : str
    """

    weights: dict[str, torch.Tensor]
    attributes: dict[str, dict[str, Any]]
    class_name: str


def read_network_pickle(path: str | os.PathLike) -> NetworkPickle:
    """Return the tensors and attributes of ``G_ema``.

    Raises
    ------
    FormatError
        If the file is damaged, names any global beyond those of such pickles, or lacks ``G_ema``.
    OSError
        If the file cannot be read.
    """
    where = str(path)
    with open(path, "rb") as stream:
        data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        found = read_pickle(data, allowed=_ALLOWED, where=where, advice=_ADVICE)
        if found.end != len(data):
            raise FormatError(
                f"got {where} of {len(data)} bytes, expected its pickle to end there and not at "
                f"{found.end}; download or copy it again"
            )
    networks = found.value
    if type(networks) is dict and "G_ema" not in networks:
        raise FormatError(
            f"got {where} without 'G_ema', expected the networks of NVIDIA's training; give the "
            "network-snapshot-*.pkl"
        )
    generator = networks["G_ema"] if type(networks) is dict else networks
    weights: dict[str, torch.Tensor] = {}
    attributes: dict[str, dict[str, Any]] = {}
    names, total = set(), 0
    for name, class_name, state in _modules(generator, where):
        names.add(class_name if not name else None)
        prefix = f"{name}." if name else ""
        attributes[name] = {
            key: value
            for key, value in state.items()
            if type(key) is str and type(value) in (int, float, str, bool, type(None))
        }
        for kind in ("_parameters", "_buffers"):
            for key, value in _table(state.get(kind, {}), where).items():
                if value is not None:
                    tensor = _tensor(value, f"{prefix}{key}", where)
                    weights[f"{prefix}{key}"] = tensor
                    total += tensor.nbytes
                    if total > len(data):  # the same bytes named over and over
                        raise FormatError(
                            f"got {where} whose tensors fill {total} of its {len(data)} bytes, "
                            "expected at most all; do not use this file"
                        )
    return NetworkPickle(weights, attributes, str(next(iter(names - {None}))))


def _modules(root: Any, where: str) -> Iterator[tuple[str, str, dict]]:
    """Yield name, class name and state of a module and of all below it."""
    queue: list[tuple[str, Any, int]] = [("", root, 0)]
    for _ in range(_MOST_MODULES):
        if not queue:
            return
        name, module, depth = queue.pop()
        if not isinstance(module, Call) or module.path != _MODULE or depth > _DEEPEST:
            raise FormatError(
                f"got {where} with something else than a network's module at {shown(name)}, "
                "expected NVIDIA's networks; download it again"
            )
        meta = module.arguments[0] if module.arguments else None
        state = meta.get("state") if type(meta) is dict else None
        if type(state) is not dict or meta.get("type") != "class":
            raise FormatError(
                f"got {where} with a module {shown(name)} without state, expected one; download "
                "it again"
            )
        class_name = meta.get("class_name")
        yield name, class_name if type(class_name) is str else "", state
        for key, child in _table(state.get("_modules", {}), where).items():
            queue.append((f"{name}.{key}" if name else str(key), child, depth + 1))
    raise FormatError(f"got {where} with more than {_MOST_MODULES} modules; do not use this file")


def _table(value: Any, where: str) -> dict:
    if type(value) is not dict:
        raise FormatError(
            f"got {where} with {shown(value)} in place of a module's table, expected a dict; "
            "download it again"
        )
    return value


def _tensor(value: Any, name: str, where: str) -> torch.Tensor:
    """Return a tensor whose storage was saved as bytes of its own."""
    if isinstance(value, Call) and value.path == "torch._utils._rebuild_parameter":
        value = value.arguments[0] if value.arguments else None
    match value:
        case Call(
            path="torch._utils._rebuild_tensor_v2",
            arguments=(Call(path=kind, arguments=(content,)), int(offset), tuple(size),
                       tuple(stride), *_),
        ) if kind == _BYTES:  # fmt: skip
            stored = read_torch(_bytes(content, name, where), where=f"{where} ({shown(name)})")
        case _:
            raise FormatError(
                f"got {where} with {shown(name)} that is no tensor, expected one; download it again"
            )
    if not isinstance(stored, torch.storage.TypedStorage):
        raise FormatError(
            f"got {where} with {shown(name)} made of a {type(stored).__name__}, expected the "
            "numbers of a tensor; do not use this file"
        )
    bytes_of = stored._untyped_storage  # the public accessors warn of a coming change
    numbers = torch.empty(0, dtype=stored.dtype)
    if not fits(offset, size, stride, bytes_of.nbytes() // numbers.element_size()):
        raise FormatError(
            f"got {where} with {shown(name)} of shape {shown(size)} beyond its numbers, expected "
            "one that fits; download or copy it again"
        )
    return numbers.set_(bytes_of, offset, size, stride)


def _bytes(value: Any, name: str, where: str) -> bytes:
    """Return bytes, which protocol 2 writes as text to be encoded."""
    if isinstance(value, Call) and value.path == "_codecs.encode":
        match value.arguments:
            case (str(text), "latin1"):
                try:
                    return text.encode("latin-1")
                except UnicodeEncodeError:
                    pass
    elif isinstance(value, bytes):
        return value
    raise FormatError(
        f"got {where} with {shown(name)} whose numbers are no bytes, expected some; download or "
        "copy it again"
    )
