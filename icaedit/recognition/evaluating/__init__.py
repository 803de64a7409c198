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

__all__ = [
    "BINNINGS",
    "TEMPERATURES",
    "Calibration",
    "Cost",
    "Costs",
    "Difference",
    "Experiment",
    "ExperimentRow",
    "Measures",
    "Part",
    "compare_scores",
    "confusion_counts",
    "costs_csv",
    "costs_markdown",
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
