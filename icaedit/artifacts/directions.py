"""Fitted emotion directions: what they are, how sure they are, and which coordinates they use."""

import os
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icaedit.artifacts.mask import IndexMask
from icaedit.artifacts.tensors import load_tensors, save_tensors
from icaedit.display import Shade, html_table
from icaedit.errors import FormatError, InputError, ModelMismatchError
from icaedit.files import sha256_arrays
from icaedit.schema import EMOTIONS, SIDES, parse_emotion, parse_threshold
from icaedit.thresholds import default_sided, threshold_mask

__all__ = ["Directions", "load_directions"]

FORMAT, VERSION = "icaedit.directions", 1
_ORDER = (*EMOTIONS[1:], "contempt")
_LATER_FIELDS = ("sided",)
"""Fields that files of earlier releases do not have."""
_TENSORS = {"vectors": np.float32, "masks": np.bool_, "patterns": np.float32}


@dataclass(frozen=True, eq=False, repr=False)
class Directions:
    """One direction for each fitted emotion, in the latents of one model.

    Parameters
    ----------
    emotions : sequence of str, length E
        Fitted emotions other than neutral, in the usual order.
    vectors : ndarray of float32, shape (E, L, C)
        Displacement of the latents for one unit of strength; 0 outside the mask.
    masks : ndarray of bool, shape (E, L, C)
        The coordinates kept by the threshold.
    patterns : ndarray of float32, shape (E, L, C)
        Displacement from neutral to the posed emotion, in latent units, before the threshold.
    posed_strength : mapping of str to float
        The strength at which the fitted people's own mean of each emotion lies.
    method, threshold : str, str or float
        How the directions were fitted and what was kept.
    sided : {"one", "two"}, optional
        Whether the threshold keeps large positive coordinates only, or large negative ones as
        well; by default one for method ``"paper"`` and two for every other.
    model_fingerprint : str
        The model whose latents these directions live in.
    report, provenance : dict
        Diagnostics of the fit, and where it came from, as JSON can hold them.

    Raises
    ------
    InputError
        If shapes, emotions or values contradict each other.

    Examples
    --------
    >>> pattern = np.array([[[3.0, 0.0, -1.0]]], dtype=np.float32)
    >>> directions = Directions(["joy"], pattern / 2, masks=pattern != 0, patterns=pattern,
    ...     posed_strength={"joy": 2.0}, method="mean-difference", threshold="none")
    >>> directions["happy"].tolist(), directions.posed_strength
    ([[1.5, 0.0, -0.5]], {'happy': 2.0})
    """

    emotions: tuple[str, ...]
    vectors: NDArray[np.float32]
    _: KW_ONLY
    masks: NDArray[np.bool_]
    patterns: NDArray[np.float32]
    posed_strength: Mapping[str, float]
    method: str
    threshold: str | float
    sided: str | None = None
    report: Mapping[str, Any] = field(default_factory=dict)
    model_fingerprint: str = ""
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        emotions = tuple(parse_emotion(text) for text in self.emotions)
        if not emotions or emotions != tuple(name for name in _ORDER if name in emotions):
            raise InputError(
                f"got emotions {list(emotions)}, expected some of {', '.join(_ORDER)}, in this "
                "order and each once; reorder them"
            )
        strengths = {parse_emotion(key): float(n) for key, n in self.posed_strength.items()}
        if set(strengths) != set(emotions) or not np.isfinite(list(strengths.values())).all():
            raise InputError(
                f"got posed strengths {strengths}, expected a finite one for each of "
                f"{', '.join(emotions)}; complete them"
            )
        object.__setattr__(self, "emotions", emotions)
        object.__setattr__(self, "posed_strength", {name: strengths[name] for name in emotions})
        object.__setattr__(self, "threshold", parse_threshold(self.threshold))
        object.__setattr__(self, "sided", self.sided or default_sided(self.method))
        if self.sided not in SIDES:
            raise InputError(
                f"got sided {self.sided!r}, expected {' or '.join(SIDES)}; leave it out if unsure"
            )
        object.__setattr__(self, "report", dict(self.report))
        object.__setattr__(self, "provenance", dict(self.provenance))
        for name, dtype in _TENSORS.items():
            object.__setattr__(self, name, np.array(getattr(self, name), dtype=dtype))
        self._check_arrays()

    def _check_arrays(self) -> None:
        shape = self.vectors.shape
        if len(shape) != 3 or shape[0] != len(self.emotions):
            raise InputError(
                f"got vectors of shape {shape}, expected ({len(self.emotions)}, L, C); give one "
                "for each emotion"
            )
        for name in _TENSORS:
            array = getattr(self, name)
            if array.shape != shape or not np.isfinite(array).all():
                raise InputError(
                    f"got {name} of shape {array.shape}, expected finite values of shape {shape}; "
                    "fit again"
                )
        if self.vectors[~self.masks].any():
            raise InputError(
                "got vectors that are not 0 outside their masks, expected 0 there; multiply them "
                "by the masks"
            )

    def _row(self, emotion: str) -> int:
        name = parse_emotion(emotion)
        if name not in self.emotions:
            raise InputError(
                f"got emotion {name!r}, expected one of the fitted {', '.join(self.emotions)}; "
                "choose one of these or fit it"
            )
        return self.emotions.index(name)

    @property
    def digest(self) -> str:
        """SHA-256 in hex over emotions, vectors and masks: over what an edit depends on."""
        arrays = {
            f"{name}.{text}": array
            for name in ("vectors", "masks")
            for text, array in zip(self.emotions, getattr(self, name), strict=True)
        }
        return sha256_arrays(arrays)

    def __getitem__(self, emotion: str) -> NDArray[np.float32]:
        """Return an emotion's displacement for one unit of strength, float32 (L, C), a copy.

        Raises
        ------
        InputError
            If the name is unknown or was not fitted; the message lists those that were.
        """
        return self.vectors[self._row(emotion)].copy()

    def mask(self, emotion: str) -> NDArray[np.bool_]:
        """Return the coordinates that an emotion's direction uses, bool (L, C), a copy.

        Raises
        ------
        InputError
            If the name is unknown or was not fitted.
        """
        return self.masks[self._row(emotion)].copy()

    def index_mask(self, threshold: str | float | None = None) -> IndexMask:
        """Return the masks as indices, as fitted or under another threshold.

        Parameters
        ----------
        threshold : str or float, optional
            None keeps the masks as fitted. Otherwise they are computed anew from `patterns`, on
            the side or sides of the fit.

        Raises
        ------
        InputError
            If the threshold is unknown, or is ``"fdr"`` and was not fitted.
        """
        rule = self.threshold if threshold is None else parse_threshold(threshold)
        two_sided = self.sided == "two"
        if rule == self.threshold:
            masks = self.masks
        elif rule == "fdr":
            raise InputError(
                f"got threshold fdr for directions fitted with {self.threshold}, expected mean, "
                "median, none or a number; refit with threshold fdr"
            )
        else:
            masks = [threshold_mask(row, rule, two_sided=two_sided) for row in self.patterns]
        return IndexMask(
            self.vectors.shape[1:],
            {name: np.flatnonzero(mask) for name, mask in zip(self.emotions, masks, strict=True)},
            model=self.model_fingerprint,
            rule="two-sided" if two_sided else "one-sided",
            threshold=rule,
            people=self.provenance.get("identities", ()),
        )

    def export_mask(
        self, path: str | os.PathLike, threshold: str | float | None = None
    ) -> IndexMask:
        """Write `index_mask` to a file that recognition reads, and return it.

        Raises
        ------
        InputError
            As `index_mask`.
        FileAccessError
            If the file cannot be written.
        """
        mask = self.index_mask(threshold)
        mask.save(path)
        return mask

    def __repr__(self) -> str:
        layers, channels = self.vectors.shape[1:]
        return (
            f"Directions of {', '.join(self.emotions)}: {layers} layers x {channels} channels, "
            f"method {self.method}, threshold {self.threshold}, "
            f"model {self.model_fingerprint[:12] or 'not recorded'}"
        )

    def _repr_html_(self) -> str:
        """Return `summary` as a table for a notebook, with what each style layer keeps."""
        rows = [
            [
                emotion,
                f"{mask.mean():.1%}",
                round(float(np.linalg.norm(vector)), 3),
                round(self.posed_strength[emotion], 2),
                *(Shade(share) for share in mask.mean(axis=1)),
            ]
            for emotion, vector, mask in zip(self.emotions, self.vectors, self.masks, strict=True)
        ]
        layers = [str(layer) for layer in range(self.vectors.shape[1])]
        header = ["emotion", "kept", "one unit", "fully posed at", *layers]
        return html_table(header, rows, f"{self!r}. Numbered: what each style layer keeps.")

    def summary(self) -> str:
        """Return a few lines in plain words about the directions."""
        layers, channels = self.vectors.shape[1:]
        lines = [
            f"{len(self.emotions)} emotion directions in {layers} layers x {channels} channels",
            f"method {self.method}, threshold {self.threshold}",
            f"model {self.model_fingerprint[:12] or 'not recorded'}",
            f"{'emotion':<10} {'kept':>6}  {'one unit':>8}  {'fully posed at':>14}",
        ]
        for emotion, vector, mask in zip(self.emotions, self.vectors, self.masks, strict=True):
            lines.append(
                f"{emotion:<10} {mask.mean():>6.1%}  {np.linalg.norm(vector):>8.3f}  "
                f"{self.posed_strength[emotion]:>14.2f}"
            )
        return "\n".join(lines)

    def save(self, path: str | os.PathLike) -> None:
        """Write the directions as safetensors, whole or not at all; the same give the same bytes.

        Raises
        ------
        FileAccessError
            If the file cannot be written.
        """
        content = {field.name: getattr(self, field.name) for field in fields(self)}
        tensors = {name: content.pop(name) for name in _TENSORS}
        save_tensors(path, tensors, header={**content, "format": FORMAT, "version": VERSION})


