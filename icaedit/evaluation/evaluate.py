"""Fitted directions beside those of other methods: the whole comparison in one call."""

from collections.abc import Callable, Sequence

import numpy as np

from icaedit.artifacts import Directions, LatentSet
from icaedit.errors import InputError, ModelMismatchError
from icaedit.evaluation.compare import compare_methods
from icaedit.evaluation.comparison import Comparison
from icaedit.evaluation.contestants import (
    CONTESTANTS,
    contestant_of,
    fit_contestants,
    posed_lengths,
)
from icaedit.evaluation.people import Faces
from icaedit.evaluation.scores import Scorer
from icaedit.evaluation.sefa import fit_sefa
from icaedit.models import LatentModel

__all__ = ["evaluate_directions"]

_SEFA_FACES = 12
"""Neutral faces of the fit that SeFa's eigenvectors are tried on."""


def evaluate_directions(
    directions: Directions,
    model: LatentModel,
    *,
    fitted: LatentSet,
    faces: Faces,
    scorer: Scorer,
    against: Sequence[str] | None = None,
    fraction: float = 0.5,
    progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Compare fitted directions with other methods, fitted anew to the same latents.

    Parameters
    ----------
    directions : Directions
        As they are in their file, and first in the comparison.
    model : LatentModel
        That they were fitted on.
    fitted : LatentSet
        The latents that they were fitted to.
    faces : Faces
        Of other people, as from `unseen_faces` or `unseen_portraits`.
    scorer : Scorer
    against : sequence of str, optional
        Keys of `CONTESTANTS`, all by default; the method of `directions` is passed over.
    fraction : float
        Target change, as a share of the posed change.
    progress : callable, optional
        Called as ``progress(done, total)``.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If a method is unknown, or `fitted` is not what the directions were fitted to.
    ModelMismatchError
        If directions or latents are of another model.
    """
    for what, found in (
        ("directions", directions.model_fingerprint),
        ("latents", fitted.model_fingerprint),
    ):
        if found != model.fingerprint:
            raise ModelMismatchError(
                f"got {what} of model {found[:12] or 'not recorded'}, expected "
                f"{model.fingerprint[:12]}; use what was made with this model"
            )
    names = tuple(CONTESTANTS) if against is None else tuple(against)
    unknown = [name for name in names if name not in CONTESTANTS]
    if unknown:
        raise InputError(
            f"got method {unknown[0]!r} to compare with, expected some of "
            f"{', '.join(CONTESTANTS)}; choose among these"
        )
    lengths = posed_lengths(fitted)
    first = contestant_of(directions, lengths)
    names = tuple(dict.fromkeys(name for name in names if name != first.name))
    others = {
        contestant.name: contestant
        for contestant in fit_contestants(
            fitted,
            [name for name in names if name != "sefa"],
            threshold=directions.threshold,
            random_state=int(directions.provenance.get("random_state", 0)),
        )
    }
    if "sefa" in names:
        neutral = fitted.latents[fitted.emotion == "neutral"]
        chosen = np.linspace(0, len(neutral) - 1, min(_SEFA_FACES, len(neutral))).astype(int)
        others["sefa"] = fit_sefa(model, neutral[chosen], scorer, lengths=lengths)
    return compare_methods(
        model,
        [first, *(others[name] for name in names)],
        faces=faces,
        fitted=fitted,
        scorer=scorer,
        fraction=fraction,
        progress=progress,
    )
