"""Which row of a file of latents belongs to which picture of a dataset."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from icaedit.artifacts import IndexMask, LatentSet
from icaedit.datasets import Record
from icaedit.errors import InputError, ModelMismatchError

__all__ = ["match_latents"]


def match_latents(
    records: Sequence[Record], latents: LatentSet, *, mask: IndexMask | None = None
) -> NDArray[np.float32]:
    """Return the latents of pictures in their order.

    A picture is found by the SHA-256 of its file where both sides know it, and else by its name.

    Parameters
    ----------
    records : sequence of Record
        As from the readers of `icaedit.datasets`.
    latents : LatentSet
        May hold further pictures.
    mask : IndexMask, optional
        What the latents are to be masked by; it must be for their model and shape.

    Returns
    -------
    ndarray of shape (N, L, C), float32

    Raises
    ------
    ModelMismatchError
        If the mask is for another model or shape.
    InputError
        If a picture has no latents, two different ones, or ones that are not finite.

    Examples
    --------
    >>> from pathlib import Path
    >>> stored = LatentSet(np.ones((1, 4, 8)), ["F01"], emotion=["sad"], paths=["a.png"])
    >>> match_latents([Record(Path("/d/a.png"), "a.png", "F01", "sad")], stored).shape
    (1, 4, 8)
    """
    _check_mask(latents, mask)
    by_digest = _rows(latents.digests)
    by_name = _rows(latents.paths)
    chosen, missing = [], []
    for record in records:
        found = by_digest.get(record.digest, []) or [
            row
            for row in by_name.get(record.name, [])
            if not (record.digest and latents.digests[row])  # the file has changed since
        ]
        if not found:
            missing.append(record.name)
            continue
        values = latents.latents[found]
        if (values != values[0]).any() or not np.isfinite(values[0]).all():
            raise InputError(
                f"got latents of {record.name} that are not finite or differ between its "
                f"{len(found)} rows, expected one code a picture; encode it again"
            )
        chosen.append(found[0])
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise InputError(
            f"got no latents of {missing[0]}{more} among {len(latents)}, expected those of every "
            "picture; encode the dataset again"
        )
    return latents.latents[np.array(chosen, dtype=np.intp)]


def _rows(keys: NDArray[np.str_]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, key in enumerate(keys.tolist()):
        if key:
            rows.setdefault(key, []).append(row)
    return rows


def _check_mask(latents: LatentSet, mask: IndexMask | None) -> None:
    if mask is None:
        return
    theirs = latents.model_fingerprint
    if mask.model and theirs and mask.model != theirs:
        raise ModelMismatchError(
            f"got a mask for model {mask.model[:12]} and latents of model {theirs[:12]}, expected "
            "the same model; encode with the model that the mask was exported for"
        )
    if tuple(mask.shape) != latents.latents.shape[1:]:
        raise ModelMismatchError(
            f"got a mask of shape {tuple(mask.shape)} and latents of shape "
            f"{latents.latents.shape[1:]}, expected the same; encode with the model that the mask "
            "was exported for"
        )
