"""From pictures with emotions to a recogniser."""

import copy
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from icaedit.artifacts import IndexMask, LatentSet, package_versions
from icaedit.datasets import Record
from icaedit.errors import DatasetError, InputError, ModelMismatchError
from icaedit.files import sha256_arrays, sha256_text
from icaedit.recognition.backbones import Backbone
from icaedit.recognition.encoders import CollaborativeEncoder
from icaedit.recognition.fusion import FusionClassifier, class_weights
from icaedit.recognition.pairing import match_latents
from icaedit.recognition.recogniser import Recogniser
from icaedit.recognition.training.loop import Progress, run_epochs
from icaedit.recognition.training.objective import Objective
from icaedit.recognition.training.parts import parted
from icaedit.recognition.training.pictures import Batch, Pictures
from icaedit.recognition.training.processes import Processes
from icaedit.recognition.training.settings import TrainingSettings
from icaedit.recognition.training.state import TrainingState
from icaedit.schema import EMOTIONS, parse_emotion

__all__ = ["train_recogniser"]

_STANDARDISED = 512  # pictures whose features and latents give the first means and variances


def train_recogniser(
    records: Sequence[Record],
    backbone: Backbone,
    *,
    mask: IndexMask | ArrayLike | None = None,
    latents: LatentSet | CollaborativeEncoder | None = None,
    emotions: Sequence[str] = EMOTIONS,
    settings: TrainingSettings | None = None,
    resume: str | os.PathLike | None = None,
    device: str | torch.device = "cpu",
    progress: Progress | None = None,
) -> Recogniser:
    """Train a network to recognise emotions, with masked latents beside its features or without.

    Pictures of the test part are never looked at. The weights are those of the epoch that was
    best on the validation part: by accuracy averaged over emotions, of equals by loss. Where the
    data have no such part some people are set aside for it. On the processor the same arguments
    give the same bytes, in one process and with the same number of threads, whether or not the
    training was stopped in between. Started by ``torchrun`` or ``accelerate launch``, several
    processes share each batch, and all return the same.

    Parameters
    ----------
    records : sequence of Record
        Faces framed alike, such as from the readers of `icaedit.datasets`.
    backbone : Backbone
        A copy of it is trained. For a network's own loss load it with ``training_parts=True``.
    mask : IndexMask or array_like of bool, shape (L, C), optional
        The coordinates of the latents to use; without it features alone are used.
    latents : LatentSet or CollaborativeEncoder, optional
        Stored latents of the pictures, or an encoder, of which a copy is trained along.
    emotions : sequence of str
        What is to be recognised; every one must occur in the training.
    settings : TrainingSettings, optional
    resume : path, optional
        A file to which the state goes after every epoch, or every few where writing takes long,
        and from which a training that was stopped goes on. It stays there; remove it when done.
    device : str
        Where networks run.
    progress : callable, optional
        Called as ``progress(done, total)`` after each step.

    Returns
    -------
    Recogniser
        On the processor. Its provenance holds the settings, digests of data and mask, who was
        trained and validated on, and what every epoch came to.

    Raises
    ------
    DatasetError
        If the pictures cannot be parted, parts know of each other, or people of the test are
        among those that the mask was fitted on.
    InputError
        If a picture has no latents, an emotion has no picture, classes do not fit, or arguments
        contradict each other.
    ModelMismatchError
        If mask and latents are of different models or shapes.
    IcaeditError
        If a picture cannot be read, naming it, unless the settings say to leave it out.

    Warns
    -----
    IcaeditWarning
        If people are not known, so that pictures are set aside for validation.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from icaedit.images import save_image
    >>> from icaedit.recognition import load_backbone
    >>> folder, faces = Path(tempfile.mkdtemp()), []
    >>> for person in ("F01", "F02", "F03"):
    ...     for level, emotion in ((40, "happy"), (200, "sad")):
    ...         path = folder / f"{person}-{emotion}.png"
    ...         save_image(path, np.full((32, 32, 3), level, np.uint8))
    ...         faces.append(Record(path, path.name, person, emotion))
    >>> network = load_backbone("dacl", labels=["happy", "sad"], size=32)
    >>> quick = TrainingSettings(epochs=1, batch_size=4)
    >>> recogniser = train_recogniser(faces, network, emotions=["happy", "sad"], settings=quick)
    >>> recogniser.predict(np.zeros((1, 32, 32, 3), np.uint8)).shape
    (1, 2)
    """
    settings = settings or TrainingSettings()
    names = tuple(parse_emotion(emotion) for emotion in emotions)
    _check(mask, latents, settings)
    train, validation = parted(
        records,
        names,
        share=settings.validation_share,
        random_state=settings.random_state,
        fitted_on=mask.people if isinstance(mask, IndexMask) else (),
    )
    labels = _labels(train, names)
    weights = class_weights(labels, names)  # which also refuses an emotion without a picture
    if len(train) < 2:
        raise DatasetError("got one picture to train on, expected two or more; add pictures")
    network = _network(copy.deepcopy(backbone), mask, names, settings)
    encoder = None
    if isinstance(latents, CollaborativeEncoder):
        encoder = copy.deepcopy(latents).requires_grad_(True)
        _match_model(network, encoder.model_fingerprint)
    elif latents is not None:
        _match_model(network, latents.model_fingerprint)
    processes = Processes(device)
    objective = Objective(
        network,
        encoder,
        settings=settings,
        weights=weights if settings.class_weights else None,
        emotions=names,
    )
    stored = latents if isinstance(latents, LatentSet) else None
    pictures = [
        Pictures(
            part,
            _labels(part, names),
            None if stored is None else match_latents(part, stored, mask=_index_mask(mask)),
            normalisation=backbone.normalisation,
            encoder=encoder,
            skip=settings.unreadable == "skip",
        )
        for part in (train, validation)
    ]
    test = [record for record in records if record.split == "test"]
    parts = {"train": train, "validation": validation, "test": test}
    origin = _origin(parts, stored, mask, settings)
    key = _key(origin, objective)
    objective.to(processes.device)
    _prepare(objective, *pictures, place=processes.device)
    state = run_epochs(
        objective, *pictures, processes=processes, resume=resume, key=key, progress=progress
    )
    objective.cpu().load_state_dict(state.best)
    unreadable = [
        {part.records[row].name: reason for row, reason in sorted(part.unreadable.items())}
        for part in pictures
    ]
    return Recogniser(
        objective.network.eval().requires_grad_(False),
        encoder=None if encoder is None else encoder.eval().requires_grad_(False),
        provenance={**origin, "training": _outcome(state, train, unreadable)},
    )


