"""What a comparison of methods found, person by person, and its means with their intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from icaedit.evaluation.matching import Match
from icaedit.statistics import bootstrap_interval

__all__ = ["BETTER", "MEASURES", "OWN_FACE", "Comparison", "Summary"]

MEASURES = {
    "gain": "change of the target's log odds, as a share of the posed change",
    "read": "share of the faces in which the target is the emotion read",
    "mean-AD": "mean change of the other attributes, in their standard deviations",
    "max-AD": "largest change of another attribute, in its standard deviations",
    "identity": "cosine of the identity embeddings before and after",
    "outside": "mean change of the pixels outside the face, in grey levels",
    "monotone": "Spearman correlation of strength and target over the sweep",
    "additive": "two edits together against their sum, 1 is exact",
    "distance": "length of the edit, as a share of the posed change's",
}
"""What is measured, and what each number means."""

BETTER = {"mean-AD": -1, "max-AD": -1, "identity": 1, "outside": -1, "monotone": 1, "additive": 1}
"""Measures of which more (1) or less (-1) is better; the others only describe."""

OWN_FACE = "own-face"
"""Name of the reference: each person moved towards the latents of their own posed face."""


@dataclass(frozen=True)
class Summary:
    """A mean over people with its 95 % bootstrap interval over people."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """What `icaedit.evaluation.compare_methods` measured.

    Attributes
    ----------
    methods : tuple of str
        In the order given; the reference last.
    emotions : tuple of str
    values : dict of (str, str) to dict of str to ndarray of float64, (P,)
        For a method and an emotion, or ``"happy+sad"`` for additivity, each person's measures.
    matches : dict of (str, str) to Match
    thresholds : dict of str to (str or float)
    fraction : float
        The target change, as a share of the posed change.
    posed_change : dict of str to float
        Change of the target's log odds between the fitted people's neutral and posed faces.
    attributes : dict of str to tuple of str
        For each emotion, what counts as another attribute.
    n_people : int
    origin : str
        Who was edited.
    """

    methods: tuple[str, ...]
    emotions: tuple[str, ...]
    values: dict[tuple[str, str], dict[str, NDArray[np.float64]]]
    matches: dict[tuple[str, str], Match]
    thresholds: dict[str, str | float]
    fraction: float
    posed_change: dict[str, float]
    attributes: dict[str, tuple[str, ...]]
    n_people: int
    origin: str

    def __repr__(self) -> str:
        return f"Comparison of {', '.join(self.methods)} on {self.origin}"

    def reached(self, method: str) -> tuple[str, ...]:
        """Return the emotions in which a method reached the target change."""
        return tuple(name for name in self.emotions if self.matches[method, name].reached)

    def per_person(self, method: str, measure: str, emotions: Sequence[str]) -> NDArray[np.float64]:
        """Return a measure averaged over some emotions, (P,); NaN where there is none.

        Additivity is averaged over the pairs of which both emotions are among them.
        """
        rows = [
            values[measure]
            for (name, emotion), values in self.values.items()
            if name == method and measure in values and set(emotion.split("+")) <= set(emotions)
        ]
        if not rows:
            return np.full(self.n_people, np.nan)
        return np.mean(rows, axis=0)

    def summary(self, method: str, measure: str, emotion: str | None = None) -> Summary:
        """Return a measure's mean and interval, of one emotion or over those that were reached.

        Parameters
        ----------
        method, measure : str
        emotion : str, optional
            One of `emotions`, or a pair like ``"happy+sad"`` for additivity.
        """
        if emotion is None:
            people = self.per_person(method, measure, self.reached(method))
        else:
            people = self.values[method, emotion][measure]
        return Summary(*bootstrap_interval(people))

    def intervals(self, measures: Sequence[str] | None = None) -> dict[str, NDArray[np.float64]]:
        """Return measures as `icaedit.plots.comparison_plot` draws them.

        Parameters
        ----------
        measures : sequence of str, optional
            Keys of `MEASURES`; by default all but the gain, which is the same for every method.

        Returns
        -------
        dict of str to ndarray of float64, (M, 3)
            Mean, low and high end of each method; a measure that no method has is left out.
        """
        names = [name for name in MEASURES if name != "gain"] if measures is None else measures
        tables = {}
        for name in names:
            rows = [self.summary(method, name) for method in self.methods]
            table = np.array([(row.mean, row.low, row.high) for row in rows])
            if not np.isnan(table[:, 0]).all():
                tables[name] = table
        return tables

    def difference(self, method: str, other: str, measure: str) -> Summary:
        """Return `method` minus `other`, people paired, over the emotions that both reached."""
        both = tuple(name for name in self.reached(method) if name in self.reached(other))
        gap = self.per_person(method, measure, both) - self.per_person(other, measure, both)
        return Summary(*bootstrap_interval(gap))
