"""From a set of encoded pictures to emotion directions that can be saved and edited with."""

from icaedit.fitting.fit import fit_directions
from icaedit.fitting.streamed import fit_directions_streamed, is_large

__all__ = ["fit_directions", "fit_directions_streamed", "is_large"]