def _check(mask: Any, latents: Any, settings: TrainingSettings) -> None:
    own = settings.head == "own"
    if own and (mask is not None or latents is not None):
        raise InputError(
            "got a mask or latents for a network with its own last layer, expected neither; leave "
            "them out or choose head fusion"
        )
    if (mask is None) != (latents is None):
        raise InputError(
            f"got {'latents without a mask' if mask is None else 'a mask without latents'}, "
            "expected both or neither; give both, the mask all true for whole latents"
        )
    if own and not settings.train_backbone:
        raise InputError(
            "got a network with its own last layer whose weights are not to change, expected "
            "something to train; choose head fusion or train the backbone"
        )
    if not settings.train_backbone and settings.own_loss_weight:
        raise InputError(
            "got own_loss_weight for a network whose weights are not to change, expected 0; leave "
            "it out or train the backbone"
        )


def _network(
    backbone: Backbone,
    mask: IndexMask | ArrayLike | None,
    emotions: tuple[str, ...],
    settings: TrainingSettings,
) -> FusionClassifier | Backbone:
    backbone = backbone.cpu().requires_grad_(True)
    if settings.head == "own":
        return backbone
    return FusionClassifier(
        backbone,
        mask,
        emotions=emotions,
        reading=settings.reading,
        hidden=settings.hidden,
        activation=settings.activation,
        random_state=settings.random_state,
    )


def _match_model(network: FusionClassifier | Backbone, theirs: str) -> None:
    assert isinstance(network, FusionClassifier)  # with latents it has a mask
    ours = network.model_fingerprint
    if ours and theirs and ours != theirs:
        raise ModelMismatchError(
            f"got a mask for model {ours[:12]} and latents of model {theirs[:12]}, expected the "
            "same model; encode with the model that the mask was exported for"
        )
    network.model_fingerprint = ours or theirs


