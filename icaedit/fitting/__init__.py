"""From a set of encoded pictures to emotion directions that can be saved and edited with."""

from icaedit.fitting.fit import fit_directions

__all__ = ["fit_directions"]
