"""Methods beside each other: the same unseen faces, edited until the target moved as far."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from icaedit.artifacts import LatentSet
from icaedit.errors import InputError
from icaedit.evaluation.comparison import OWN_FACE, Comparison
from icaedit.evaluation.contestants import Contestant, posed_lengths
from icaedit.evaluation.editing import EditedFaces, FaceReader, Population, read_population
from icaedit.evaluation.matching import Match, match_gain
from icaedit.evaluation.measures import additivity, attribute_dependency, monotonicity
from icaedit.evaluation.people import Faces
from icaedit.evaluation.scores import Scorer, Scores
from icaedit.models import LatentModel

__all__ = ["compare_methods"]

SWEEP = (0.0, 0.5, 1.0, 1.5, 2.0)
"""Multiples of the matched scale at which monotonicity is looked at."""

MOST = 4.0
"""Largest edit tried, in lengths of the posed change."""


def compare_methods(
    model: LatentModel,
    contestants: Sequence[Contestant],
    *,
    faces: Faces,
    fitted: LatentSet,
    scorer: Scorer,
    fraction: float = 0.5,
    progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Edit the same unseen faces by each method and measure what happens.

    Each method's strength is raised until the target's log odds have risen, on average over the
    faces, by `fraction` of what they rise by when the fitted people pose. A method that does not
    get there within 4 lengths of the posed change is measured where it got farthest.

    Parameters
    ----------
    model : LatentModel
    contestants : sequence of Contestant
        Their names differ.
    faces : Faces
        Of people that were not fitted on. Where they come with their own posed latents, moving
        each person towards those is measured too, as the reference ``"own-face"``.
    fitted : LatentSet
        The latents of the fit; deviations and posed changes are those of their pictures.
    scorer : Scorer
    fraction : float
        Above 0.
    progress : callable, optional
        Called as ``progress(done, total)``.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If the fraction is not above 0, names repeat, no emotion is common to all, or posing does
        not raise an emotion's score.

    Examples
    --------
    >>> from icaedit.evaluation import Scores, fit_contestants
    >>> from icaedit.models import tiny_model
    >>> model, rng = tiny_model(), np.random.default_rng(0)
    >>> smile, people = rng.normal(size=(6, 8)), rng.normal(size=(6, 1, 6, 8)) / 5
    >>> codes = (people + np.stack([0 * smile, smile])).astype(np.float32)  # (6, 2, 6, 8)
    >>> fitted = LatentSet(codes[:4].reshape(8, 6, 8), np.repeat(list("abcd"), 2),
    ...     emotion=["neutral", "happy"] * 4)
    >>> template = np.diff(model.synthesize([people.mean((0, 1)), people.mean((0, 1)) + smile])
    ...     .astype(float), axis=0)
    >>> def scorer(images):
    ...     return Scores(("happy",), (images * template).mean((1, 2, 3))[:, None] / 100)
    >>> comparison = compare_methods(
    ...     model, fit_contestants(fitted, ["mean-difference"]),
    ...     faces=Faces(("e", "f"), codes[4:, 0]), fitted=fitted, scorer=scorer,
    ... )
    >>> comparison.reached("mean-difference")
    ('happy',)
    >>> round(comparison.summary("mean-difference", "gain").mean, 1)
    0.5
    """
    if not 0 < fraction < np.inf:
        raise InputError(f"got fraction {fraction}, expected a number above 0; use 0.5")
    contestants, emotions = _complete(contestants, faces)
    population = read_population(model, fitted, scorer)
    posed_change = _posed_changes(population, emotions)
    lengths = posed_lengths(fitted)
    reader = FaceReader(model, faces, scorer)
    before = reader.before
    pairs = list(zip(emotions[0::2], emotions[1::2], strict=False))
    total, done = len(contestants) * (len(emotions) + len(pairs)), 0

    def tick() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, total)

    values: dict[tuple[str, str], dict[str, NDArray[np.float64]]] = {}
    matches: dict[tuple[str, str], Match] = {}
    for contestant in contestants:
        edited = {}
        for emotion in emotions:
            displacement = contestant.displacements[contestant.emotions.index(emotion)]
            edits = EditedFaces(reader, displacement)
            match = _matched(edits, before, emotion, fraction * posed_change[emotion], fraction)
            measured = _measured(edits, before, match.scale, emotion, population)
            measured["gain"] = measured["gain"] / posed_change[emotion]
            measured["distance"] = measured["distance"] / lengths[emotion]
            values[contestant.name, emotion] = measured
            matches[contestant.name, emotion] = match
            edited[emotion] = edits
            tick()
        for pair in pairs:
            changes = _pair_changes(
                reader,
                [edited[name] for name in pair],
                [matches[contestant.name, name].scale for name in pair],
                population,
            )
            values[contestant.name, "+".join(pair)] = {"additive": additivity(*changes)}
            tick()
    return Comparison(
        methods=tuple(contestant.name for contestant in contestants),
        emotions=emotions,
        values=values,
        matches=matches,
        thresholds={contestant.name: contestant.threshold for contestant in contestants},
        fraction=fraction,
        posed_change=posed_change,
        attributes={name: before.others(name)[0] for name in emotions},
        n_people=len(faces.identity),
        origin=faces.origin,
    )


