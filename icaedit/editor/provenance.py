"""The record of an edit, which pictures carry."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from icaedit.artifacts import Directions, package_versions
from icaedit.images import COMPOSITE, GENERATED
from icaedit.models import LatentModel

__all__ = ["edit_provenance", "joined_provenance"]


def edit_provenance(
    model: LatentModel,
    directions: Directions,
    *,
    face: int,
    strengths: Mapping[str, float],
    whole: bool,
    refined: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the record of one face's edit, as plain JSON values.

    It names no time, no machine and no folder: the same edit has the same record.

    Parameters
    ----------
    model : LatentModel
    directions : Directions
    face : int
        The face's number in the picture.
    strengths : mapping of str to float
        By how much the latents were moved, in units of strength.
    whole : bool
        Whether the model made the whole picture, and not a part of a photo.
    refined : mapping, optional
        How the latents were refined before.

    Examples
    --------
    >>> import numpy as np
    >>> from icaedit.models import tiny_model
    >>> pattern = np.ones((1, 6, 8), np.float32)
    >>> directions = Directions(["happy"], pattern, masks=pattern > 0, patterns=pattern,
    ...     posed_strength={"happy": 3.0}, method="pca", threshold="none")
    >>> record = edit_provenance(tiny_model(), directions, face=1, strengths={"happy": 3}, whole=1)
    >>> record["faces"], record["model"]["name"]
    ([{'face': 1, 'strengths': {'happy': 3.0}}], 'tiny-0')
    """
    moved = {emotion: round(float(strength), 4) for emotion, strength in strengths.items()}
    record = {
        "icaedit": _version(),
        "digital_source_type": GENERATED if whole else COMPOSITE,
        "model": {"name": model.name, "fingerprint": model.fingerprint},
        "directions": directions.digest,
        "faces": [{"face": face, "strengths": moved}],
    }
    return record if refined is None else {**record, "refined": dict(refined)}


def joined_provenance(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the record of a picture that shows several edits of one model and directions.

    Parameters
    ----------
    records : sequence of mapping
        As of `edit_provenance`, one at least.

    Examples
    --------
    >>> one = {"faces": [{"face": 1}], "digital_source_type": COMPOSITE}
    >>> joined_provenance([one, {**one, "faces": [{"face": 2}]}])["faces"]
    [{'face': 1}, {'face': 2}]
    """
    return {**records[0], "faces": [face for record in records for face in record["faces"]]}


@lru_cache(maxsize=1)
def _version() -> str:
    return package_versions()["icaedit"] or "unknown"
