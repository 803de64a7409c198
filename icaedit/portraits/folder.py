"""A folder of portraits shaped like KDEF, with the truth in a table beside it."""

import csv
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from icaedit.errors import InputError
from icaedit.files import atomic_write, ensure_writable_folder
from icaedit.images import save_image
from icaedit.portraits.expressions import express
from icaedit.portraits.parameters import (
    CONTEXT,
    IDENTITY,
    PARAMETERS,
    PortraitParameters,
    sample_contexts,
    sample_identities,
)
from icaedit.portraits.render import render
from icaedit.schema import EMOTIONS, KDEF_CODES, VIEWS, parse_views

__all__ = ["VIEW_YAW", "PortraitPlan", "plan_portraits", "write_portraits"]

VIEW_YAW = {"FL": -45.0, "HL": -22.0, "S": 0.0, "HR": 22.0, "FR": 45.0}
"""Turn of the head in degrees of each view. KDEF's own turn 45 and 90; these stay drawable."""

SESSIONS = "AB"
_STEADY = ("yaw", "pitch", "roll", "shift_x", "shift_y", "scale", "gaze_x", "gaze_y")
"""What varies from shot to shot; light, wall and clothes stay for a session."""


@dataclass(frozen=True, eq=False)
class PortraitPlan:
    """What `write_portraits` is going to write.

    Attributes
    ----------
    names : tuple of str
        File names relative to the folder, ``AF01/AF01HAS.JPG``.
    identity, session, emotion, view : tuple of str
    parameters : PortraitParameters of the same length
    """

    names: tuple[str, ...]
    identity: tuple[str, ...]
    session: tuple[str, ...]
    emotion: tuple[str, ...]
    view: tuple[str, ...]
    parameters: PortraitParameters


def plan_portraits(
    n_identities: int, *, views: str | tuple[str, ...] = ("S",), takes: int = 1, seed: int = 0
) -> PortraitPlan:
    """Decide who shows what in which file.

    A person depends on the seed and on the person's number only, so that the first people of a
    larger folder are those of a smaller one.

    Parameters
    ----------
    n_identities : int
        People, at least 1, at most 198: F01, M01, F02, ...
    views : str or tuple of str
        Camera angles of `icaedit.schema.VIEWS`.
    takes : int
        1 for session A, 2 for A and B.
    seed : int
        At least 0.

    Returns
    -------
    PortraitPlan
        In the order of identity, session, emotion, view.

    Raises
    ------
    InputError
        If a number is out of range or a view unknown.

    Examples
    --------
    >>> plan_portraits(2).names[:2]
    ('AF01/AF01NES.JPG', 'AF01/AF01HAS.JPG')
    """
    if not 1 <= n_identities <= 198:
        raise InputError(f"got {n_identities} identities, expected 1 to 198; use 70, as KDEF has")
    if takes not in (1, 2):
        raise InputError(f"got {takes} takes, expected 1 (A) or 2 (A and B); choose one")
    if seed < 0:
        raise InputError(f"got seed {seed}, expected at least 0; choose another")
    views = parse_views(views)
    columns = {name: i for i, name in enumerate(CONTEXT)}
    moving = [columns[name] for name in _STEADY]
    labels, values = [], []
    for person in range(n_identities):
        rng = np.random.default_rng([seed, person])
        sex = "FM"[person % 2]
        identity = f"{sex}{person // 2 + 1:02d}"
        traits = sample_identities(1, random_state=rng, first=person)[0]
        expressiveness = traits[list(IDENTITY).index("expressiveness")]
        # Both sessions are drawn whatever is written, so that A does not depend on B.
        for session in SESSIONS:
            setting = sample_contexts(1, random_state=rng)[0]
            units = express(
                EMOTIONS, expressiveness=np.full(len(EMOTIONS), expressiveness), random_state=rng
            )
            shots = sample_contexts(len(EMOTIONS) * len(VIEWS), random_state=rng)
            if session not in SESSIONS[:takes]:
                continue
            for e, emotion in enumerate(EMOTIONS):
                for view in views:
                    shot = setting.copy()
                    shot[moving] = shots[e * len(VIEWS) + VIEWS.index(view)][moving]
                    shot[columns["yaw"]] += VIEW_YAW[view]
                    labels.append((identity, session, emotion, view))
                    values.append(np.concatenate([traits, shot, units[e]]))
    folders = [f"{session}{identity}" for identity, session, _, _ in labels]
    names = [
        f"{folder}/{folder}{KDEF_CODES[emotion]}{view}.JPG"
        for folder, (_, _, emotion, view) in zip(folders, labels, strict=True)
    ]
    return PortraitPlan(
        tuple(names),
        *(tuple(column) for column in zip(*labels, strict=True)),
        parameters=PortraitParameters(np.array(values, np.float32)),
    )


def write_portraits(
    root: str | os.PathLike,
    *,
    n_identities: int = 70,
    views: str | tuple[str, ...] = ("S",),
    takes: int = 1,
    size: int = 256,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write a KDEF-shaped folder of rendered portraits and `portraits.csv` beside it.

    The same arguments give the same bytes on the same machine and versions. The table is written
    last: where it stands, the folder is whole.

    Parameters
    ----------
    root : path
        Folder to write to; made if missing.
    n_identities, views, takes, seed
        As in `plan_portraits`.
    size : int
        Side of the pictures, 16 to 2048 px.
    progress : callable, optional
        Called with (pictures written, pictures in all).

    Returns
    -------
    Path
        The table: one row a picture with its labels and the true parameters.

    Raises
    ------
    InputError
        If an argument is out of range.
    FileAccessError
        If the folder cannot be written.
    """
    if not 16 <= size <= 2048:
        raise InputError(f"got size {size}, expected 16 to 2048 px; use 256")
    plan = plan_portraits(n_identities, views=views, takes=takes, seed=seed)
    root = ensure_writable_folder(root)
    n, batch = len(plan.names), max(1, 4 * 256**2 // size**2)
    for start in range(0, n, batch):
        rows = slice(start, min(start + batch, n))
        images = render(plan.parameters.rows(rows), size=size, batch_size=batch).images
        for name, image in zip(plan.names[rows], images, strict=True):
            path = root / name
            if start == 0 or not path.parent.is_dir():
                ensure_writable_folder(path.parent)
            save_image(path, image)
        if progress is not None:
            progress(rows.stop, n)
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["path", "identity", "take", "emotion", "view", *PARAMETERS])
    labels = zip(plan.names, plan.identity, plan.session, plan.emotion, plan.view, strict=True)
    for label, row in zip(labels, plan.parameters.values, strict=True):
        writer.writerow([*label, *(f"{value:.6g}" for value in row)])
    atomic_write(root / "portraits.csv", table.getvalue().encode())
    return root / "portraits.csv"
