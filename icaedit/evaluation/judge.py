"""The judge: what a face shows and whose it is, read by a network trained on renders only."""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from icaedit.artifacts import load_tensors
from icaedit.errors import FormatError, InputError
from icaedit.images import resize, to_float

if TYPE_CHECKING:
    from icaedit.evaluation.network import JudgeNetwork

__all__ = ["Judge", "Reading", "load_judge"]


@dataclass(frozen=True, eq=False)
class Reading:
    """What the judge reads in N pictures.

    Attributes
    ----------
    units : ndarray of shape (N, A), float32
        Action units, 0 absent to about 1.
    probabilities : ndarray of shape (N, E), float32
        Of the emotions in the judge's order.
    embedding : ndarray of shape (N, Z), float32
        Identity, of unit length: the more alike two people, the larger the dot product.
    emotions : tuple of str
        Names of the columns of `probabilities`.
    """

    units: np.ndarray
    probabilities: np.ndarray
    embedding: np.ndarray
    emotions: tuple[str, ...]

    @property
    def emotion(self) -> np.ndarray:
        """The most probable emotion of each picture, shape (N,)."""
        return np.array(self.emotions)[self.probabilities.argmax(1)]

    def nearest(self, gallery: np.ndarray) -> np.ndarray:
        """Return, for each picture, the row of `gallery` (P, Z) that is most alike."""
        return (self.embedding @ gallery.T).argmax(1)


@dataclass(frozen=True, eq=False)
class Judge:
    """A trained judge; make one with `load_judge`.

    Attributes
    ----------
    network : JudgeNetwork
    units, emotions : tuple of str
        What it reads.
    size : int
        Side in pixels of the pictures that it looks at; larger ones are reduced.
    unseen_renders : dict
        Its own errors on renders of people outside its training.
    """

    network: "JudgeNetwork"
    units: tuple[str, ...]
    emotions: tuple[str, ...]
    size: int
    unseen_renders: dict[str, float]

    def read(self, images: np.ndarray, *, batch_size: int = 128) -> Reading:
        """Read aligned portraits.

        Parameters
        ----------
        images : ndarray of shape (N, H, H, 3), uint8 RGB
        batch_size : int
            Pictures looked at together; bounds the memory.

        Returns
        -------
        Reading

        Raises
        ------
        InputError
            If the pictures have another shape or type.
        """
        import torch

        images = np.asarray(images)
        square = images.ndim == 4 and images.shape[1] == images.shape[2] and images.shape[3] == 3
        if not square or images.dtype != np.uint8 or not len(images):
            raise InputError(
                f"got pictures of shape {images.shape} and type {images.dtype}, expected "
                "(N, H, H, 3) and uint8; stack square RGB pictures"
            )
        parts = []
        with torch.inference_mode():
            for start in range(0, len(images), batch_size):
                batch = images[start : start + batch_size]
                if batch.shape[1] != self.size:
                    batch = np.stack([resize(image, self.size) for image in batch])
                x = torch.from_numpy(to_float(batch)).permute(0, 3, 1, 2)
                units, logits, embedding = self.network(x)
                parts.append((units, torch.softmax(logits, 1), embedding))
        columns = (torch.cat(part).numpy() for part in zip(*parts, strict=True))
        return Reading(*columns, emotions=self.emotions)


def load_judge(path: str | Path | None = None) -> Judge:
    """Load a judge.

    Parameters
    ----------
    path : path, optional
        A file that ``tools/train_judge.py`` wrote; the one in the package where absent.

    Returns
    -------
    Judge

    Raises
    ------
    FormatError
        If the file holds no judge.
    FileAccessError
        If it cannot be read.

    Examples
    --------
    >>> load_judge().emotions[:2]
    ('neutral', 'happy')
    """
    import torch

    from icaedit.evaluation.network import JUDGE_SIZE, JudgeNetwork

    if path is None:
        path = Path(str(files("icaedit.evaluation"))) / "weights" / "judge.safetensors"
    tensors, header = load_tensors(path, expect="icaedit.judge", version=1)
    try:
        network = JudgeNetwork(len(header["units"]), len(header["emotions"]))
        state = {name: torch.from_numpy(np.array(value)) for name, value in tensors.items()}
        network.load_state_dict(state)
    except (KeyError, RuntimeError) as err:
        reason = str(err).splitlines()[-1].strip()
        raise FormatError(
            f"got {path} with other tensors than a judge has ({reason}), expected all of them; "
            "train it anew with tools/train_judge.py"
        ) from err
    return Judge(
        network=network.eval(),
        units=tuple(header["units"]),
        emotions=tuple(header["emotions"]),
        size=JUDGE_SIZE,
        unseen_renders=dict(header["unseen_renders"]),
    )
