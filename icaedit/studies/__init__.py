"""Whole experiments: data, models, training and evaluation put together, and written down."""

from icaedit.studies.conditions import CONDITIONS, condition_masks
from icaedit.studies.hard_portraits import (
    HardPortraits,
    plan_hard_portraits,
    write_hard_portraits,
)
from icaedit.studies.heads import FittedHead, HeadSettings, Samples, fit_head
from icaedit.studies.paper import (
    CONTRADICTIONS,
    PAPER_ACCURACY,
    PAPER_COORDINATES,
    PAPER_COSTS,
    paper_accuracy,
)
from icaedit.studies.reproduce import measure_network_costs, reproduce, write_studies
from icaedit.studies.running import StudyResult, run_study
from icaedit.studies.settings import SIZES, StudySettings, study_settings
from icaedit.studies.sources import Source, read_known, real_source, rendered_source

__all__ = [
    "CONDITIONS",
    "CONTRADICTIONS",
    "PAPER_ACCURACY",
    "PAPER_COORDINATES",
    "PAPER_COSTS",
    "SIZES",
    "FittedHead",
    "HardPortraits",
    "HeadSettings",
    "Samples",
    "Source",
    "StudyResult",
    "StudySettings",
    "condition_masks",
    "fit_head",
    "measure_network_costs",
    "paper_accuracy",
    "plan_hard_portraits",
    "read_known",
    "real_source",
    "rendered_source",
    "reproduce",
    "run_study",
    "study_settings",
    "write_hard_portraits",
    "write_studies",
]
