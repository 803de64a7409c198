"""The public checkpoints of DAN, DACL and RUL, and of the ResNet-18 they start from.

Only their names are translated; the numbers are the same bits.
"""

import os
import re
from collections.abc import Mapping
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from icaedit.errors import FileAccessError, FormatError
from icaedit.foreign_files import checked_tensor, read_torch, shown

__all__ = ["class_count", "read_network", "read_trunk", "read_weights"]

_TRAINING_ONLY = re.compile(r"(attention|attention_heads|log_var)\.")
_COUNTER = "num_batches_tracked"
_WRAPPED = "module."  # what DataParallel puts before every name
_SPATIAL = {"squeeze": "conv1x1", "square": "conv_3x3", "row": "conv_1x3", "column": "conv_3x1"}
_SIGNS = {"dan": "cat_head0.sa.conv1x1.0.weight", "rul": "mu.3.weight", "dacl": "conv1.weight"}
"""An entry that tells the networks apart, in the order in which it is looked for."""


def read_weights(path: str | os.PathLike) -> dict[str, Any]:
    """Return the entries of a checkpoint by their names there, free of what wraps them.

    The file is one of torch or safetensors. Weights stand in it alone, under
    ``model_state_dict`` or under ``state_dict``; those of a separate last layer under
    ``fc_state_dict``; and each name may start with ``module.``.

    Raises
    ------
    FileAccessError
        If the file is missing or unreadable.
    FormatError
        If it is damaged, holds anything but tensors and plain values, or no weights.
    """
    tree = _read(path)
    if not isinstance(tree, dict):
        raise _no_weights(path)
    trees = [tree[key] for key in ("model_state_dict", "state_dict") if key in tree]
    weights = _unwrapped(trees[0] if trees else tree, path)
    if "fc_state_dict" in tree:
        last = _unwrapped(tree["fc_state_dict"], path)
        weights |= {f"fc.{name}": tensor for name, tensor in last.items()}
    return weights


def class_count(weights: Mapping[str, Any]) -> int | None:
    """Return how many classes the last layer of a checkpoint has, if it has one."""
    last = weights.get("fc.weight")
    return last.shape[0] if isinstance(last, Tensor) and last.ndim == 2 else None


def read_network(
    weights: Mapping[str, Any], network: nn.Module, kind: str, *, where: str
) -> dict[str, Tensor]:
    """Return the state of a network from the entries of its public checkpoint.

    Parameters
    ----------
    weights : mapping of str to Tensor
        What `read_weights` gave.
    network : nn.Module
        The network whose state is wanted; its numbers are not read.
    kind : {"dan", "dacl", "rul"}
    where : str
        What messages call the file.

    Raises
    ------
    FormatError
        If it is the checkpoint of another network, or an entry is missing, too many, of another
        shape or kind of number, or not finite.
    """
    found = next((name for name, sign in _SIGNS.items() if sign in weights), None)
    if found != kind:
        raise FormatError(
            f"got {where}, {f'a checkpoint of {found}' if found else 'of no known network'}, "
            f"expected one of {kind}; load it as what it is"
        )
    names = {name: _theirs(name, kind) for name in network.state_dict()}
    for name in sorted(set(weights) - set(names.values())):
        if not _TRAINING_ONLY.match(name):
            raise FormatError(
                f"got {where} with {shown(name)}, expected no entry of that name in a checkpoint "
                f"of {kind}; give the original file"
            )
    return _state(weights, names, network, where)


def read_trunk(weights: Mapping[str, Any], trunk: nn.Module, *, where: str) -> dict[str, Tensor]:
    """Return the state of a ResNet-18 without its last layer, such as ``resnet18_msceleb.pth``.

    Raises
    ------
    FormatError
        If an entry is missing, of another shape or kind of number, or not finite.
    """
    return _state(weights, {name: name for name in trunk.state_dict()}, trunk, where)


def _read(path: str | os.PathLike) -> Any:
    try:
        if os.fspath(path).endswith(".safetensors"):
            return load_file(path)
        return read_torch(path)
    except OSError as err:
        raise FileAccessError(
            f"got {err.strerror or err} when reading {path}, expected a readable file; check the "
            "path"
        ) from err
    except SafetensorError as err:
        raise FormatError(
            f"got {path}, which is no whole safetensors file ({err}), expected weights of a "
            "network; download or copy it again"
        ) from err


def _unwrapped(tree: Any, path: str | os.PathLike) -> dict[str, Any]:
    named = isinstance(tree, dict) and all(isinstance(name, str) for name in tree)
    if not named or not any(isinstance(entry, Tensor) for entry in tree.values()):
        raise _no_weights(path)
    while all(name.startswith(_WRAPPED) for name in tree):
        tree = {name.removeprefix(_WRAPPED): entry for name, entry in tree.items()}
    return dict(tree)


def _no_weights(path: str | os.PathLike) -> FormatError:
    return FormatError(
        f"got {path} without weights of a network, expected them alone or under model_state_dict; "
        "give the checkpoint of a trained network"
    )


def _theirs(name: str, kind: str) -> str:
    """Return what an entry of ours is called in the public checkpoint."""
    part, _, rest = name.partition(".")
    if part == "trunk" and kind == "dacl":
        return rest
    if part == "trunk":  # theirs is a row of modules: conv1, bn1, relu, pool, layer1 to layer4
        part, _, rest = rest.partition(".")
        number = {"conv1": 0, "bn1": 1}.get(part)
        return f"features.{int(part[-1]) + 3 if number is None else number}.{rest}"
    if match := re.fullmatch(r"heads\.(\d)\.spatial\.(\w+)\.(.+)", name):
        return f"cat_head{match[1]}.sa.{_SPATIAL[match[2]]}.{match[3]}"
    if match := re.fullmatch(r"heads\.(\d)\.gate\.(.+)", name):
        return f"cat_head{match[1]}.ca.attention.{match[2]}"
    return name


def _state(
    weights: Mapping[str, Any], names: Mapping[str, str], network: nn.Module, where: str
) -> dict[str, Tensor]:
    state = {}
    for ours, tensor in network.state_dict().items():
        theirs, shape = names[ours], tuple(tensor.shape)
        if theirs in weights:
            tensor = checked_tensor(weights[theirs], theirs, shape, where=where)
            state[ours] = tensor.clone()  # entries may share their memory
        elif theirs.endswith(_COUNTER):  # files of before torch 0.4.1 do not count
            state[ours] = torch.zeros(shape, dtype=torch.int64)
        else:
            raise FormatError(
                f"got {where} without {theirs!r}, expected every entry of its network; download "
                "or copy it again"
            )
    return state
