"""What `edit` and `sweep` share: the editor they use, what they read, and refinement."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from icaedit.cli.progress import progress_bar
from icaedit.cli.results import tell
from icaedit.errors import InputError
from icaedit.files import sha256_file

if TYPE_CHECKING:
    from icaedit.editor import Editor, EditResult, Refinement

__all__ = [
    "digests",
    "duration_text",
    "make_editor",
    "read_inputs",
    "refining",
    "require_suffix",
    "strength_text",
    "tell_refined",
]

_TIMED_STEPS = 3  # after which the rest is estimated


def make_editor(
    model: str,
    directions: Path | None,
    *,
    device: str,
    landmark_model: Path | None = None,
) -> "Editor":
    """Return an editor on a model, with directions of a file or those shipped with the model.

    Raises
    ------
    IcaeditError
        If the model or the directions cannot be read, or do not belong together.
    """
    from icaedit.artifacts import load_directions
    from icaedit.editor import Editor, default_directions
    from icaedit.models import load_model

    # a missing or foreign file is told before the model is loaded
    fitted = None if directions is None else load_directions(directions)
    latent_model = load_model(model, device=device)
    return Editor(
        latent_model,
        default_directions(latent_model) if fitted is None else fitted,
        landmark_model=landmark_model,
    )


def read_inputs(image: Path, editor: "Editor", *others: Path | None) -> dict[str, str]:
    """Return the digests of what an edit is made from: the image, the model, and other files."""
    return {"model": editor.model.fingerprint, **digests(image, *others)}


def digests(*paths: Path | None) -> dict[str, str]:
    """Return the SHA-256 of files by their paths, but for those that were not named."""
    return {path.as_posix(): sha256_file(path) for path in paths if path is not None}


@contextmanager
def refining(
    steps: int | None, *, tune: bool, seed: int, quiet: bool
) -> Iterator["Refinement | None"]:
    """Give the refinement that was asked for, with a bar or an estimate of the time on stderr.

    Raises
    ------
    UsageError
        If weights are to be tuned in no steps.
    """
    if steps is None:
        if tune:
            raise click.UsageError("got --tune alone, expected --refine N with it; add its steps")
        yield None
        return
    from icaedit.editor import Refinement

    with progress_bar("refining", quiet=quiet) as progress:
        shown = progress if quiet or progress is not None else _estimated()
        yield Refinement(steps, tune=tune, seed=seed, progress=shown)


def tell_refined(result: "EditResult") -> None:
    """Say on stderr what a refinement came to, if there was one."""
    found = result.refined
    if found is None:
        return
    kept = "" if found.kept == 1 else f", {found.kept:.0%} of it kept so that edits still work"
    tell(
        f"refined: loss {found.loss_before:.3f} before and {found.loss_after:.3f} after, latents "
        f"moved by {found.distance:.0%}{kept}; the edit has {found.agreement.ratio:.2f} times its "
        f"effect, cosine {found.agreement.cosine:.2f}"
    )


def require_suffix(output: Path, allowed: Sequence[str]) -> None:
    """Check, before any long work, that a picture can be written under a name.

    Raises
    ------
    InputError
        If its suffix is not one of those allowed.
    """
    if output.suffix.lower() not in allowed:
        raise InputError(
            f"got {output}, expected a name that ends in one of {', '.join(allowed)}; use .png"
        )


def strength_text(strength: float) -> str:
    """Return a strength as people write it.

    Examples
    --------
    >>> strength_text(3.0), strength_text(-1.5)
    ('3', '-1.5')
    """
    return f"{strength:g}"


def _estimated() -> Callable[[int, int], None]:
    """Return a progress callback that says once how long the whole will take."""
    began: list[float] = []

    def progress(done: int, total: int) -> None:
        began.append(time.monotonic())
        if done == _TIMED_STEPS < total:
            each = (began[-1] - began[0]) / (_TIMED_STEPS - 1)
            tell(f"refining in {total} steps takes about {duration_text(each * total)}")

    return progress


def duration_text(seconds: float) -> str:
    """Return a time as people say it.

    Examples
    --------
    >>> duration_text(7.4), duration_text(200), duration_text(9000)
    ('8 s', '3 min', '2.5 h')
    """
    if seconds < 90:
        return f"{int(seconds) + 1} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
