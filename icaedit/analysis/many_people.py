"""Directions from more people than fit in memory, in three passes over their latents."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from icaedit.analysis.checks import ESTIMANDS, gated_estimand, warn_empty
from icaedit.analysis.fastica.whitening import orient_rows
from icaedit.analysis.group_ica import (
    GroupIca,
    component_weights,
    count_components,
    emotion_weights,
)
from icaedit.analysis.masks import false_discovery_mask
from icaedit.analysis.search import best_rotation
from icaedit.analysis.stability import people_for_cosine
from icaedit.analysis.streamed import (
    Block,
    Moments,
    Outer,
    Sums,
    cells_of,
    first_pass,
    leading_directions,
)
from icaedit.errors import ConvergenceWarning, DatasetError, InputError
from icaedit.thresholds import threshold_mask

__all__ = ["STREAMED_METHODS", "ManyPeopleFit", "fit_many_people"]

STREAMED_METHODS = ("group-ica", "mean-difference")


@dataclass(frozen=True, eq=False)
class ManyPeopleFit:
    """Directions, with arrays as in `icaedit.analysis.DirectionFit` but flat.

    Attributes
    ----------
    patterns, vectors : ndarray of float32, (E - 1, D)
    masks : ndarray of bool, (E - 1, D)
    posed_strength : ndarray of float64, (E - 1,)
    difference : ndarray of float64, (E - 1, D)
        The mean difference.
    neutral : ndarray of float64, (D,)
        Mean over people of their neutral latents.
    estimand : str
    measures : dict
        Per emotion, for the report.
    ica : dict or None
        What the report says of the components.
    readout : dict
        ``used``, ``none_moves``, ``unsettled``, (E - 1, ...); empty for the mean difference.
    n_people, n_images : int
    """

    patterns: NDArray[np.float32]
    vectors: NDArray[np.float32]
    masks: NDArray[np.bool_]
    posed_strength: NDArray[np.float64]
    difference: NDArray[np.float64]
    neutral: NDArray[np.float64]
    estimand: str
    measures: dict[str, dict[str, Any]]
    ica: dict[str, Any] | None
    readout: dict[str, NDArray]
    n_people: int
    n_images: int


def fit_many_people(
    blocks: Callable[[], Iterator[Block]],
    emotions: tuple[str, ...],
    *,
    method: str = "group-ica",
    threshold: str | float = "mean",
    two_sided: bool = True,
    estimand: str = "emotion",
    n_components: int | None = None,
    random_state: int = 0,
    combine: Callable[[Sums], Sums] | None = None,
    outer: Callable[[int], Outer] = Outer,
) -> ManyPeopleFit:
    """Fit group ICA or the mean difference to blocks of people.

    With the same seed the directions are those of `icaedit.analysis.fit_directions` up to
    rounding. There is no bootstrap.

    Parameters
    ----------
    blocks : callable
        Starts a pass: gives each person once, whole. Called three times.
    emotions : tuple of str, (E,)
        Names, neutral first, that a block's numbers stand for.
    method, threshold, estimand, n_components, random_state
        See `icaedit.analysis.fit_directions`.
    two_sided : bool
        Whether large negative coordinates are kept as well.
    combine : callable, optional
        Adds up named arrays over the processes that have a share of the people each.
    outer : callable
        Makes what adds up the second moment; see `Outer`.

    Raises
    ------
    InputError
        If the method cannot be fitted so.
    DatasetError
        If there are fewer than two people or an emotion has no link to neutral.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(40, 1, 30)) + np.array([np.zeros(30), rng.laplace(size=30)])
    >>> block = Block(x.reshape(80, 30), np.repeat(np.arange(40), 2), np.tile([0, 1], 40))
    >>> fit = fit_many_people(lambda: iter([block]), ("neutral", "happy"), threshold="none")
    >>> fit.patterns.shape, fit.n_people
    ((1, 30), 40)
    """
    if method not in STREAMED_METHODS or estimand not in ESTIMANDS:
        raise InputError(
            f"got method {method} with estimand {estimand} for more people than fit in memory, "
            f"expected one of {', '.join(STREAMED_METHODS)}; choose one, or fit fewer people"
        )
    combine = combine or (lambda sums: sums)
    n_emotions = len(emotions)
    size = _first(blocks).latents.shape[1]
    sums = combine(
        first_pass(blocks(), n_emotions, size, outer=outer if method == "group-ica" else None)
    )
    if sums["people"][0] < 2:
        raise DatasetError(
            f"got {int(sums['people'][0])} usable people, expected at least 2; add images of others"
        )
    moments = Moments.of(sums, emotions)
    difference = moments.difference
    ica, readout, used = None, {}, "emotion"
    patterns = difference
    if method == "group-ica":
        fit = _group_ica(moments, blocks, combine, n_components, random_state)
        emotion, (component, component_used) = emotion_weights(fit), component_weights(fit)
        used = gated_estimand(None) if estimand == "component" else "emotion"
        patterns = emotion.weights if used == "emotion" else component
        unsettled = emotion.unsettled
        if used == "component":
            unsettled = (component_used & ~fit.settled).any(axis=1)
        readout = {
            "used": emotion.used if used == "emotion" else component_used,
            "none_moves": emotion.none_moves,
            "unsettled": unsettled,
        }
        _warn_unsettled(unsettled, emotions, fit.search.n_iter)
        ica = {
            "n_components": len(fit.unmixing),
            "n_iter": fit.search.n_iter,
            "contrast": fit.search.contrast,
            "starts": fit.search.n_starts,
            "starts_at_the_best": fit.search.n_agreeing,
            "settled": fit.settled.tolist(),
            "mixing_by_emotion": fit.contrasts.tolist(),
            "t_by_emotion": fit.t.tolist(),
        }
    patterns = patterns.astype(np.float32)
    masks = _masks(patterns, threshold, sums, two_sided=two_sided)
    warn_empty(masks, emotions, threshold)
    masked = np.where(masks, patterns, np.float32(0)).astype(np.float64)
    vectors, posed = _unit_of_strength(moments, blocks, combine, masked)
    return ManyPeopleFit(
        patterns=patterns,
        vectors=vectors.astype(np.float32),
        masks=masks,
        posed_strength=posed,
        difference=difference,
        neutral=sums["neutral"] / sums["cells"][0],
        estimand=used,
        measures=_measures(emotions, sums),
        ica=ica,
        readout=readout,
        n_people=int(sums["people"][0]),
        n_images=int(sums["images"][0]),
    )


def _first(blocks: Callable[[], Iterator[Block]]) -> Block:
    for block in blocks():
        return block
    raise DatasetError("got no people, expected some; check labels and views")


def _group_ica(
    moments: Moments,
    blocks: Callable[[], Iterator[Block]],
    combine: Callable[[Sums], Sums],
    n_components: int | None,
    random_state: int,
) -> GroupIca:
    """Find components from the moments; a pass over the people gives their paired t."""
    sums, n_emotions = moments.sums, len(moments.effects)
    if n_components is None:
        n_components = count_components(
            moments.eigenvalues(), sums["variance"], n_emotions - 1
        )
    values, vectors = leading_directions(moments, n_components)
    kept = values > 1e-10 * values[0]
    values, vectors = values[kept], vectors[kept]
    size = vectors.shape[1]
    vectors = orient_rows(vectors)[:, None] * vectors
    search = best_rotation(np.sqrt(size) * vectors, np.random.default_rng(random_state))

    sources = np.sqrt(size) * search.matrix @ vectors
    contrasts = moments.difference @ sources.T / size
    contrasts -= np.outer(moments.difference.mean(axis=1), sources.mean(axis=1))
    order = np.argsort(-((search.matrix**2) @ values), kind="stable")
    largest = contrasts[np.abs(contrasts).argmax(axis=0), np.arange(len(sources))]
    turn = np.where(largest < 0, -1.0, 1.0)[order]
    means = np.sqrt(size) * search.matrix @ (moments.source_means(vectors) / values)
    sources, contrasts = turn[:, None] * sources[order], turn * contrasts[:, order]

    loads = {
        "sum": np.zeros(contrasts.shape),
        "square": np.zeros(contrasts.shape),
    }
    middle = contrasts  # squares about something near the mean lose nothing
    for block in blocks():
        cells = cells_of(block, n_emotions)
        mixing = (cells.centred - cells.centred.mean(axis=1, keepdims=True)) @ sources.T / size
        for row in range(n_emotions - 1):
            posed, neutral = cells.pairs(row + 1)
            change = mixing[posed] - mixing[neutral] - middle[row]
            loads["sum"][row] += change.sum(axis=0)
            loads["square"][row] += (change**2).sum(axis=0)
    loads = combine(loads)
    pairs = sums["pairs"][:, None]
    count = np.maximum(pairs, 2.0)
    mean = loads["sum"] / count
    variance = np.maximum(loads["square"] - count * mean**2, 0.0) / (count - 1)
    error = np.maximum(np.sqrt(variance / count), np.finfo(np.float64).tiny ** 0.5)
    return GroupIca(
        unmixing=sources + (turn * means[order])[:, None],  # on coordinates: sources themselves
        mixing=np.zeros((0, len(sources))),
        contrasts=contrasts,
        t=np.where(pairs < 2, 0.0, (middle + mean) / error),
        pairs=sums["pairs"],
        settled=search.settled[order],
        search=search,
    )


def _masks(
    patterns: NDArray[np.float32], threshold: str | float, sums: Sums, *, two_sided: bool
) -> NDArray[np.bool_]:
    if threshold != "fdr":
        return np.stack(
            [threshold_mask(pattern, threshold, two_sided=two_sided) for pattern in patterns]
        )
    masks = (patterns != 0) if two_sided else (patterns > 0)
    for row, count in enumerate(sums["pairs"]):
        p_values = np.ones(patterns.shape[1])
        if count >= 2:
            mean = sums["changes"][row] / count
            squares = np.maximum(sums["change_squares"][row] - count * mean**2, 0.0)
            error = np.sqrt(squares / (count - 1) / count)
            error = np.maximum(error, np.finfo(np.float64).tiny)
            t = np.where(mean == 0, 0.0, np.abs(mean) / error)
            p_values = 2 * stats.t.sf(t, count - 1)
        masks[row] &= false_discovery_mask(p_values)
    return masks


def _unit_of_strength(
    moments: Moments,
    blocks: Callable[[], Iterator[Block]],
    combine: Callable[[Sums], Sums],
    masked: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """As `icaedit.analysis.scoring.unit_of_strength`, in a pass over the images."""
    norms = np.linalg.norm(masked, axis=1, keepdims=True)
    units = masked / np.where(norms > 0, norms, 1.0)
    n_emotions = len(moments.effects)
    effects = moments.effects @ units.T  # (E, E - 1)
    sums = {
        "count": np.zeros(n_emotions),
        "sum": np.zeros((n_emotions, len(units))),
        "square": np.zeros((n_emotions, len(units))),
    }
    for block in blocks():
        cells = cells_of(block, n_emotions)
        owner = cells.person[cells.image_cell]
        scores = (cells.images - cells.person_mean[owner]) @ units.T
        scores += (cells.presence @ effects)[cells.image_cell]
        shown = np.eye(n_emotions)[cells.emotion[cells.image_cell]]
        sums["count"] += shown.sum(axis=0)
        sums["sum"] += shown.T @ scores
        sums["square"] += shown.T @ scores**2
    sums = combine(sums)
    count = sums["count"].sum()
    mean = sums["sum"].sum(axis=0) / count
    deviation = np.sqrt(np.maximum(sums["square"].sum(axis=0) / count - mean**2, 0.0))
    by_emotion = sums["sum"] / sums["count"][:, None]
    posed = np.diagonal(by_emotion[1:]) - by_emotion[0]
    return deviation[:, None] * units, posed / np.where(deviation > 0, deviation, 1.0)


def _measures(emotions: tuple[str, ...], sums: Sums) -> dict[str, dict[str, Any]]:
    """People behind each emotion, and how many are needed; see `noise_per_person`."""
    measures = {}
    for row, name in enumerate(emotions[1:]):
        people, needed, cosine = int(sums["pairs"][row]), None, None
        if people >= 2:
            length = float((sums["changes"][row] ** 2).sum()) / people**2
            squares = float(sums["change_squares"][row].sum())
            variance = max(squares - people * length, 0.0) / (people - 1)
            signal = length - variance / people
            noise = variance / signal if signal > 0 else np.inf
            needed = people_for_cosine(noise)
            cosine = float((1 + noise / people) ** -0.5) if np.isfinite(noise) else None
        measures[name] = {"people": people, "people_needed": needed, "expected_cosine": cosine}
    return measures


def _warn_unsettled(
    unsettled: NDArray[np.bool_], emotions: tuple[str, ...], n_iter: int
) -> None:
    rows = np.flatnonzero(unsettled)
    if rows.size:
        names = ", ".join(emotions[row + 1] for row in rows)
        warnings.warn(
            f"got the components of {names} unsettled after {n_iter} iterations of the best "
            "start, expected a fixed point; compare with method mean-difference or another "
            "random_state",
            ConvergenceWarning,
            stacklevel=3,
        )
