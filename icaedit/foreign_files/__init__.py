"""Reading the checkpoints of other people without executing anything in them."""

from icaedit.foreign_files.pickles import Call, Name, Pickled, Stored, read_pickle, shown
from icaedit.foreign_files.tensors import checked_tensor
from icaedit.foreign_files.torch_files import (
    LEGACY_START,
    ZIP_START,
    Record,
    fits,
    read_torch,
)

__all__ = [
    "LEGACY_START",
    "ZIP_START",
    "Call",
    "Name",
    "Pickled",
    "Record",
    "Stored",
    "checked_tensor",
    "fits",
    "read_pickle",
    "read_torch",
    "shown",
]