def _index_mask(mask: IndexMask | ArrayLike | None) -> IndexMask | None:
    if mask is None or isinstance(mask, IndexMask):
        return mask
    array = np.asarray(mask)  # `FusionClassifier` has checked it
    return IndexMask(array.shape, {}, model="", rule="two-sided", threshold="none")


def _labels(records: Sequence[Record], emotions: tuple[str, ...]) -> NDArray[np.int64]:
    return np.array([emotions.index(record.emotion) for record in records], dtype=np.int64)


def _prepare(
    objective: Objective, train: Pictures, validation: Pictures, *, place: torch.device
) -> None:
    """Standardise by pictures of the training, and compute features once if they stay."""
    settings, network = objective.settings, objective.network
    if isinstance(network, Backbone):
        return
    objective.eval()

    def features_of(batch: Batch) -> torch.Tensor:
        with torch.inference_mode():
            return objective.backbone.features(batch.x.to(place)).cpu()

    fixed = not settings.train_backbone and not settings.augmentation.changes
    if fixed and objective.encoder is None:
        for part in (train, validation):
            part.know_features(features_of, settings.batch_size)
    order = np.random.default_rng(settings.random_state).permutation(len(train))
    features, codes = [], []
    for start in range(0, min(len(order), _STANDARDISED), settings.batch_size):
        batch = train.batch(order[start : start + settings.batch_size].tolist())
        if batch is None:
            continue
        features.append(features_of(batch) if batch.features is None else batch.features)
        if objective.encoder is not None:
            with torch.inference_mode():
                codes.append(objective.encoder(batch.frames.to(place)).cpu())
        elif batch.latents is not None:
            codes.append(batch.latents)
    together = torch.cat(features).to(place)
    network.standardise_by(together, torch.cat(codes).to(place) if codes else None)


def _origin(
    parts: Mapping[str, Sequence[Record]],
    stored: LatentSet | None,
    mask: IndexMask | ArrayLike | None,
    settings: TrainingSettings,
) -> dict[str, Any]:
    rows = [
        [name, record.name, record.digest, record.emotion, record.identity]
        for name in ("train", "validation")
        for record in parts[name]
    ]
    origin: dict[str, Any] = {
        "dataset_digest": sha256_text(json.dumps(sorted(rows))),
        "latents_digest": None if stored is None else stored.dataset_digest,
        "mask": None,
        "people": {name: sorted({r.identity for r in part} - {""}) for name, part in parts.items()},
        "settings": settings.as_dict(),
        "random_state": settings.random_state,
        "versions": package_versions(),
    }
    if mask is not None:
        kept = mask.mask() if isinstance(mask, IndexMask) else np.asarray(mask)
        origin["mask"] = {"digest": sha256_arrays({"kept": kept}), "kept": int(kept.sum())}
        if isinstance(mask, IndexMask):
            origin["mask"] |= {
                "model": mask.model,
                "rule": mask.rule,
                "threshold": mask.threshold,
                "people": list(mask.people),
            }
    return origin


def _key(origin: dict[str, Any], objective: Objective) -> str:
    """Return what tells a training from others: its data, its settings, its first weights."""
    arrays = {name: entry.numpy() for name, entry in objective.state_dict().items()}
    return sha256_text(json.dumps([origin, sha256_arrays(arrays)], sort_keys=True))


def _outcome(
    state: TrainingState, train: Sequence[Record], unreadable: Sequence[Mapping[str, str]]
) -> dict[str, Any]:
    best = state.history[state.best_epoch - 1]
    return {
        **best,
        "best_epoch": state.best_epoch,
        "epochs": len(state.history),
        "history": state.history,
        "n_train": len(train) - len(unreadable[0]),
        "n_train_people": len({record.identity for record in train} - {""}),
        "n_by_emotion": dict(Counter(record.emotion for record in train)),
        "unreadable": {"train": unreadable[0], "validation": unreadable[1]},
    }
