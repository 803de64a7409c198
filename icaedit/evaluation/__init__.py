"""Instruments that measure models and edits, and methods compared with them on unseen people.

The judge is trained on renders and never on anything edited; other scorers can stand in for it.
"""

from icaedit.evaluation.compare import compare_methods
from icaedit.evaluation.comparison import BETTER, MEASURES, OWN_FACE, Comparison, Summary
from icaedit.evaluation.contestants import (
    CONTESTANTS,
    Contestant,
    contestant_of,
    fit_contestants,
    posed_lengths,
)
from icaedit.evaluation.evaluate import evaluate_directions
from icaedit.evaluation.fidelity import Fidelity, StyleAgreement, measure_fidelity, measure_styles
from icaedit.evaluation.gate import (
    EditScores,
    ReconstructionScores,
    score_edits,
    score_reconstructions,
)
from icaedit.evaluation.judge import Judge, Reading, load_judge
from icaedit.evaluation.kernel_distance import KernelDistance, kernel_distance
from icaedit.evaluation.people import Faces, fitted_portraits, unseen_faces, unseen_portraits
from icaedit.evaluation.photo_scorers import (
    arcface_embedder,
    classifier_scorer,
    dlib_embedder,
    network_reader,
)
from icaedit.evaluation.realism import Realism, draw_faces, measure_realism
from icaedit.evaluation.scores import Embedder, IdentifiedBy, Scorer, Scores, judge_scorer
from icaedit.evaluation.sefa import fit_sefa
from icaedit.evaluation.similarity import psnr, ssim
from icaedit.evaluation.tables import (
    comparison_csv,
    comparison_markdown,
    comparison_sentences,
    comparison_text,
)

__all__ = [
    "BETTER",
    "CONTESTANTS",
    "Comparison",
    "Contestant",
    "EditScores",
    "Embedder",
    "Faces",
    "Fidelity",
    "IdentifiedBy",
    "Judge",
    "KernelDistance",
    "MEASURES",
    "OWN_FACE",
    "Reading",
    "Realism",
    "ReconstructionScores",
    "Scorer",
    "Scores",
    "StyleAgreement",
    "Summary",
    "arcface_embedder",
    "classifier_scorer",
    "compare_methods",
    "comparison_csv",
    "comparison_markdown",
    "comparison_sentences",
    "comparison_text",
    "contestant_of",
    "dlib_embedder",
    "draw_faces",
    "evaluate_directions",
    "fit_contestants",
    "fit_sefa",
    "fitted_portraits",
    "judge_scorer",
    "kernel_distance",
    "load_judge",
    "measure_fidelity",
    "measure_realism",
    "measure_styles",
    "network_reader",
    "posed_lengths",
    "psnr",
    "score_edits",
    "score_reconstructions",
    "ssim",
    "unseen_faces",
    "unseen_portraits",
]
