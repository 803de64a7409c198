"""Where a study's faces come from: rendered people, or a data set on disk, drawn by pencil."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from icaedit.artifacts import Directions, LatentSet
from icaedit.datasets import (
    Dataset,
    Record,
    check_split,
    read_ck_plus,
    read_dataset,
    read_raf_db,
    read_table,
    split_people,
)
from icaedit.encode import encode_to_file
from icaedit.errors import DatasetError, FaceNotFoundError
from icaedit.faces import prepare_face
from icaedit.files import ensure_writable_folder, sha256_file
from icaedit.fitting import fit_directions
from icaedit.images import pencil_sketch, read_image, save_image
from icaedit.models import LatentModel
from icaedit.studies.hard_portraits import TABLE, HardPortraits, write_hard_portraits

__all__ = ["DATASETS", "Source", "read_known", "real_source", "rendered_source"]

DATASETS = ("raf-db", "ck+", "kdef")
"""Those of the paper's Tables 1 to 4."""

FACE_SIZE = 256
_SHARES = {"train": 0.7, "validation": 0.1, "test": 0.2}
_HELD_BACK = 0.1
"""Share of RAF-DB's training pictures to validate on; its people are not known."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class Source:
    """The faces of a study, drawn, parted and encoded.

    Attributes
    ----------
    name : str
        ``"portraits"`` or one of `DATASETS`.
    records : tuple of Record
        Drawings, each with its part and digest.
    latents : LatentSet
        Of the drawings, in the same order.
    directions : Directions
        Fitted on none of the people who are tested on.
    missed : tuple of Record
        Pictures of the test in which no face was found.
    remarks : tuple of str
        What its reader found, and what was done.
    """

    name: str
    records: tuple[Record, ...]
    latents: LatentSet
    directions: Directions
    missed: tuple[Record, ...] = ()
    remarks: tuple[str, ...] = ()

    def part(self, split: str) -> list[int]:
        """Return the rows of a part, in their order."""
        return [row for row, record in enumerate(self.records) if record.split == split]


def rendered_source(
    folder: str | os.PathLike,
    model: LatentModel,
    *,
    plan: HardPortraits,
    directions: Directions,
    progress: Progress | None = None,
) -> Source:
    """Render people and draw them, or take what an earlier run has drawn.

    Parameters
    ----------
    folder : path
        Where drawings and latents are kept. One of another plan must not be used again.
    model : LatentModel
    plan : HardPortraits
    directions : Directions
        The model's, fitted on other rendered people.
    progress : callable, optional
        Called as ``progress(what, done, total)``.

    Raises
    ------
    DatasetError
        If the folder holds the drawings of another plan, or the directions were fitted on people
        of the test.
    """
    folder = Path(folder)
    drawings = folder / "drawings"
    if not (drawings / TABLE).is_file():
        write_hard_portraits(drawings, plan, progress=_about("drawing portraits", progress))
    found = read_table(drawings / TABLE)
    if {record.name for record in found} != set(plan.names):
        raise DatasetError(
            f"got {drawings} with the drawings of another plan, expected those of this one; name "
            "another folder or remove it"
        )
    check_split(found.records, fitted_on=directions.index_mask().people)
    latents = _encoded(found.records, model, folder / "latents.safetensors", progress)
    remarks = _hardness(plan), found.report(limit=3)
    return Source("portraits", found.records, latents, directions, remarks=remarks)


def read_known(root: str | os.PathLike) -> tuple[str, Dataset]:
    """Return which data set of the paper lies in a folder, and its pictures.

    Raises
    ------
    DatasetError
        If it is none of them.
    """
    path = Path(root)
    readers: Sequence[tuple[str, Callable[..., Dataset]]] = (
        ("ck+", read_ck_plus),
        ("raf-db", read_raf_db),
        ("kdef", lambda where: read_dataset(where, layout="kdef")),
    )
    reasons = []
    for name, read in readers:
        try:
            return name, read(path)
        except DatasetError as err:
            reasons.append(f"as {name}: {err}")
    raise DatasetError(
        f"got {root}, which is none of {', '.join(DATASETS)} ({'; '.join(reasons)}), expected one "
        "of them; name its folder"
    )


def real_source(
    name: str,
    dataset: Dataset,
    folder: str | os.PathLike,
    model: LatentModel,
    *,
    directions: Directions | None = None,
    random_state: int = 0,
    progress: Progress | None = None,
) -> Source:
    """Part a data set by people, align its faces, draw them by pencil, and encode the drawings.

    Faces are found in the photographs, since detectors fail on drawings. Of KDEF the directions
    are fitted anew, on frontal photographs of the people of the training.

    Parameters
    ----------
    name : str
        One of `DATASETS`.
    dataset : Dataset
    folder : path
        Where aligned faces, drawings and latents are kept.
    model : LatentModel
    directions : Directions, optional
        For other data sets than KDEF: those of other people.
    random_state : int
        Seeds the parting.
    progress : callable, optional
        As for `rendered_source`.

    Raises
    ------
    DatasetError
        If a part is left without faces, or people are on two sides.
    """
    folder = Path(folder)
    records = _parted(name, dataset.records, random_state)
    found, missed = _aligned(records, folder / "faces", progress)
    remarks = [dataset.report(limit=3), *_left_out(found, missed)]
    if name == "kdef":
        frontal = [r for r in found if r.split == "train" and r.view in ("S", "")]
        photographs = _encoded(frontal, model, folder / "photographs.safetensors", progress)
        directions = fit_directions(photographs, random_state=random_state)
        remarks.append(f"Directions fitted on {len(frontal)} frontal photographs of the training.")
    if directions is None:
        raise DatasetError(f"got no directions for {name}, expected some; fit them on KDEF")
    drawn = _drawn(found, folder / "drawings", progress)
    check_split(drawn, fitted_on=directions.index_mask().people)
    latents = _encoded(drawn, model, folder / "latents.safetensors", progress)
    lost = tuple(record for record in missed if record.split == "test")
    return Source(name, tuple(drawn), latents, directions, lost, tuple(remarks))


def _parted(name: str, records: Sequence[Record], random_state: int) -> list[Record]:
    if name != "raf-db":
        return list(split_people(records, _SHARES, random_state=random_state))
    rng = np.random.default_rng(random_state)
    rows = [row for row, record in enumerate(records) if record.split == "train"]
    held = set(rng.permutation(rows)[: max(1, round(_HELD_BACK * len(rows)))].tolist())
    return [
        replace(record, split="validation") if row in held else record
        for row, record in enumerate(records)
    ]


def _aligned(
    records: Sequence[Record], folder: Path, progress: Progress | None
) -> tuple[list[Record], list[Record]]:
    """Return records of aligned faces, and those in which no face is found."""
    found, missed = [], []
    ensure_writable_folder(folder)
    for done, record in enumerate(records, start=1):
        path = folder / f"{record.digest}.png"
        try:
            if not path.is_file():
                save_image(path, prepare_face(read_image(record.path), size=FACE_SIZE).image)
            found.append(replace(record, path=path, digest=sha256_file(path)))
        except FaceNotFoundError:
            missed.append(record)
        if progress is not None:
            progress("finding faces", done, len(records))
    if not found:
        raise DatasetError(f"got {len(records)} pictures without a face, expected some with one")
    return found, missed


def _drawn(records: Sequence[Record], folder: Path, progress: Progress | None) -> list[Record]:
    drawn = []
    ensure_writable_folder(folder)
    for done, record in enumerate(records, start=1):
        path = folder / f"{record.digest}.png"
        if not path.is_file():
            save_image(path, pencil_sketch(read_image(record.path)))
        drawn.append(replace(record, path=path, digest=sha256_file(path)))
        if progress is not None:
            progress("drawing", done, len(records))
    return drawn


def _encoded(
    records: Sequence[Record], model: LatentModel, path: Path, progress: Progress | None
) -> LatentSet:
    return encode_to_file(records, model, path, align="none", progress=_about("encoding", progress))


def _left_out(found: Sequence[Record], missed: Sequence[Record]) -> list[str]:
    if not missed:
        return []
    lost = sum(record.split == "test" for record in missed)
    return [
        f"No face was found in {len(missed)} of {len(found) + len(missed)} pictures; {lost} of "
        "them are of the test and count as wrong, the others are left out."
    ]


def _hardness(plan: HardPortraits) -> str:
    """Say what was drawn at random, as it came out."""
    posed = np.array(plan.emotion) != "neutral"
    yaw = np.abs(plan.parameters["yaw"])
    blended = np.array(plan.second) != ""
    return (
        f"Of {len(plan)} drawings {plan.occluded.mean():.0%} are partly covered and "
        f"{blended[posed].mean():.0%} of those that are not neutral are blends; the median "
        f"intensity is {np.median(plan.intensity[posed]):.2f} of the full pose, the median turn "
        f"{np.median(yaw):.0f} degrees; kernels are {plan.kernel.min()} to {plan.kernel.max()} px."
    )


def _about(what: str, progress: Progress | None) -> Callable[[int, int], None] | None:
    if progress is None:
        return None
    return lambda done, total: progress(what, done, total)
