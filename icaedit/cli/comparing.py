"""What `evaluate` compares: the latents of the fit, the faces to edit, and where results go."""

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from icaedit.cli.progress import progress_bar
from icaedit.errors import IcaeditWarning, InputError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from icaedit.artifacts import Directions, LatentSet
    from icaedit.evaluation import Comparison, Scorer
    from icaedit.models import LatentModel

__all__ = ["compare_directions", "comparison_figure", "write_comparison"]


def compare_directions(
    file: Path | None,
    *,
    against: tuple[str, ...] | None,
    files: tuple[Path | None, Path | None],
    model: "LatentModel",
    people: int,
    change: float,
    identity: str,
    seed: int,
    quiet: bool,
) -> tuple["Comparison", dict[str, str]]:
    """Compare the directions in a file with other methods.

    Parameters
    ----------
    file : Path or None
        Directions; those shipped with the model if None.
    against : tuple of str or None
        The other methods; all if None.
    files : (Path or None, Path or None)
        Latents of the fit, and of the faces to edit.
    model : LatentModel
    people : int
        How many people to render where no faces are given.
    change : float
        Target change, as a share of the posed change.
    identity : str
        ``"judge"``, ``"dlib"`` or the path of ArcFace's weights.
    seed : int
        Of the rendered people.
    quiet : bool
        Whether to show no progress.

    Returns
    -------
    comparison : Comparison
    inputs : dict of str to str
        Digests of what was read.
    """
    from icaedit.artifacts import load_directions, load_latents
    from icaedit.editor import default_directions
    from icaedit.evaluation import (
        evaluate_directions,
        unseen_faces,
        unseen_portraits,
    )
    from icaedit.files import sha256_file

    fitted_file, faces_file = files
    inputs = {"model": model.fingerprint}
    if file is None:
        directions = default_directions(model)
    else:
        directions = load_directions(file, model_fingerprint=model.fingerprint)
        inputs[file.as_posix()] = sha256_file(file)
        beside = file.with_name(f"{file.stem}.latents.safetensors")
        fitted_file = beside if fitted_file is None and beside.is_file() else fitted_file
    network = None if identity in ("judge", "dlib") else Path(identity)
    for path in (fitted_file, faces_file, network):
        if path is not None:
            inputs[path.as_posix()] = sha256_file(path)
    others = None if faces_file is None else load_latents(faces_file)
    if others is None and not _draws_portraits(model):
        raise InputError(
            f"got model {model.name!r} and no faces, expected latents of people that nothing was "
            "fitted on; encode some with `icaedit encode` and give them by --faces"
        )
    with progress_bar("rendering the people of the fit", quiet=quiet) as progress:
        fitted = _latents_of_the_fit(directions, fitted_file, model, progress)
    if others is None:
        with progress_bar("rendering people to edit", quiet=quiet):
            faces = unseen_portraits(model, n_people=people, seed=seed)
    else:
        faces = unseen_faces(others, fitted, model)
    scorer = _scorer(identity, model)
    with progress_bar("comparing", quiet=quiet) as progress:
        comparison = evaluate_directions(
            directions,
            model,
            fitted=fitted,
            faces=faces,
            scorer=scorer,
            against=against,
            fraction=change,
            progress=progress,
        )
    return comparison, inputs


def write_comparison(comparison: "Comparison", folder: Path) -> list[Path]:
    """Write the table as Markdown and CSV and the figure as PNG, and return the files."""
    from icaedit.evaluation import comparison_csv, comparison_markdown
    from icaedit.files import atomic_write
    from icaedit.plots import save_figure

    texts = {
        "comparison.md": comparison_markdown(comparison),
        "comparison.csv": comparison_csv(comparison),
    }
    for name, text in texts.items():
        atomic_write(folder / name, text.encode())
    save_figure(folder / "comparison.png", comparison_figure(comparison))
    return [folder / name for name in (*texts, "comparison.png")]


def comparison_figure(comparison: "Comparison") -> "Figure":
    """Draw a comparison, a panel for each measure but the gain, which is the same for all."""
    from icaedit.evaluation import BETTER, OWN_FACE
    from icaedit.plots import comparison_plot

    count = len(comparison.emotions)
    return comparison_plot(
        comparison.methods,
        comparison.intervals(),
        better=BETTER,
        notes={
            method: f"{len(comparison.reached(method))}/{count}"
            for method in comparison.methods
            if len(comparison.reached(method)) < count
        },
        reference=OWN_FACE,
        caption=f"{comparison.origin}; target changed by {comparison.fraction:.0%} of the posed "
        "change; 95 % intervals over people",
    )


def _draws_portraits(model: "LatentModel") -> bool:
    from icaedit.editor import default_directions

    try:
        default_directions(model)
    except InputError:
        return False
    return True


def _scorer(identity: str, model: "LatentModel") -> "Scorer":
    """Return the judge, with another network to tell people apart if one is named."""
    from icaedit.evaluation import IdentifiedBy, arcface_embedder, dlib_embedder, judge_scorer

    if not _draws_portraits(model):
        warnings.warn(
            f"got model {model.name!r} and a judge that was trained on rendered portraits, "
            "expected portraits; for photographs use icaedit.evaluation.evaluate_directions with a "
            "scorer of your own (docs/comparison.md)",
            IcaeditWarning,
            stacklevel=2,
        )
    if identity == "judge":
        return judge_scorer()
    if identity == "dlib":
        return IdentifiedBy(judge_scorer(), dlib_embedder())
    return IdentifiedBy(judge_scorer(), arcface_embedder(identity, device=model.device.type))


def _latents_of_the_fit(
    directions: "Directions",
    file: Path | None,
    model: "LatentModel",
    progress: Callable[[int, int], None] | None,
) -> "LatentSet":
    """Return the latents that directions were fitted to, checked by the digest they carry."""
    from icaedit.artifacts import load_latents
    from icaedit.editor import default_directions
    from icaedit.evaluation import fitted_portraits

    digest = directions.provenance.get("dataset_digest")
    if file is None:
        shipped = _draws_portraits(model) and default_directions(model).provenance
        if not shipped or digest != shipped.get("dataset_digest"):
            raise InputError(
                "got directions without the latents they were fitted to, expected them beside the "
                "directions or by --latents; encode that dataset again with `icaedit encode`"
            )
        return fitted_portraits(model, n_people=shipped["n_identities"], progress=progress)
    latents = load_latents(file)
    views = (*directions.provenance.get("views", ()), "")
    latents = latents.select([view in views for view in latents.view])
    if latents.dataset_digest != digest:
        raise InputError(
            f"got {file}, which is not what the directions were fitted to, expected the same "
            "pictures; give the latents of that fit by --latents, or fit again"
        )
    return latents
