"""How well emotions are recognised: measures, comparisons on the same faces, calibration, costs.

All of it works on arrays of scores, whatever they came from.
"""

from icaedit.recognition.evaluating.calibration import (
    BINNINGS,
    TEMPERATURES,
    Calibration,
    fit_temperature,
    measure_calibration,
    probabilities,
)
from icaedit.recognition.evaluating.comparing import Difference, compare_scores
from icaedit.recognition.evaluating.confusion import confusion_counts, percentage_points
from icaedit.recognition.evaluating.cost_tables import costs_csv, costs_markdown
from icaedit.recognition.evaluating.costs import Cost, Costs, Part, measure_costs, recogniser_parts
from icaedit.recognition.evaluating.evaluation import (
    Evaluation,
    choose_parts,
    evaluate_recogniser,
)
from icaedit.recognition.evaluating.experiment import (
    Experiment,
    ExperimentRow,
    experiment_rows,
    load_experiment,
)
from icaedit.recognition.evaluating.experiment_tables import (
    experiment_csv,
    experiment_markdown,
    experiment_overview,
)
from icaedit.recognition.evaluating.measures import Measures, measure_scores
from icaedit.recognition.evaluating.report import (
    evaluation_json,
    evaluation_markdown,
    evaluation_text,
)

__all__ = [
    "BINNINGS",
    "TEMPERATURES",
    "Calibration",
    "Cost",
    "Costs",
    "Difference",
    "Evaluation",
    "Experiment",
    "ExperimentRow",
    "Measures",
    "Part",
    "choose_parts",
    "compare_scores",
    "confusion_counts",
    "costs_csv",
    "costs_markdown",
    "evaluate_recogniser",
    "evaluation_json",
    "evaluation_markdown",
    "evaluation_text",
    "experiment_csv",
    "experiment_markdown",
    "experiment_overview",
    "experiment_rows",
    "fit_temperature",
    "load_experiment",
    "measure_calibration",
    "measure_costs",
    "measure_scores",
    "percentage_points",
    "probabilities",
    "recogniser_parts",
]
