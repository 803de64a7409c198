"""The portraits that the page offers: files as `icaedit portraits` writes them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from icaedit.files import ensure_writable_folder
from icaedit.images import save_image
from icaedit.portraits import plan_portraits, render

__all__ = ["ORIGIN", "Portrait", "make_gallery"]

FOLDER, PEOPLE, SEED = "faces", 12, 99
"""People whom the embedded model's directions were not fitted on."""

ORIGIN = f"icaedit portraits {FOLDER} --identities {PEOPLE} --seed {SEED}"
"""The command that writes the same files."""

SIZE = 256  # px, as that command has it
_SHOWN = (
    ("F01", "neutral"), ("M01", "neutral"), ("F02", "neutral"), ("M02", "neutral"),
    ("F03", "neutral"), ("M03", "neutral"), ("F04", "happy"), ("M04", "sad"),
    ("F05", "angry"), ("M05", "surprised"), ("F06", "afraid"), ("M06", "disgusted"),
)  # fmt: skip


@dataclass(frozen=True)
class Portrait:
    """One portrait of the gallery.

    Attributes
    ----------
    path : Path
        Its file.
    name : str
        Where the command of `ORIGIN` puts the same file.
    identity, emotion : str
        Whom it shows, and what that person was drawn to show.
    """

    path: Path
    name: str
    identity: str
    emotion: str


def make_gallery(folder: Path, *, count: int = len(_SHOWN)) -> tuple[Portrait, ...]:
    """Render the gallery into a folder.

    Parameters
    ----------
    folder : Path
        Made if missing.
    count : int
        Portraits wanted, at most 12; the first are the same whatever the count.

    Raises
    ------
    FileAccessError
        If the folder cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> portrait, = make_gallery(Path(tempfile.mkdtemp()), count=1)
    >>> portrait.name, portrait.emotion
    ('faces/AF01/AF01NES.JPG', 'neutral')
    """
    plan = plan_portraits(PEOPLE, seed=SEED)
    labels = list(zip(plan.identity, plan.emotion, strict=True))
    rows = [labels.index(label) for label in _SHOWN[:count]]
    images = render(plan.parameters.rows(np.array(rows)), size=SIZE).images
    portraits = []
    for row, image in zip(rows, images, strict=True):
        path = folder / plan.names[row]
        ensure_writable_folder(path.parent)
        save_image(path, image)
        portraits.append(Portrait(path, f"{FOLDER}/{plan.names[row]}", *labels[row]))
    return tuple(portraits)
