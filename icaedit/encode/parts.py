"""Finished batches on disk: what an interrupted run leaves for the next one."""

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from icaedit.artifacts import load_tensors, save_tensors
from icaedit.errors import FormatError
from icaedit.files import ensure_writable_folder, sha256_text

__all__ = ["PartsFolder"]

_FORMAT, _VERSION = "icaedit.latents_part", 1
_PATTERN = "part-*.safetensors"
_UNFINISHED = ".part-*.tmp.safetensors"  # what a run killed while writing leaves


@dataclass(frozen=True)
class PartsFolder:
    """A folder of finished batches of one or several models.

    Each file holds some latents, the SHA-256 of each picture's file, and what they were made
    with. Only what was made with the same model and options is ever read back.

    Attributes
    ----------
    path : path
        Made when the first batch is written.
    model_fingerprint : str
        The model that encodes.
    align : str
        How pictures are aligned.
    """

    path: str | os.PathLike
    model_fingerprint: str
    align: str

    def read(self) -> dict[str, np.ndarray]:
        """Return the finished latents, float32 (L, C), by the SHA-256 of the picture's file.

        Files that are damaged or of another model or version count as not there.
        """
        finished: dict[str, np.ndarray] = {}
        for file in sorted(Path(self.path).glob(_PATTERN)):
            try:
                tensors, header = load_tensors(file, expect=_FORMAT, version=_VERSION)
                latents, digests = tensors["latents"], header["digests"]
            except (FormatError, KeyError):
                continue
            if self._made_alike(header) and len(digests) == len(latents):
                finished.update(zip(digests, latents, strict=True))
        return finished

    def write(self, digests: list[str], latents: np.ndarray) -> None:
        """Write one finished batch, whole or not at all.

        Parameters
        ----------
        digests : list of str, length n
        latents : ndarray of shape (n, L, C), float32

        Raises
        ------
        FileAccessError
            If the folder or the file cannot be written.
        """
        folder = ensure_writable_folder(self.path)
        name = sha256_text("\n".join([self.model_fingerprint, self.align, *digests]))[:20]
        header = {
            "format": _FORMAT,
            "version": _VERSION,
            "model_fingerprint": self.model_fingerprint,
            "align": self.align,
            "digests": digests,
        }
        save_tensors(folder / f"part-{name}.safetensors", {"latents": latents}, header=header)

    def remove(self) -> None:
        """Remove the finished batches, and the folder if nothing else is in it."""
        folder = Path(self.path)
        for file in [*folder.glob(_PATTERN), *folder.glob(_UNFINISHED)]:
            file.unlink(missing_ok=True)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()

    def _made_alike(self, header: dict) -> bool:
        return (
            header.get("model_fingerprint") == self.model_fingerprint
            and header.get("align") == self.align
        )
