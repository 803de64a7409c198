"""Scorers for photographs, made of networks that the user brings.

No such network comes with the package: emotion and identity networks carry their own terms.
"""

import importlib.util
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from icaedit.errors import InputError, MissingDependencyError
from icaedit.evaluation.scores import Embedder, Scorer, Scores, log_odds
from icaedit.images import resize, to_float
from icaedit.schema import parse_emotion

if TYPE_CHECKING:
    from torch import nn

__all__ = ["arcface_embedder", "classifier_scorer", "dlib_embedder", "network_reader"]

_CROP = (35 / 256, 32 / 256, 188 / 256)
"""Top, left and side of the face in an aligned picture, as shares of it, for ArcFace: rows 35 to
223 and columns 32 to 220 of 256, as e4e takes them to measure identity."""

_FACE_BOX = (0.22, 0.33, 0.81, 0.92)
"""Left, top, right and bottom of dlib's box on aligned faces, where its points are looked for."""

_DLIB_SIDE = 150
_PACKAGE = "face_recognition_models"
_DLIB_FILES = ("shape_predictor_5_face_landmarks.dat", "dlib_face_recognition_resnet_model_v1.dat")


def classifier_scorer(
    classify: Callable[[NDArray[np.uint8]], ArrayLike],
    emotions: Sequence[str],
    *,
    outputs: str = "logits",
) -> Scorer:
    """Return a scorer that asks a facial expression classifier.

    Parameters
    ----------
    classify : callable
        Pictures (N, H, H, 3), uint8 RGB, to (N, E); see `network_reader` for torch modules.
    emotions : sequence of str, length E
        Names or aliases, in the classifier's order; with neutral.
    outputs : str
        ``"logits"``, before the softmax, or ``"probabilities"``.

    Returns
    -------
    Scorer
        Without identity; see `IdentifiedBy` for that.

    Raises
    ------
    InputError
        If an emotion is unknown or repeated, or `outputs` is another word.

    Examples
    --------
    >>> scorer = classifier_scorer(lambda images: np.zeros((len(images), 2)), ["NE", "joy"])
    >>> scores = scorer(np.zeros((3, 8, 8, 3), np.uint8))
    >>> scores.emotions, scores.log_odds.tolist()[0]
    (('neutral', 'happy'), [0.0, 0.0])
    """
    names = tuple(parse_emotion(name) for name in emotions)
    if len(set(names)) != len(names) or len(names) < 2:
        raise InputError(f"got emotions {names}, expected two or more, each once; name them all")
    if outputs not in ("logits", "probabilities"):
        raise InputError(f"got outputs {outputs!r}, expected logits or probabilities; say which")

    def score(images: NDArray[np.uint8]) -> Scores:
        values = np.asarray(classify(images), dtype=np.float64)
        if values.shape != (len(images), len(names)) or not np.isfinite(values).all():
            raise InputError(
                f"got outputs of shape {values.shape} from the classifier, expected finite ones "
                f"of shape {(len(images), len(names))}; check its emotions"
            )
        if outputs == "logits":
            values = np.exp(values - values.max(axis=1, keepdims=True))
            values /= values.sum(axis=1, keepdims=True)
        return Scores(names, log_odds(values))

    return score


def network_reader(
    module: "nn.Module",
    *,
    size: int,
    mean: Sequence[float] = (0.485, 0.456, 0.406),
    std: Sequence[float] = (0.229, 0.224, 0.225),
    device: str = "auto",
    batch_size: int = 32,
) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
    """Return a function of pictures that resizes, normalises and runs a torch module.

    Parameters
    ----------
    module : nn.Module
        (N, 3, size, size) to (N, E), or to a tuple that begins with it. Put into evaluation mode.
    size : int
        Side of its pictures in pixels.
    mean, std : sequence of float, length 3
        Of the pixels in 0..1, by colour; ImageNet's by default.
    device : str
        ``"auto"``, ``"cpu"`` or ``"cuda"``.
    batch_size : int
        Bounds the memory.

    Examples
    --------
    >>> import torch
    >>> read = network_reader(torch.nn.Flatten(), size=1, mean=(0, 0, 0), std=(1, 1, 1))
    >>> read(np.full((2, 4, 4, 3), 255, np.uint8)).tolist()
    [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]
    """
    import torch

    from icaedit.models import resolve_device

    place = resolve_device(device)
    network = module.to(place).eval()
    shift = torch.tensor(mean, device=place, dtype=torch.float32)[:, None, None]
    scale = torch.tensor(std, device=place, dtype=torch.float32)[:, None, None]

    def read(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        parts = []
        with torch.inference_mode():
            for start in range(0, len(images), batch_size):
                small = [resize(image, size) for image in images[start : start + batch_size]]
                x = torch.from_numpy(to_float(np.stack(small))).permute(0, 3, 1, 2).to(place)
                made = network(((x + 1) / 2 - shift) / scale)
                made = made[0] if isinstance(made, tuple | list) else made
                parts.append(made.float().cpu().numpy())
        return np.concatenate(parts)

    return read


def arcface_embedder(path: str | Path, *, device: str = "auto") -> Embedder:
    """Return an embedder that runs ArcFace's IR-SE50 from a file of the user's.

    Parameters
    ----------
    path : path
        See `icaedit.models.arcface.load_arcface`.
    device : str

    Raises
    ------
    FormatError, FileAccessError
        If the file is not what it should be.
    """
    from icaedit.models.arcface import SIDE, load_arcface

    read = network_reader(
        load_arcface(path), size=SIDE, mean=(0.5,) * 3, std=(0.5,) * 3, device=device
    )

    def embed(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        top, left, side = (round(share * images.shape[1]) for share in _CROP)
        return read(np.ascontiguousarray(images[:, top : top + side, left : left + side]))

    return embed


def dlib_embedder() -> Embedder:
    """Return an embedder that runs dlib's face recognition network (King 2017), 128 numbers.

    The network is that of the package face_recognition_models. Faces must be aligned as FFHQ
    is; the eyes and nose are found again within the picture, so small ones are enlarged first.

    Raises
    ------
    MissingDependencyError
        If dlib or the package is not installed.
    """
    from icaedit.faces.detection import import_dlib

    dlib = import_dlib()
    points, network = (_dlib_file(name) for name in _DLIB_FILES)

    @lru_cache(maxsize=1)
    def loaded():
        return dlib.shape_predictor(str(points)), dlib.face_recognition_model_v1(str(network))

    def embed(images: NDArray[np.uint8]) -> NDArray[np.float64]:
        predictor, describe = loaded()
        found = []
        for image in images:
            side = max(image.shape[0], 2 * _DLIB_SIDE)
            image = resize(image, side) if side != image.shape[0] else np.ascontiguousarray(image)
            box = dlib.rectangle(*(round(share * side) for share in _FACE_BOX))
            chip = dlib.get_face_chip(image, predictor(image, box), size=_DLIB_SIDE)
            found.append(np.array(describe.compute_face_descriptor(chip)))
        return np.stack(found)

    return embed


def _dlib_file(name: str) -> Path:
    """Return a file of the package, found without importing it."""
    spec = importlib.util.find_spec(_PACKAGE)
    for folder in [] if spec is None else spec.submodule_search_locations or ():
        if (Path(folder) / "models" / name).is_file():
            return Path(folder) / "models" / name
    raise MissingDependencyError(
        f"got no {name}, expected the package {_PACKAGE}; do `pip install \"icaedit[landmarks]\"`"
    )
