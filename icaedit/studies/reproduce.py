"""The paper's Tables 1 to 5 once more, on rendered people and on what is on disk."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from icaedit.artifacts import Directions
from icaedit.datasets import Dataset
from icaedit.files import atomic_write, ensure_writable_folder
from icaedit.models import LatentModel
from icaedit.plots import confusion_plot, save_figure
from icaedit.recognition import (
    Costs,
    FusionClassifier,
    costs_csv,
    costs_markdown,
    load_backbone,
    measure_costs,
    recogniser_parts,
)
from icaedit.schema import EMOTIONS
from icaedit.studies.conditions import condition_masks
from icaedit.studies.figure import accuracy_plot
from icaedit.studies.hard_portraits import plan_hard_portraits
from icaedit.studies.report import (
    Measured,
    contradictions_markdown,
    paper_costs_markdown,
    study_csv,
    study_markdown,
    tables_markdown,
    verdicts,
)
from icaedit.studies.running import StudyResult, run_study
from icaedit.studies.settings import StudySettings
from icaedit.studies.sources import read_known, real_source, rendered_source

__all__ = ["measure_network_costs", "reproduce", "write_studies"]

Progress = Callable[[str, int, int], None]


def reproduce(
    folders: Sequence[str | os.PathLike],
    work: str | os.PathLike,
    *,
    model: LatentModel,
    directions: Directions,
    settings: StudySettings,
    random_state: int = 0,
    device: str = "cpu",
    progress: Progress | None = None,
) -> list[StudyResult]:
    """Run the paper's experiment on data sets, or on rendered people where none is given.

    Parameters
    ----------
    folders : sequence of path
        Of RAF-DB, CK+ and KDEF. KDEF comes first, wherever it is given, since its people give the
        directions for the others.
    work : path
        Where drawings, latents and trainings are kept; a run that was stopped goes on there.
    model : LatentModel
    directions : Directions
        Of the model, for all but KDEF, where none come from KDEF.
    settings : StudySettings
    random_state : int
        Seeds the rendered people, or how a data set is parted.
    device : str
    progress : callable, optional
        Called as ``progress(what, done, total)``.

    Returns
    -------
    list of StudyResult
        One for each data set.

    Raises
    ------
    DatasetError
        If a folder holds none of the three data sets, or cannot be parted.
    """
    work = ensure_writable_folder(work)
    if not folders:
        plan = plan_hard_portraits(people=settings.people, shots=settings.shots, seed=random_state)
        source = rendered_source(
            work / "portraits", model, plan=plan, directions=directions, progress=progress
        )
        return [_run(source, work, settings, device, progress)]
    known: list[tuple[str, Dataset]] = [read_known(folder) for folder in folders]
    results = []
    for name, dataset in sorted(known, key=lambda pair: pair[0] != "kdef"):
        source = real_source(
            name,
            dataset,
            work / name,
            model,
            directions=directions,
            random_state=random_state,
            progress=progress,
        )
        if name == "kdef":
            directions = source.directions
        results.append(_run(source, work, settings, device, progress))
    return results


def measure_network_costs(
    model: LatentModel, directions: Directions, settings: StudySettings, *, repeats: int = 30
) -> Costs:
    """Measure what each backbone costs, and the latents beside it (Table 5).

    Parameters
    ----------
    model : LatentModel
        Whose encoder makes the latents.
    directions : Directions
        Whose mean mask is used.
    settings : StudySettings
    repeats : int
    """
    mask = condition_masks(directions)["mean mask"]
    parts = {}
    for name in settings.backbones:
        classifier = FusionClassifier(
            load_backbone(name, size=settings.image_size), mask, hidden=settings.head.hidden
        )
        parts |= recogniser_parts(
            classifier.eval(),
            encoder=model.encoder.cpu(),
            encoder_size=model.encoder.config.input_size,
            name=name,
        )
    return measure_costs(parts, repeats=repeats)


def write_studies(
    results: Sequence[StudyResult],
    output: str | os.PathLike,
    *,
    costs: Costs,
    command: str,
    n_bootstrap: int = 2000,
) -> tuple[list[Path], list[str]]:
    """Write a study's tables and figures into a folder.

    Parameters
    ----------
    results : sequence of StudyResult
    output : path
        A folder, made where needed.
    costs : Costs
    command : str
        Which makes them, for the page.
    n_bootstrap : int

    Returns
    -------
    written : list of Path
        ``recognition.md``, ``recognition.csv``, ``costs.csv``, and for each data set its scores
        and figures.
    sentences : list of str
        What came out, in words.

    Raises
    ------
    FileAccessError
        If the folder cannot be written.
    """
    output = ensure_writable_folder(output)
    studies = [Measured(result, n_bootstrap=n_bootstrap) for result in results]
    page = [
        "# Tables 1 to 5, made anew",
        "",
        f"Made by `{command}`. Percent with 95 % bootstrap intervals over people; the data behind "
        "every line, and more, are in `recognition.csv`.",
        "",
        tables_markdown(studies),
        "## Table 5: costs",
        "",
        costs_markdown(costs),
        paper_costs_markdown(),
    ]
    written = [output / name for name in ("recognition.md", "recognition.csv", "costs.csv")]
    sentences: list[str] = []
    for study in studies:
        name = study.result.source.name
        page.append(study_markdown(study))
        sentences += verdicts(study)
        for trained, experiment in (("", study.result.stored), ("-along", study.result.along)):
            if experiment is not None:
                written.append(output / f"{name}{trained}-scores.safetensors")
                experiment.save(written[-1])
        written.append(output / f"{name}-accuracy.png")
        save_figure(written[-1], accuracy_plot(study))
        written.append(output / f"{name}-confusions.png")
        save_figure(written[-1], _confusions(study))
    page.append(contradictions_markdown())
    atomic_write(written[0], "\n".join(page).encode())
    atomic_write(written[1], study_csv(studies).encode())
    atomic_write(written[2], costs_csv(costs).encode())
    return written, sentences


def _run(source, work: Path, settings: StudySettings, device: str, progress: Progress | None):
    return run_study(
        source, work / "trainings", settings=settings, device=device, progress=progress
    )


def _confusions(study: Measured):
    """Draw the confusion matrices of each backbone without latents and with the mean mask."""
    cells = study.cells("without")
    pairs = [(b, c) for b in study.backbones for c in ("without", "mean mask")]
    counts = [np.asarray(cells[pair].measures.counts) for pair in pairs]
    return confusion_plot(counts, EMOTIONS, titles=[f"{b}, {c}" for b, c in pairs])
