"""Directions by method and threshold: those of a file, and others where latents are at hand."""

import os
import threading
import warnings
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from icaedit.artifacts import Directions, LatentSet, load_latents
from icaedit.errors import IcaeditError, IcaeditWarning, InputError, ModelMismatchError
from icaedit.evaluation import fitted_portraits
from icaedit.files import ensure_writable_folder
from icaedit.fitting import fit_directions
from icaedit.models import LatentModel
from icaedit.schema import METHODS, THRESHOLD_NAMES, parse_threshold
from icaedit.thresholds import threshold_mask

__all__ = ["Fits", "cached_portraits", "rethresholded"]

_MOST_KEPT = 24  # fitted directions; a number as threshold can be any

Progress = Callable[[int, int], None]


class Fits:
    """The directions that the page can edit along.

    Those that were given always serve as they are. With latents, every method and threshold is
    fitted to them when first asked for, in seconds. Without, the given method alone, under other
    thresholds as `rethresholded` has it.

    Parameters
    ----------
    model : LatentModel
    directions : Directions
    latents : LatentSet or callable, optional
        What to fit to, or what makes it when first needed, given ``progress(done, total)``.

    Raises
    ------
    ModelMismatchError
        If the latents are of another model.

    Examples
    --------
    >>> from icaedit.models import tiny_model
    >>> model, pattern = tiny_model(), np.ones((1, 6, 8), np.float32)
    >>> directions = Directions(["happy"], pattern, masks=pattern > 0, patterns=pattern,
    ...     posed_strength={"happy": 3.0}, method="pca", threshold="none",
    ...     model_fingerprint=model.fingerprint)
    >>> fits = Fits(model, directions)
    >>> fits.methods, fits.thresholds, fits.get("pca", "none") is directions
    (('pca',), ('mean', 'median', 'none'), True)
    """

    def __init__(
        self,
        model: LatentModel,
        directions: Directions,
        *,
        latents: LatentSet | Callable[[Progress | None], LatentSet] | None = None,
    ) -> None:
        self.model = model
        self.given = directions
        self._latents = None if latents is None or callable(latents) else self._checked(latents)
        self._make = latents if callable(latents) else None
        self._fitted: OrderedDict[tuple[str, str | float], Directions] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def refits(self) -> bool:
        """Whether there are latents, or a way to them."""
        return self._latents is not None or self._make is not None

    @property
    def methods(self) -> tuple[str, ...]:
        """Methods that can be chosen, the given directions' own first."""
        others = tuple(name for name in METHODS if name != self.given.method)
        return (self.given.method, *(others if self.refits else ()))

    @property
    def thresholds(self) -> tuple[str, ...]:
        """Thresholds that can be chosen by name; a number always can."""
        own = self.given.threshold
        return tuple(n for n in THRESHOLD_NAMES if n != "fdr" or self.refits or own == "fdr")

    def is_given(self, method: str, threshold: str | float) -> bool:
        """Tell whether these are the directions that were given."""
        return (method, parse_threshold(threshold)) == (self.given.method, self.given.threshold)

    def get(
        self, method: str, threshold: str | float, *, progress: Progress | None = None
    ) -> Directions:
        """Return directions, fitted if they were not before.

        Parameters
        ----------
        method : str
            One of `methods`.
        threshold : str or float
            One of `thresholds`, or a number in latent units.
        progress : callable, optional
            Called with (done, total) while latents are made.

        Raises
        ------
        InputError
            If the method or the threshold cannot be had here.
        """
        rule = parse_threshold(threshold)
        if method not in self.methods or (isinstance(rule, str) and rule not in self.thresholds):
            raise InputError(
                f"got method {method!r} and threshold {rule!r}, expected one of "
                f"{', '.join(self.methods)} and of {', '.join(self.thresholds)} or a number; "
                "start with --latents to fit others"
            )
        if self.is_given(method, rule):
            return self.given
        with self._lock:
            found = self._fitted.get((method, rule))
            if found is None:
                found = self._fit(method, rule, progress)
            self._fitted[method, rule] = found
            self._fitted.move_to_end((method, rule))
            while len(self._fitted) > _MOST_KEPT:
                self._fitted.popitem(last=False)
            return found

    def _fit(self, method: str, rule: str | float, progress: Progress | None) -> Directions:
        if not self.refits:
            return rethresholded(self.given, rule)
        self._prepare(progress)
        with warnings.catch_warnings():
            # how far a fit is to be trusted is told by `icaedit fit-directions`
            warnings.simplefilter("ignore", IcaeditWarning)
            return fit_directions(self._latents, method=method, threshold=rule, n_bootstrap=0)

    def _prepare(self, progress: Progress | None) -> None:
        if self._latents is None and self._make is not None:
            self._latents = self._checked(self._make(progress))

    def _checked(self, latents: LatentSet) -> LatentSet:
        if latents.model_fingerprint != self.model.fingerprint:
            raise ModelMismatchError(
                f"got latents of model {latents.model_fingerprint[:12] or 'not recorded'}, "
                f"expected model {self.model.fingerprint[:12]}; encode the pictures with this "
                "model"
            )
        return latents


