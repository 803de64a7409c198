"""Datasets of faces: which picture shows which person with which emotion."""

from icaedit.datasets.reading import LAYOUTS, read_dataset
from icaedit.datasets.records import PROBLEM_KINDS, Dataset, Problem, Record

__all__ = ["LAYOUTS", "PROBLEM_KINDS", "Dataset", "Problem", "Record", "read_dataset"]
