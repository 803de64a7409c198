"""The judge: what a face shows and whose it is, read by a network trained on renders only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from icaedit.artifacts import load_tensors
from icaedit.errors import FormatError, InputError
from icaedit.images import resize, to_float

if TYPE_CHECKING:
    from icaedit.evaluation.network import JudgeNetwork

__all__ = ["VERSION", "Judge", "Reading", "join_readings", "load_judge"]

VERSION = 2
"""Of the file: 1 held units, emotion and identity; 2 adds pose, light and the size looked at."""


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
    yaw, pitch : ndarray of shape (N,), float32
        Turn of the head in degrees, yaw positive to the viewer's right.
    light : ndarray of shape (N, 3), float32
        Azimuth and elevation of the light in radians, and its level, 1 on average; the level is
        hardly told from the tone of the skin, see `Judge.unseen_renders`.
    emotions : tuple of str
        Names of the columns of `probabilities`.
    """

    units: np.ndarray
    probabilities: np.ndarray
    embedding: np.ndarray
    yaw: np.ndarray
    pitch: np.ndarray
    light: np.ndarray
    emotions: tuple[str, ...]

    @property
    def emotion(self) -> np.ndarray:
        """The most probable emotion of each picture, shape (N,)."""
        return np.array(self.emotions)[self.probabilities.argmax(1)]

    def nearest(self, gallery: np.ndarray) -> np.ndarray:
        """Return, for each picture, the row of `gallery` (P, Z) that is most alike."""
        return (self.embedding @ gallery.T).argmax(1)


def join_readings(readings: Sequence[Reading]) -> Reading:
    """Return the readings of several batches, at least one, as one."""
    columns = {
        field.name: np.concatenate([getattr(reading, field.name) for reading in readings])
        for field in fields(Reading)
        if field.name != "emotions"
    }
    return Reading(**columns, emotions=readings[0].emotions)


@dataclass(frozen=True, eq=False)
class Judge:
    """A trained judge; make one with `load_judge`.

    Attributes
    ----------
    network : JudgeNetwork
        On the processor, in evaluation mode.
    units, emotions : tuple of str
        What it reads.
    size : int
        Side in pixels of the pictures that it looks at; others are brought to it.
    unseen_renders : dict
        Its own errors on renders of people outside its training.
    """

    network: "JudgeNetwork" = field(repr=False)
    units: tuple[str, ...]
    emotions: tuple[str, ...]
    size: int
    unseen_renders: dict[str, float] = field(repr=False)

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

        seen = self._look(images, self.network, batch_size)
        units, logits, embedding, pose, light = (torch.cat(p) for p in zip(*seen, strict=True))
        yaw, pitch = pose.numpy().T.copy()
        return Reading(
            units=units.numpy(),
            probabilities=torch.softmax(logits, 1).numpy(),
            embedding=embedding.numpy(),
            yaw=yaw,
            pitch=pitch,
            light=light.numpy(),
            emotions=self.emotions,
        )

    def features(self, images: np.ndarray, *, batch_size: int = 128) -> np.ndarray:
        """Return what the network's last block finds, averaged over positions.

        Sets of pictures are compared by it, as they are by Inception's pooled features elsewhere.

        Parameters
        ----------
        images, batch_size
            As in `read`.

        Returns
        -------
        ndarray of shape (N, 96), float32

        Raises
        ------
        InputError
            If the pictures have another shape or type.
        """
        import torch

        seen = self._look(images, lambda x: self.network.features(x).mean((2, 3)), batch_size)
        return torch.cat(seen).numpy()

    def _look(self, images: np.ndarray, see: Callable, batch_size: int) -> list:
        """Return what `see` makes of each batch (n, 3, S, S) of the pictures."""
        import torch

        images = np.asarray(images)
        square = images.ndim == 4 and images.shape[1] == images.shape[2] and images.shape[3] == 3
        if not square or images.dtype != np.uint8 or not len(images):
            raise InputError(
                f"got pictures of shape {images.shape} and type {images.dtype}, expected "
                "(N, H, H, 3) and uint8; stack square RGB pictures"
            )
        seen = []
        with torch.inference_mode():
            for start in range(0, len(images), batch_size):
                batch = images[start : start + batch_size]
                if batch.shape[1] != self.size:
                    batch = np.stack([resize(image, self.size) for image in batch])
                seen.append(see(torch.from_numpy(to_float(batch)).permute(0, 3, 1, 2)))
        return seen


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
        If the file holds no judge, or one of version 1.
    FileAccessError
        If it cannot be read.

    Examples
    --------
    >>> load_judge().emotions[:2]
    ('neutral', 'happy')
    """
    import torch

    from icaedit.evaluation.network import JudgeNetwork

    if path is None:
        path = Path(str(files("icaedit.evaluation"))) / "weights" / "judge.safetensors"
    tensors, header = load_tensors(path, expect="icaedit.judge", version=VERSION)
    if header["version"] < VERSION:
        raise FormatError(
            f"got {path} of version {header['version']}, which reads neither pose nor light, "
            f"expected version {VERSION}; train it anew with tools/train_judge.py"
        )
    try:
        units, emotions, size = header["units"], header["emotions"], header["size"]
        network = JudgeNetwork(len(units), len(emotions), size=size)
        state = {name: torch.from_numpy(np.array(value)) for name, value in tensors.items()}
        network.load_state_dict(state)
        unseen = dict(header["unseen_renders"])
    except (KeyError, RuntimeError) as err:
        reason = str(err).splitlines()[-1].strip()
        raise FormatError(
            f"got {path} with other tensors than a judge has ({reason}), expected all of them; "
            "train it anew with tools/train_judge.py"
        ) from err
    return Judge(network.eval(), tuple(units), tuple(emotions), size=size, unseen_renders=unseen)
