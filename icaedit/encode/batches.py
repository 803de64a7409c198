"""Encoding pictures batch by batch, around those that cannot be used."""

import os
from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby

import numpy as np

from icaedit.artifacts import LatentSet
from icaedit.datasets import Record
from icaedit.encode.parts import PartsFolder
from icaedit.errors import DatasetError, IcaeditError, InputError, MissingDependencyError
from icaedit.faces import PreparedFace, prepare_face
from icaedit.files import sha256_file
from icaedit.images import read_image
from icaedit.models import LatentModel

__all__ = ["Progress", "encode_records"]

Progress = Callable[[int, int], None]
_ALIGNED_SIZE = 256  # pixels, at least: smaller encoders then read an antialiased face


def encode_records(
    records: Sequence[Record],
    model: LatentModel,
    *,
    finished: dict[str, np.ndarray],
    folder: PartsFolder | None,
    batch_size: int,
    align: str,
    aligned_by: str,
    landmark_model: str | os.PathLike | None,
    progress: Progress | None,
) -> LatentSet:
    """Encode the pictures that are not finished yet, and put all latents in order.

    Parameters
    ----------
    records : sequence of Record, of length 1 at least
    model : LatentModel
    finished : dict of str to ndarray of shape (L, C), float32
        Latents that need not be made again, by the SHA-256 of the picture's file.
    folder : PartsFolder or None
        Where finished batches go.
    batch_size : int
        Pictures in memory together.
    align : {"auto", "always", "none"}
    aligned_by : str
        What the latents' provenance says about it.
    landmark_model : path or None
    progress : callable or None
        Called as ``progress(done, total)``.

    Raises
    ------
    DatasetError
        If pictures cannot be used, naming them all, once every other one is finished.
    MissingDependencyError
        If a picture must be aligned and what that takes is not installed.
    """
    failures: dict[str, IcaeditError] = {}
    digests = [_digest_of(record, failures) for record in records]
    shape = (model.n_layers, model.n_channels)
    done = {d: finished[d] for d in digests if d in finished and finished[d].shape == shape}
    # A picture that is there twice is encoded once.
    missing = {d: r for d, r in zip(digests, records, strict=True) if d and d not in done}
    tell = progress or (lambda done, total: None)
    tell(sum(d in done for d in digests), len(records))
    queue = list(missing.items())
    for start in range(0, len(queue), batch_size):
        prepare = partial(prepare_face, align=align, landmark_model=landmark_model)
        batch = _encode_batch(queue[start : start + batch_size], model, prepare, failures)
        if batch and folder is not None:
            folder.write(list(batch), np.stack(list(batch.values())))
        done.update(batch)
        tell(sum(d in done for d in digests), len(records))
    if failures:
        raise _unusable(failures, len(records))
    return LatentSet(
        np.stack([done[d] for d in digests]),
        [r.identity for r in records],
        emotion=[r.emotion for r in records],
        view=[r.view for r in records],
        take=[r.take for r in records],
        paths=[r.name for r in records],
        digests=digests,
        model_fingerprint=model.fingerprint,
        provenance={"align": aligned_by},
    )


def _encode_batch(
    queue: list[tuple[str, Record]],
    model: LatentModel,
    prepare: Callable[..., PreparedFace],
    failures: dict[str, IcaeditError],
) -> dict[str, np.ndarray]:
    """Return the latents of a batch by digest; what cannot be read goes into `failures`."""
    size = max(_ALIGNED_SIZE, model.encoder.config.input_size)
    faces: dict[str, np.ndarray] = {}
    for digest, record in queue:
        try:
            faces[digest] = prepare(read_image(record.path), size=size).image
        except MissingDependencyError as err:
            raise MissingDependencyError(f"in {record.name}: {err}") from err
        except IcaeditError as err:
            failures[record.name] = err
    latents: dict[str, np.ndarray] = {}
    for _, group in groupby(faces.items(), key=lambda face: face[1].shape):
        names, images = zip(*group, strict=True)
        latents.update(zip(names, model.encode(np.stack(images)), strict=True))
    for digest, record in queue:
        if digest in latents and not np.isfinite(latents[digest]).all():
            del latents[digest]
            failures[record.name] = InputError(
                "got NaN or infinite latents from the encoder, expected finite ones; check the "
                "model's weights"
            )
    return latents


def _digest_of(record: Record, failures: dict[str, IcaeditError]) -> str:
    try:
        return sha256_file(record.path)
    except IcaeditError as err:
        failures[record.name] = err
        return ""


def _unusable(failures: dict[str, IcaeditError], total: int) -> DatasetError:
    name, first = next(iter(failures.items()))
    return DatasetError(
        f"got {len(failures)} of {total} pictures that cannot be used ({', '.join(failures)}), "
        f"expected readable faces; mend or remove them and start again, the others are kept. "
        f"The first, {name}: {first}"
    )