def _complete(
    contestants: Sequence[Contestant], faces: Faces
) -> tuple[list[Contestant], tuple[str, ...]]:
    """Add the reference where the faces allow it, and find the emotions common to all."""
    names = [contestant.name for contestant in contestants]
    if not names or len(set(names)) != len(names):
        raise InputError(f"got methods {names}, expected some, each once; give different names")
    shared = [
        name
        for name in contestants[0].emotions
        if all(name in contestant.emotions for contestant in contestants)
    ]
    if not shared:
        raise InputError(
            f"got methods {names} without an emotion that all of them have, expected one at "
            "least; fit them to the same latents"
        )
    contestants = list(contestants)
    if set(shared) <= set(faces.posed):
        own = np.stack([faces.posed[name] - faces.neutral for name in shared])
        contestants.append(Contestant(OWN_FACE, tuple(shared), own, "none"))
    return contestants, tuple(shared)


def _posed_changes(population: Population, emotions: Sequence[str]) -> dict[str, float]:
    changes = {name: population.posed_change(name) for name in emotions}
    flat = [name for name, change in changes.items() if not change > 0]
    if flat:
        raise InputError(
            f"got a scorer for which posing {', '.join(flat)} does not raise that emotion, "
            "expected it to; use another scorer or leave the emotion out"
        )
    return changes


def _matched(
    edits: EditedFaces, before: Scores, emotion: str, wanted: float, start: float
) -> Match:
    if not edits.displacement.any():
        return Match(0.0, 0.0, False)
    reference = before.target(emotion).mean()
    return match_gain(
        lambda scale: float(edits.scores(scale).target(emotion).mean() - reference),
        wanted,
        start=start,
        most=MOST,
    )


def _measured(
    edits: EditedFaces, before: Scores, scale: float, emotion: str, population: Population
) -> dict[str, NDArray[np.float64]]:
    """Return every measure of one edit but additivity: gain in log odds, distance in latents'."""
    after = edits.scores(scale)
    change = after.others(emotion)[1] - before.others(emotion)[1]
    mean, most = attribute_dependency(change, population.deviation_of_others(emotion))
    n = len(mean)
    sweep = [edits.scores(step * scale).target(emotion) for step in SWEEP]
    top = np.array(after.emotions)[after.log_odds.argmax(axis=1)]
    length = np.linalg.norm(edits.displacement.reshape(len(edits.displacement), -1), axis=1)
    return {
        "gain": after.target(emotion) - before.target(emotion),
        "read": (top == emotion).astype(np.float64),
        "mean-AD": mean,
        "max-AD": most,
        "identity": edits.likeness(scale),
        "outside": edits.outside(scale),
        "monotone": monotonicity(sweep) if scale > 0 else np.zeros(n),
        "distance": np.broadcast_to(scale * length, (n,)).astype(np.float64),
    }


def _pair_changes(
    reader: FaceReader,
    edits: Sequence[EditedFaces],
    scales: Sequence[float],
    population: Population,
) -> list[NDArray[np.float64]]:
    """Return the changes by each edit and by all together, (P, E + A), in deviations."""
    made = list(zip(edits, scales, strict=True))
    moved = sum(np.float32(scale) * edit.displacement for edit, scale in made)
    read = [edit.scores(scale) for edit, scale in made]
    read.append(EditedFaces(reader, moved).scores(1.0))
    deviation = population.deviation()
    deviation = np.where(deviation > 1e-12, deviation, np.inf)
    start = reader.before.everything()
    return [(scores.everything() - start) / deviation for scores in read]
