"""Instruments that measure edits, trained on renders and never on anything edited."""

from icaedit.evaluation.gate import (
    EditScores,
    ReconstructionScores,
    score_edits,
    score_reconstructions,
)
from icaedit.evaluation.judge import Judge, Reading, load_judge

__all__ = [
    "EditScores",
    "Judge",
    "Reading",
    "ReconstructionScores",
    "load_judge",
    "score_edits",
    "score_reconstructions",
]
