"""A trained recogniser on people that it has not seen."""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icaedit.artifacts import LatentSet
from icaedit.datasets import Record
from icaedit.errors import DatasetError, InputError, ModelMismatchError
from icaedit.images import read_image
from icaedit.recognition.evaluating.calibration import (
    Calibration,
    fit_temperature,
    measure_calibration,
)
from icaedit.recognition.evaluating.comparing import Difference, compare_scores
from icaedit.recognition.evaluating.measures import Measures, measure_scores
from icaedit.recognition.pairing import match_latents
from icaedit.recognition.recogniser import Recogniser

__all__ = ["Evaluation", "choose_parts", "evaluate_recogniser"]

_BATCH = 32


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a recogniser did on the test part of a dataset.

    Attributes
    ----------
    records : tuple of Record
        The pictures that were tested.
    scores : ndarray of float32, (n, E)
        Before the softmax; NaN where no face was found.
    measures : Measures
    calibration : Calibration
        With the recogniser's own temperature.
    fitted : Calibration or None
        With the temperature that fits the validation people best; None where the dataset has
        none of them.
    n_fitted : int
        To how many pictures it was fitted.
    other : Measures or None
        Of the recogniser compared with.
    difference : Difference or None
        This one less the other.
    left_out : dict of str to int
        Pictures of the test that show something else, by emotion.
    """

    records: tuple[Record, ...]
    scores: NDArray[np.float32]
    measures: Measures
    calibration: Calibration
    fitted: Calibration | None
    n_fitted: int
    other: Measures | None
    difference: Difference | None
    left_out: Mapping[str, int]


def choose_parts(
    records: Sequence[Record], provenance: Mapping[str, Any]
) -> tuple[list[Record], list[Record]]:
    """Return what a recogniser is tested on, and what it was validated on.

    The test is the test part of the dataset; where it has no parts the people that the training
    left for a test, if they are in it; and else all of it.

    Parameters
    ----------
    records : sequence of Record
    provenance : mapping
        Of the recogniser.

    Returns
    -------
    test, validation : list of Record
        The second may be empty.

    Raises
    ------
    DatasetError
        If there is nothing to test, or someone in the test was trained or validated on, is among
        those that the mask was fitted on, or is in the validation part.

    Examples
    --------
    >>> from pathlib import Path
    >>> faces = [Record(Path(f"{n}.png"), f"{n}.png", f"F{n}", "sad") for n in range(4)]
    >>> people = {"train": ["F0"], "validation": ["F1"], "test": ["F3"]}
    >>> test, validation = choose_parts(faces, {"people": people})
    >>> [record.identity for record in test], [record.identity for record in validation]
    (['F3'], ['F1'])
    """
    people = {name: set(names) for name, names in (provenance.get("people") or {}).items()}
    parts = {record.split for record in records} - {""}
    if parts and "test" not in parts:
        raise DatasetError(
            f"got a dataset of the parts {', '.join(sorted(parts))}, expected a test among them; "
            "name another one"
        )
    if parts:
        test = [record for record in records if record.split == "test"]
        validation = [record for record in records if record.split == "validation"]
    else:
        apart = people.get("test", set()) & {record.identity for record in records}
        test = [record for record in records if not apart or record.identity in apart]
        validation = []
    shown = {record.identity for record in test} - {""}
    mask = provenance.get("mask") or {}
    for names, why in (
        (people.get("train", set()), "trained on"),
        (people.get("validation", set()), "used to choose its best epoch"),
        (set(mask.get("people") or ()), "used to fit its mask"),
    ):
        known = sorted(shown & names)
        if known:
            more = f" and {len(known) - 1} more" if len(known) > 1 else ""
            raise DatasetError(
                f"got {known[0]}{more} in the test, whom the recogniser was {why}, expected other "
                "people; test on others, or rename those who only have the same name"
            )
    if not test:
        raise DatasetError("got no picture to test on, expected some; name another dataset")
    both = sorted(shown & {record.identity for record in validation})
    if both:
        raise DatasetError(
            f"got {both[0]} in the test and in the validation, expected other people in each; "
            "split people, with all their pictures"
        )
    if not validation:
        held = people.get("validation", set())
        validation = [record for record in records if record.identity in held]
    return test, validation


def evaluate_recogniser(
    recogniser: Recogniser,
    records: Sequence[Record],
    *,
    latents: LatentSet | None = None,
    against: Recogniser | None = None,
    without_face: Collection[str | os.PathLike] = (),
    device: str = "cpu",
    random_state: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Test a recogniser on people that it has not seen, alone or beside another one.

    Parameters
    ----------
    recogniser : Recogniser
    records : sequence of Record
        Faces framed as in its training; `choose_parts` says which are tested.
    latents : LatentSet, optional
        Of these pictures, and maybe others, for recognisers that take latents.
    against : Recogniser, optional
        Another one of the same emotions, which sees the same pictures.
    without_face : collection of path
        The `Record.path` of pictures in which no face was found: they are not looked at, and
        count as wrong.
    device : str
        Where networks run.
    random_state : int
        Seeds the bootstrap over people.
    progress : callable, optional
        Called with (done, total) pictures.

    Raises
    ------
    DatasetError
        If nothing can be tested, or people in the test were seen in training.
    ModelMismatchError
        If the latents are of another model or shape than a recogniser takes.
    InputError
        If latents are missing, a picture cannot be read, or the other one has other emotions.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from icaedit.images import save_image
    >>> from icaedit.recognition import load_backbone
    >>> path = Path(tempfile.mkdtemp()) / "a.png"
    >>> save_image(path, np.full((32, 32, 3), 90, np.uint8))
    >>> network = load_backbone("dacl", size=32)
    >>> found = evaluate_recogniser(Recogniser(network), [Record(path, "a.png", "F1", "sad")])
    >>> found.measures.n, found.measures.n_people, found.measures.absent[:2]
    (1, 1, ('neutral', 'happy'))
    """
    emotions = recogniser.emotions
    if against is not None and against.emotions != emotions:
        raise InputError(
            f"got recognisers of {', '.join(emotions)} and of {', '.join(against.emotions)}, "
            "expected the same emotions; compare others"
        )
    chosen, held = choose_parts(records, recogniser.provenance)
    if against is not None:
        choose_parts(chosen, {**against.provenance, "people": _seen(against)})
    test, validation = (
        [record for record in part if record.emotion in emotions] for part in (chosen, held)
    )
    if not test:
        raise DatasetError(
            f"got a test that shows none of {', '.join(emotions)}, expected some of them; name "
            "another dataset"
        )
    faceless = {Path(path) for path in without_face}
    validation = [record for record in validation if record.path not in faceless]
    total = len(test) * (1 + (against is not None)) + len(validation)
    done = 0

    def scores_of(one: Recogniser, part: Sequence[Record]) -> NDArray[np.float32]:
        nonlocal done
        rows = np.full((len(part), len(emotions)), np.nan, np.float32)
        places = [n for n, record in enumerate(part) if record.path not in faceless]
        codes = None
        if one.uses_latents and one.encoder is None and places:
            codes = _codes([part[n] for n in places], latents, one)
        done += len(part) - len(places)
        for start in range(0, len(places), _BATCH):
            batch = places[start : start + _BATCH]
            faces = [read_image(part[n].path) for n in batch]
            own = None if codes is None else codes[start : start + _BATCH]
            rows[batch] = one.scores(faces, own, device=device)
            done += len(batch)
            if progress is not None:
                progress(done, total)
        return rows

    labels = np.array([emotions.index(record.emotion) for record in test], np.int64)
    identities = [record.identity for record in test]
    options = {
        "identities": identities if all(identities) else None,
        "emotions": emotions,
        "random_state": random_state,
    }
    scores = scores_of(recogniser, test)
    other = None if against is None else scores_of(against, test)
    some_found = not np.isnan(scores).all()
    if not some_found:
        raise DatasetError(
            f"got {len(test)} pictures to test on and no face in any, expected one in each; take "
            "pictures of faces that are cut out already as they are"
        )
    fitted = None
    if validation:
        truth = [emotions.index(record.emotion) for record in validation]
        temperature = fit_temperature(scores_of(recogniser, validation), truth, emotions=emotions)
        fitted = measure_calibration(scores, labels, emotions=emotions, temperature=temperature)
    others = [record.emotion for record in chosen if record.emotion not in emotions]
    return Evaluation(
        records=tuple(test),
        scores=scores,
        measures=measure_scores(scores, labels, **options),
        calibration=measure_calibration(
            scores, labels, emotions=emotions, temperature=recogniser.temperature
        ),
        fitted=fitted,
        n_fitted=len(validation),
        other=None if other is None else measure_scores(other, labels, **options),
        difference=None if other is None else compare_scores(scores, other, labels, **options),
        left_out={emotion: others.count(emotion) for emotion in sorted(set(others))},
    )


def _codes(
    records: Sequence[Record], latents: LatentSet | None, recogniser: Recogniser
) -> NDArray[np.float32]:
    if latents is None:
        raise InputError(
            "got no latents for a recogniser that takes them, expected those of the pictures of "
            "the test; encode these with its model"
        )
    theirs, ours = latents.model_fingerprint, recogniser.model_fingerprint
    if theirs and ours and theirs != ours:
        raise ModelMismatchError(
            f"got latents of model {theirs[:12]} for a recogniser trained with those of model "
            f"{ours[:12]}, expected the same; encode with that one"
        )
    return match_latents(records, latents)


def _seen(recogniser: Recogniser) -> dict[str, list[str]]:
    people = recogniser.provenance.get("people") or {}
    return {name: names for name, names in people.items() if name != "test"}
