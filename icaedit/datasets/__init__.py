"""Datasets of faces: which picture shows which person with which emotion."""

from icaedit.datasets.ck_plus import CK_PLUS_COUNTS, read_ck48, read_ck_plus
from icaedit.datasets.labelled import read_class_folders, read_table
from icaedit.datasets.labels import LABEL_ORDERS, parse_label_order
from icaedit.datasets.pixel_table import unpack_pixel_table
from icaedit.datasets.raf_db import RAF_DB_COUNTS, read_raf_db
from icaedit.datasets.reading import LAYOUTS, read_dataset
from icaedit.datasets.records import PROBLEM_KINDS, SPLITS, Dataset, Problem, Record
from icaedit.datasets.splits import check_split, fold_people, split_people

__all__ = [
    "CK_PLUS_COUNTS",
    "LABEL_ORDERS",
    "LAYOUTS",
    "PROBLEM_KINDS",
    "RAF_DB_COUNTS",
    "SPLITS",
    "Dataset",
    "Problem",
    "Record",
    "check_split",
    "fold_people",
    "parse_label_order",
    "read_ck48",
    "read_ck_plus",
    "read_class_folders",
    "read_dataset",
    "read_raf_db",
    "read_table",
    "split_people",
    "unpack_pixel_table",
]
