"""Datasets of faces: which picture shows which person with which emotion."""

from icaedit.datasets.labels import LABEL_ORDERS, parse_label_order
from icaedit.datasets.reading import LAYOUTS, read_dataset
from icaedit.datasets.records import PROBLEM_KINDS, Dataset, Problem, Record

__all__ = [
    "LABEL_ORDERS",
    "LAYOUTS",
    "PROBLEM_KINDS",
    "Dataset",
    "Problem",
    "Record",
    "parse_label_order",
    "read_dataset",
]
