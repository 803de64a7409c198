"""What `edit` and `sweep` share: the editor they use and what they read."""

from pathlib import Path
from typing import TYPE_CHECKING

from icaedit.files import sha256_file

if TYPE_CHECKING:
    from icaedit.editor import Editor

__all__ = ["make_editor", "read_inputs", "strength_text"]


def make_editor(model: str, directions: Path | None, *, device: str) -> "Editor":
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
    return Editor(latent_model, default_directions(latent_model) if fitted is None else fitted)


def read_inputs(image: Path, editor: "Editor", directions: Path | None) -> dict[str, str]:
    """Return the digests of what an edit is made from."""
    inputs = {image.as_posix(): sha256_file(image), "model": editor.model.fingerprint}
    if directions is not None:
        inputs[directions.as_posix()] = sha256_file(directions)
    return inputs


def strength_text(strength: float) -> str:
    """Return a strength as people write it.

    Examples
    --------
    >>> strength_text(3.0), strength_text(-1.5)
    ('3', '-1.5')
    """
    return f"{strength:g}"
