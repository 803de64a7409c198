"""What `recognize evaluate` does: faces and latents of a test, recognisers, report and figures."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from icaedit.artifacts import LatentSet, load_latents
from icaedit.artifacts.tensors import json_text
from icaedit.cli.labelled_data import read_labelled
from icaedit.cli.progress import progress_bar
from icaedit.cli.recognizing import encoded, framed, joined, open_recogniser
from icaedit.cli.results import tell
from icaedit.datasets import Record
from icaedit.files import atomic_write, sha256_file
from icaedit.models import LatentModel, load_model
from icaedit.models.devices import resolve_device
from icaedit.recognition.evaluating import Calibration, Evaluation, evaluate_recogniser
from icaedit.recognition.evaluating.evaluation import choose_parts
from icaedit.recognition.evaluating.report import evaluation_json, evaluation_markdown

__all__ = ["Testing", "draw_confusion", "draw_reliability", "write_report"]


class Testing:
    """Recognisers that are to be tested.

    Parameters
    ----------
    path : Path
        A recogniser.
    against : Path, optional
        Another one.
    model : str
        The model that encodes for them.
    device : str
    latents : sequence of Path
        Files of latents; without any, pictures are encoded.
    seed : int
    quiet : bool

    Attributes
    ----------
    recogniser : Recogniser
    names : tuple of str
        What the two are called.
    inputs : dict of str to str
        SHA-256 of what was read, for the record of the run.
    """

    def __init__(
        self,
        path: Path,
        against: Path | None,
        *,
        model: str,
        device: str,
        latents: Sequence[Path],
        seed: int,
        quiet: bool,
    ) -> None:
        loaded: list[LatentModel] = []

        def load() -> LatentModel:
            if not loaded:
                loaded.append(load_model(model, device=device))
            return loaded[0]

        self._path, self._latents, self._seed, self._quiet = path, tuple(latents), seed, quiet
        self._place = str(resolve_device(device))
        self.recogniser, self._model = open_recogniser(path, load)
        self._other = None
        self.names = (path.stem, "")
        files = [path, *latents]
        if against is not None:
            self._other, other_model = open_recogniser(against, load)
            self._model = self._model or other_model
            same = path.stem == against.stem
            self.names = (str(path), str(against)) if same else (path.stem, against.stem)
            files.append(against)
        self.inputs = {file.as_posix(): sha256_file(file) for file in files}

    def evaluate(
        self,
        data: Sequence[Path],
        *,
        dataset: str,
        labels: str | None,
        align: str | None,
        landmark_model: Path | None,
    ) -> Evaluation:
        """Test on datasets, read as `read_labelled` does, of which faces are cut out as needed.

        Faces and latents that were left by the training are used again.
        """
        how = align or str(self.recogniser.provenance.get("align") or "auto")
        options = {"align": how, "landmark_model": landmark_model, "quiet": self._quiet}
        found = [
            read_labelled(path, dataset=dataset, labels=labels, quiet=self._quiet) for path in data
        ]
        self.inputs |= {path.as_posix(): one.digest for path, one in zip(data, found, strict=True)}
        everyone = [record for one in found for record in one]
        parts = choose_parts(everyone, self.recogniser.provenance)
        wanted = {record.path for part in parts for record in part}  # only these are looked at
        kept = self._path.with_name(f"{self._path.stem}.faces")
        records: list[Record] = []
        missed: list[Path] = []
        framed_sets: list[list[Record]] = []
        with tempfile.TemporaryDirectory() as scratch:
            folder = kept if kept.is_dir() else Path(scratch) / "faces"
            for one in found:
                used = [record for record in one if record.path in wanted]
                faces, left_out = framed(used, folder, skip=True, **options)
                cut = {record.name: record for record in faces}
                records += [cut.get(record.name, record) for record in used]
                missed += [record.path for record in used if record.name in left_out]
                framed_sets.append([record for record in used if record.name in cut])
                for name, reason in left_out.items():
                    tell(f"counts as wrong: {name}: {reason}")
            codes = [load_latents(path) for path in self._latents]
            if self._model is not None and not codes:
                codes = self._left_by_training(framed_sets, how)
            if self._model is not None and not codes:
                codes = [
                    encoded(one, self._model, Path(scratch) / f"{number}.safetensors", **options)
                    for number, one in enumerate(framed_sets)
                    if one
                ]
            with progress_bar("recognising", quiet=self._quiet) as progress:
                return evaluate_recogniser(
                    self.recogniser,
                    records,
                    latents=joined(codes) if codes else None,
                    against=self._other,
                    without_face=missed,
                    device=self._place,
                    random_state=self._seed,
                    progress=progress,
                )

    def _left_by_training(self, sets: Sequence[Sequence[Record]], how: str) -> list[LatentSet]:
        """Return the latents beside the recogniser if they are of all these pictures."""
        files = sorted(self._path.parent.glob(f"{self._path.stem}.latents*.safetensors"))
        if not files or how != self.recogniser.provenance.get("align"):
            return []
        stored = [load_latents(path) for path in files]
        model = self._model.fingerprint if self._model is not None else ""
        known = {digest for one in stored for digest in one.digests.tolist()} - {""}
        whole = all(record.digest in known for one in sets for record in one)
        same = all(one.model_fingerprint == model for one in stored)
        return stored if whole and same else []


def write_report(path: Path, evaluation: Evaluation, names: Sequence[str]) -> None:
    """Write an evaluation as JSON, or as Markdown if the name ends so."""
    if path.suffix.lower() == ".md":
        text = evaluation_markdown(evaluation, names)
    else:
        content = json.loads(json_text(evaluation_json(evaluation, names)))
        text = json.dumps(content, indent=1, sort_keys=True) + "\n"
    atomic_write(path, text.encode("utf-8"))


def draw_confusion(path: Path, evaluation: Evaluation, names: Sequence[str]) -> None:
    """Draw the confusion matrix, to the right of that of the recogniser compared with."""
    from icaedit.plots import confusion_plot, save_figure

    shown = [(names[1], evaluation.other), (names[0], evaluation.measures)]
    used = [(name, measures) for name, measures in shown if measures is not None]
    titles = [f"{name}, {100 * found.accuracy.value:.1f} % right" for name, found in used]
    counts = [found.counts for _, found in used]
    save_figure(path, confusion_plot(counts, evaluation.measures.emotions, titles=titles))


def draw_reliability(path: Path, evaluation: Evaluation) -> None:
    """Draw accuracy by confidence, and after the temperature that was fitted."""
    from icaedit.plots import reliability_plot, save_figure

    found = [evaluation.calibration, evaluation.fitted]
    curves = {_curve_name(one): (one.confidence, one.accuracy, one.faces) for one in found if one}
    save_figure(path, reliability_plot(curves))


def _curve_name(calibration: Calibration) -> str:
    return f"temperature {calibration.temperature:.3g}, ECE {calibration.ece:.3f}"
