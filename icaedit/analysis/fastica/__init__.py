"""FastICA: contrasts, whitening, the engine that rotates many problems, and its doors."""

from icaedit.analysis.fastica.batched import BatchedIca, batched_fastica
from icaedit.analysis.fastica.rotation import Rotations, rotate_many

__all__ = ["BatchedIca", "Rotations", "batched_fastica", "rotate_many"]
