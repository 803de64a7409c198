"""Instruments that measure models and edits, trained on renders and never on anything edited."""

from icaedit.evaluation.fidelity import (
    Fidelity,
    StyleAgreement,
    measure_fidelity,
    measure_styles,
)
from icaedit.evaluation.gate import (
    EditScores,
    ReconstructionScores,
    score_edits,
    score_reconstructions,
)
from icaedit.evaluation.judge import Judge, Reading, load_judge
from icaedit.evaluation.kernel_distance import KernelDistance, kernel_distance
from icaedit.evaluation.realism import Realism, draw_faces, measure_realism
from icaedit.evaluation.similarity import psnr, ssim

__all__ = [
    "EditScores",
    "Fidelity",
    "Judge",
    "KernelDistance",
    "Reading",
    "Realism",
    "ReconstructionScores",
    "StyleAgreement",
    "draw_faces",
    "kernel_distance",
    "load_judge",
    "measure_fidelity",
    "measure_realism",
    "measure_styles",
    "psnr",
    "score_edits",
    "score_reconstructions",
    "ssim",
]
