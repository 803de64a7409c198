"""From the pictures of a dataset to a set of latents."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from icaedit.artifacts import LatentSet, load_latents, peek_header
from icaedit.datasets import Record
from icaedit.encode.batches import Progress, encode_records
from icaedit.encode.parts import PartsFolder
from icaedit.errors import DatasetError, FormatError, InputError
from icaedit.faces import ALIGN_MODES
from icaedit.files import ensure_writable_folder, sha256_file
from icaedit.models import LatentModel

__all__ = ["encode_dataset", "encode_to_file"]


def encode_dataset(
    records: Sequence[Record],
    model: LatentModel,
    *,
    parts: str | os.PathLike | None = None,
    batch_size: int = 16,
    align: str = "auto",
    landmark_model: str | os.PathLike | None = None,
    progress: Progress | None = None,
) -> LatentSet:
    """Encode the pictures of a dataset.

    Only one batch of pictures is in memory at a time. With `parts` each finished batch is
    written to that folder, and pictures that were finished before, by the same model with the
    same `align` and with the same file content, are not encoded again. The result does not
    depend on the batch size, nor on whether and where an earlier run was stopped.

    Parameters
    ----------
    records : sequence of Record
        As from `read_dataset`.
    model : LatentModel
    parts : path, optional
        Folder for finished batches.
    batch_size : int
        Pictures read, encoded and written together, at least 1.
    align : {"auto", "always", "none"}
        As in `icaedit.faces.prepare_face`.
    landmark_model : path, optional
        The predictor of landmarks by which faces are aligned, as in `icaedit.faces.landmarks`.
    progress : callable, optional
        Called as ``progress(done, total)``, first with what was finished before.

    Returns
    -------
    LatentSet
        In the order of the records.

    Raises
    ------
    InputError
        If an option cannot be used.
    DatasetError
        If there are no records, or pictures cannot be read or used: all of these are named, and
        the others are finished by then.
    MissingDependencyError
        If a picture must be aligned and what that takes is not installed.
    FileAccessError
        If a finished batch cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from icaedit.images import save_image
    >>> from icaedit.models import tiny_model
    >>> path = Path(tempfile.mkdtemp()) / "face.png"
    >>> save_image(path, np.full((32, 32, 3), 90, np.uint8))
    >>> record = Record(path, "face.png", "F01", "happy", "S", "A")
    >>> encode_dataset([record], tiny_model()).latents.shape
    (1, 6, 8)
    """
    _check(records, batch_size, align)
    aligned_by = _aligned_by(align, landmark_model)
    folder = None if parts is None else PartsFolder(parts, model.fingerprint, aligned_by)
    finished = {} if folder is None else folder.read()
    return encode_records(
        records,
        model,
        finished=finished,
        folder=folder,
        batch_size=batch_size,
        align=align,
        aligned_by=aligned_by,
        landmark_model=landmark_model,
        progress=progress,
    )


def encode_to_file(
    records: Sequence[Record],
    model: LatentModel,
    path: str | os.PathLike,
    *,
    batch_size: int = 16,
    align: str = "auto",
    landmark_model: str | os.PathLike | None = None,
    progress: Progress | None = None,
) -> LatentSet:
    """Encode the pictures of a dataset into a file, going on where an earlier run stopped.

    Finished batches lie in the folder ``PATH.parts`` until the file is written. A file that is
    there already and up to date is left as it is; of one that is not, what still holds is used.
    The file's bytes do not depend on whether and where an earlier run was stopped.

    Parameters
    ----------
    records : sequence of Record
    model : LatentModel
    path : path
        The file of latents to write; its folder is made where needed.
    batch_size, align, landmark_model, progress
        As in `encode_dataset`.

    Returns
    -------
    LatentSet
        What the file holds.

    Raises
    ------
    InputError
        If an option cannot be used, or something else than latents stands at `path`.
    DatasetError, MissingDependencyError
        As in `encode_dataset`.
    FileAccessError
        If the file or a finished batch cannot be written.
    """
    _check(records, batch_size, align)
    path = Path(path)
    ensure_writable_folder(path.parent)
    present = _present(path)
    aligned_by = _aligned_by(align, landmark_model)
    folder = PartsFolder(f"{path}.parts", model.fingerprint, aligned_by)
    finished = folder.read()
    if present is not None and _made_alike(present, model, aligned_by):
        finished.update(zip(present.digests.tolist(), present.latents, strict=True))
    latents = encode_records(
        records,
        model,
        finished=finished,
        folder=folder,
        batch_size=batch_size,
        align=align,
        aligned_by=aligned_by,
        landmark_model=landmark_model,
        progress=progress,
    )
    if present is None or not _equal(present, latents):
        latents.save(path)
    folder.remove()
    return latents


def _check(records: Sequence[Record], batch_size: int, align: str) -> None:
    if batch_size < 1:
        raise InputError(f"got batch size {batch_size}, expected at least 1; use 16")
    if align not in ALIGN_MODES:
        raise InputError(f"got align {align!r}, expected {' or '.join(ALIGN_MODES)}; use auto")
    if not records:
        raise DatasetError("got no pictures, expected at least one; check the dataset's folder")


def _aligned_by(align: str, landmark_model: str | os.PathLike | None) -> str:
    """Return how pictures are aligned, in the words that latents are kept and known by."""
    if landmark_model is None:
        return align
    return f"{align}, landmarks {sha256_file(landmark_model)[:12]}"


def _present(path: Path) -> LatentSet | None:
    """Return the latents that stand at a path, if any; refuse to overwrite anything else."""
    if not path.exists():
        return None
    try:
        if peek_header(path)["format"] == "icaedit.latents":
            return load_latents(path)
    except FormatError as err:
        raise InputError(
            f"got {path}, which holds no readable latents ({err}), expected a new file or one "
            "of latents; choose another name or remove it"
        ) from err
    raise InputError(
        f"got {path}, which holds something else, expected a new file or one of latents; choose "
        "another name"
    )


def _made_alike(latents: LatentSet, model: LatentModel, aligned_by: str) -> bool:
    made_with = latents.model_fingerprint, latents.provenance.get("align")
    return made_with == (model.fingerprint, aligned_by)


def _equal(a: LatentSet, b: LatentSet) -> bool:
    names = ("latents", "identity", "emotion", "view", "take", "paths", "digests")
    return (
        a.model_fingerprint == b.model_fingerprint
        and dict(a.provenance) == dict(b.provenance)
        and all(np.array_equal(getattr(a, name), getattr(b, name)) for name in names)
    )
