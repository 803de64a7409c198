"""Intervals and paired tests on arrays, for whatever is measured face by face or person by person.

Faces of one person are not independent; where people are known they are what is resampled.
"""

from icaedit.statistics.intervals import (
    Interval,
    bootstrap_interval,
    cluster_interval,
    cluster_sums,
    wilson_interval,
)
from icaedit.statistics.paired import holm_adjusted, mcnemar_p, sign_flip_p

__all__ = [
    "Interval",
    "bootstrap_interval",
    "cluster_interval",
    "cluster_sums",
    "holm_adjusted",
    "mcnemar_p",
    "sign_flip_p",
    "wilson_interval",
]