def load_directions(path: str | os.PathLike, *, model_fingerprint: str | None = None) -> Directions:
    """Read directions.

    Parameters
    ----------
    path : path
        A file that `Directions.save` wrote.
    model_fingerprint : str, optional
        The model in use; directions fitted on another are refused.

    Raises
    ------
    FileAccessError
        If the file is missing or unreadable.
    FormatError
        If it is no whole file of directions, of a newer version, or contradicts itself.
    ModelMismatchError
        If the directions belong to another model.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "directions.safetensors"
    >>> pattern = np.ones((1, 2, 3))
    >>> Directions(["sad"], pattern, masks=pattern > 0, patterns=pattern,
    ...     posed_strength={"sad": 1.0}, method="pca", threshold="mean").save(path)
    >>> load_directions(path).emotions
    ('sad',)
    """
    tensors, header = load_tensors(path, expect=FORMAT, version=VERSION)
    try:
        names = {field.name for field in fields(Directions)} - set(_TENSORS)
        names -= {name for name in _LATER_FIELDS if name not in header}
        directions = Directions(
            **{name: header[name] for name in names}, **{name: tensors[name] for name in _TENSORS}
        )
    except (KeyError, TypeError, AttributeError, InputError) as err:
        raise FormatError(
            f"got {path} with incomplete or contradictory content ({err}), expected directions "
            "as icaedit writes them; fit them again"
        ) from err
    fitted_on = directions.model_fingerprint
    if model_fingerprint is not None and fitted_on != model_fingerprint:
        raise ModelMismatchError(
            f"got {path} fitted on model {fitted_on[:12] or 'not recorded'}, expected model "
            f"{model_fingerprint[:12]}; fit directions on this model or load the other one"
        )
    return directions