def rethresholded(directions: Directions, threshold: str | float) -> Directions:
    """Return directions under another threshold, without the people they were fitted on.

    The mask is taken anew from the patterns, as `Directions.index_mask` does. How much one unit
    moves a kept coordinate, and so the posed strength, stays: one unit is then no longer exactly
    one standard deviation of the people's scores, which takes their latents to know. Neither is
    it known where the neutral face lies along the new directions, so that what is present in a
    face cannot be told.

    Parameters
    ----------
    directions : Directions
    threshold : str or float
        Anything but ``"fdr"``.

    Raises
    ------
    InputError
        If the threshold is ``"fdr"`` or unknown.

    Examples
    --------
    >>> pattern = np.array([[[3.0, 1.0, -2.0]]], np.float32)
    >>> directions = Directions(["happy"], pattern / 2 * [1, 0, 1], masks=pattern ** 2 > 3,
    ...     patterns=pattern, posed_strength={"happy": 2.0}, method="pca", threshold="mean")
    >>> rethresholded(directions, "none")["happy"].tolist()
    [[1.5, 0.5, -1.0]]
    """
    rule = parse_threshold(threshold)
    two_sided = directions.sided == "two"
    masks = np.stack(
        [threshold_mask(row, rule, two_sided=two_sided) for row in directions.patterns]
    )
    vectors = np.zeros_like(directions.vectors)
    for e, (vector, pattern) in enumerate(
        zip(directions.vectors, directions.patterns, strict=True)
    ):
        kept = directions.masks[e]
        before, after = pattern[kept].astype(np.float64), vector[kept].astype(np.float64)
        power = float((before**2).sum())
        step = float((before * after).sum()) / power if power else 0.0
        vectors[e] = np.where(masks[e], np.float32(step) * pattern, np.float32(0))
    provenance = {k: v for k, v in directions.provenance.items() if k != "neutral_score"}
    return replace(
        directions,
        vectors=vectors,
        masks=masks,
        threshold=rule,
        report={},
        provenance=provenance | {"rethresholded_from": directions.threshold},
    )


def cached_portraits(model: LatentModel, progress: Progress | None = None) -> LatentSet:
    """Return the latents of the people that the embedded directions are fitted on.

    They are rendered and encoded once, in about a minute, and kept in the user's cache folder
    (``XDG_CACHE_HOME``, by default ``~/.cache``), if that can be written.

    Parameters
    ----------
    model : LatentModel
    progress : callable, optional
        Called with (pictures encoded, pictures in all).
    """
    named = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(named) if os.path.isabs(named) else Path.home() / ".cache"
    path = base / "icaedit" / f"portraits-{model.fingerprint[:16]}.safetensors"
    try:
        found = load_latents(path)
        if found.model_fingerprint == model.fingerprint:
            return found
    except (IcaeditError, OSError):
        pass  # not there, or damaged: made anew
    latents = fitted_portraits(model, progress=progress)
    try:
        ensure_writable_folder(path.parent)
        latents.save(path)
    except (IcaeditError, OSError):
        pass  # made again next time
    return latents
