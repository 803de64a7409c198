"""A study's trainings, one after another; each leaves its scores on disk and is not run again."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icaedit.artifacts import load_tensors, save_tensors
from icaedit.files import ensure_writable_folder, sha256_arrays, sha256_file, sha256_text
from icaedit.images import read_image
from icaedit.recognition import (
    Experiment,
    Recogniser,
    load_backbone,
    load_recogniser,
    train_recogniser,
)
from icaedit.schema import EMOTIONS
from icaedit.studies.conditions import condition_masks
from icaedit.studies.heads import Samples, fit_head
from icaedit.studies.settings import StudySettings
from icaedit.studies.sources import Source

__all__ = ["ALONE", "ALONG", "OWN_LAYER", "StudyResult", "run_study"]

ALONE = "latents alone"
"""Stands in the place of a backbone: the same last layers, and no features at all."""

OWN_LAYER = "own last layer"
"""The network with the layer and loss that it was published with."""

ALONG = ("without", "full", "mean mask", "fifth")
"""Conditions under which networks are trained along."""

FORMAT, VERSION = "icaedit.study_cell", 1
_BATCH = 64

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class StudyResult:
    """What a study came to.

    Attributes
    ----------
    source : Source
    stored : Experiment
        Networks that were trained once, on which only the last layers differ; by backbone, and
        `ALONE`, and by condition, and `OWN_LAYER`.
    along : Experiment or None
        Networks that were trained along with the last layers.
    """

    source: Source
    stored: Experiment
    along: Experiment | None


@dataclass(frozen=True)
class _Cells:
    """A folder of results by what they depend on."""

    folder: Path

    def path(self, kind: str, key: Mapping[str, Any]) -> Path:
        text = json.dumps(key, sort_keys=True, default=str)
        return self.folder / f"{kind}-{sha256_text(text)[:16]}.safetensors"

    def arrays(
        self, kind: str, key: Mapping[str, Any], make: Callable[[], dict[str, np.ndarray]]
    ) -> dict[str, np.ndarray]:
        """Return what was made before, or make it now and keep it."""
        path = self.path(kind, key)
        if path.is_file():
            return load_tensors(path, expect=FORMAT, version=VERSION)[0]
        made = make()
        save_tensors(path, made, header={"format": FORMAT, "version": VERSION, "key": dict(key)})
        return made


def run_study(
    source: Source,
    folder: str | os.PathLike,
    *,
    settings: StudySettings,
    device: str = "cpu",
    progress: Progress | None = None,
) -> StudyResult:
    """Train and test every backbone under every condition with every seed.

    Each backbone is trained alone, once a seed. Then, on its features as they are, the last
    layers are fitted for each condition, so that conditions differ in nothing but the latents.
    Nothing is chosen by the test.

    Parameters
    ----------
    source : Source
    folder : path
        Where each training leaves what it came to. What is there already, of the same faces,
        settings and seed, is not trained again.
    settings : StudySettings
    device : str
        Where networks run.
    progress : callable, optional
        Called as ``progress(what, done, total)``.

    Returns
    -------
    StudyResult
    """
    study = _Study(source, _Cells(ensure_writable_folder(folder)), settings, device)
    seeds, stored, along = list(settings.seeds), {}, {}
    n_steps = len(seeds) * (1 + len(settings.backbones) + len(settings.along))
    done = 0

    def tell(what: str) -> None:
        nonlocal done
        if progress is not None:
            progress(what, done, n_steps)
        done += 1

    for seed in seeds:  # whole seeds first, so that a run that is stopped has some to show
        for name in settings.backbones:
            tell(f"training {name}, seed {seed}")
            for condition, scores in study.on_stored(name, seed).items():
                stored.setdefault((name, condition), []).append(scores)
        tell(f"{ALONE}, seed {seed}")
        for condition, scores in study.alone(seed).items():
            stored.setdefault((ALONE, condition), []).append(scores)
        for name in settings.along:
            tell(f"training {name} along, seed {seed}")
            for condition, scores in study.along(name, seed).items():
                along.setdefault((name, condition), []).append(scores)
    tell("done")
    return StudyResult(source, study.experiment(stored), study.experiment(along))


class _Study:
    """What is needed again and again while a study runs."""

    def __init__(self, source: Source, cells: _Cells, settings: StudySettings, device: str) -> None:
        self.source, self.cells, self.settings, self.device = source, cells, settings, device
        self.rows = {part: source.part(part) for part in ("train", "validation", "test")}
        self.labels = np.array([EMOTIONS.index(r.emotion) for r in source.records], np.int64)
        rows = [(r.name, r.digest, r.emotion, r.identity, r.split) for r in source.records]
        self.data = sha256_text(json.dumps(rows))
        self.codes = sha256_arrays({"latents": source.latents.latents})

    def on_stored(self, name: str, seed: int) -> dict[str, NDArray[np.float32]]:
        """Return scores of the test by condition, on a network that was trained alone."""
        key = self._network_key(name, seed)
        known = self.cells.arrays("features", key, lambda: self._features(name, seed))
        scores = {OWN_LAYER: known["own"]}
        return scores | self._heads(known["features"], seed, key)

    def alone(self, seed: int) -> dict[str, NDArray[np.float32]]:
        """Return scores of the test by condition, from latents without any features."""
        return self._heads(None, seed, {})

    def along(self, name: str, seed: int) -> dict[str, NDArray[np.float32]]:
        """Return scores of the test by condition, of networks trained along with the fusion."""
        masks = condition_masks(self.source.directions, random_state=seed)
        result = {}
        for condition in ALONG:
            mask = masks[condition]
            key = self._network_key(name, seed) | self._mask_key(mask)
            key |= {"epochs": self.settings.along_epochs, "head": asdict(self.settings.head)}

            def make(mask: NDArray[np.bool_] | None = mask) -> dict[str, np.ndarray]:
                return {"scores": self._trained_along(name, seed, mask)}

            result[condition] = self.cells.arrays("along", key, make)["scores"]
        return result

    def experiment(self, scores: Mapping[tuple[str, str], Sequence[np.ndarray]]):
        """Return all scores as an experiment; faces not found are rows of NaN at the end."""
        if not scores:
            return None
        missed = self.source.missed
        tested = [self.source.records[row] for row in self.rows["test"]] + list(missed)
        lost = np.full((len(missed), len(EMOTIONS)), np.nan, np.float32)
        masks = condition_masks(self.source.directions)
        known = all(record.identity for record in tested)
        return Experiment(
            {
                pair: np.stack([np.concatenate([each, lost]) for each in by_seed])
                for pair, by_seed in scores.items()
            },
            [EMOTIONS.index(record.emotion) for record in tested],
            [record.identity for record in tested] if known else None,
            seeds=list(self.settings.seeds),
            coordinates={
                condition: 0 if mask is None else int(mask.sum())
                for condition, mask in masks.items()
            },
            names=[record.name for record in tested],
        )

    def _heads(
        self, features: NDArray[np.float32] | None, seed: int, network: Mapping[str, Any]
    ) -> dict[str, NDArray[np.float32]]:
        parts = {part: self._samples(features, part) for part in self.rows}
        result = {}
        for condition, mask in condition_masks(self.source.directions, random_state=seed).items():
            if features is None and mask is None:
                continue
            key = {**network, **self._mask_key(mask), "data": self.data, "seed": seed}
            key |= {"head": asdict(self.settings.head)}

            def make(mask: NDArray[np.bool_] | None = mask) -> dict[str, np.ndarray]:
                head = fit_head(
                    parts["train"],
                    parts["validation"],
                    mask=mask,
                    settings=self.settings.head,
                    random_state=seed,
                )
                chosen = np.array([head.accuracy, head.weight_decay, head.epoch])
                return {"scores": head.scores(parts["test"]), "chosen": chosen}

            result[condition] = self.cells.arrays("head", key, make)["scores"]
        return result

    def _samples(self, features: NDArray[np.float32] | None, part: str) -> Samples:
        rows = self.rows[part]
        return Samples(
            None if features is None else features[rows],
            self.source.latents.latents[rows],
            self.labels[rows],
        )

    def _features(self, name: str, seed: int) -> dict[str, np.ndarray]:
        """Return features of all pictures, and the own scores of those of the test."""
        import torch

        recogniser = self._trained(name, seed)
        backbone = recogniser.backbone.to(self.device).eval()
        features = []
        with torch.inference_mode():
            for batch in self._batches(range(len(self.labels))):
                x = backbone.normalise(batch).to(self.device)
                features.append(backbone.features(x).cpu().numpy())
        return {"features": np.concatenate(features), "own": self._scored(recogniser, None)}

    def _trained(self, name: str, seed: int) -> Recogniser:
        """Return the network trained alone, with its own last layer and loss."""
        path = self.cells.path("network", self._network_key(name, seed))
        if path.is_file():
            return load_recogniser(path)
        state = path.with_suffix(".training")
        recogniser = train_recogniser(
            self.source.records,
            self._fresh(name, seed),
            settings=replace(self.settings.training[name], head="own", random_state=seed),
            resume=state if self.settings.resumed else None,
            device=self.device,
        )
        recogniser.save(path)
        state.unlink(missing_ok=True)
        return recogniser

    def _trained_along(
        self, name: str, seed: int, mask: NDArray[np.bool_] | None
    ) -> NDArray[np.float32]:
        head, alone = self.settings.head, self.settings.training[name]
        recogniser = train_recogniser(
            self.source.records,
            self._trained(name, seed).backbone,
            mask=mask,
            latents=None if mask is None else self.source.latents,
            settings=replace(
                alone,
                head="fusion",
                reading=head.reading,
                hidden=head.hidden,
                activation=head.activation,
                loss=head.loss,
                epochs=self.settings.along_epochs,
                learning_rate=alone.learning_rate / 10,
                head_learning_rate=head.learning_rate,
                random_state=seed,
            ),
            device=self.device,
        )
        return self._scored(recogniser, None if mask is None else self.source.latents.latents)

    def _scored(
        self, recogniser: Recogniser, latents: NDArray[np.float32] | None
    ) -> NDArray[np.float32]:
        rows, scores = self.rows["test"], []
        for start, batch in enumerate(self._batches(rows)):
            chosen = rows[start * _BATCH :][: len(batch)]
            codes = None if latents is None else latents[chosen]
            scores.append(recogniser.scores(batch, codes, device=self.device))
        return np.concatenate(scores)

    def _batches(self, rows: Sequence[int]):
        for start in range(0, len(rows), _BATCH):
            chosen = rows[start : start + _BATCH]
            yield [read_image(self.source.records[row].path) for row in chosen]

    def _fresh(self, name: str, seed: int):
        return load_backbone(
            name,
            training_parts=True,
            size=self.settings.image_size,
            trunk=self.settings.trunk,
            random_state=seed,
        )

    def _network_key(self, name: str, seed: int) -> dict[str, Any]:
        settings = self.settings.training[name].as_dict()
        key = {"network": name, "seed": seed, "data": self.data, **settings}
        key |= {"size": self.settings.image_size}
        if self.settings.trunk is not None:
            key["trunk"] = sha256_file(self.settings.trunk)
        return key

    def _mask_key(self, mask: NDArray[np.bool_] | None) -> dict[str, Any]:
        if mask is None:
            return {"mask": None}
        return {"mask": sha256_arrays({"mask": mask}), "latents": self.codes}
