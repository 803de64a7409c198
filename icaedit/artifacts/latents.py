"""A set of latents: the W+ codes of pictures, and whose face and which emotion each shows."""

import json
import os
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.artifacts.tensors import load_tensors, save_tensors
from icaedit.display import html_table
from icaedit.errors import FormatError, InputError
from icaedit.files import sha256_text
from icaedit.schema import EMOTIONS, parse_emotion

__all__ = ["LatentSet", "load_latents"]

FORMAT, VERSION = "icaedit.latents", 1
_LABELS = ("identity", "emotion", "view", "take", "paths", "digests")


@dataclass(frozen=True, eq=False, repr=False)
class LatentSet:
    """The latents of N pictures and what each picture shows.

    Parameters
    ----------
    latents : array_like of float, shape (N, L, C)
        W+ codes; kept as float32. NaN and Inf are allowed, so that a fit can name the people who
        have them; they are not written to files.
    identity : sequence of str, length N
        The person, the same across takes and views.
    emotion : sequence of str, length N
        Names or aliases of emotions; kept as canonical names.
    view, take, paths, digests : sequence of str, length N, optional
        Camera angle; session; the picture's path as its dataset names it; the SHA-256 of its
        file. Empty texts where not given.
    model_fingerprint : str
        The model that encoded the pictures.
    provenance : dict
        Anything else to remember, as JSON can hold it.

    Raises
    ------
    InputError
        If the shapes disagree or an emotion is unknown.

    Examples
    --------
    >>> latents = LatentSet(np.zeros((2, 4, 8)), ["F01", "F01"], emotion=["HA", "neutral"])
    >>> len(latents), latents.emotion.tolist(), latents.latents.dtype.name
    (2, ['happy', 'neutral'], 'float32')
    >>> latents.select(latents.emotion == "happy").identity.tolist()
    ['F01']
    """

    latents: NDArray[np.float32]
    identity: NDArray[np.str_]
    _: KW_ONLY
    emotion: NDArray[np.str_]
    view: NDArray[np.str_] | None = None
    take: NDArray[np.str_] | None = None
    paths: NDArray[np.str_] | None = None
    digests: NDArray[np.str_] | None = None
    model_fingerprint: str = ""
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        latents = self.latents
        if not isinstance(latents, np.memmap):  # which is read from its file as needed
            latents = np.array(latents, dtype=np.float32)
        if latents.ndim != 3:
            raise InputError(
                f"got latents of shape {latents.shape}, expected (N, L, C); keep the layers apart"
            )
        object.__setattr__(self, "latents", latents)
        for name in _LABELS:
            given = getattr(self, name)
            labels = np.array([""] * len(latents) if given is None else given, dtype=np.str_)
            if labels.shape != (len(latents),):
                raise InputError(
                    f"got {name} of shape {labels.shape}, expected ({len(latents)},); give one "
                    "text for each latent"
                )
            object.__setattr__(self, name, labels)
        canonical = np.array([parse_emotion(text) for text in self.emotion], dtype=np.str_)
        object.__setattr__(self, "emotion", canonical)
        object.__setattr__(self, "provenance", dict(self.provenance))

    def __len__(self) -> int:
        return len(self.latents)

    def __repr__(self) -> str:
        layers, channels = self.latents.shape[1:]
        return (
            f"LatentSet of {len(self)} pictures, {len(set(self.identity.tolist()))} people, "
            f"{len(set(self.emotion.tolist()))} emotions: {layers} layers x {channels} channels, "
            f"model {self.model_fingerprint[:12] or 'not recorded'}"
        )

    def _repr_html_(self) -> str:
        """Return how many pictures and people there are of each emotion, for a notebook."""
        rows = []
        for name in (*EMOTIONS, "contempt"):
            shows = self.emotion == name
            if shows.any():
                rows.append([name, int(shows.sum()), len(set(self.identity[shows].tolist()))])
        return html_table(["emotion", "pictures", "people"], rows, repr(self))

    @property
    def dataset_digest(self) -> str:
        """SHA-256 over each picture's path, digest, emotion and identity, whatever their order."""
        rows = zip(self.paths, self.digests, self.emotion, self.identity, strict=True)
        return sha256_text(json.dumps(sorted([str(text) for text in row] for row in rows)))

    def select(self, index: ArrayLike) -> "LatentSet":
        """Return some of the pictures as a new set.

        Parameters
        ----------
        index : array_like of bool, shape (N,), or of int
            Which pictures, in which order.
        """
        chosen = np.asarray(index)
        if chosen.size == 0:
            chosen = chosen.astype(np.intp)
        arrays = {name: getattr(self, name)[chosen] for name in ("latents", *_LABELS)}
        return LatentSet(
            arrays.pop("latents"),
            arrays.pop("identity"),
            **arrays,
            model_fingerprint=self.model_fingerprint,
            provenance=self.provenance,
        )

    def save(self, path: str | os.PathLike) -> None:
        """Write the set as safetensors, whole or not at all; the same set gives the same bytes.

        Raises
        ------
        FileAccessError
            If the file cannot be written.
        """
        header = {field.name: getattr(self, field.name) for field in fields(self)}
        tensors = {"latents": header.pop("latents")}
        save_tensors(path, tensors, header={**header, "format": FORMAT, "version": VERSION})


def load_latents(
    path: str | os.PathLike, *, finite: bool = True, mapped: bool = False
) -> LatentSet:
    """Read a set of latents.

    Parameters
    ----------
    path : path
        A file that `LatentSet.save` wrote, or another program in its format.
    finite : bool
        Whether a file with NaN or infinite latents is refused; `fit_directions` can leave out the
        people who have them.
    mapped : bool
        Whether latents stay in the file, from which they are read as needed, and are not looked
        through; for more than fit in memory.

    Raises
    ------
    FileAccessError
        If the file is missing or unreadable.
    FormatError
        If it is no whole file of latents, of a newer version, not finite, or contradicts itself.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "latents.safetensors"
    >>> LatentSet(np.ones((1, 4, 8)), ["F01"], emotion=["sad"]).save(path)
    >>> load_latents(path).emotion.tolist()
    ['sad']
    """
    tensors, header = load_tensors(
        path, expect=FORMAT, version=VERSION, finite=finite and not mapped, mapped=mapped
    )
    try:
        return LatentSet(
            tensors["latents"],
            header["identity"],
            **{name: header[name] for name in _LABELS if name != "identity"},
            model_fingerprint=header["model_fingerprint"],
            provenance=header["provenance"],
        )
    except (KeyError, InputError, TypeError, ValueError) as err:
        raise FormatError(
            f"got {path} with incomplete or contradictory content ({err}), expected latents as "
            "icaedit writes them; encode again"
        ) from err
