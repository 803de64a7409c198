"""Fits of latents that are read from disk in passes, a few people at a time."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from icaedit.analysis.many_people import STREAMED_METHODS, ManyPeopleFit, fit_many_people
from icaedit.analysis.masks import layer_counts
from icaedit.analysis.report import report_sentences
from icaedit.analysis.streamed import Block, block_rows
from icaedit.artifacts import Directions, LatentSet
from icaedit.errors import IcaeditWarning, InputError
from icaedit.fitting.processes import current_share
from icaedit.fitting.provenance import neutral_scores, versions
from icaedit.schema import EMOTIONS, parse_threshold
from icaedit.thresholds import default_sided

__all__ = ["LARGE", "fit_directions_streamed", "is_large"]

LARGE = 6000
"""Pictures from which on a fit reads them in passes: their inner products alone take 300 MB."""

BLOCK_NUMBERS = 4_000_000
"""Numbers in a block: 32 MB in float64, of which there are a handful of copies."""

_NAMED = 5


def is_large(latents: LatentSet, method: str) -> bool:
    """Return whether `fit_directions` takes such latents in passes."""
    return len(latents) > LARGE and method in STREAMED_METHODS


def fit_directions_streamed(
    latents: LatentSet,
    *,
    method: str = "group-ica",
    threshold: str | float = "mean",
    sided: str | None = None,
    estimand: str = "emotion",
    n_components: int | None = None,
    random_state: int = 0,
    device: str = "cpu",
) -> Directions:
    """Fit directions to more latents than should be in memory at once.

    The directions are those of `fit_directions` with the same seed, to 1e-4 and better. There is
    no bootstrap, so the report does not say how stable they are, and doubled pictures are not
    looked for. Started by `torchrun`, each process takes a share of the people, and all return
    the same directions.

    Parameters
    ----------
    latents : LatentSet
        From ``load_latents(path, mapped=True)``, to have them read from the file as needed.
    method : str
        ``"group-ica"`` or ``"mean-difference"``.
    threshold, sided, estimand, n_components, random_state
        See `fit_directions`.
    device : str
        ``"cpu"``, or a GPU for the products that are most of the work.

    Raises
    ------
    InputError
        If an option is unusable.
    DatasetError
        If the pictures cannot tell the directions.

    Examples
    --------
    >>> import numpy as np
    >>> smile = np.array([[0.0, 3.0], [-1.0, 0.0]])
    >>> people = np.random.default_rng(0).normal(size=(4, 1, 2, 2))
    >>> codes = np.concatenate([people, people + smile], axis=1).reshape(8, 2, 2)
    >>> pictures = LatentSet(codes, np.repeat(list("abcd"), 2), emotion=["NE", "HA"] * 4)
    >>> directions = fit_directions_streamed(pictures, method="mean-difference")
    >>> (2 * directions["happy"]).round(4).tolist()
    [[0.0, 3.0], [0.0, 0.0]]
    """
    threshold = parse_threshold(threshold)
    sided = sided or default_sided(method)
    share = current_share(device)
    shown = set(latents.emotion.tolist())
    emotions = tuple(name for name in (*EMOTIONS, "contempt") if name in shown)
    if emotions[:1] != ("neutral",) or len(emotions) < 2:
        raise InputError(
            f"got pictures of {', '.join(emotions) or 'no emotion'}, expected neutral and others; "
            "add them"
        )
    flat = latents.latents.reshape(len(latents), -1)
    person = np.unique(latents.identity, return_inverse=True)[1]
    emotion = np.searchsorted(sorted(emotions), latents.emotion)
    emotion = np.array([emotions.index(name) for name in sorted(emotions)])[emotion]
    person, quarantined, constant = _screened(flat, person, latents)
    rows_at_once = max(BLOCK_NUMBERS // flat.shape[1], 1)

    def blocks() -> Iterator[Block]:
        for rows in block_rows(person, most=rows_at_once, part=share.part):
            yield Block(flat[rows], person[rows], emotion[rows])

    fit = fit_many_people(
        blocks,
        emotions,
        method=method,
        threshold=threshold,
        two_sided=sided == "two",
        estimand=estimand,
        n_components=n_components,
        random_state=random_state,
        combine=share.combine,
        outer=share.outer,
    )
    trailing = latents.latents.shape[1:]
    report = _report(
        fit, emotions, trailing, method=method, estimand=estimand, threshold=(threshold, sided)
    )
    report["quarantined"], report["constant_rows"] = quarantined, constant
    report["sentences"] = report_sentences(report)
    shape = (len(emotions) - 1, *trailing)
    vectors = fit.vectors.reshape(shape)
    return Directions(
        emotions[1:],
        vectors,
        masks=fit.masks.reshape(shape),
        patterns=fit.patterns.reshape(shape),
        posed_strength=dict(zip(emotions[1:], fit.posed_strength.tolist(), strict=True)),
        method=method,
        threshold=threshold,
        sided=sided,
        report=report,
        model_fingerprint=latents.model_fingerprint,
        provenance={
            "dataset_digest": latents.dataset_digest,
            "estimand": fit.estimand,
            "neutral_score": neutral_scores(
                fit.neutral.reshape(trailing), emotions[1:], vectors
            ),
            "identities": sorted(set(latents.identity.tolist())),
            "n_identities": fit.n_people,
            "n_images": fit.n_images,
            "n_bootstrap": 0,
            "n_components": (fit.ica or {}).get("n_components"),
            "random_state": int(random_state),
            "views": sorted(set(latents.view.tolist()) - {""}),
            "versions": versions(),
        },
    )


def _screened(
    flat: NDArray[np.float32], person: NDArray[np.int64], latents: LatentSet
) -> tuple[NDArray[np.int64], list[str], list[int]]:
    """Number unusable pictures -1, and name the people left out."""
    finite = np.empty(len(flat), dtype=bool)
    constant = np.empty(len(flat), dtype=bool)
    step = max(BLOCK_NUMBERS // flat.shape[1], 1)
    for begin in range(0, len(flat), step):
        part = flat[begin : begin + step]
        finite[begin : begin + step] = np.isfinite(part).all(axis=1)
        constant[begin : begin + step] = (part == part[:, :1]).all(axis=1)
    broken = np.unique(person[~finite])
    left_out = np.isin(person, broken)
    constant &= ~left_out & (flat.shape[1] > 1)
    names = np.unique(latents.identity[left_out]).tolist()
    if names:
        _warn(
            f"got NaN or infinite latents of {_some(names)}, expected finite numbers; they are "
            "left out, encode their pictures again"
        )
    rows = np.flatnonzero(constant).tolist()
    if rows:
        _warn(
            f"got constant latents in rows {_some(map(str, rows))}, expected codes of faces; they "
            "are left out, encode these pictures again"
        )
    return np.where(left_out | constant, -1, person), names, rows


def _report(
    fit: ManyPeopleFit,
    emotions: tuple[str, ...],
    trailing: tuple[int, ...],
    *,
    method: str,
    estimand: str,
    threshold: tuple[str | float, str],
) -> dict[str, Any]:
    """As `icaedit.analysis.fit_directions` reports, without what takes all people at once."""
    layers = layer_counts(fit.masks.reshape(-1, *trailing))
    lengths = [np.linalg.norm(rows, axis=1) for rows in (fit.patterns, fit.difference)]
    cosines = np.vecdot(fit.patterns.astype(np.float64), fit.difference)
    cosines /= np.maximum(lengths[0] * lengths[1], np.finfo(np.float64).tiny)
    entries = {}
    for row, (name, measures) in enumerate(fit.measures.items()):
        people, needed = measures["people"], measures["people_needed"]
        entries[name] = {
            **measures,
            "people_more": None if needed is None else max(needed - people, 0),
            "kept": int(fit.masks[row].sum()),
            "kept_share": float(fit.masks[row].mean()),
            "kept_by_layer": layers[row].tolist(),
            "posed_strength": float(fit.posed_strength[row]),
            "unit_length": float(np.linalg.norm(fit.vectors[row])),
            "pattern_length": float(lengths[0][row]),
            "mean_difference_length": float(lengths[1][row]),
            "cosine_to_mean_difference": float(cosines[row]),
        }
        if fit.readout:
            entries[name]["components"] = np.flatnonzero(fit.readout["used"][row]).tolist()
        if fit.readout and fit.estimand == "emotion":
            entries[name]["no_component_stood_out"] = bool(fit.readout["none_moves"][row])
            entries[name]["components_unsettled"] = bool(fit.readout["unsettled"][row])
    union = fit.masks.any(axis=0)
    return {
        "method": method,
        "estimand": fit.estimand,
        "estimand_requested": estimand,
        "threshold": threshold[0],
        "sided": threshold[1],
        "n_people": fit.n_people,
        "n_images": fit.n_images,
        "n_coordinates": int(fit.masks.shape[1]),
        "missing_cells": [],
        "emotions_not_shown": [name for name in EMOTIONS if name not in emotions],
        "n_duplicates": 0,
        "duplicate_rows": [],
        "wild_coordinates": [],
        "kept_in_union": int(union.sum()),
        "kept_in_union_by_layer": layer_counts(union.reshape(1, *trailing))[0].tolist(),
        "emotions": entries,
        "ica": fit.ica,
        "stability": None,
        "icasso": None,
    }


def _some(names: Any) -> str:
    names = list(names)
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _warn(message: str) -> None:
    warnings.warn(message, IcaeditWarning, stacklevel=4)
