"""Whose faces are fitted on, and whose are edited: never the same people."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from icaedit.artifacts import LatentSet
from icaedit.errors import DatasetError, ModelMismatchError
from icaedit.images import resize
from icaedit.models import LatentModel
from icaedit.schema import EMOTIONS

__all__ = ["Faces", "fitted_portraits", "unseen_faces", "unseen_portraits"]

_OVERSAMPLING = 2
"""Portraits are rendered at this multiple of the model's size and reduced, as photographs are."""

_AT_ONCE = 14
"""Portraits rendered and encoded between two reports of progress."""

_STREAM = (9317, 40961)
"""Sets the random stream of unseen people apart from that of `icaedit.portraits.plan_portraits`."""


@dataclass(frozen=True, eq=False)
class Faces:
    """Neutral faces to edit.

    Attributes
    ----------
    identity : tuple of str, length P
    neutral : ndarray of float32, (P, L, C)
    posed : dict of str to ndarray of float32, (P, L, C)
        The same people's own expressions, for every emotion that all of them show.
    windows : ndarray of bool, (P, H, W), or None
        True where the face is, in the model's pictures. Without it the face is taken to be where
        `icaedit.evaluation.measures.face_ellipse` has it.
    origin : str
        What they are, for a table's caption.
    """

    identity: tuple[str, ...]
    neutral: NDArray[np.float32]
    posed: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    windows: NDArray[np.bool_] | None = None
    origin: str = "given faces"


def fitted_portraits(
    model: LatentModel,
    *,
    n_people: int = 70,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> LatentSet:
    """Render and encode the people of ``icaedit portraits --identities 70 --seed 0`` again.

    The embedded model's own directions are fitted to these.

    Parameters
    ----------
    model : LatentModel
    n_people, seed : int
        As in `icaedit.portraits.plan_portraits`.
    progress : callable, optional
        Called with (pictures encoded, pictures in all).

    Examples
    --------
    >>> from icaedit.models import tiny_model
    >>> fitted_portraits(tiny_model(), n_people=2).emotion.tolist()[:2]
    ['neutral', 'happy']
    """
    from icaedit.portraits import plan_portraits

    plan = plan_portraits(n_people, seed=seed)
    parts = []
    for start in range(0, len(plan.names), _AT_ONCE):
        images, _ = _rendered(plan.parameters.rows(slice(start, start + _AT_ONCE)), model.size)
        parts.append(model.encode(images))
        if progress is not None:
            progress(min(start + _AT_ONCE, len(plan.names)), len(plan.names))
    return LatentSet(
        np.concatenate(parts),
        plan.identity,
        emotion=plan.emotion,
        view=plan.view,
        take=plan.session,
        paths=plan.names,
        model_fingerprint=model.fingerprint,
    )


def unseen_portraits(model: LatentModel, *, n_people: int = 32, seed: int = 0) -> Faces:
    """Render and encode people whom no `icaedit portraits` folder of any seed holds.

    Each shows all seven emotions with everything else the same: head, light, wall and clothes.

    Parameters
    ----------
    model : LatentModel
    n_people, seed : int

    Examples
    --------
    >>> from icaedit.models import tiny_model
    >>> faces = unseen_portraits(tiny_model(), n_people=2)
    >>> faces.neutral.shape, sorted(faces.posed)[0]
    ((2, 6, 8), 'afraid')
    """
    from icaedit.portraits import portraits_of, sample_contexts, sample_identities

    rng = np.random.default_rng([*_STREAM, seed])
    people = sample_identities(n_people, random_state=rng)
    contexts = sample_contexts(n_people, random_state=rng)
    n = len(EMOTIONS)
    parameters = portraits_of(
        np.repeat(people, n, axis=0),
        list(EMOTIONS) * n_people,
        contexts=np.repeat(contexts, n, axis=0),
        random_state=rng,
    )
    images, windows = _rendered(parameters, model.size)
    latents = model.encode(images).reshape(n_people, n, model.n_layers, model.n_channels)
    # a jaw that drops is face as well: all that is face in any of the seven
    windows = windows.reshape(n_people, n, model.size, model.size).any(axis=1)
    return Faces(
        identity=tuple(f"unseen {number + 1}" for number in range(n_people)),
        neutral=latents[:, 0].copy(),
        posed={name: latents[:, row].copy() for row, name in enumerate(EMOTIONS) if row},
        windows=windows,
        origin=f"{n_people} rendered people whom nothing was fitted on (seed {seed})",
    )


def unseen_faces(latents: LatentSet, fitted: LatentSet, model: LatentModel) -> Faces:
    """Return the neutral faces of other people's latents, after checking that they are others.

    The first neutral picture of each person is edited.

    Parameters
    ----------
    latents : LatentSet
        Of the people to edit.
    fitted : LatentSet
        What directions were fitted to.
    model : LatentModel

    Raises
    ------
    DatasetError
        If one of the people was fitted on, by name or by a latent of the same picture, or nobody
        looks neutral.
    ModelMismatchError
        If the latents are of another model.
    """
    if latents.model_fingerprint != model.fingerprint:
        raise ModelMismatchError(
            f"got faces encoded with model {latents.model_fingerprint[:12] or 'not recorded'}, "
            f"expected {model.fingerprint[:12]}; encode them with this model"
        )
    _check_split(latents, fitted)
    first = {name: _first_of(latents, name) for name in EMOTIONS}
    people = sorted(first["neutral"])
    if not people:
        raise DatasetError("got faces without a neutral one, expected some to edit; add neutrals")
    posed = {
        name: latents.latents[[rows[person] for person in people]]
        for name, rows in first.items()
        if name != "neutral" and set(people) <= set(rows)
    }
    return Faces(
        identity=tuple(people),
        neutral=latents.latents[[first["neutral"][person] for person in people]],
        posed=posed,
        origin=f"{len(people)} people whom nothing was fitted on",
    )


def _check_split(latents: LatentSet, fitted: LatentSet) -> None:
    both = sorted(set(latents.identity.tolist()) & set(fitted.identity.tolist()))
    seen = {row.tobytes() for row in fitted.latents}
    same = [row.tobytes() in seen for row in latents.latents]
    both = both or sorted(set(latents.identity[same].tolist()))
    if both:
        raise DatasetError(
            f"got faces of {', '.join(both[:5])}{' and others' if len(both) > 5 else ''}, who "
            "were fitted on, expected other people; leave these out"
        )


def _first_of(latents: LatentSet, emotion: str) -> dict[str, int]:
    """Return each person's first row of an emotion."""
    rows = np.flatnonzero(latents.emotion == emotion)
    return {str(latents.identity[row]): int(row) for row in rows[::-1]}


def _rendered(parameters, size: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Return pictures (N, size, size, 3) and where the face is, (N, size, size)."""
    from icaedit.portraits import render

    rendering = render(parameters, size=_OVERSAMPLING * size)
    images = np.stack([resize(image, size) for image in rendering.images])
    blocks = rendering.face.reshape(len(images), size, _OVERSAMPLING, size, _OVERSAMPLING)
    return images, blocks.mean(axis=(2, 4)) > 127
