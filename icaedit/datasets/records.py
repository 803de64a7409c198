"""What a dataset is: pictures with a person and an emotion, and what is wrong with the rest."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from icaedit.files import sha256_text
from icaedit.schema import EMOTIONS

__all__ = ["PROBLEM_KINDS", "SPLITS", "SPLIT_OF_NAME", "Dataset", "Problem", "Record"]

PROBLEM_KINDS = (
    "unreadable",
    "near-black",
    "misnamed",
    "unparsed",
    "duplicate",
    "missing-cell",
    "odd-size",
    "count",
)
"""What can be wrong with a picture or the grid. Misnamed and odd-sized pictures are still used."""

SPLITS = ("train", "validation", "test")
"""The parts of a data set, by what they are for."""

SPLIT_OF_NAME = {
    "train": "train", "training": "train",
    "val": "validation", "valid": "validation", "validation": "validation",
    "test": "test", "testing": "test",
}  # fmt: skip
"""What folders and tables call them, in lower case."""


@dataclass(frozen=True)
class Record:
    """One picture of a dataset.

    Parameters
    ----------
    path : Path
        The file, absolute.
    name : str
        The file relative to the dataset's folder, with forward slashes.
    identity : str
        The person, the same across takes and views; empty where unknown.
    emotion : str
        Canonical name.
    view, take : str
        Camera angle; session, or sequence of a film; empty where unknown.
    excluded : str
        Why the picture is not used; empty if it is.
    digest : str
        SHA-256 of the file; empty if the contents were not checked.
    split : str
        The part of its data set that a picture belongs to, one of `SPLITS`; empty where the data
        set is not parted.
    """

    path: Path
    name: str
    identity: str
    emotion: str
    view: str = ""
    take: str = ""
    excluded: str = ""
    digest: str = ""
    split: str = ""


@dataclass(frozen=True)
class Problem:
    """Something about a dataset that its user should know.

    Parameters
    ----------
    kind : str
        One of `PROBLEM_KINDS`.
    path : str
        The picture's name within the dataset, or the person of a missing cell.
    detail : str
        What was found and what was done about it.
    """

    kind: str
    path: str
    detail: str


@dataclass(frozen=True, eq=False, repr=False)
class Dataset(Sequence):
    """The usable pictures of a dataset in a fixed order, and everything that was left out.

    Parameters
    ----------
    root : Path
        Its folder.
    layout : str
        ``"kdef"``, ``"manifest"``, ``"folders"``, or the data set that it was read as.
    records : tuple of Record
        The usable pictures; the dataset is a sequence of these.
    excluded : tuple of Record
        Pictures that are known but not used, each with its reason.
    problems : tuple of Problem

    Examples
    --------
    >>> records = (Record(Path("/d/a.png"), "a.png", "F01", "sad"),)
    >>> dataset = Dataset(Path("/d"), "folders", records, (), ())
    >>> len(dataset), dataset[0].identity, dataset.report()
    (1, 'F01', '1 picture of 1 person with 1 emotion (layout folders)')
    """

    root: Path
    layout: str
    records: tuple[Record, ...]
    excluded: tuple[Record, ...]
    problems: tuple[Problem, ...]

    def __repr__(self) -> str:
        rest = f"{len(self.excluded)} not used, {_count(len(self.problems), 'problem')}"
        return f"Dataset of {self.report().splitlines()[0]}; {rest}"

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, index):
        """Return one record, or for a slice a tuple of records."""
        return self.records[index]

    @property
    def identities(self) -> tuple[str, ...]:
        """The persons that are known, sorted, each once."""
        return tuple(sorted({record.identity for record in self.records} - {""}))

    @property
    def emotions(self) -> tuple[str, ...]:
        """The emotions that occur, in the usual order."""
        found = {record.emotion for record in self.records}
        return tuple(name for name in (*EMOTIONS, "contempt") if name in found)

    @property
    def digest(self) -> str:
        """SHA-256 over what every usable picture is and shows, whatever their order."""
        rows = [
            [record.name, record.digest, record.emotion, record.identity]
            for record in self.records
        ]
        return sha256_text(json.dumps(sorted(rows)))

    def report(self, *, limit: int | None = None) -> str:
        """Return lines in plain words: what is used, what is left out and what is missing.

        Parameters
        ----------
        limit : int, optional
            How many problems of a kind to list; None lists all.
        """
        lines = [
            f"{_count(len(self), 'picture')} of {_count(len(self.identities), 'person')} with "
            f"{_count(len(self.emotions), 'emotion')} (layout {self.layout})"
        ]
        reasons = Counter(record.excluded for record in self.excluded)
        lines += [f"not used: {n} ({reason})" for reason, n in sorted(reasons.items())]
        for kind in PROBLEM_KINDS:
            found = [problem for problem in self.problems if problem.kind == kind]
            if found:
                lines.append(f"{kind}: {len(found)}")
                lines += [f"  {problem.path}: {problem.detail}" for problem in found[:limit]]
                if len(found[:limit]) < len(found):
                    lines.append(f"  and {len(found) - len(found[:limit])} more")
        return "\n".join(lines)


def _count(n: int, noun: str) -> str:
    plural = {"person": "people"}.get(noun, noun + "s")
    return f"{n} {noun if n == 1 else plural}"
