"""Costs as a table for people, and as CSV for programs."""

import csv
import io

from icaedit.recognition.evaluating.costs import Costs

__all__ = ["costs_csv", "costs_markdown"]


def costs_markdown(costs: Costs) -> str:
    """Return costs in Markdown, as the paper's Table 5, and below what they were measured on.

    Examples
    --------
    >>> from icaedit.recognition.evaluating.costs import Cost
    >>> row = Cost("dan", 21.34, 22.0, 41.5, 78.9, 19_723_733)
    >>> text = costs_markdown(Costs((row,), 30, 1, "a processor, 2 threads", {"torch": "2.4"}))
    >>> text.splitlines()[2]
    '| dan | 21.3 | 22.0 | 41.5 | 78.9 | 19,723,733 |'
    """
    lines = [
        "| | minimum, ms | median, ms | processor, ms | weights, MB | numbers |",
        "|" + "---|" * 6,
    ]
    lines += [
        f"| {row.name} | {_short(row.minimum)} | {_short(row.median)} | {_short(row.processor)} | "
        f"{_short(row.megabytes)} | {row.n_weights:,} |"
        for row in costs.rows
    ]
    return "\n".join([*lines, "", f"- {_conditions(costs)}"]) + "\n"


def costs_csv(costs: Costs) -> str:
    """Return costs as CSV, a line for each part, with the machine and the versions in each."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(
        ["part", "minimum_ms", "median_ms", "processor_ms", "megabytes", "numbers",
         "repeats", "pictures", "machine", "versions"]
    )  # fmt: skip
    versions = " ".join(f"{name}={found}" for name, found in sorted(costs.versions.items()))
    for row in costs.rows:
        values = (row.minimum, row.median, row.processor, row.megabytes)
        numbers = (f"{value:.6g}" for value in values)
        writer.writerow(
            [row.name, *numbers, row.n_weights, costs.repeats, costs.n_pictures, costs.machine,
             versions]
        )  # fmt: skip
    return table.getvalue()


def _conditions(costs: Costs) -> str:
    versions = ", ".join(f"{name} {found}" for name, found in sorted(costs.versions.items()))
    calls = f"{costs.n_pictures} in a call" if costs.n_pictures else "in calls of several sizes"
    return (
        f"Time for one picture, {calls}, over {costs.repeats} alternating rounds in one run; "
        f"processor: the least time that all threads together worked. 1 MB is 1e6 bytes. "
        f"{costs.machine}; {versions}."
    )


def _short(value: float) -> str:
    """Return a number in three digits or more, without an exponent."""
    return f"{value:.1f}" if value >= 10 else f"{value:.3g}"
