"""What a file holds, as one picture."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from icaedit.artifacts import load_directions, load_index_mask, load_latents, peek_header
from icaedit.cli.run_summaries import is_run_record, outputs_of
from icaedit.cli.summaries import CHECKPOINTS, MODEL_FORMAT, PICTURES
from icaedit.errors import InputError
from icaedit.files import read_bytes
from icaedit.schema import EMOTIONS

__all__ = ["summary_picture"]

_PEOPLE = 5  # rows of a data set's picture
_FACES = 8  # that a model draws
_CELL = 96  # pixels
_TRUNCATION = 0.7  # what pictures of such models are commonly drawn with (StyleGAN's psi)


def summary_picture(file: Path, *, device: str = "auto", seed: int = 0) -> np.ndarray:
    """Return a picture of what a file or a dataset's folder holds.

    Directions and masks are drawn layer by layer; latents as points; of a model the average face
    and some others that it draws; of a dataset or its table some people; of a run record the
    first picture that the run has left.

    Parameters
    ----------
    file : Path
    device : {"auto", "cpu", "cuda"}
        Where a model draws.
    seed : int
        Of the faces that a model draws.

    Returns
    -------
    ndarray of shape (H, W, 3), uint8 RGB

    Raises
    ------
    IcaeditError
        If the file cannot be read, or there is nothing to draw.
    """
    suffix = file.suffix.lower()
    if file.is_dir() or suffix == ".csv":
        return _people(file)
    if suffix == ".json":
        return _run(file) if is_run_record(_json(file)) else _mask(file)
    if suffix == ".safetensors":
        return _tensors(file, device, seed)
    if suffix in CHECKPOINTS:
        return _model(file, device, seed)
    if suffix in PICTURES:
        raise InputError(
            f"got {file}, which is a picture already, expected another file to draw; leave out "
            "-o, or see its faces by `icaedit align --show`"
        )
    raise _nothing(file)


def _nothing(file: Path) -> InputError:
    return InputError(
        f"got {file} to draw, expected directions, a mask, latents, a model, a dataset, a picture "
        "or a run that made one; leave out -o"
    )


def _json(file: Path) -> object:
    try:
        return json.loads(read_bytes(file))
    except ValueError:
        return None


def _tensors(file: Path, device: str, seed: int) -> np.ndarray:
    from icaedit.plots import figure_image, latent_plot, layer_map

    kind = peek_header(file)["format"]
    if kind == "icaedit.directions":
        directions = load_directions(file)
        return layer_map(directions.masks, list(directions.emotions))
    if kind == "icaedit.latents":
        found = load_latents(file)
        people = found.identity.tolist()
        return figure_image(latent_plot(found.latents, found.emotion.tolist(), people=people))
    if kind == MODEL_FORMAT:
        return _model(file, device, seed)
    raise _nothing(file)


def _mask(file: Path) -> np.ndarray:
    from icaedit.plots import layer_map

    mask = load_index_mask(file)
    emotions = list(mask.emotions)
    masks = np.array([mask.mask(emotion) for emotion in emotions]).reshape(-1, *mask.shape)
    return layer_map(masks, emotions)


def _run(file: Path) -> np.ndarray:
    from icaedit.images import read_image

    for path in outputs_of(file, _json(file)).values():
        if path is not None and path.suffix.lower() in PICTURES:
            return read_image(path)
    raise _nothing(file)


def _model(file: Path, device: str, seed: int) -> np.ndarray:
    """Draw the average face of a model, and faces of random codes beside it."""
    import torch

    from icaedit.models import load_model
    from icaedit.plots import picture_grid

    model = load_model(file, device=device)
    mapping = model.generator.mapping
    length = model.generator.config.z_dim
    codes = np.random.default_rng(seed).standard_normal((_FACES, length), dtype=np.float32)
    with torch.inference_mode():
        z = torch.from_numpy(codes).to(mapping.latent_avg.device)
        styles = mapping(z, truncation=_TRUNCATION)
        styles[0] = mapping.latent_avg
    latents = np.repeat(styles.float().cpu().numpy()[:, None], model.n_layers, axis=1)
    faces = [model.synthesize(each[None])[0] for each in latents]
    labels = ["average", *[""] * 3]
    return picture_grid(faces, columns=_FACES // 2, column_labels=labels)


def _people(file: Path) -> np.ndarray:
    """Draw the first people of a dataset, an emotion a column, seen from the front if they are."""
    from icaedit.datasets import read_dataset
    from icaedit.images import read_image, resize
    from icaedit.plots import picture_grid

    records = read_dataset(file, check=False)
    people = list(dict.fromkeys(record.identity for record in records))[:_PEOPLE]
    shown = {record.emotion for record in records}
    emotions = [name for name in EMOTIONS if name in shown] + sorted(shown - set(EMOTIONS))
    blank = np.full((_CELL, _CELL, 3), 255, np.uint8)
    cells: list[np.ndarray] = []
    for person in people:
        for emotion in emotions:
            fitting = [r for r in records if (r.identity, r.emotion) == (person, emotion)]
            fitting.sort(key=lambda record: record.view not in ("", "S"))
            cells.append(resize(_square(read_image(fitting[0].path)), _CELL) if fitting else blank)
    return picture_grid(
        cells, columns=len(emotions), row_labels=_short(people), column_labels=emotions, cell=_CELL
    )


def _square(image: np.ndarray) -> np.ndarray:
    """Return the middle square of a picture."""
    side = min(image.shape[:2])
    top, left = ((length - side) // 2 for length in image.shape[:2])
    return np.ascontiguousarray(image[top : top + side, left : left + side])


def _short(names: Sequence[str]) -> list[str]:
    return [name if len(name) < 12 else f"{name[:10]}..." for name in names]
