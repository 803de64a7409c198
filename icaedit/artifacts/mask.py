"""The index mask: the coordinates of the latents that carry each emotion, as plain JSON."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icaedit.errors import FormatError, InputError
from icaedit.files import atomic_write, read_bytes
from icaedit.schema import EMOTIONS, parse_emotion, parse_threshold

__all__ = ["IndexMask", "load_index_mask"]

FORMAT, VERSION = "icaedit.index_mask", 1
_ORDER = (*EMOTIONS, "contempt")
_RULES = ("two-sided", "one-sided")
_KEYS = {"format", "version", "shape", "model", "rule", "threshold", "emotions", "union"}


@dataclass(frozen=True, eq=False, repr=False)
class IndexMask:
    """Which of the L * C coordinates, counted row by row, each emotion keeps.

    Parameters
    ----------
    shape : tuple of int
        (L, C), the layers and channels of the latents.
    emotions : mapping of str to array_like of int
        For each emotion its coordinates: from 0 to L * C - 1, ascending, each once.
    model : str
        Fingerprint of the model whose latents these are.
    rule : str
        What was compared with the threshold: ``"two-sided"`` is ``|x|``, ``"one-sided"`` is x.
    threshold : str or float
        ``"mean"``, ``"median"``, ``"none"``, ``"fdr"`` or the number itself.
    people : sequence of str
        The identities that the directions were fitted on, who must not be tested on; kept sorted.
        Empty where that is not known.

    Raises
    ------
    InputError
        If an index is out of range, repeated or out of order, or an emotion is unknown.

    Examples
    --------
    >>> mask = IndexMask((2, 3), {"joy": [0, 4], "sad": [4]}, model="", rule="two-sided",
    ...                  threshold="mean")
    >>> mask.union.tolist(), mask.mask("happy").sum()
    ([0, 4], np.int64(2))
    """

    shape: tuple[int, int]
    emotions: Mapping[str, NDArray[np.int64]]
    _: KW_ONLY
    model: str
    rule: str
    threshold: str | float
    people: Sequence[str] = ()

    def __post_init__(self) -> None:
        shape = tuple(self.shape)
        if len(shape) != 2 or not all(_is_count(n) and n > 0 for n in shape):
            raise InputError(f"got shape {shape}, expected two whole numbers (L, C); correct it")
        object.__setattr__(self, "shape", tuple(int(n) for n in shape))
        object.__setattr__(self, "threshold", parse_threshold(self.threshold))
        emotions: dict[str, NDArray[np.int64]] = {}
        for name, indices in self.emotions.items():
            emotion = parse_emotion(name)
            if emotion in emotions:
                raise InputError(f"got {emotion} twice, expected each emotion once; keep one")
            emotions[emotion] = _checked(indices, emotion, shape[0] * shape[1])
        ordered = {name: emotions[name] for name in _ORDER if name in emotions}
        object.__setattr__(self, "emotions", ordered)
        if isinstance(self.people, str) or not all(isinstance(name, str) for name in self.people):
            raise InputError(f"got people {self.people!r}, expected a list of names; correct it")
        object.__setattr__(self, "people", tuple(sorted(set(self.people) - {""})))
        if not isinstance(self.model, str) or self.rule not in _RULES:
            raise InputError(
                f"got model {self.model!r} and rule {self.rule!r}, expected a fingerprint and "
                f"one of {', '.join(_RULES)}; correct them"
            )

    def __repr__(self) -> str:
        kept = ", ".join(f"{name} {len(indices)}" for name, indices in self.emotions.items())
        size = self.shape[0] * self.shape[1]
        return f"IndexMask of {size} coordinates: {kept}; any of them {len(self.union)}"

    @property
    def union(self) -> NDArray[np.int64]:
        """The coordinates that any emotion keeps, ascending; int64."""
        kept = np.concatenate([np.empty(0, np.int64), *self.emotions.values()])
        return np.unique(kept)

    def mask(self, emotion: str | None = None) -> NDArray[np.bool_]:
        """Return one emotion's mask, or that of the union, as bool (L, C).

        Raises
        ------
        InputError
            If the mask does not hold the emotion.
        """
        name = None if emotion is None else parse_emotion(emotion)
        if name is not None and name not in self.emotions:
            raise InputError(
                f"got emotion {name}, expected one of {', '.join(self.emotions)} that this mask "
                "holds; choose one of these"
            )
        kept = np.zeros(self.shape[0] * self.shape[1], dtype=bool)
        kept[self.union if name is None else self.emotions[name]] = True
        return kept.reshape(self.shape)

    def save(self, path: str | os.PathLike) -> None:
        """Write the mask as JSON, sorted keys and one emotion a line, whole or not at all.

        Raises
        ------
        FileAccessError
            If the file cannot be written.
        """
        emotions = {name: indices.tolist() for name, indices in self.emotions.items()}
        content = {
            "format": FORMAT,
            "version": VERSION,
            "shape": list(self.shape),
            "model": self.model,
            "rule": self.rule,
            "threshold": self.threshold,
            "union": self.union.tolist(),
        }
        if self.people:
            content["people"] = list(self.people)
        lines = {key: json.dumps(value) for key, value in content.items()}
        lines["emotions"] = _block({key: json.dumps(emotions[key]) for key in emotions}, "  ")
        atomic_write(path, (_block(lines, " ") + "\n").encode("utf-8"))


def load_index_mask(path: str | os.PathLike) -> IndexMask:
    """Read and check an index mask.

    Raises
    ------
    FileAccessError
        If the file is missing or unreadable.
    FormatError
        If it is no index mask, of a newer version, or its indices are out of range, repeated,
        out of order or not those of its union.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "mask.json"
    >>> IndexMask((2, 3), {"sad": [4]}, model="", rule="two-sided", threshold="mean").save(path)
    >>> load_index_mask(path).union.tolist()
    [4]
    """
    content = _content(path)
    try:
        mask = IndexMask(
            content["shape"],
            content["emotions"],
            model=content["model"],
            rule=content["rule"],
            threshold=content["threshold"],
            people=content.get("people", ()),
        )
        union = _checked(content["union"], "union", mask.shape[0] * mask.shape[1])
    except (ValueError, TypeError, AttributeError) as err:
        raise _refusal(path, str(err)) from err
    if not np.array_equal(union, mask.union):
        raise _refusal(path, "its union is not that of its emotions")
    return mask


def _content(path: str | os.PathLike) -> dict[str, Any]:
    try:
        content = json.loads(read_bytes(path))
    except (json.JSONDecodeError, UnicodeDecodeError) as err:
        raise _refusal(path, "it is not JSON") from err
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise _refusal(path, f"its format is not {FORMAT}")
    if not _is_count(content.get("version")) or content["version"] > VERSION:
        raise FormatError(
            f"got {path} of version {content.get('version')}, expected at most {VERSION} of "
            f"{FORMAT}; update icaedit"
        )
    if missing := sorted(_KEYS - set(content)):
        raise _refusal(path, f"it lacks {', '.join(missing)}")
    return content


def _refusal(path: str | os.PathLike, reason: str) -> FormatError:
    return FormatError(
        f"got {path}, which is no index mask ({reason}), expected one written by export-mask; "
        "export it again"
    )


def _checked(indices: Any, name: str, n_coordinates: int) -> NDArray[np.int64]:
    values = np.array(indices).reshape(-1)
    if values.size and values.dtype.kind not in "iu":
        raise InputError(f"got {values.dtype} indices for {name}, expected whole numbers; fix them")
    values = values.astype(np.int64)
    if values.size and (values.min() < 0 or values.max() >= n_coordinates):
        raise InputError(
            f"got indices {values.min()} to {values.max()} for {name}, expected 0 to "
            f"{n_coordinates - 1}; check the shape"
        )
    if (np.diff(values) <= 0).any():
        raise InputError(f"got unsorted or repeated indices for {name}, expected ascending ones; "
                         "sort them, each once")
    return values


def _is_count(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _block(lines: Mapping[str, str], indent: str) -> str:
    if not lines:
        return "{}"
    body = ",\n".join(f"{indent}{json.dumps(key)}: {lines[key]}" for key in sorted(lines))
    return f"{{\n{body}\n{indent[:-1]}}}"
