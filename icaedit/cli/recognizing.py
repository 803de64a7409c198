"""What the commands of `recognize` share: faces framed alike, their latents, and recognisers."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from icaedit.artifacts import peek_header
from icaedit.cli.progress import progress_bar
from icaedit.datasets import Record
from icaedit.errors import (
    DatasetError,
    IcaeditError,
    InputError,
    MissingDependencyError,
    ModelMismatchError,
)
from icaedit.faces import prepare_face
from icaedit.files import ensure_writable_folder
from icaedit.images import read_image, save_image

if TYPE_CHECKING:
    from icaedit.artifacts import IndexMask, LatentSet
    from icaedit.models import LatentModel
    from icaedit.recognition import Recogniser

__all__ = [
    "FACE_SIZE",
    "default_mask",
    "encoded",
    "framed",
    "joined",
    "latents_of",
    "open_recogniser",
]

FACE_SIZE = 256
"""Side in pixels of a face that is cut out of a photo."""

_LISTED = 5  # pictures that are named


def framed(
    dataset: Sequence[Record],
    folder: Path,
    *,
    align: str,
    landmark_model: Path | None = None,
    skip: bool = False,
    quiet: bool = False,
) -> tuple[list[Record], dict[str, str]]:
    """Return the pictures of a dataset with the face where recognisers have it.

    Pictures that are framed already stay where they are; the faces of others are cut out into a
    folder, where they are found again the next time.

    Parameters
    ----------
    dataset : sequence of Record
        With digests.
    folder : Path
        Where faces go that are cut out.
    align : {"auto", "always", "none"}
        As for `icaedit.faces.prepare_face`; "none" takes every picture as it is.
    landmark_model : Path, optional
    skip : bool
        Whether pictures without a face, or that cannot be read, are left out.
    quiet : bool

    Returns
    -------
    records : list of Record
        Under the names that the dataset has for them, wherever they lie.
    left_out : dict of str to str
        Pictures left out, and why.

    Raises
    ------
    DatasetError
        If a face is not found, or a picture cannot be read, and it is not to be left out.
    MissingDependencyError
        If a picture must be aligned and what that takes is not installed.
    """
    if align == "none":
        return list(dataset), {}
    records, left_out = [], {}
    with progress_bar("finding faces", quiet=quiet) as progress:
        for done, record in enumerate(dataset, start=1):
            cut = folder / f"{record.digest}.png"
            try:
                if not cut.is_file():
                    face = prepare_face(read_image(record.path), align=align, size=FACE_SIZE,
                                        landmark_model=landmark_model)  # fmt: skip
                    if face.quad is None:
                        records.append(record)
                        continue
                    ensure_writable_folder(folder)
                    save_image(cut, face.image)
                records.append(replace(record, path=cut))
            except MissingDependencyError:
                raise
            except IcaeditError as err:
                left_out[record.name] = str(err)
            finally:
                if progress is not None:
                    progress(done, len(dataset))
    if left_out and not skip:
        named = ", ".join(list(left_out)[:_LISTED])
        raise DatasetError(
            f"got {len(left_out)} of {len(dataset)} pictures without a face that can be used, such "
            f"as {named}, expected one in each; use --skip-unreadable to leave them out, or "
            f"--align none for faces cut out already. The first: {next(iter(left_out.values()))}"
        )
    return records, left_out


def encoded(
    records: Sequence[Record],
    model: "LatentModel",
    path: Path,
    *,
    align: str,
    landmark_model: Path | None = None,
    quiet: bool = False,
) -> "LatentSet":
    """Return the latents of pictures, as `icaedit encode` makes them, in a file used again."""
    from icaedit.encode import encode_to_file

    with progress_bar("encoding", quiet=quiet) as progress:
        return encode_to_file(
            records, model, path, align=align, landmark_model=landmark_model, progress=progress
        )


def joined(sets: Sequence["LatentSet"]) -> "LatentSet":
    """Return several sets of latents as one.

    Raises
    ------
    ModelMismatchError
        If they are of several models.
    """
    first, *others = sets
    names = ("latents", "identity", "emotion", "view", "take", "paths", "digests")
    for other in others:
        ours, theirs = ((s.model_fingerprint, s.latents.shape[1:]) for s in (first, other))
        if ours != theirs:
            raise ModelMismatchError(
                f"got latents of model {ours[0][:12]} and of model {theirs[0][:12]}, expected the "
                "same; encode all with one model"
            )
    if not others:
        return first
    together = {name: np.concatenate([getattr(s, name) for s in sets]) for name in names}
    return replace(first, **together)


def default_mask(model: "LatentModel") -> "IndexMask":
    """Return the mask of the directions that are shipped with a model.

    The people that they were fitted on are not those of any dataset of the user.

    Raises
    ------
    InputError
        If none are.
    """
    from icaedit.editor import default_directions

    try:
        mask = default_directions(model).index_mask()
    except InputError as err:
        raise InputError(
            f"got model {model.name!r} and no mask, expected one for this model; export it from "
            "directions with `icaedit export-mask` and give it by --mask, or use --no-latents"
        ) from err
    return replace(mask, people=())


def open_recogniser(
    path: Path, load_model: Callable[[], "LatentModel"]
) -> tuple["Recogniser", "LatentModel | None"]:
    """Return a recogniser, and the model that encodes for it if it takes latents.

    Parameters
    ----------
    path : Path
    load_model : callable
        Gives the model; called only if one is needed.

    Raises
    ------
    ModelMismatchError
        If the recogniser takes latents of another model.
    IcaeditError
        If a file cannot be read.
    """
    from icaedit.recognition import load_recogniser

    header = peek_header(path)
    model = None
    if header.get("latent_shape") or header.get("encoder"):
        model = load_model()
        wanted = str(header.get("model_fingerprint") or "")
        if wanted and wanted != model.fingerprint:
            raise ModelMismatchError(
                f"got {path} trained with latents of model {wanted[:12]} and model {model.name!r} "
                f"({model.fingerprint[:12]}), expected the same; give the model by --model"
            )
    own = model.encoder if model is not None and header.get("encoder") else None
    recogniser = load_recogniser(path, encoder=own)
    return recogniser, None if own is not None else model


def latents_of(faces: Sequence[np.ndarray], model: "LatentModel | None") -> np.ndarray | None:
    """Return the latents of faces of any size, in their order; None without a model."""
    if model is None:
        return None
    of_shape: dict[tuple[int, ...], list[int]] = {}
    for row, face in enumerate(faces):
        of_shape.setdefault(face.shape, []).append(row)
    latents = np.empty((len(faces), model.n_layers, model.n_channels), np.float32)
    for rows in of_shape.values():
        latents[rows] = model.encode(np.stack([faces[row] for row in rows]))
    return latents
